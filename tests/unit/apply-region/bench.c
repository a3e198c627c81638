/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bench.h"

#include <dirent.h>
#include <stdio.h>
#include <sys/stat.h>

#include "fake-kernel-ops.h"
#include "model/config.h"
#include "observe/cxl-host.h"
#include "policy/region.h"

struct bench bench;

static void report(const struct apply_report *report, void *userdata)
{
	char *longer = NULL;

	if (!report->message)
		return;
	ck_assert_int_gt(asprintf(&longer, "%s%s\n", bench.said ?: "", report->message), 0);
	free(bench.said);
	bench.said = longer;
}

static int load_nothing(void *userdata, const char *name)
{
	return -ENOENT;
}

static const struct module_ops no_modules = {.load = load_nothing};

static void add_host(void)
{
	fake_kernel_create(bench.root, &(struct fake_kernel_host){.auto_online = "offline"});
	fake_kernel_write(bench.root, "sys/bus/dax/drivers_autoprobe", "0");
	fake_kernel_add_window(bench.root, &(struct fake_kernel_window){.name = "decoder0.0",
									.start = 16 * GIB,
									.size = 16 * GIB,
									.bridges = {1},
									.target_node = 1});
	fake_kernel_add_window(bench.root, &(struct fake_kernel_window){.name = "decoder0.1",
									.start = 64 * GIB,
									.size = 32 * GIB,
									.granularity = 1024,
									.target_node = 2});
	fake_kernel_add_memdev(bench.root,
			       &(struct fake_kernel_memdev){
				       .name = "mem0", .serial = 0xa0, .ram = GIB, .endpoint = 5});
	fake_kernel_add_memdev(bench.root,
			       &(struct fake_kernel_memdev){
				       .name = "mem1", .serial = 0xa1, .ram = GIB, .endpoint = 3});
}

void bench_setup(void)
{
	bench = (struct bench){.root = tree_new(), .ways = 1};
	add_host();
	ck_assert_int_gt(asprintf(&bench.run_dir, "%s/run", bench.root), 0);
	ck_assert_int_eq(sysfs_open(&bench.sysfs, bench.root, &fake_kernel_ops, bench.root), 0);
	bench.applier = (struct applier){
		.sysfs = &bench.sysfs,
		.run_dir = bench.run_dir,
		.modules = &no_modules,
		.report = report,
	};
}

void bench_teardown(void)
{
	apply_failure_done(&bench.failure);
	sysfs_close(&bench.sysfs);
	free(bench.said);
	free(bench.run_dir);
	bench.root = tree_remove(bench.root);
}

void bench_put(const char *path, const char *value)
{
	int r = fake_kernel_write(bench.root, path, value);

	ck_assert_msg(r == 0, "%s = %s: %d", path, value, r);
}

void bench_assert_reads(const char *path, const char *expected)
{
	char *text = tree_get(bench.root, path);

	ck_assert_msg(text, "%s is not there", path);
	text[strcspn(text, "\n")] = '\0';
	ck_assert_msg(strcmp(text, expected) == 0, "%s reads %s, not %s", path, text, expected);
	free(text);
}

bool bench_has_record(void)
{
	return tree_has(bench.root, "run/region");
}

void bench_assert_no_record(void)
{
	ck_assert_msg(!bench_has_record(), "there is a record");
}

static struct cxl_facts look_at(void)
{
	struct strv problems = {};
	struct look look = {.sysfs = &bench.sysfs, .problems = &problems};
	struct cxl_facts cxl = {};

	ck_assert_int_eq(cxl_host_look(&look, &cxl), 0);
	ck_assert_msg(problems.n == 0, "%s", problems.items ? problems.items[0] : "");
	return cxl;
}

struct device_plan bench_plan_create(void)
{
	struct facts facts = {.cxl = look_at()};
	struct config config = {.create_regions = true,
				.interleave_ways = bench.ways == 1 ? 0 : bench.ways};
	struct plan *plan = calloc(1, sizeof(*plan));
	struct device_plan ret = {.device = strdup("mem0"), .purpose = PLAN_CREATE_REGION};

	ck_assert_int_eq(regions_plan(&facts, &config, NULL, 0, plan), 0);
	if (plan_find(plan, "mem0")) {
		device_plan_done(&ret);
		ret = plan->regions[0];
		plan->regions[0] = (struct device_plan){};
	}
	plan_free(plan);
	cxl_facts_done(&facts.cxl);
	return ret;
}

/* The name of the one dax device, "" for none. */
static void find_device(char name[static 32])
{
	char *path = NULL;
	struct dirent **entries;
	int n;

	ck_assert_int_gt(asprintf(&path, "%s/sys/bus/dax/devices", bench.root), 0);
	name[0] = '\0';
	n = scandir(path, &entries, NULL, alphasort);
	for (int i = 0; i < n; i++) {
		if (entries[i]->d_name[0] != '.')
			snprintf(name, 32, "%.31s", entries[i]->d_name);
		free(entries[i]);
	}
	free(entries);
	free(path);
}

bool bench_has_device(void)
{
	char name[32];

	find_device(name);
	return name[0] != '\0';
}

struct device_plan bench_plan_teardown(void)
{
	struct facts facts = {.cxl = look_at()};
	struct device_plan plan = {.purpose = PLAN_RELEASE};
	char name[32], region[32] = "region", *obstacle = NULL;
	struct dax_device device = {.name = name, .region = region};

	find_device(name);
	plan.device = strdup(name[0] ? name : "dax0.0");
	if (name[0]) {
		snprintf(region, sizeof(region), "region%.*s", (int)strcspn(name + 3, "."),
			 name + 3);
		ck_assert_int_eq(region_teardown_steps(&facts, &device, &plan, &obstacle), 0);
		ck_assert_msg(!obstacle, "%s", obstacle);
	}
	cxl_facts_done(&facts.cxl);
	return plan;
}

int bench_apply(const struct device_plan *plan)
{
	apply_failure_done(&bench.failure);
	free(bench.said);
	bench.said = NULL;
	return apply_device(&bench.applier, plan, &bench.failure);
}

/* Numbers behind "region", "dax" and of character devices become N. */
char *bench_look(void)
{
	static const char *const words[] = {"region", "dax", "252:"};
	char *text = fake_kernel_snapshot(bench.root), *to = text;

	for (const char *p = text; *p;) {
		size_t n = 0;

		for (size_t i = 0; i < ARRAY_SIZE(words) && n == 0; i++)
			if (strncmp(p, words[i], strlen(words[i])) == 0)
				n = strlen(words[i]);
		if (n == 0) {
			*to++ = *p++;
			continue;
		}
		memmove(to, p, n);
		to += n;
		p += n;
		if (strspn(p, "0123456789") > 0) {
			p += strspn(p, "0123456789");
			*to++ = 'N';
		}
	}
	*to = '\0';
	return text;
}

void bench_fail_write(unsigned nth, unsigned times, const char *pattern, int error)
{
	fake_kernel_add_fault(bench.root, &(struct fake_kernel_fault){.op = FAKE_KERNEL_WRITE,
								      .action = FAKE_KERNEL_FAIL,
								      .nth = nth,
								      .times = times,
								      .pattern = pattern,
								      .error = error});
}

const struct scenario scenarios[4] = {
	{"create", 1, false},
	{"create interleaved", 2, false},
	{"teardown", 1, true},
	{"teardown interleaved", 2, true},
};

void scenario_prepare(const struct scenario *scenario)
{
	struct device_plan plan;

	bench_teardown();
	bench_setup();
	bench.ways = scenario->ways;
	if (scenario->teardown) {
		plan = bench_plan_create();
		ck_assert_int_eq(bench_apply(&plan), 0);
		device_plan_done(&plan);
	}
	fake_kernel_clear_log(bench.root);
}

struct device_plan scenario_plan(const struct scenario *scenario)
{
	return scenario->teardown ? bench_plan_teardown() : bench_plan_create();
}

static void assert_memdev(const char *decoder, const char *size, const char *what)
{
	_cleanup_free_ char *path = NULL, *text = NULL;

	ck_assert_int_gt(asprintf(&path, CXL "%s/dpa_size", decoder), 0);
	text = tree_get(bench.root, path);
	text[strcspn(text, "\n")] = '\0';
	ck_assert_msg(strcmp(text, size) == 0, "%s: %s holds %s", what, decoder, text);
}

void scenario_check(const struct scenario *scenario, const char *what)
{
	const char *held = scenario->teardown ? "0x0000000000000000" : "0x0000000040000000";

	ck_assert_msg(bench_has_device() == !scenario->teardown, "%s: the device", what);
	assert_memdev("decoder5.0", held, what);
	assert_memdev("decoder3.0", scenario->ways == 2 ? held : "0x0000000000000000", what);
	bench_assert_no_record();
}
