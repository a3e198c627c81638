/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Preloaded into daxtierd and its workers by a guest test. A moment is a call by which the process
 * changes something that outlives it: a write(2) to a file, renameat(2), unlinkat(2). Each is
 * logged, and at a chosen one the daemon or the worker is killed, once:
 *
 *   MOMENTS_LOG=FILE        a line for each moment: "worker write /sys/… = 0"
 *   MOMENTS_OF=PROCESS      whose moments are counted: daemon or worker
 *   MOMENTS_KILL=PROCESS    who is killed: daemon or worker
 *   MOMENTS_AT=N            at the N-th moment, counted from 1
 *   MOMENTS_WHEN=WHEN       before it, after it, or N milliseconds after it has begun
 *   MOMENTS_ONCE=FILE       made when killing; nobody is killed while it is there
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* How long the worker waits for the end that its daemon's death brings it. */
#define LAST_WAIT_SECONDS 10

static unsigned moments;

static const char *setting(const char *name)
{
	const char *value = getenv(name);

	return value ? value : "";
}

/* "worker", "daemon", or "restore" for ExecStopPost=. By the arguments: names may change. */
static const char *role(void)
{
	static char arguments[4096];
	static const char *found;
	ssize_t n;
	int fd;

	if (found)
		return found;
	fd = open("/proc/self/cmdline", O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? 0 : read(fd, arguments, sizeof(arguments) - 1);
	if (fd >= 0)
		close(fd);
	found = "daemon";
	for (ssize_t i = 0; i < n; i += (ssize_t)strlen(arguments + i) + 1) {
		if (strcmp(arguments + i, "--worker") == 0)
			found = "worker";
		if (strcmp(arguments + i, "--restore") == 0)
			found = "restore";
	}
	return found;
}

static void log_line(const char *text)
{
	int fd = open(setting("MOMENTS_LOG"), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);

	if (fd < 0)
		return;
	/* Past our own write(). */
	syscall(SYS_write, fd, text, strlen(text));
	close(fd);
}

static void say(const char *call, const char *path, const char *value, size_t size)
{
	char line[PATH_MAX + 256];
	size_t end = 0;

	/* One line, whatever the value. */
	while (end < size && end < 64 && value[end] != '\n')
		end++;
	snprintf(line, sizeof(line), "%s %s %s%s%.*s\n", role(), call, path, size ? " = " : "",
		 (int)end, size ? value : "");
	log_line(line);
}

static void sleep_ms(long ms)
{
	struct timespec rest = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};

	while (nanosleep(&rest, &rest) < 0 && errno == EINTR)
		;
}

/* Whether this is the moment, and the first time that it comes. */
static int is_chosen(void)
{
	int fd;

	if (strcmp(setting("MOMENTS_OF"), role()) != 0 ||
	    ++moments != (unsigned)atoi(setting("MOMENTS_AT")))
		return 0;
	fd = open(setting("MOMENTS_ONCE"), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	if (fd < 0)
		return 0;
	close(fd);
	return 1;
}

static pid_t victim(void)
{
	int is_daemon = strcmp(setting("MOMENTS_KILL"), "daemon") == 0;

	return is_daemon && strcmp(role(), "worker") == 0 ? getppid() : getpid();
}

static void kill_now(void)
{
	pid_t pid = victim();

	kill(pid, SIGKILL);
	/* A worker does not outlive its daemon. */
	sleep_ms(LAST_WAIT_SECONDS * 1000);
	log_line("SURVIVED\n");
}

/* From a process of its own, since this one is about to be busy inside the kernel. */
static void kill_later(long ms)
{
	pid_t pid = victim();

	if (fork() == 0) {
		sleep_ms(ms);
		kill(pid, SIGKILL);
		_exit(0);
	}
}

enum { KILL_NEVER, KILL_AFTER };

static int moment_begins(const char *call, const char *path, const char *value, size_t size)
{
	const char *when = setting("MOMENTS_WHEN");

	say(call, path, value, size);
	if (!is_chosen())
		return KILL_NEVER;
	say("killed-at", call, "", 0);
	if (strcmp(when, "after") == 0)
		return KILL_AFTER;
	if (strcmp(when, "before") == 0)
		kill_now();
	else
		kill_later(atol(when));
	return KILL_NEVER;
}

static void moment_ends(int verdict)
{
	if (verdict == KILL_AFTER)
		kill_now();
}

/* NULL for what is no file: pipes, sockets, memory. */
static const char *file_of(int fd, char path[static PATH_MAX])
{
	char link[64];
	ssize_t n;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, path, PATH_MAX - 1);
	if (n <= 0)
		return NULL;
	path[n] = '\0';
	return path[0] == '/' && strncmp(path, "/memfd:", 7) != 0 && strncmp(path, "/dev/", 5) != 0
		       ? path
		       : NULL;
}

ssize_t write(int fd, const void *buffer, size_t size)
{
	static ssize_t (*real)(int, const void *, size_t);
	int saved = errno, verdict = KILL_NEVER;
	char path[PATH_MAX];
	ssize_t n;

	if (!real)
		real = (ssize_t(*)(int, const void *, size_t))dlsym(RTLD_NEXT, "write");
	if (file_of(fd, path))
		verdict = moment_begins("write", path, buffer, size);
	errno = saved;
	n = real(fd, buffer, size);
	saved = errno;
	moment_ends(verdict);
	errno = saved;
	return n;
}

int renameat(int from_fd, const char *from, int to_fd, const char *to)
{
	int verdict = moment_begins("rename", to, "", 0);
	int r = (int)syscall(SYS_renameat, from_fd, from, to_fd, to);

	moment_ends(verdict);
	return r;
}

int unlinkat(int fd, const char *path, int flags)
{
	int verdict = moment_begins("unlink", path, "", 0);
	int r = (int)syscall(SYS_unlinkat, fd, path, flags);

	moment_ends(verdict);
	return r;
}
