/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "worker.h"

#include <fcntl.h>
#include <json-c/json.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "base/cleanup.h"
#include "log.h"
#include "worker-protocol.h"

#define LINE_MAX_BYTES 65536

DEFINE_CLEANUP(struct json_object *, json_object_put);

struct worker {
	pid_t pid; /* 0 once collected */
	int fd;	   /* its standard output */
	sd_event_source *io, *child;
	char *device;
	char buffer[LINE_MAX_BYTES];
	size_t used;
	bool output_ended;
	bool have_result;
	struct json_object *result_line; /* owns the strings of result */
	struct worker_result result;
	const struct worker_events *events;
	void *userdata;
};

static void finish(struct worker *worker)
{
	struct worker_result result = worker->result;

	if (!worker->have_result)
		result = (struct worker_result){
			.error = -EPROTO,
			.message =
				"the worker process ended without a result; what it left half-way "
				"is put back next",
		};
	/*
	 * The strings live in worker->result_line, so the callee may free the worker only when it
	 * is done with them.
	 */
	worker->events->done(&result, worker->userdata);
}

static void take_line(struct worker *worker, const char *text)
{
	_cleanup_(json_object_putp) struct json_object *line = json_tokener_parse(text);
	struct worker_result result;
	struct apply_report report;
	int r = line ? worker_line_parse(line, &report, &result) : -EBADMSG;

	if (r == WORKER_LINE_REPORT) {
		worker->events->report(&report, worker->userdata);
	} else if (r == WORKER_LINE_RESULT && !worker->have_result) {
		worker->have_result = true;
		worker->result = result;
		worker->result_line = TAKE_PTR(line);
	} else {
		log_write(&(struct log_entry){.priority = LOG_WARNING, .device = worker->device},
			  "%s: the worker sent a line that is not of the protocol, ignoring it",
			  worker->device);
	}
}

/* 1: more may come, 0: end. */
static int read_output(struct worker *worker)
{
	char *newline;
	ssize_t n;

	if (worker->used == sizeof(worker->buffer) - 1)
		worker->used = 0; /* a line too long to be one of ours: its rest will not parse and
				     is logged */
	n = read(worker->fd, worker->buffer + worker->used,
		 sizeof(worker->buffer) - 1 - worker->used);
	if (n < 0)
		return errno == EAGAIN || errno == EINTR;
	worker->used += n;
	worker->buffer[worker->used] = '\0';
	while ((newline = memchr(worker->buffer, '\n', worker->used))) {
		size_t size = newline - worker->buffer + 1;

		*newline = '\0';
		take_line(worker, worker->buffer);
		worker->used -= size;
		memmove(worker->buffer, newline + 1, worker->used + 1);
	}
	return n > 0;
}

static int on_output(sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
	struct worker *worker = userdata;

	if (read_output(worker))
		return 0;
	worker->output_ended = true;
	worker->io = sd_event_source_disable_unref(worker->io);
	if (worker->pid == 0)
		finish(worker);
	return 0;
}

static int on_child(sd_event_source *source, const siginfo_t *info, void *userdata)
{
	struct worker *worker = userdata;

	worker->pid = 0;
	if (info->si_code != CLD_EXITED)
		log_write(&(struct log_entry){.priority = LOG_WARNING, .device = worker->device},
			  "%s: the worker was killed by signal %d (%s)", worker->device,
			  info->si_status, strsignal(info->si_status));
	/* What it said before it ended may still be in the pipe. */
	if (worker->output_ended)
		finish(worker);
	return 0;
}

static int send_plan(int fd, const struct device_plan *plan)
{
	_cleanup_(json_object_putp) struct json_object *object = device_plan_to_json(plan);
	const char *text;
	size_t size, done = 0;

	if (!object)
		return -ENOMEM;
	text = json_object_to_json_string_ext(object, JSON_C_TO_STRING_PLAIN);
	size = strlen(text);
	while (done < size) {
		ssize_t n = write(fd, text + done, size - done);

		if (n < 0)
			return -errno;
		done += n;
	}
	return lseek(fd, 0, SEEK_SET) < 0 ? -errno : 0;
}

/* The plan waits in a memory file, so that neither side ever blocks on the other. */
static int plan_file(const struct device_plan *plan, int *ret_fd)
{
	_cleanup_close_ int fd = memfd_create("daxtierd-plan", MFD_CLOEXEC);
	int r;

	if (fd < 0)
		return -errno;
	r = plan ? send_plan(fd, plan) : 0;
	if (r < 0)
		return r;
	*ret_fd = TAKE_FD(fd);
	return 0;
}

/*
 * posix_spawn() with the given standard input and output; all signals at their defaults and
 * unblocked, but for those that end a worker early: it hears them once it can put things back.
 */
static int spawn(const struct worker_paths *paths, const char *job, int in, int out, pid_t *ret)
{
	char *argv[] = {(char *)"daxtierd",
			(char *)job,
			(char *)"--root",
			(char *)paths->root,
			(char *)"--run-dir",
			(char *)paths->run_dir,
			NULL};
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t blocked, all;
	int r;

	sigemptyset(&blocked);
	sigaddset(&blocked, SIGTERM);
	sigaddset(&blocked, SIGALRM);
	sigfillset(&all);
	r = posix_spawn_file_actions_init(&actions);
	if (r != 0)
		return -r;
	r = posix_spawnattr_init(&attributes);
	if (r != 0) {
		posix_spawn_file_actions_destroy(&actions);
		return -r;
	}
	r = posix_spawn_file_actions_adddup2(&actions, in, STDIN_FILENO);
	if (r == 0)
		r = posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
	if (r == 0)
		r = posix_spawnattr_setsigmask(&attributes, &blocked);
	if (r == 0)
		r = posix_spawnattr_setsigdefault(&attributes, &all);
	if (r == 0)
		r = posix_spawnattr_setflags(&attributes,
					     POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
	if (r == 0)
		r = posix_spawn(ret, "/proc/self/exe", &actions, &attributes, argv, environ);
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&actions);
	return -r;
}

int worker_start(sd_event *event, const struct worker_paths *paths, const struct device_plan *plan,
		 const struct worker_events *events, void *userdata, struct worker **ret)
{
	_cleanup_close_ int in = -EBADF, out = -EBADF;
	struct worker *worker;
	int pipe_fds[2], r;

	worker = calloc(1, sizeof(*worker));
	if (!worker)
		return -ENOMEM;
	worker->fd = -EBADF;
	worker->events = events;
	worker->userdata = userdata;
	worker->device = strdup(plan ? plan->device : "leftovers");
	r = worker->device ? plan_file(plan, &in) : -ENOMEM;
	if (r < 0)
		goto fail;
	r = pipe2(pipe_fds, O_CLOEXEC) < 0 ? -errno : 0;
	if (r < 0)
		goto fail;
	worker->fd = pipe_fds[0];
	out = pipe_fds[1];
	r = fcntl(worker->fd, F_SETFL, O_NONBLOCK) < 0 ? -errno : 0;
	if (r < 0)
		goto fail;
	r = sd_event_add_io(event, &worker->io, worker->fd, EPOLLIN, on_output, worker);
	if (r < 0)
		goto fail;
	r = spawn(paths, plan ? "--worker" : "--restore-worker", in, out, &worker->pid);
	if (r < 0)
		goto fail;
	r = sd_event_add_child(event, &worker->child, worker->pid, WEXITED, on_child, worker);
	if (r < 0)
		goto fail;
	*ret = worker;
	return 0;

fail:
	worker_free(worker);
	return r;
}

void worker_stop(struct worker *worker)
{
	if (worker->pid > 0)
		kill(worker->pid, SIGTERM);
}

struct worker *worker_free(struct worker *worker)
{
	if (!worker)
		return NULL;
	sd_event_source_disable_unref(worker->child);
	sd_event_source_disable_unref(worker->io);
	if (worker->pid > 0) {
		kill(worker->pid, SIGKILL);
		while (waitpid(worker->pid, NULL, 0) < 0 && errno == EINTR)
			;
	}
	close_keep_errno(worker->fd);
	json_object_put(worker->result_line);
	free(worker->device);
	free(worker);
	return NULL;
}
