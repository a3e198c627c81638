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
	fake_kernel_create(bench.root, &(struct fake_kernel_host){.auto_online = "offline",
								  .block_size = BLOCK});
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
	return tree_has(bench.root, "run/region") || tree_has(bench.root, "run/offlined");
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

static uint64_t read_number(const char *device, const char *attribute)
{
	_cleanup_free_ char *path = NULL, *text = NULL;

	ck_assert_int_gt(asprintf(&path, "sys/bus/dax/devices/%s/%s", device, attribute), 0);
	text = tree_get(bench.root, path);
	ck_assert_ptr_nonnull(text);
	return strtoull(text, NULL, 0);
}

static void plan_place(struct device_plan *plan)
{
	plan->size = read_number(plan->device, "size");
	plan->target_node = (int)read_number(plan->device, "target_node");
	plan->block_size = BLOCK;
	plan->ranges = calloc(1, sizeof(*plan->ranges));
	ck_assert_ptr_nonnull(plan->ranges);
	plan->n_ranges = 1;
	plan->ranges[0].start = read_number(plan->device, "mapping0/start");
	plan->ranges[0].end = read_number(plan->device, "mapping0/end");
}

static bool is_bound(const char *device)
{
	_cleanup_free_ char *path = NULL;

	ck_assert_int_gt(asprintf(&path, "sys/bus/dax/devices/%s/driver", device), 0);
	return tree_has(bench.root, path);
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
		plan_place(&plan);
		if (is_bound(name)) {
			device_plan_add_step(&plan, STEP_OFFLINE_BLOCKS, NULL);
			device_plan_add_step(&plan, STEP_UNBIND_DRIVER, "kmem");
		}
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

/* How much of the text is a word and a number behind it that is not to be compared; 0: nothing. */
static size_t skip_number(const char *text, const char *word, const char *number)
{
	size_t n = strlen(word), digits;

	if (strncmp(text, word, n) != 0)
		return 0;
	digits = strspn(text + n, "0123456789");
	if (number && (digits != strlen(number) || strncmp(text + n, number, digits) != 0))
		return 0;
	return n + digits;
}

char *bench_look(void)
{
	char *text = fake_kernel_snapshot(bench.root), *to = text, name[32], *number = name;

	find_device(name);
	if (name[0]) {
		number = name + strlen("dax");
		number[strcspn(number, ".")] = '\0';
	}
	for (const char *p = text; *p;) {
		size_t n = skip_number(p, "252:", NULL);

		n = n ?: skip_number(p, "create_ram_region = region", NULL);
		n = n || !name[0] ? n : skip_number(p, "region", number);
		n = n || !name[0] ? n : skip_number(p, "dax", number);
		if (n == 0) {
			*to++ = *p++;
			continue;
		}
		while (n > 0 && strchr("0123456789", p[n - 1]))
			n--;
		memmove(to, p, n);
		to += n;
		p += n;
		p += strspn(p, "0123456789");
		*to++ = 'N';
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

const struct scenario scenarios[N_SCENARIOS] = {
	{"create", 1, false, false},  {"create interleaved", 2, false, false},
	{"teardown", 1, true, false}, {"teardown interleaved", 2, true, false},
	{"eject", 1, true, true},     {"eject interleaved", 2, true, true},
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
	if (scenario->online) {
		bench_put("sys/bus/dax/drivers/kmem/bind", "dax1.0");
		bench_put(MEMORY "memory128/state", "online_movable");
		bench_put(MEMORY "memory129/state", "online_kernel");
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
