/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_TESTS_PROCESS_H
#define DAXTIER_TESTS_PROCESS_H

/*
 * Programs that a test runs. Each dies with the test, also when that fails half-way. Everything
 * aborts on failure, since a test cannot go on without.
 */

#include <sys/types.h>

struct process {
	pid_t pid;
	int in, out; /* our ends of its standard input and output; standard error is the test's own
		      */
};

/* uid -1: our own. */
#define PROCESS_OWN_UID ((uid_t)-1)

void process_start(struct process *process, const char *const argv[]);
/* One line of its output, without the newline; NULL at the end. Owned by the caller. */
char *process_read_line(struct process *process);
void process_write(struct process *process, const char *text);
/* Closes its standard input, waits, and returns its exit status, or 128 + the signal. */
int process_wait(struct process *process);
/* The same after a signal. */
int process_stop(struct process *process, int signal);

struct process_result {
	int status; /* exit status, or 128 + the signal */
	char *out, *err;
};

/* Runs it as uid to its end, with nothing to read. */
void process_run(struct process_result *result, uid_t uid, const char *const argv[]);
void process_result_done(struct process_result *result);

#endif
