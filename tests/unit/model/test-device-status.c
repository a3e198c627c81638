/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "failing-alloc.h"
#include "model/status.h"
#include "test-model.h"

#define INERT "the knob reads 1 but is inert, because "
#define LARGE_PAGES                                                                                \
	"with this kernel's page and memory block sizes the memmap of one block does not fill "    \
	"whole PMDs, without which the kernel never places it there"
#define BLOCK_COUNT 4

/* A device of four blocks that a test bends to its case before it makes the status. */
struct scene {
	struct host host;
	struct dax_device device;
	struct memory_block blocks[BLOCK_COUNT];
	uint64_t serials[2];
	struct device_plan plan;
	struct plan_step steps[1]; /* plan.n_steps says whether they are there */
	struct device_history history;
	struct progress progress;
	struct device_status status;
};

static struct scene scene;

static void set_blocks(enum block_state state, enum zone zone)
{
	for (size_t i = 0; i < BLOCK_COUNT; i++)
		scene.blocks[i] = (struct memory_block){32 + i, state, zone};
}

static void setup(void)
{
	scene = (struct scene){
		.host = {.page_size = 4096,
			 .block_size = 128 * MIB,
			 .memmap_param = MEMMAP_PARAM_ON},
		.serials = {0xabc1, 0xabc2},
		.device =
			{
				.name = LITERAL("dax0.0"),
				.kind = DAX_KIND_CXL,
				.size = 514 * MIB,
				.usable = 512 * MIB,
				.lost = 2 * MIB,
				.target_node = 2,
				.initiator_node = 1,
				.distance = {.value = 21, .source = DISTANCE_SLIT},
				.performance = {1, 2, 3, 4},
				.tier = 22,
				.driver = LITERAL("kmem"),
				.knob = MEMMAP_KNOB_ON,
				.region = LITERAL("region0"),
				.serials = scene.serials,
				.n_serials = 2,
				.blocks = scene.blocks,
				.n_blocks = BLOCK_COUNT,
			},
		.steps = {{.kind = STEP_VERIFY}},
		.plan =
			{
				.device = LITERAL("dax0.0"),
				.state = DEVICE_ONLINE,
				.managed = true,
				.rule = LITERAL("far"),
				.reason = LITERAL("as the policy says"),
				.memmap = {.wanted = true,
					   .effective = true,
					   .reason = LITERAL("the rule says so")},
				.steps = scene.steps,
			},
		.history = {.error = -EBUSY,
			    .step = STEP_BIND_KMEM,
			    .message = LITERAL("kmem is busy")},
	};
	set_blocks(BLOCK_ONLINE, ZONE_MOVABLE);
}

static void teardown(void)
{
	device_status_done(&scene.status);
}

static const struct device_status *look(const struct device_plan *plan,
					const struct device_history *history,
					const struct progress *progress)
{
	device_status_done(&scene.status);
	ck_assert_int_eq(device_status_make(&scene.host, &scene.device, plan, history, progress,
					    &scene.status),
			 0);
	return &scene.status;
}

START_TEST(tells_the_facts)
{
	const struct device_status *s = look(&scene.plan, NULL, NULL);

	ck_assert_str_eq(s->name, "dax0.0");
	ck_assert_str_eq(s->kind, "cxl");
	ck_assert_str_eq(s->driver, "kmem");
	ck_assert_str_eq(s->region, "region0");
	ck_assert_uint_eq(s->n_serials, 2);
	ck_assert_ptr_ne(s->serials, scene.serials);
	ck_assert_mem_eq(s->serials, scene.serials, sizeof(scene.serials));
	ck_assert_uint_eq(s->size, 514 * MIB);
	ck_assert_uint_eq(s->usable, 512 * MIB);
	ck_assert_uint_eq(s->lost, 2 * MIB);
	ck_assert_int_eq(s->target_node, 2);
	ck_assert_int_eq(s->initiator_node, 1);
	ck_assert_uint_eq(s->distance, 21);
	ck_assert_str_eq(s->distance_source, "slit");
	ck_assert_uint_eq(s->performance.write_bandwidth, 4);
	ck_assert_int_eq(s->tier, 22);
	ck_assert_str_eq(s->state, "online");
	ck_assert_str_eq(s->state_detail, "");
	ck_assert_str_eq(s->rule, "far");
	ck_assert_str_eq(s->reason, "as the policy says");
	ck_assert(s->memmap_wanted);
	ck_assert(s->memmap_effective);
	ck_assert_str_eq(s->memmap_knob, "1");
	ck_assert_str_eq(s->memmap_reason, "the rule says so");
	ck_assert_uint_eq(s->memmap_bytes, 8 * MIB); /* of 512 MiB */
	ck_assert_str_eq(s->zone, "Movable");
	ck_assert_uint_eq(s->blocks_total, 4);
	ck_assert_uint_eq(s->blocks_online, 4);
	ck_assert_uint_eq(s->blocks_movable, 4);
	ck_assert_str_eq(s->holders, "");
	ck_assert_str_eq(s->error, "");
	ck_assert_str_eq(s->error_step, "");
	ck_assert_str_eq(s->error_message, "");
}
END_TEST

START_TEST(bare_device)
{
	struct dax_device bare = {
		.name = LITERAL("dax1.0"), .target_node = -1, .initiator_node = -1};
	const struct device_status *s;

	scene.device = bare;
	s = look(NULL, NULL, NULL);
	ck_assert_str_eq(s->kind, "unknown");
	ck_assert_str_eq(s->driver, "");
	ck_assert_str_eq(s->region, "");
	ck_assert_ptr_null(s->serials);
	ck_assert_str_eq(s->distance_source, "unknown");
	ck_assert_str_eq(s->state, "unmanaged");
	ck_assert_str_eq(s->rule, "");
	ck_assert_str_eq(s->reason, "");
	ck_assert_str_eq(s->memmap_knob, "absent");
	ck_assert_str_eq(s->memmap_reason, "");
	ck_assert(!s->memmap_wanted);
	ck_assert(!s->memmap_effective);
	ck_assert_str_eq(s->zone, "none");
}
END_TEST

static const struct {
	enum block_state states[BLOCK_COUNT];
	enum zone zones[BLOCK_COUNT];
	const char *zone;
} zones[] = {
	{{BLOCK_OFFLINE, BLOCK_OFFLINE, BLOCK_ABSENT, BLOCK_ABSENT},
	 {ZONE_MOVABLE, ZONE_NONE, ZONE_NONE, ZONE_NONE},
	 "none"},
	{{BLOCK_OFFLINE, BLOCK_ONLINE, BLOCK_ONLINE, BLOCK_GOING_OFFLINE},
	 {ZONE_MOVABLE, ZONE_NORMAL, ZONE_NORMAL, ZONE_MOVABLE},
	 "Normal"},
	{{BLOCK_ONLINE, BLOCK_ONLINE, BLOCK_ONLINE, BLOCK_ONLINE},
	 {ZONE_MOVABLE, ZONE_MOVABLE, ZONE_MOVABLE, ZONE_NORMAL},
	 "mixed"},
	{{BLOCK_ONLINE, BLOCK_ONLINE, BLOCK_ONLINE, BLOCK_ONLINE},
	 {ZONE_DMA32, ZONE_DMA32, ZONE_DMA32, ZONE_DMA32},
	 "DMA32"},
	/* A block that spans zones names none. */
	{{BLOCK_ONLINE, BLOCK_OFFLINE, BLOCK_OFFLINE, BLOCK_OFFLINE},
	 {ZONE_NONE, ZONE_NONE, ZONE_NONE, ZONE_NONE},
	 "mixed"},
};

START_TEST(zone_of_the_online_blocks)
{
	for (size_t i = 0; i < BLOCK_COUNT; i++) {
		scene.blocks[i].state = zones[_i].states[i];
		scene.blocks[i].zone = zones[_i].zones[i];
	}
	ck_assert_str_eq(look(NULL, NULL, NULL)->zone, zones[_i].zone);
}
END_TEST

START_TEST(holders_are_named_and_cleaned)
{
	struct holder holders[] = {
		{.pid = 77, .comm = LITERAL("qemu")},
		{.pid = 1234, .comm = LITERAL("post\x1bgres\n"), .mapped = true},
		{.pid = 4000, .comm = LITERAL("\xff")},
		{.pid = 5000},
	};

	scene.device.holders = holders;
	scene.device.n_holders = ARRAY_SIZE(holders);
	ck_assert_str_eq(look(NULL, NULL, NULL)->holders,
			 "77 (qemu), 1234 (post gres), 4000 (?), 5000 (?)");
}
END_TEST

/* What decides whether the memmap is on the device. wanted and expected are the plan's. */
static const struct {
	const char *driver;
	enum memmap_knob knob;
	enum memmap_param param;
	bool wanted, expected;
	bool effective;
} memmaps[] = {
	/* Bound: what is true now. */
	{"kmem", MEMMAP_KNOB_ON, MEMMAP_PARAM_ON, true, true, true},
	{"kmem", MEMMAP_KNOB_OFF, MEMMAP_PARAM_ON, false, false, false},
	{"kmem", MEMMAP_KNOB_ON, MEMMAP_PARAM_OFF, false, false, false},
	{"kmem", MEMMAP_KNOB_ON, MEMMAP_PARAM_OFF, true, false, false},
	{"kmem", MEMMAP_KNOB_ON, MEMMAP_PARAM_ABSENT, true, false, false},
	{"kmem", MEMMAP_KNOB_OFF, MEMMAP_PARAM_ON, true, true, false},
	{"kmem", MEMMAP_KNOB_ON, MEMMAP_PARAM_ON, false, false, true},
	{"kmem", MEMMAP_KNOB_ABSENT, MEMMAP_PARAM_ON, true, false, false},
	/* Not bound: what the plan expects, whatever the knob reads before the plan sets it. */
	{NULL, MEMMAP_KNOB_OFF, MEMMAP_PARAM_ON, true, true, true},
	{NULL, MEMMAP_KNOB_ON, MEMMAP_PARAM_ON, false, false, false},
	{"device_dax", MEMMAP_KNOB_OFF, MEMMAP_PARAM_ON, true, true, true},
	{NULL, MEMMAP_KNOB_ON, MEMMAP_PARAM_OFF, false, false, false},
};

START_TEST(memmap_wanted_and_effective)
{
	const struct device_status *s;

	scene.device.driver = LITERAL(memmaps[_i].driver);
	scene.device.knob = memmaps[_i].knob;
	scene.host.memmap_param = memmaps[_i].param;
	scene.plan.memmap.wanted = memmaps[_i].wanted;
	scene.plan.memmap.effective = memmaps[_i].expected;
	scene.plan.memmap.reason = LITERAL("R");
	s = look(&scene.plan, NULL, NULL);
	ck_assert_int_eq(s->memmap_wanted, memmaps[_i].wanted);
	ck_assert_int_eq(s->memmap_effective, memmaps[_i].effective);
	ck_assert_str_eq(s->memmap_reason, "R"); /* the policy's words, and no others */
}
END_TEST

START_TEST(memmap_of_an_unmanaged_device)
{
	const struct device_status *s;

	scene.plan.managed = false;
	scene.plan.memmap = (struct memmap_decision){.wanted = true, .effective = true};
	s = look(&scene.plan, NULL, NULL);
	ck_assert(!s->memmap_wanted);
	ck_assert(s->memmap_effective); /* bound with the knob on, wanted or not */
	ck_assert_str_eq(s->memmap_reason, "");

	scene.device.driver = NULL;
	ck_assert(!look(&scene.plan, NULL, NULL)->memmap_effective);
}
END_TEST

/* The knob of a device that nobody manages: a 1 that does nothing is explained. */
static const struct {
	enum memmap_knob knob;
	enum memmap_param param;
	uint64_t page_size;
	const char *reason;
} knobs[] = {
	{MEMMAP_KNOB_ON, MEMMAP_PARAM_ON, 4096, ""},
	{MEMMAP_KNOB_OFF, MEMMAP_PARAM_OFF, 4096, ""},
	{MEMMAP_KNOB_ABSENT, MEMMAP_PARAM_OFF, 4096, ""},
	{MEMMAP_KNOB_ON, MEMMAP_PARAM_OFF, 4096,
	 INERT "the kernel was not booted with memory_hotplug.memmap_on_memory=1"},
	{MEMMAP_KNOB_ON, MEMMAP_PARAM_ABSENT, 4096,
	 INERT "this kernel was built without CONFIG_MHP_MEMMAP_ON_MEMORY"},
	{MEMMAP_KNOB_ON, MEMMAP_PARAM_ON, 65536, INERT LARGE_PAGES},
	{MEMMAP_KNOB_ON, MEMMAP_PARAM_OFF, 65536, INERT LARGE_PAGES}, /* booting is in vain */
};

START_TEST(inert_knob_of_an_unmanaged_device)
{
	scene.plan.managed = false;
	scene.device.knob = knobs[_i].knob;
	scene.host.memmap_param = knobs[_i].param;
	scene.host.page_size = knobs[_i].page_size;
	ck_assert_str_eq(look(&scene.plan, NULL, NULL)->memmap_reason, knobs[_i].reason);
	ck_assert_str_eq(look(NULL, NULL, NULL)->memmap_reason, knobs[_i].reason);
}
END_TEST

/* The plan's state, whether it has steps and whether there was an error decide the state. */
static const struct {
	enum device_state planned;
	unsigned n_steps;
	bool error;
	const char *state;
} states[] = {
	{DEVICE_ONLINE, 0, false, "online"},
	{DEVICE_ONLINE, 1, false, "pending"},
	{DEVICE_PENDING, 1, false, "pending"},
	{DEVICE_MISMATCH, 0, false, "mismatch"},
	{DEVICE_HELD_BACK, 0, false, "held-back"},
	{DEVICE_UNMANAGED, 1, false, "pending"},
	{DEVICE_FAILED, 0, false, "failed"},
	/* An error counts until what was wanted is there. */
	{DEVICE_PENDING, 1, true, "failed"},
	{DEVICE_PENDING, 0, true, "failed"},
	{DEVICE_PARTIAL, 0, true, "failed"},
	{DEVICE_MISMATCH, 0, true, "failed"},
	{DEVICE_FAILED, 0, true, "failed"},
	{DEVICE_ONLINE, 1, true, "failed"},
	{DEVICE_ONLINE, 0, true, "online"},
	{DEVICE_DEVDAX, 0, true, "devdax"},
	{DEVICE_UNMANAGED, 0, true, "unmanaged"},
	{DEVICE_HELD_BACK, 0, true, "held-back"},
	{DEVICE_RELEASED, 0, true, "released"},
	{DEVICE_STUCK, 0, true, "stuck"},
};

START_TEST(state_at_rest)
{
	bool failed = states[_i].error && strcmp(states[_i].state, "failed") == 0;
	const struct device_status *s;

	scene.plan.state = states[_i].planned;
	scene.plan.n_steps = states[_i].n_steps;
	if (!states[_i].error)
		scene.history = (struct device_history){.message = LITERAL("stale")};
	s = look(&scene.plan, &scene.history, &scene.progress);
	ck_assert_str_eq(s->state, states[_i].state);
	ck_assert_str_eq(s->state_detail, "");
	ck_assert_str_eq(s->error, failed ? "EBUSY" : "");
	ck_assert_str_eq(s->error_step, failed ? "bind-kmem" : "");
	ck_assert_str_eq(s->error_message, failed ? "kmem is busy" : "");
}
END_TEST

START_TEST(partial_counts_blocks)
{
	scene.plan.state = DEVICE_PARTIAL;
	scene.blocks[0].state = BLOCK_OFFLINE;
	ck_assert_str_eq(look(&scene.plan, NULL, NULL)->state, "partial");
	ck_assert_str_eq(scene.status.state_detail, "3 of 4 blocks");
}
END_TEST

static const struct {
	struct progress progress;
	const char *state, *detail;
} running[] = {
	{{true, PLAN_CONFIGURE, STEP_SET_MEMMAP, 0, 0}, "applying", "set-memmap"},
	{{true, PLAN_CONFIGURE, STEP_BIND_KMEM, 0, 0}, "applying", "bind-kmem"},
	{{true, PLAN_CONFIGURE, STEP_BIND_KMEM, 10, 125}, "applying", "10 of 125 blocks"},
	{{true, PLAN_CONFIGURE, STEP_ONLINE_BLOCKS, 58, 125}, "applying", "58 of 125 blocks"},
	{{true, PLAN_CONFIGURE, STEP_ONLINE_BLOCKS, 0, 0}, "applying", "online-blocks"},
	/* What was counted in an earlier step says nothing of this one. */
	{{true, PLAN_CONFIGURE, STEP_VERIFY, 125, 125}, "applying", "verify"},
	/* A conversion goes through it as well. */
	{{true, PLAN_CONFIGURE, STEP_OFFLINE_BLOCKS, 1, 125}, "applying", "1 of 125 blocks"},
	{{true, PLAN_RELEASE, STEP_OFFLINE_BLOCKS, 58, 125}, "releasing", "58 of 125 blocks"},
	{{true, PLAN_RELEASE, STEP_UNPLUG, 0, 0}, "releasing", "unplug"},
	{{true, PLAN_RELEASE, STEP_UNBIND_DRIVER, 125, 125}, "releasing", "unbind-driver"},
};

START_TEST(state_while_running)
{
	const struct device_status *s;

	scene.plan.state = DEVICE_PENDING;
	scene.plan.n_steps = 1;
	s = look(&scene.plan, &scene.history, &running[_i].progress);
	ck_assert_str_eq(s->state, running[_i].state);
	ck_assert_str_eq(s->state_detail, running[_i].detail);
	ck_assert_str_eq(s->error, "EBUSY"); /* why it is tried again */

	s = look(NULL, NULL, &running[_i].progress);
	ck_assert_str_eq(s->state, running[_i].state);
	ck_assert_str_eq(s->error, "");
}
END_TEST

/* What no plan brought online took no time. */
START_TEST(online_after)
{
	const struct device_status *s = look(&scene.plan, NULL, NULL);

	ck_assert_uint_eq(s->online_after_usec, 0);
	device_status_done(&scene.status);
	scene.history = (struct device_history){.first_seen_usec = 5000};
	s = look(&scene.plan, &scene.history, NULL);
	ck_assert_uint_eq(s->online_after_usec, 0);
	device_status_done(&scene.status);
	scene.history.online_usec = 2005000;
	s = look(&scene.plan, &scene.history, NULL);
	ck_assert_uint_eq(s->online_after_usec, 2000000);
}
END_TEST

START_TEST(without_memory_nothing_is_left)
{
	struct holder holders[] = {{.pid = 1, .comm = LITERAL("init")}};
	bool reached = true;
	unsigned n;

	scene.device.holders = holders;
	scene.device.n_holders = 1;
	scene.host.memmap_param = MEMMAP_PARAM_OFF; /* a reason that is put together */
	scene.plan.managed = false;
	scene.plan.state = DEVICE_PARTIAL;
	for (n = 1; reached; n++) {
		struct device_status status = {.tier = 77};
		int r;

		failing_alloc_arm(n);
		r = device_status_make(&scene.host, &scene.device, &scene.plan, NULL, NULL,
				       &status);
		reached = failing_alloc_disarm();
		ck_assert_int_eq(r, reached ? -ENOMEM : 0);
		ck_assert_int_eq(status.tier, reached ? 77 : 22);
		if (!reached)
			device_status_done(&status);
	}
	ck_assert_uint_gt(n, 18); /* there are that many strings */
}
END_TEST

START_TEST(done_twice)
{
	look(&scene.plan, NULL, NULL);
	device_status_done(&scene.status);
	ck_assert_ptr_null(scene.status.name);
	device_status_done(&scene.status);
}
END_TEST

TCase *device_status_tests(void)
{
	TCase *tests = tcase_create("device-status");

	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_test(tests, tells_the_facts);
	tcase_add_test(tests, bare_device);
	tcase_add_loop_test(tests, zone_of_the_online_blocks, 0, ARRAY_SIZE(zones));
	tcase_add_test(tests, holders_are_named_and_cleaned);
	tcase_add_loop_test(tests, memmap_wanted_and_effective, 0, ARRAY_SIZE(memmaps));
	tcase_add_test(tests, memmap_of_an_unmanaged_device);
	tcase_add_loop_test(tests, inert_knob_of_an_unmanaged_device, 0, ARRAY_SIZE(knobs));
	tcase_add_loop_test(tests, state_at_rest, 0, ARRAY_SIZE(states));
	tcase_add_test(tests, partial_counts_blocks);
	tcase_add_loop_test(tests, state_while_running, 0, ARRAY_SIZE(running));
	tcase_add_test(tests, online_after);
	tcase_add_test(tests, without_memory_nothing_is_left);
	tcase_add_test(tests, done_twice);
	return tests;
}
