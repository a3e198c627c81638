/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "process.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static void die(const char *what)
{
	perror(what);
	abort();
}

/* In the child: what exec inherits. */
static void become(uid_t uid, int in, int out, int err, const char *const argv[])
{
	if (dup2(in, STDIN_FILENO) < 0 || dup2(out, STDOUT_FILENO) < 0 ||
	    dup2(err, STDERR_FILENO) < 0)
		_exit(126);
	if (uid != PROCESS_OWN_UID &&
	    (setgroups(0, NULL) < 0 || setgid(uid) < 0 || setuid(uid) < 0))
		_exit(126);
	/* After the change of user, which clears it. */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
		_exit(126);
	execvp(argv[0], (char **)argv);
	_exit(127);
}

static pid_t spawn(uid_t uid, int in, int out, int err, const char *const argv[])
{
	pid_t pid = fork();

	if (pid < 0)
		die("fork");
	if (pid == 0)
		become(uid, in, out, err, argv);
	return pid;
}

static int reap(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			die("waitpid");
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

void process_start(struct process *process, const char *const argv[])
{
	int in[2], out[2];

	if (pipe2(in, O_CLOEXEC) < 0 || pipe2(out, O_CLOEXEC) < 0)
		die("pipe2");
	process->pid = spawn(PROCESS_OWN_UID, in[0], out[1], STDERR_FILENO, argv);
	close(in[0]);
	close(out[1]);
	process->in = in[1];
	process->out = out[0];
}

char *process_read_line(struct process *process)
{
	size_t n = 0, room = 0;
	char *line = NULL;
	char c;

	/* Byte by byte, so that nothing of the next line is taken. */
	while (read(process->out, &c, 1) == 1) {
		if (n + 1 >= room) {
			room = room ? room * 2 : 64;
			line = realloc(line, room);
			if (!line)
				die("realloc");
		}
		line[n] = '\0';
		if (c == '\n')
			return line;
		line[n++] = c;
	}
	free(line);
	return NULL;
}

void process_write(struct process *process, const char *text)
{
	size_t n = strlen(text);

	while (n > 0) {
		ssize_t r = write(process->in, text, n);

		if (r < 0)
			die("write");
		text += r;
		n -= (size_t)r;
	}
}

int process_wait(struct process *process)
{
	int status;

	close(process->in);
	status = reap(process->pid);
	close(process->out);
	return status;
}

int process_stop(struct process *process, int signal)
{
	if (kill(process->pid, signal) < 0)
		die("kill");
	return process_wait(process);
}

/* An unnamed file, so that a child can write any amount before anybody reads. */
static FILE *scratch(void)
{
	FILE *f = tmpfile();

	if (!f)
		die("tmpfile");
	return f;
}

static char *drain(FILE *f)
{
	long size = -1;
	char *text;

	if (fseek(f, 0, SEEK_END) < 0 || (size = ftell(f)) < 0)
		die("ftell");
	rewind(f);
	text = calloc(1, (size_t)size + 1);
	if (!text)
		die("calloc");
	if (fread(text, 1, (size_t)size, f) != (size_t)size)
		die("fread");
	fclose(f);
	return text;
}

void process_run(struct process_result *result, uid_t uid, const char *const argv[])
{
	FILE *out = scratch(), *err = scratch();
	int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);

	if (nothing < 0)
		die("/dev/null");
	result->status = reap(spawn(uid, nothing, fileno(out), fileno(err), argv));
	close(nothing);
	result->out = drain(out);
	result->err = drain(err);
}

void process_result_done(struct process_result *result)
{
	free(result->out);
	free(result->err);
	*result = (struct process_result){};
}
