/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "observe/matrix.h"

/* What the child sends ahead of ids and values. */
struct answer {
	int32_t error; /* negative errno, 0: n nodes follow */
	uint32_t n;
};

static int write_all(int fd, const void *data, size_t size)
{
	const char *p = data;

	while (size > 0) {
		ssize_t n = write(fd, p, size);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		p += n;
		size -= (size_t)n;
	}
	return 0;
}

/* The standard streams stay, so that nothing that is opened later becomes one of them. */
static int close_others(int fd)
{
	unsigned first = STDERR_FILENO + 1, kept = (unsigned)fd;

	if (kept > first && close_range(first, kept - 1, 0) < 0)
		return -errno;
	if (close_range(kept >= first ? kept + 1 : first, ~0U, 0) < 0)
		return -errno;
	return 0;
}

/*
 * What the parent has open, locks above all, is its own, and so is the child's life: a parent that
 * is killed cannot kill the child any more.
 */
static int detach(int fd, pid_t parent)
{
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
		return -errno;
	if (getppid() != parent) /* it ended before that */
		_exit(1);
	return close_others(fd);
}

_Noreturn static void child(int fd, pid_t parent, node_matrix_fill fill, const void *userdata)
{
	struct node_matrix matrix = {};
	struct answer answer = {};
	int r;

	/* The parent may have left: then write(2) says so, and there is nobody to tell. */
	signal(SIGPIPE, SIG_IGN);
	answer.error = detach(fd, parent);
	if (answer.error == 0)
		answer.error = fill(userdata, &matrix);
	answer.n = answer.error < 0 ? 0 : (uint32_t)matrix.n;
	r = write_all(fd, &answer, sizeof(answer));
	if (r == 0)
		r = write_all(fd, matrix.ids, answer.n * sizeof(*matrix.ids));
	if (r == 0)
		r = write_all(fd, matrix.values,
			      (size_t)answer.n * answer.n * sizeof(*matrix.values));
	_exit(r < 0);
}

static int64_t now_msec(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* Exactly size bytes before the deadline. */
static int read_all(int fd, void *data, size_t size, int64_t deadline)
{
	char *p = data;

	while (size > 0) {
		struct pollfd pfd = {.fd = fd, .events = POLLIN};
		int64_t left = deadline - now_msec();
		ssize_t n;
		int r;

		r = left > 0 ? poll(&pfd, 1, (int)left) : 0;
		if (r < 0 && errno == EINTR)
			continue;
		if (r < 0)
			return -errno;
		if (r == 0)
			return -ETIMEDOUT;
		n = read(fd, p, size);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			return -EPROTO;
		p += n;
		size -= (size_t)n;
	}
	return 0;
}

static int read_answer(int fd, int64_t deadline, struct node_matrix *ret)
{
	_cleanup_(node_matrix_done) struct node_matrix matrix = {};
	struct answer answer;
	int r;

	r = read_all(fd, &answer, sizeof(answer), deadline);
	if (r < 0)
		return r;
	if (answer.error < 0)
		return answer.error;
	r = node_matrix_init(&matrix, answer.n);
	if (r < 0)
		return r;
	r = read_all(fd, matrix.ids, answer.n * sizeof(*matrix.ids), deadline);
	if (r == 0)
		r = read_all(fd, matrix.values,
			     (size_t)answer.n * answer.n * sizeof(*matrix.values), deadline);
	if (r < 0)
		return r;
	*ret = matrix;
	matrix = (struct node_matrix){};
	return 0;
}

int node_matrix_probe(node_matrix_fill fill, const void *userdata, int timeout_msec,
		      struct node_matrix *ret)
{
	_cleanup_close_ int ours = -EBADF, theirs = -EBADF;
	pid_t parent = getpid(), pid;
	int fds[2], r;

	if (pipe2(fds, O_CLOEXEC) < 0)
		return -errno;
	ours = fds[0];
	theirs = fds[1];
	pid = fork();
	if (pid < 0)
		return -errno;
	if (pid == 0) {
		close_keep_errno(TAKE_FD(ours));
		child(theirs, parent, fill, userdata);
	}
	theirs = close_keep_errno(theirs);
	r = read_answer(ours, now_msec() + timeout_msec, ret);
	/* It has answered, died, or used up its time; in no case is it still wanted. */
	kill(pid, SIGKILL);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	return r;
}
