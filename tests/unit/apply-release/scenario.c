/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Releases and conversions, as policy plans them. */
#include "scenario.h"

#include <string.h>

#include "base/cleanup.h"
#include "tree.h"

#define KNOB(device) DEVICES "/" device "/memmap_on_memory"

/* As the kernel brings it up where nobody claims the bus: all in zone Normal. */
static void prepare_bound(void)
{
	bench_host((struct fake_kernel_host){});
	bench_add(&bench_cxl);
	bench_write(DRIVERS "/kmem/bind", "dax0.0");
}

static void prepare_bound_state(void)
{
	bench_host((struct fake_kernel_host){.has_state = true});
	bench_add(&bench_cxl);
	bench_write(DRIVERS "/kmem/bind", "dax0.0");
}

/* In both zones, which no one word of the attribute state says. */
static void prepare_mixed_state(void)
{
	bench_host((struct fake_kernel_host){.has_state = true, .auto_online = "offline"});
	bench_add(&bench_cxl);
	bench_write(DRIVERS "/kmem/bind", "dax0.0");
	bench_write(MEMORY "/memory32/state", "online_kernel");
	bench_write(MEMORY "/memory33/state", "online_movable");
	bench_write(MEMORY "/memory34/state", "online_kernel");
	bench_write(AUTO_ONLINE, "online");
}

static void plan_release(struct device_plan *plan, enum step_kind how)
{
	_cleanup_free_ char *driver = bench_driver("dax0.0");

	bench_plan(plan, &bench_cxl);
	plan->purpose = PLAN_RELEASE;
	if (!driver)
		return;
	if (bench_any_block_online(&bench_cxl))
		bench_step(plan, how, NULL);
	bench_step(plan, STEP_UNBIND_DRIVER, "kmem");
}

static void plan_release_blocks(struct device_plan *plan)
{
	plan_release(plan, STEP_OFFLINE_BLOCKS);
}

static void plan_release_state(struct device_plan *plan)
{
	plan_release(plan, STEP_UNPLUG);
}

static void check_released(void)
{
	bench_assert_driver("dax0.0", NULL);
	ck_assert(!tree_has(bench.root, MEMORY "/memory32"));
	ck_assert(!tree_has(bench.root, MEMORY "/memory35"));
}

/* From zone Normal to Movable, the memmap where it is. */
static void plan_convert_zone(struct device_plan *plan)
{
	bench_plan(plan, &bench_cxl);
	plan->zone = TARGET_ZONE_MOVABLE;
	bench_step(plan, STEP_OFFLINE_BLOCKS, NULL);
	bench_step(plan, STEP_ONLINE_BLOCKS, "online_movable");
	bench_step(plan, STEP_VERIFY, "Movable");
}

/* What is on its way needs nothing taken offline again. */
static void finish_convert_zone(struct device_plan *plan)
{
	_cleanup_free_ char *zone = tree_get(bench.root, MEMORY "/memory32/valid_zones");

	if (strcmp(zone, "Normal\n") == 0) {
		plan_convert_zone(plan);
		return;
	}
	bench_plan(plan, &bench_cxl);
	bench_step(plan, STEP_ONLINE_BLOCKS, "online_movable");
	bench_step(plan, STEP_VERIFY, "Movable");
}

static void check_movable(void)
{
	bench_assert_driver("dax0.0", "kmem");
	bench_assert_blocks(&bench_cxl, "online", "Movable");
}

/* The memmap is in the wrong place: nothing but another bind moves it. */
static void plan_convert_memmap(struct device_plan *plan, enum step_kind how)
{
	_cleanup_free_ char *driver = bench_driver("dax0.0");
	_cleanup_free_ char *knob = tree_get(bench.root, KNOB("dax0.0"));

	bench_plan(plan, &bench_cxl);
	plan->zone = TARGET_ZONE_MOVABLE;
	if (driver && knob[0] == '1') {
		if (bench_any_block_online(&bench_cxl))
			bench_step(plan, how, NULL);
		bench_step(plan, STEP_UNBIND_DRIVER, "kmem");
	}
	if (!driver || knob[0] == '1') {
		bench_step(plan, STEP_SET_MEMMAP, "0");
		bench_step(plan, STEP_HOLD_AUTO_ONLINE, "online_movable");
		bench_step(plan, STEP_BIND_KMEM, NULL);
		bench_step(plan, STEP_RESTORE_AUTO_ONLINE, NULL);
	}
	bench_step(plan, STEP_ONLINE_BLOCKS, "online_movable");
	bench_step(plan, STEP_VERIFY, "Movable");
}

static void plan_convert_memmap_blocks(struct device_plan *plan)
{
	plan_convert_memmap(plan, STEP_OFFLINE_BLOCKS);
}

static void plan_convert_memmap_state(struct device_plan *plan)
{
	plan_convert_memmap(plan, STEP_UNPLUG);
}

/* Out of use as memory, for device_dax. */
static void plan_convert_devdax(struct device_plan *plan)
{
	_cleanup_free_ char *driver = bench_driver("dax0.0");

	bench_plan(plan, &bench_cxl);
	if (driver && strcmp(driver, "kmem") == 0) {
		if (bench_any_block_online(&bench_cxl))
			bench_step(plan, STEP_OFFLINE_BLOCKS, NULL);
		bench_step(plan, STEP_UNBIND_DRIVER, "kmem");
	}
	bench_step(plan, STEP_BIND_DEVDAX, NULL);
}

static void check_memmap(void)
{
	bench_assert_driver("dax0.0", "kmem");
	bench_assert_reads(KNOB("dax0.0"), "0");
	bench_assert_blocks(&bench_cxl, "online", "Movable");
}

static void check_devdax(void)
{
	bench_assert_driver("dax0.0", "device_dax");
	ck_assert(!tree_has(bench.root, MEMORY "/memory32"));
	ck_assert(!tree_has(bench.root, ".fake-kernel/ids/device_dax/dax0.0"));
}

const struct scenario scenarios[] = {
	{"release", &bench_cxl, "online", prepare_bound, plan_release_blocks, plan_release_blocks,
	 check_released},
	{"release by state", &bench_cxl, "online", prepare_bound_state, plan_release_state,
	 plan_release_state, check_released},
	{"release by state of both zones", &bench_cxl, "online", prepare_mixed_state,
	 plan_release_state, plan_release_state, check_released},
	{"convert the zone", &bench_cxl, "online", prepare_bound, plan_convert_zone,
	 finish_convert_zone, check_movable},
	{"convert the memmap", &bench_cxl, "online", prepare_bound, plan_convert_memmap_blocks,
	 plan_convert_memmap_blocks, check_memmap},
	{"convert the memmap by state", &bench_cxl, "online", prepare_bound_state,
	 plan_convert_memmap_state, plan_convert_memmap_state, check_memmap},
	{"convert to devdax", &bench_cxl, "online", prepare_bound, plan_convert_devdax,
	 plan_convert_devdax, check_devdax},
};

const size_t n_scenarios = ARRAY_SIZE(scenarios);
