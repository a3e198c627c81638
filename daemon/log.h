/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_DAEMON_LOG_H
#define DAXTIER_DAEMON_LOG_H

/*
 * The journal, with fields that can be searched for. Where standard error is not the journal (by
 * hand, in tests) the same text goes there as plain lines.
 */

#include <stdbool.h>
#include <syslog.h>

struct log_entry {
	int priority;
	int error;	 /* negative errno; 0: none. Becomes ERRNO= and is appended to the text */
	bool error_told; /* the text has it already */
	const char *message_id;
	const char *device, *rule, *state, *step, *path, *value;
};

/* Decides once where to write to, and what not to write. */
void log_open(int max_priority);

/* Returns entry->error, so that an error can be logged and returned in one statement. */
int log_write(const struct log_entry *entry, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#define log_error_errno(e, ...)                                                                    \
	log_write(&(struct log_entry){.priority = LOG_ERR, .error = (e)}, __VA_ARGS__)
#define log_warning_errno(e, ...)                                                                  \
	log_write(&(struct log_entry){.priority = LOG_WARNING, .error = (e)}, __VA_ARGS__)
#define log_error(...)	 log_write(&(struct log_entry){.priority = LOG_ERR}, __VA_ARGS__)
#define log_warning(...) log_write(&(struct log_entry){.priority = LOG_WARNING}, __VA_ARGS__)
#define log_info(...)	 log_write(&(struct log_entry){.priority = LOG_INFO}, __VA_ARGS__)
#define log_debug(...)	 log_write(&(struct log_entry){.priority = LOG_DEBUG}, __VA_ARGS__)
#define log_oom()	 log_error_errno(-ENOMEM, "Out of memory")

#endif
