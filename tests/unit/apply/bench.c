/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bench.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/errno-util.h"
#include "fake-kernel-ops.h"
#include "tree.h"

struct bench bench;

const struct fake_kernel_device bench_cxl = {
	.name = "dax0.0",
	.kind = FAKE_KERNEL_CXL,
	.ranges = {{FIRST_BLOCK * BLOCK, N_BLOCKS *BLOCK}},
	.target_node = 1,
	.serials = {0xabc1},
};

const struct fake_kernel_device bench_pmem = {
	.name = "dax1.0",
	.kind = FAKE_KERNEL_PMEM,
	.ranges = {{64 * BLOCK, N_BLOCKS *BLOCK}},
	.target_node = 2,
	.distance = 40,
};

const struct fake_kernel_device bench_hmem = {
	.name = "dax2.0",
	.kind = FAKE_KERNEL_HMEM,
	.ranges = {{96 * BLOCK, N_BLOCKS *BLOCK}},
	.target_node = 3,
};

static int load_module(void *userdata, const char *name)
{
	struct bench *b = userdata;

	if (b->module_error)
		return b->module_error;
	ck_assert_str_eq(name, "kmem");
	if (b->before_load)
		b->before_load(b);
	if (!b->module_inert)
		fake_kernel_load_kmem(b->root);
	return 0;
}

static const struct module_ops modules = {.load = load_module};

static void on_report(const struct apply_report *report, void *userdata)
{
	static const char *const words[] = {
		[APPLY_STEP_BEGIN] = "begin",
		[APPLY_STEP_DONE] = "done",
		[APPLY_STEP_SKIPPED] = "skipped",
		[APPLY_BLOCKS] = "blocks",
		[APPLY_UNDO] = "undo",
		[APPLY_UNDO_FAILED] = "undo-failed",
	};
	struct bench *b = userdata;
	char *longer;

	if (b->on_report)
		b->on_report(b, report);
	if (report->message) {
		free(b->message);
		b->message = strdup(report->message);
	}
	if (report->path)
		ck_assert_int_eq(report->path[0], '/');
	if (report->event == APPLY_BLOCKS) {
		b->n_blocks_reports++;
		b->blocks_done = report->blocks_done;
		b->blocks_total = report->blocks_total;
	}
	if (report->event == APPLY_STEP_BEGIN || report->event == APPLY_BLOCKS)
		return;
	ck_assert_int_gt(asprintf(&longer, "%s%s%s:%s", b->events, b->events[0] ? " " : "",
				  step_kind_to_string(report->step), words[report->event]),
			 0);
	free(b->events);
	b->events = longer;
}

/* As fake_kernel_ops, with a look in between for tests that race with the step. */
static int spying_read(void *userdata, int root_fd, const char *path, char **ret, size_t *ret_size)
{
	return fake_kernel_ops.read(((struct bench *)userdata)->root, root_fd, path, ret, ret_size);
}

static int spying_write(void *userdata, int root_fd, const char *path, const char *value)
{
	struct bench *b = userdata;

	if (b->before_write)
		b->before_write(b, path);
	return fake_kernel_ops.write(b->root, root_fd, path, value);
}

static int spying_resolve(void *userdata, int root_fd, const char *path, char **ret)
{
	return fake_kernel_ops.resolve(((struct bench *)userdata)->root, root_fd, path, ret);
}

static int spying_list(void *userdata, int root_fd, const char *path, struct strv *ret)
{
	return fake_kernel_ops.list(((struct bench *)userdata)->root, root_fd, path, ret);
}

static const struct sysfs_ops spying_ops = {
	.read = spying_read,
	.write = spying_write,
	.resolve = spying_resolve,
	.list = spying_list,
};

void bench_setup(void)
{
	bench = (struct bench){.root = tree_new()};
	ck_assert_int_gt(asprintf(&bench.run_dir, "%s/run", bench.root), 0);
	bench.events = strdup("");
	ck_assert_int_eq(sysfs_open(&bench.sysfs, bench.root, &spying_ops, &bench), 0);
	bench.applier = (struct applier){
		.sysfs = &bench.sysfs,
		.run_dir = bench.run_dir,
		.modules = &modules,
		.report = on_report,
		.userdata = &bench,
	};
}

void bench_teardown(void)
{
	apply_failure_done(&bench.failure);
	sysfs_close(&bench.sysfs);
	free(bench.events);
	free(bench.message);
	free(bench.run_dir);
	bench.root = tree_remove(bench.root);
}

void bench_host(struct fake_kernel_host host)
{
	/* Few blocks of DRAM: hosts are made by the thousand. */
	if (host.dram == 0)
		host.dram = 4 * BLOCK;
	fake_kernel_create(bench.root, &host);
	if (!host.no_dax)
		bench_write(AUTOPROBE, "0");
	fake_kernel_clear_log(bench.root);
}

void bench_add(const struct fake_kernel_device *device)
{
	fake_kernel_add_device(bench.root, device);
}

void bench_write(const char *path, const char *value)
{
	ck_assert_int_eq(fake_kernel_write(bench.root, path, value), 0);
}

void bench_plan(struct device_plan *plan, const struct fake_kernel_device *device)
{
	*plan = (struct device_plan){
		.device = strdup(device->name),
		.target_node = device->target_node,
		.block_size = BLOCK,
	};
	plan->ranges = calloc(FAKE_KERNEL_RANGES_MAX, sizeof(*plan->ranges));
	ck_assert_ptr_nonnull(plan->ranges);
	for (size_t i = 0; i < FAKE_KERNEL_RANGES_MAX && device->ranges[i].size; i++) {
		plan->ranges[i].start = device->ranges[i].start;
		plan->ranges[i].end = device->ranges[i].start + device->ranges[i].size - 1;
		plan->size += device->ranges[i].size;
		plan->n_ranges++;
	}
	plan->memmap.bytes = plan->size / 64;
}

void bench_step(struct device_plan *plan, enum step_kind kind, const char *value)
{
	ck_assert_int_eq(device_plan_add_step(plan, kind, value), 0);
}

int bench_apply(const struct device_plan *plan)
{
	apply_failure_done(&bench.failure);
	free(bench.events);
	bench.events = strdup("");
	bench.message = (free(bench.message), NULL);
	bench.n_blocks_reports = 0;
	return apply_device(&bench.applier, plan, &bench.failure);
}

int bench_one(const struct fake_kernel_device *device, enum step_kind kind, const char *value)
{
	struct device_plan plan;
	int r;

	bench_plan(&plan, device);
	bench_step(&plan, kind, value);
	r = bench_apply(&plan);
	device_plan_done(&plan);
	return r;
}

void bench_assert_reads(const char *path, const char *expected)
{
	_cleanup_free_ char *text = tree_get(bench.root, path);

	ck_assert_msg(text != NULL, "there is no %s", path);
	text[strcspn(text, "\n")] = '\0';
	ck_assert_msg(strcmp(text, expected) == 0, "%s reads \"%s\", not \"%s\"", path, text,
		      expected);
}

char *bench_driver(const char *device)
{
	_cleanup_free_ char *link = NULL, *target = NULL;

	ck_assert_int_gt(asprintf(&link, "%s/" DEVICES "/%s/driver", bench.root, device), 0);
	target = realpath(link, NULL);
	return target ? strdup(strrchr(target, '/') + 1) : NULL;
}

void bench_assert_driver(const char *device, const char *expected)
{
	_cleanup_free_ char *driver = bench_driver(device);

	ck_assert_str_eq(driver ?: "none", expected ?: "none");
}

static uint64_t first_block(const struct fake_kernel_device *device)
{
	return device->ranges[0].start / BLOCK;
}

void bench_assert_blocks(const struct fake_kernel_device *device, const char *state,
			 const char *zones)
{
	char path[96];

	for (uint64_t i = 0; i < N_BLOCKS; i++) {
		snprintf(path, sizeof(path), MEMORY "/memory%" PRIu64 "/state",
			 first_block(device) + i);
		bench_assert_reads(path, state);
		snprintf(path, sizeof(path), MEMORY "/memory%" PRIu64 "/valid_zones",
			 first_block(device) + i);
		bench_assert_reads(path, zones);
	}
}

bool bench_any_block_online(const struct fake_kernel_device *device)
{
	char path[96];

	for (uint64_t i = 0; i < N_BLOCKS; i++) {
		_cleanup_free_ char *text = NULL;

		snprintf(path, sizeof(path), MEMORY "/memory%" PRIu64 "/state",
			 first_block(device) + i);
		text = tree_get(bench.root, path);
		if (text && strcmp(text, "online\n") == 0)
			return true;
	}
	return false;
}

void bench_assert_failure(enum step_kind step, int error, const char *text)
{
	const struct apply_failure *failure = &bench.failure;

	ck_assert_str_eq(errno_name(failure->error), errno_name(error));
	ck_assert_str_eq(step_kind_to_string(failure->step), step_kind_to_string(step));
	ck_assert_ptr_nonnull(failure->message);
	ck_assert_msg(strstr(failure->message, text) != NULL, "\"%s\" does not say \"%s\"",
		      failure->message, text);
}

void bench_assert_no_records(void)
{
	ck_assert(!tree_has(bench.root, "run/auto-online"));
	ck_assert(!tree_has(bench.root, "run/dax-new-id"));
	ck_assert(!tree_has(bench.root, "run/dax-autoprobe-plan"));
	ck_assert(!tree_has(bench.root, "run/offlined"));
}

unsigned bench_writes(void)
{
	return fake_kernel_count(bench.root, FAKE_KERNEL_WRITE);
}

void bench_fault(enum fake_kernel_op op, unsigned nth, unsigned times, const char *pattern,
		 int error)
{
	fake_kernel_add_fault(bench.root, &(struct fake_kernel_fault){
						  .op = op,
						  .nth = nth,
						  .times = times,
						  .pattern = pattern,
						  .error = error,
					  });
}
