/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "failing-alloc.h"
#include "model/status.h"
#include "test-model.h"

static struct memory_block blocks[] = {{.number = 32, .state = BLOCK_ONLINE, .zone = ZONE_MOVABLE}};
static struct dax_device devices[] = {
	{.name = LITERAL("dax0.0"), .knob = MEMMAP_KNOB_ABSENT},
	{.name = LITERAL("dax1.0"),
	 .driver = LITERAL("kmem"),
	 .knob = MEMMAP_KNOB_OFF,
	 .blocks = blocks,
	 .n_blocks = 1},
};
static struct numa_node nodes[] = {
	{.id = 0, .has_cpu = true, .total = 10 * GIB, .kernel = 9 * GIB, .movable = GIB},
	{.id = 1, .total = 4 * GIB, .movable = 4 * GIB, .tier = 22},
};

static struct facts sample_facts(void)
{
	return (struct facts){
		.host =
			{
				.kernel_release = LITERAL("6.12.107"),
				.page_size = 4096,
				.block_size = 128 * MIB,
				.auto_online = ONLINE_POLICY_ONLINE,
				.memmap_param = MEMMAP_PARAM_FORCE,
			},
		.nodes = nodes,
		.n_nodes = ARRAY_SIZE(nodes),
		.devices = devices,
		.n_devices = ARRAY_SIZE(devices),
	};
}

static struct cxl_endpoint_decoder mapped[] = {
	{.name = LITERAL("decoder3.0")},
	{.name = LITERAL("decoder3.1"), .region = LITERAL("region4")}};
static struct cxl_memdev memdevs[] = {
	{.name = LITERAL("mem0"), .serial = 0xabc1, .ram_size = 4 * GIB, .pmem_size = GIB},
	{.name = LITERAL("mem1"), .serial = 0xabc2, .decoders = mapped, .n_decoders = 2},
	{.name = LITERAL("mem2"), .serial = 0xabc3, .ram_size = 4 * GIB},
	{.name = LITERAL("mem3")},
};
static struct region_target targets[] = {{.memdev = LITERAL("mem0")}, {.memdev = LITERAL("mem2")}};
static struct plan_step region_steps[] = {{.kind = STEP_CREATE_REGION}};

static struct device_plan region_plan(void)
{
	return (struct device_plan){
		.device = LITERAL("mem0"),
		.purpose = PLAN_CREATE_REGION,
		.state = DEVICE_HELD_BACK,
		.reason = LITERAL("they came together"),
		.region = {.targets = targets, .n_targets = ARRAY_SIZE(targets)},
		.steps = region_steps,
	};
}

static void assert_memdev(const struct memdev_status *s, const char *name, const char *region,
			  const char *state, const char *reason)
{
	ck_assert_str_eq(s->name, name);
	ck_assert_str_eq(s->region, region);
	ck_assert_str_eq(s->state, state);
	ck_assert_str_eq(s->reason, reason);
}

/* One plan speaks for all that go into one region; what is in one has none. */
START_TEST(tells_the_memdevs)
{
	_cleanup_(host_status_done) struct host_status s = {};
	struct facts facts = sample_facts();
	struct config config = {};
	struct device_plan entry = region_plan();
	struct plan plan = {.regions = &entry, .n_regions = 1};

	facts.cxl.memdevs = memdevs;
	facts.cxl.n_memdevs = ARRAY_SIZE(memdevs);
	ck_assert_int_eq(host_status_make(&facts, &config, &plan, "0.1", true, NULL, &s), 0);
	ck_assert_uint_eq(s.n_memdevs, 4);
	assert_memdev(&s.memdevs[0], "mem0", "", "held-back", "they came together");
	assert_memdev(&s.memdevs[1], "mem1", "region4", "", "");
	assert_memdev(&s.memdevs[2], "mem2", "", "held-back", "they came together");
	assert_memdev(&s.memdevs[3], "mem3", "", "", "");
	ck_assert_uint_eq(s.memdevs[0].serial, 0xabc1);
	ck_assert_uint_eq(s.memdevs[0].ram, 4 * GIB);
	ck_assert_uint_eq(s.memdevs[0].pmem, GIB);
	host_status_done(&s);

	entry.n_steps = 1;
	ck_assert_int_eq(host_status_make(&facts, &config, &plan, "0.1", true, NULL, &s), 0);
	assert_memdev(&s.memdevs[2], "mem2", "", "pending", "they came together");
	ck_assert_int_eq(host_status_set_applying(&s, &entry), 0);
	assert_memdev(&s.memdevs[0], "mem0", "", "applying", "they came together");
	assert_memdev(&s.memdevs[1], "mem1", "region4", "", "");
	assert_memdev(&s.memdevs[2], "mem2", "", "applying", "they came together");
}
END_TEST

/* Only what is known to be idle may be pulled. */
START_TEST(tells_what_a_memdev_holds)
{
	_cleanup_(host_status_done) struct host_status s = {};
	static struct cxl_endpoint_decoder idle[] = {{.name = LITERAL("decoder5.0")}};
	static struct cxl_endpoint_decoder busy[] = {
		{.name = LITERAL("decoder3.0"), .region = LITERAL("region4"), .dpa_size = GIB},
		{.name = LITERAL("decoder3.1")},
		{.name = LITERAL("decoder3.2"), .dpa_size = 2 * GIB}};
	struct cxl_memdev cards[] = {
		{.name = LITERAL("mem0"), .decoders = idle, .n_decoders = 1},
		{.name = LITERAL("mem1"), .decoders = busy, .n_decoders = 3},
		{.name = LITERAL("mem2"), .decoders = idle, .n_decoders = 1, .incomplete = true},
		{.name = LITERAL("mem3")}, /* not enabled: what firmware has mapped is not known */
	};
	struct facts facts = sample_facts();
	struct config config = {};

	facts.cxl.memdevs = cards;
	facts.cxl.n_memdevs = ARRAY_SIZE(cards);
	ck_assert_int_eq(host_status_make(&facts, &config, NULL, "0.1", true, NULL, &s), 0);
	ck_assert_str_eq(s.memdevs[0].holds, "");
	ck_assert_str_eq(s.memdevs[1].holds,
			 "region4 (decoder3.0), 2 GiB in no region (decoder3.2)");
	ck_assert_str_eq(s.memdevs[2].holds, "what could not be read");
	ck_assert_str_eq(s.memdevs[3].holds, "what could not be read");
}
END_TEST

START_TEST(tells_the_host)
{
	_cleanup_(host_status_done) struct host_status s = {};
	_cleanup_(strv_done) struct strv errors = {};
	struct facts facts = sample_facts();
	struct config config = {.memmap_dram_budget = 525, .movable_max_ratio = 4};

	ck_assert_int_eq(strv_add(&facts.problems, "no SLIT"), 0);
	ck_assert_int_eq(strv_add(&config.files, "/etc/daxtier.conf"), 0);
	ck_assert_int_eq(strv_add(&errors, "line 3"), 0);
	ck_assert_int_eq(host_status_make(&facts, &config, NULL, "0.1", true, &errors, &s), 0);
	strv_done(&facts.problems);
	strv_done(&config.files);

	ck_assert_str_eq(s.version, "0.1");
	ck_assert_str_eq(s.kernel_release, "6.12.107");
	ck_assert_uint_eq(s.block_size, 128 * MIB);
	ck_assert(s.knob_supported); /* one device has it */
	ck_assert_str_eq(s.memmap_param, "force");
	ck_assert_str_eq(s.auto_online, "online");
	ck_assert(s.claimed);
	ck_assert_uint_eq(s.dram_total, 10 * GIB);
	ck_assert_uint_eq(s.dram_memmap, 2 * MIB);
	ck_assert_uint_eq(s.dram_memmap_budget, 10 * GIB * 525 / 10000);
	ck_assert_uint_eq(s.movable_total, 5 * GIB);
	ck_assert_uint_eq(s.kernel_total, 9 * GIB);
	ck_assert_uint_eq(s.movable_max_ratio, 4);
	ck_assert_uint_eq(s.n_nodes, 2);
	ck_assert_int_eq(s.nodes[0].id, 0);
	ck_assert(s.nodes[0].has_cpu);
	ck_assert_uint_eq(s.nodes[0].total, 10 * GIB);
	ck_assert_uint_eq(s.nodes[0].kernel, 9 * GIB);
	ck_assert_int_eq(s.nodes[1].id, 1);
	ck_assert(!s.nodes[1].has_cpu);
	ck_assert_uint_eq(s.nodes[1].movable, 4 * GIB);
	ck_assert_int_eq(s.nodes[1].tier, 22);
	ck_assert_str_eq(s.config_files.items[0], "/etc/daxtier.conf");
	ck_assert_str_eq(s.config_errors.items[0], "line 3");
	ck_assert_str_eq(s.problems.items[0], "no SLIT");
}
END_TEST

START_TEST(a_host_without_devices)
{
	_cleanup_(host_status_done) struct host_status s = {};
	struct facts facts = {};
	struct config config = {};

	ck_assert_int_eq(host_status_make(&facts, &config, NULL, NULL, false, NULL, &s), 0);
	ck_assert_str_eq(s.version, "");
	ck_assert_str_eq(s.kernel_release, "");
	ck_assert(!s.knob_supported);
	ck_assert_str_eq(s.memmap_param, "absent");
	ck_assert_str_eq(s.auto_online, "unknown");
	ck_assert(!s.claimed);
	ck_assert_uint_eq(s.dram_memmap_budget, 0);
	ck_assert_uint_eq(s.config_files.n, 0);
	ck_assert_ptr_null(s.nodes);
}
END_TEST

START_TEST(budget_does_not_wrap)
{
	struct numa_node huge = {.has_cpu = true, .total = UINT64_MAX};
	struct facts facts = {.nodes = &huge, .n_nodes = 1};
	struct config config = {.memmap_dram_budget = 10000};
	_cleanup_(host_status_done) struct host_status s = {};

	ck_assert_int_eq(host_status_make(&facts, &config, NULL, NULL, false, NULL, &s), 0);
	ck_assert_uint_eq(s.dram_memmap_budget, UINT64_MAX);
}
END_TEST

START_TEST(without_memory_nothing_is_left)
{
	_cleanup_(strv_done) struct strv errors = {};
	struct facts facts = sample_facts();
	struct config config = {};
	struct device_plan entry = region_plan();
	struct plan plan = {.regions = &entry, .n_regions = 1};
	bool reached = true;

	facts.cxl.memdevs = memdevs;
	facts.cxl.n_memdevs = ARRAY_SIZE(memdevs);
	ck_assert_int_eq(strv_add(&errors, "line 3"), 0);
	for (unsigned n = 1; reached; n++) {
		struct host_status status = {};
		int r;

		failing_alloc_arm(n);
		r = host_status_make(&facts, &config, &plan, "0.1", false, &errors, &status);
		reached = failing_alloc_disarm();
		ck_assert_int_eq(r, reached ? -ENOMEM : 0);
		ck_assert(reached == !status.version);
		host_status_done(&status);
	}
}
END_TEST

TCase *host_status_tests(void)
{
	TCase *tests = tcase_create("host-status");

	tcase_add_test(tests, tells_the_host);
	tcase_add_test(tests, tells_the_memdevs);
	tcase_add_test(tests, tells_what_a_memdev_holds);
	tcase_add_test(tests, a_host_without_devices);
	tcase_add_test(tests, budget_does_not_wrap);
	tcase_add_test(tests, without_memory_nothing_is_left);
	return tests;
}
