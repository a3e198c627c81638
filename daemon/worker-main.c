/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside the worker process: reads one plan, applies it, says how it went. Logs nothing itself. */
#include <json-c/json.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>

#include "base/cleanup.h"
#include "worker-protocol.h"
#include "worker-stop.h"

DEFINE_CLEANUP(struct json_object *, json_object_put);

/*
 * Standard output is a pipe to the daemon. When the daemon is gone nobody listens, which is no
 * reason to stop half-way.
 */
static void send_line(struct json_object *object)
{
	_cleanup_free_ char *line = NULL;
	size_t done = 0, size;
	int n;

	if (!object)
		return;
	n = asprintf(&line, "%s\n", json_object_to_json_string_ext(object, JSON_C_TO_STRING_PLAIN));
	json_object_put(object);
	if (n < 0) {
		line = NULL;
		return;
	}
	size = n;
	while (done < size) {
		ssize_t k = write(STDOUT_FILENO, line + done, size - done);

		if (k < 0 && errno == EINTR)
			continue;
		if (k <= 0)
			return;
		done += k;
	}
}

static void on_report(const struct apply_report *report, void *userdata)
{
	send_line(worker_report_to_json(report));
}

static int read_all(FILE *stream, char **ret)
{
	_cleanup_free_ char *text = NULL;
	size_t size = 0;
	ssize_t n;

	errno = 0;
	n = getdelim(&text, &size, '\0', stream);
	if (n < 0)
		return errno ? -errno : -ENODATA;
	*ret = TAKE_PTR(text);
	return 0;
}

static int read_plan(struct device_plan *ret)
{
	_cleanup_(json_object_putp) struct json_object *object = NULL;
	_cleanup_free_ char *text = NULL;
	int r;

	r = read_all(stdin, &text);
	if (r < 0)
		return r;
	object = json_tokener_parse(text);
	if (!object)
		return -EBADMSG;
	return device_plan_from_json(object, ret);
}

/* No module can be loaded into a host that is only a folder. */
static int load_nothing(void *userdata, const char *name)
{
	return -ENOENT;
}

static const struct module_ops no_modules = {.load = load_nothing};

static int open_host(const struct worker_paths *paths, struct sysfs *sysfs, struct applier *applier)
{
	int r = sysfs_open(sysfs, paths->root, NULL, NULL);

	if (r < 0)
		return r;
	applier->sysfs = sysfs;
	applier->run_dir = paths->run_dir;
	applier->modules = sysfs_is_live(sysfs) ? &module_kmod_ops : &no_modules;
	applier->report = on_report;
	return 0;
}

static int apply_plan(const struct worker_paths *paths, const struct device_plan *plan)
{
	struct applier applier = {.stop = worker_stop_ask};
	struct apply_failure failure = {};
	struct worker_result result = {};
	struct sysfs sysfs;
	int r;

	r = open_host(paths, &sysfs, &applier);
	if (r < 0)
		return r;
	r = apply_device(&applier, plan, &failure);
	result.error = r;
	result.step = failure.step;
	result.path = failure.path;
	result.message = failure.message;
	result.undone = failure.undone;
	result.n_reads = sysfs.n_reads;
	result.n_writes = sysfs.n_writes;
	send_line(worker_result_to_json(&result));
	apply_failure_done(&failure);
	sysfs_close(&sysfs);
	return 0;
}

/*
 * A worker whose daemon died would race with the next daemon's. What it leaves behind is recorded
 * in the run directory, and a half-done plan is finished by the next look. If the daemon died
 * before this call, standard input is already at its end or the plan is whole; either way the
 * reports go nowhere.
 */
static void enter_process(void)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	prctl(PR_SET_NAME, "daxtier-worker");
	signal(SIGPIPE, SIG_IGN);
}

/* SIGTERM stays blocked: what is put back is put back. */
int worker_restore_main(const struct worker_paths *paths)
{
	struct worker_result result = {.step = STEP_RESTORE_AUTO_ONLINE, .undone = true};
	struct applier applier = {};
	struct sysfs sysfs;
	int r;

	enter_process();
	r = open_host(paths, &sysfs, &applier);
	if (r < 0) {
		fprintf(stderr, "daxtierd: worker: cannot open the root: %s\n", strerror(-r));
		return EXIT_FAILURE;
	}
	result.error = apply_restore_leftovers(&applier);
	result.n_reads = sysfs.n_reads;
	result.n_writes = sysfs.n_writes;
	send_line(worker_result_to_json(&result));
	sysfs_close(&sysfs);
	return EXIT_SUCCESS;
}

int worker_main(const struct worker_paths *paths)
{
	struct device_plan plan = {};
	int r;

	enter_process();
	r = read_plan(&plan);
	if (r >= 0)
		r = worker_stop_install(worker_stop_deadline(&plan));
	if (r >= 0)
		r = apply_plan(paths, &plan);
	device_plan_done(&plan);
	if (r < 0) {
		fprintf(stderr, "daxtierd: worker: cannot take the plan: %s\n", strerror(-r));
		return EXIT_FAILURE;
	}
	return EXIT_SUCCESS;
}
