/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A device that an operator asks to have given up, and one that was. */
#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"
#include "kernel.h"
#include "policy/rehearse.h"
#include "suites.h"

#define TEARDOWN                                                                                   \
	"disable-region region0, decommit-region region0, delete-region region0, free-dpa "        \
	"decoder2.0"

static struct bench bench;
static struct dax_device *device;
static struct rule *rule;
static struct device_history *history;

/* What region0 is made of; one memdev. */
static struct cxl_endpoint_decoder decoder = {
	.name = (char *)"decoder2.0",
	.mode = DECODER_MODE_RAM,
	.dpa_size = 16 * GIB,
	.region = (char *)"region0",
};
static struct cxl_memdev memdev = {
	.name = (char *)"mem1",
	.serial = 0xabc1,
	.ram_size = 16 * GIB,
	.endpoint = (char *)"endpoint2",
	.decoders = &decoder,
	.n_decoders = 1,
};
static struct cxl_window window = {
	.name = (char *)"decoder0.0",
	.cap_ram = true,
	.can_create = true,
	.ways = 1,
};
static char *targets[] = {(char *)"decoder2.0"};
static struct cxl_region region = {
	.name = (char *)"region0",
	.window = (char *)"decoder0.0",
	.mode = DECODER_MODE_RAM,
	.size = 16 * GIB,
	.ways = 1,
	.granularity = 256,
	.committed = true,
	.bound = true,
	.targets = {.items = targets, .n = 1},
};

/* Online as its rule says: 128 blocks in zone Movable. */
static void setup(void)
{
	bench_init(&bench);
	device = bench_add_device(&bench, DAX_KIND_CXL, 16 * GIB);
	rule = bench_add_rule(&bench, "far");
	device->knob = MEMMAP_KNOB_OFF;
	device->region = strdup("region0");
	bench_set_distance(device, 20, DISTANCE_LIBNUMA);
	bench_bind_kmem(device, BLOCK_ONLINE, ZONE_MOVABLE);
	history = bench_history(&bench, device);
	history->request = REQUEST_RELEASE;
	history->deadline_usec = 30;
	window.locked = false;
	bench.facts.cxl = (struct cxl_facts){
		.memdevs = &memdev,
		.n_memdevs = 1,
		.windows = &window,
		.n_windows = 1,
		.regions = &region,
		.n_regions = 1,
	};
}

static void teardown(void)
{
	bench_done(&bench);
}

START_TEST(block_by_block)
{
	const struct device_plan *plan;

	assert_plan(&bench, device, DEVICE_PENDING, "offline-blocks, unbind-driver kmem");
	plan = bench_plan(&bench, device);
	ck_assert_int_eq(plan->purpose, PLAN_RELEASE);
	ck_assert_uint_eq(plan->deadline_usec, 30);
	ck_assert_ptr_null(plan->region.window);
	assert_says(plan->reason, "128 of 128 blocks are taken offline, then it is unbound");
}
END_TEST

START_TEST(at_once_where_kmem_can)
{
	device->state = strdup("online_movable");
	assert_plan(&bench, device, DEVICE_PENDING, "unplug, unbind-driver kmem");
	/* Of which a part was never there, the blocks are looked at one by one. */
	device->blocks[5].state = BLOCK_ABSENT;
	assert_plan(&bench, device, DEVICE_PENDING, "offline-blocks, unbind-driver kmem");
}
END_TEST

START_TEST(nothing_online_nothing_to_take_offline)
{
	bench_bind_kmem(device, BLOCK_OFFLINE, ZONE_NONE);
	assert_plan(&bench, device, DEVICE_PENDING, "unbind-driver kmem");
	device->blocks[5].state = BLOCK_GOING_OFFLINE;
	assert_plan(&bench, device, DEVICE_PENDING, "offline-blocks, unbind-driver kmem");
}
END_TEST

START_TEST(ejected_its_region_goes_too)
{
	const struct device_plan *plan;

	history->request = REQUEST_EJECT;
	assert_plan(&bench, device, DEVICE_PENDING,
		    "offline-blocks, unbind-driver kmem, " TEARDOWN);
	plan = bench_plan(&bench, device);
	ck_assert_str_eq(plan->region.name, "region0");
	ck_assert_str_eq(plan->region.targets[0].memdev, "mem1");
	assert_says(plan->reason, "it is unbound from kmem, and region0 is taken apart");

	/* Released before. */
	bench_set_blocks(device, 128, BLOCK_ABSENT, ZONE_NONE);
	bench_set_driver(device, NULL);
	history->released = true;
	assert_plan(&bench, device, DEVICE_PENDING, TEARDOWN);
	bench_set_driver(device, "device_dax");
	assert_plan(&bench, device, DEVICE_PENDING, "unbind-driver device_dax, " TEARDOWN);
}
END_TEST

static void refused_for(const char *words)
{
	const struct device_plan *plan = bench_plan(&bench, device);

	ck_assert_int_eq(plan->purpose, PLAN_RELEASE);
	ck_assert_uint_eq(plan->n_steps, 0);
	ck_assert_int_eq(plan->state, DEVICE_FAILED);
	ck_assert_ptr_null(plan->region.window);
	assert_says(plan->reason, words);
}

START_TEST(what_is_refused)
{
	history->request = REQUEST_EJECT;
	window.locked = true;
	refused_for("dax0.0 cannot be ejected: region0 was made by firmware");
	window.locked = false;

	/* Whatever may be left of it in the kernel. */
	device->unknown = 1U << DEVICE_FACT_RANGES;
	bench_set_driver(device, "device_dax");
	refused_for("whether memory of it is still there cannot be seen");
	bench_set_driver(device, NULL);
	bench_set_blocks(device, 128, BLOCK_ABSENT, ZONE_NONE);
	refused_for("whether memory of it is still there cannot be seen");
	device->unknown = 0;
	device->n_blocks = 0;
	refused_for("whether memory of it is still there cannot be seen");
	device->n_blocks = 128;
	bench_set_blocks(device, 1, BLOCK_OFFLINE, ZONE_NONE);
	refused_for("1 of its 128 memory blocks are still there without kmem");
	bench_bind_kmem(device, BLOCK_ONLINE, ZONE_MOVABLE);

	free(device->region);
	device->region = NULL;
	refused_for("dax0.0 is made from no CXL region that could be taken apart: release it "
		    "without eject");

	history->request = REQUEST_RELEASE;
	device->n_blocks = 0;
	refused_for("dax0.0 cannot be released: whether its memory is online cannot be seen");
	device->n_blocks = 128;
	device->unknown = 1U << DEVICE_FACT_RANGES;
	refused_for("cannot be seen");
	device->unknown = 1U << DEVICE_FACT_DRIVER;
	refused_for("its driver could not be read");
	device->unknown = 0;
	bench_set_driver(device, NULL);
	refused_for("unbound from kmem with its memory online");
	device->gone = true;
	refused_for("it has left with its memory online");
	device->gone = false;
	bench_set_blocks(device, 128, BLOCK_ABSENT, ZONE_NONE);
	refused_for("bound to no driver, so there is nothing to release");
	bench_set_driver(device, "device_dax");
	refused_for("bound to device_dax, so none of it is system RAM");
	bench_set_driver(device, "fsdev_dax");
	refused_for("bound to driver fsdev_dax");
}
END_TEST

START_TEST(what_is_held_is_not_ejected)
{
	history->request = REQUEST_EJECT;
	bench_set_blocks(device, 128, BLOCK_ABSENT, ZONE_NONE);
	bench_set_driver(device, "device_dax");
	bench_add_holder(device, 42, "qemu", true);
	bench_add_holder(device, 43, "qemu", false);
	refused_for("mapped by 42 (qemu) and others; stop that first");
}
END_TEST

/* Neither its rule nor what failed before keeps an operator from having it. */
START_TEST(whatever_its_rule)
{
	static const enum rule_mode modes[] = {RULE_MODE_SYSTEM_RAM, RULE_MODE_DEVDAX,
					       RULE_MODE_IGNORE};

	rule->mode = modes[_i];
	history->failures = 3;
	history->retry_at_usec = UINT64_MAX;
	history->settled = true;
	bench.config.convert = CONVERT_NEVER;
	assert_plan(&bench, device, DEVICE_PENDING, "offline-blocks, unbind-driver kmem");
	bench.config.n_rules = 0;
	assert_plan(&bench, device, DEVICE_PENDING, "offline-blocks, unbind-driver kmem");
	bench.config.n_rules = 1;
}
END_TEST

static void release_done(void)
{
	history->request = REQUEST_NONE;
	history->released = true;
	bench_set_blocks(device, 128, BLOCK_ABSENT, ZONE_NONE);
	bench_set_driver(device, NULL);
}

START_TEST(released_it_stays_so)
{
	release_done();
	for (int mode = 0; mode < RULE_MODE_MAX; mode++) {
		rule->mode = (enum rule_mode)mode;
		assert_plan(&bench, device, DEVICE_RELEASED, "");
	}
	/* Not even to be handed to its default driver. */
	history->unprobed = true;
	assert_plan(&bench, device, DEVICE_RELEASED, "");
	assert_says(bench_plan(&bench, device)->reason, "it stays so until it is applied");
	device->unknown = 1U << DEVICE_FACT_DRIVER;
	assert_plan(&bench, device, DEVICE_RELEASED, "");
}
END_TEST

START_TEST(somebody_else_binds_it)
{
	release_done();
	bench_bind_kmem(device, BLOCK_ONLINE, ZONE_NORMAL);
	assert_plan(&bench, device, DEVICE_MISMATCH, "");
	assert_says(bench_plan(&bench, device)->reason, "somebody else has bound it to kmem since");
	/* It can be released again. */
	history->request = REQUEST_RELEASE;
	assert_plan(&bench, device, DEVICE_PENDING, "offline-blocks, unbind-driver kmem");
}
END_TEST

START_TEST(stuck_is_not_released)
{
	release_done();
	bench_set_blocks(device, 3, BLOCK_ONLINE, ZONE_MOVABLE);
	assert_plan(&bench, device, DEVICE_STUCK, "");
}
END_TEST

START_TEST(to_apply_ends_a_release)
{
	release_done();
	history->request = _i ? REQUEST_FORCE : REQUEST_APPLY;
	ck_assert(bench_has_step(bench_plan(&bench, device), STEP_BIND_KMEM));
	ck_assert_int_eq(bench_plan(&bench, device)->purpose, PLAN_CONFIGURE);
	/* Whatever failed before. */
	history->failures = 1;
	history->retry_at_usec = UINT64_MAX;
	ck_assert(bench_has_step(bench_plan(&bench, device), STEP_BIND_KMEM));
}
END_TEST

/* What is given up is promised to nobody. */
START_TEST(a_release_takes_no_share)
{
	struct dax_device *other = bench_add_device(&bench, DAX_KIND_CXL, 16 * GIB);

	history = bench_history(&bench, device);
	bench_set_blocks(device, 64, BLOCK_OFFLINE, ZONE_NONE);
	bench.nodes[1].movable = 8 * GIB;
	bench.nodes[0].movable = (256 - 16 - 8) * GIB;
	ck_assert_uint_gt(bench_plan(&bench, other)->n_steps, 0);
	bench.nodes[0].movable += 1;
	assert_plan(&bench, other, DEVICE_HELD_BACK, "");
}
END_TEST

/* Rehearsed. */

static struct rehearsal rehearse(bool eject)
{
	struct rehearsal rehearsal = {};

	ck_assert_int_eq(policy_rehearse(&bench.facts, device, eject, &rehearsal), 0);
	ck_assert_str_eq(rehearsal.device, "dax0.0");
	return rehearsal;
}

START_TEST(rehearsed)
{
	struct rehearsal rehearsal;

	device->target_node = 1;
	bench.nodes[1].total = 16 * GIB;
	bench.nodes[1].free = 10 * GIB;
	bench.nodes[0].free = 5 * GIB;
	bench.nodes[0].reclaimable = GIB;
	rehearsal = rehearse(false);
	ck_assert(rehearsal.possible);
	ck_assert(rehearsal.fits);
	ck_assert_int_eq(rehearsal.node, 1);
	ck_assert_uint_eq(rehearsal.memory, 16 * GIB);
	ck_assert_uint_eq(rehearsal.blocks_online, 128);
	ck_assert_uint_eq(rehearsal.used, 6 * GIB);
	ck_assert_uint_eq(rehearsal.used_here, 6 * GIB);
	ck_assert_uint_eq(rehearsal.elsewhere, 6 * GIB);
	ck_assert_uint_eq(rehearsal.n_unmovable, 0);
	ck_assert_ptr_null(rehearsal.region);
	ck_assert_str_eq(rehearsal.reason,
			 "128 blocks with 16 GiB would go offline, and at most 6 GiB of it in use "
			 "would move to other nodes, which have 6 GiB to give");
	rehearsal_done(&rehearsal);

	bench.nodes[0].free -= 1;
	rehearsal = rehearse(false);
	ck_assert(!rehearsal.possible);
	ck_assert(!rehearsal.fits);
	assert_says(rehearsal.reason, "that is not enough, stop what uses node 1 first");
	rehearsal_done(&rehearsal);
}
END_TEST

/* A node may have more memory than this device, and more in use. */
START_TEST(rehearsed_on_a_shared_node)
{
	struct rehearsal rehearsal;

	device->target_node = 1;
	bench.nodes[1].total = 64 * GIB;
	bench.nodes[0].free = 16 * GIB;
	bench_set_blocks(device, 64, BLOCK_OFFLINE, ZONE_NONE);
	rehearsal = rehearse(false);
	ck_assert_uint_eq(rehearsal.used, 64 * GIB);
	ck_assert_uint_eq(rehearsal.used_here, 8 * GIB);
	ck_assert(rehearsal.fits);
	rehearsal_done(&rehearsal);
}
END_TEST

START_TEST(rehearsed_what_may_not_move)
{
	struct rehearsal rehearsal;

	device->blocks[3].zone = ZONE_NORMAL;
	device->blocks[9].zone = ZONE_NONE;
	rehearsal = rehearse(false);
	ck_assert(!rehearsal.possible);
	ck_assert_uint_eq(rehearsal.n_unmovable, 2);
	ck_assert_uint_eq(rehearsal.unmovable[0].number, device->blocks[3].number);
	ck_assert_int_eq(rehearsal.unmovable[0].zone, ZONE_NORMAL);
	assert_says(rehearsal.unmovable[0].why, "in a zone of the kernel");
	assert_says(rehearsal.unmovable[1].why, "in more than one zone");
	assert_says(rehearsal.reason, "2 of the blocks are not in zone Movable");
	rehearsal_done(&rehearsal);
}
END_TEST

START_TEST(rehearsed_to_eject)
{
	struct rehearsal rehearsal;

	device->target_node = 1;
	rehearsal = rehearse(true);
	ck_assert(rehearsal.possible);
	ck_assert_str_eq(rehearsal.region, "region0");
	rehearsal_done(&rehearsal);
	window.locked = true;
	rehearsal = rehearse(true);
	ck_assert(!rehearsal.possible);
	assert_says(rehearsal.reason, "made by firmware");
	ck_assert_ptr_null(rehearsal.region);
	rehearsal_done(&rehearsal);
}
END_TEST

START_TEST(rehearsed_with_nothing_to_release)
{
	struct rehearsal rehearsal;

	bench_bind_kmem(device, BLOCK_OFFLINE, ZONE_NONE);
	rehearsal = rehearse(false);
	ck_assert(rehearsal.possible);
	assert_says(rehearsal.reason, "none of its memory is online");
	rehearsal_done(&rehearsal);
	bench_set_blocks(device, 128, BLOCK_ABSENT, ZONE_NONE);
	bench_set_driver(device, NULL);
	rehearsal = rehearse(false);
	ck_assert(!rehearsal.possible);
	assert_says(rehearsal.reason, "bound to no driver");
	rehearsal_done(&rehearsal);
}
END_TEST

TCase *release_tests(void)
{
	TCase *tests = tcase_create("release");

	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_test(tests, block_by_block);
	tcase_add_test(tests, at_once_where_kmem_can);
	tcase_add_test(tests, nothing_online_nothing_to_take_offline);
	tcase_add_test(tests, ejected_its_region_goes_too);
	tcase_add_test(tests, what_is_refused);
	tcase_add_test(tests, what_is_held_is_not_ejected);
	tcase_add_loop_test(tests, whatever_its_rule, 0, 3);
	tcase_add_test(tests, released_it_stays_so);
	tcase_add_test(tests, somebody_else_binds_it);
	tcase_add_test(tests, stuck_is_not_released);
	tcase_add_loop_test(tests, to_apply_ends_a_release, 0, 2);
	tcase_add_test(tests, a_release_takes_no_share);
	tcase_add_test(tests, rehearsed);
	tcase_add_test(tests, rehearsed_on_a_shared_node);
	tcase_add_test(tests, rehearsed_what_may_not_move);
	tcase_add_test(tests, rehearsed_to_eject);
	tcase_add_test(tests, rehearsed_with_nothing_to_release);
	return tests;
}
