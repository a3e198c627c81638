/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "scenario.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "tree.h"

#define KNOB(device) DEVICES "/" device "/memmap_on_memory"

/* The device becomes system RAM in one zone with its knob at one value. */
static void system_ram(struct device_plan *plan, const struct fake_kernel_device *device,
		       const char *knob, const char *how, const char *zone)
{
	_cleanup_free_ char *driver = bench_driver(device->name), *path = NULL, *now = NULL;
	bool online = bench_any_block_online(device), bound = driver && !strcmp(driver, "kmem");

	ck_assert_int_gt(asprintf(&path, DEVICES "/%s/memmap_on_memory", device->name), 0);
	now = tree_get(bench.root, path);
	bench_plan(plan, device);
	if (!tree_has(bench.root, DRIVERS "/kmem"))
		bench_step(plan, STEP_LOAD_MODULE, "kmem");
	if (!bound || (!online && now && now[0] != knob[0])) {
		if (driver)
			bench_step(plan, STEP_UNBIND_DRIVER, driver);
		if (now && now[0] != knob[0])
			bench_step(plan, STEP_SET_MEMMAP, knob);
		bench_step(plan, STEP_HOLD_AUTO_ONLINE, how);
		bench_step(plan, STEP_BIND_KMEM, NULL);
		bench_step(plan, STEP_RESTORE_AUTO_ONLINE, NULL);
	}
	bench_step(plan, STEP_ONLINE_BLOCKS, how);
	bench_step(plan, STEP_VERIFY, zone);
}

/* A CXL device that waits unbound; the knob is on by default and is to be off. */
static void prepare_cxl(void)
{
	bench_host((struct fake_kernel_host){});
	bench_add(&bench_cxl);
}

static void plan_cxl(struct device_plan *plan)
{
	system_ram(plan, &bench_cxl, "0", "online_movable", "Movable");
}

static void check_cxl(void)
{
	bench_assert_driver("dax0.0", "kmem");
	bench_assert_reads(KNOB("dax0.0"), "0");
	bench_assert_blocks(&bench_cxl, "online", "Movable");
}

static void prepare_no_kmem(void)
{
	bench_host((struct fake_kernel_host){.no_kmem = true});
	bench_add(&bench_cxl);
}

/* Nobody has claimed the bus: a driver that is loaded takes what waits. */
static void prepare_no_kmem_no_claim(void)
{
	prepare_no_kmem();
	bench_write(AUTOPROBE, "1");
}

static void prepare_offline_policy(void)
{
	bench_host((struct fake_kernel_host){.auto_online = "offline"});
	bench_add(&bench_cxl);
}

/* Without a hold: block by block. */
static void plan_block_by_block(struct device_plan *plan)
{
	bench_plan(plan, &bench_cxl);
	bench_step(plan, STEP_SET_MEMMAP, "0");
	bench_step(plan, STEP_BIND_KMEM, NULL);
	bench_step(plan, STEP_ONLINE_BLOCKS, "online_movable");
	bench_step(plan, STEP_VERIFY, "Movable");
}

/* A namespace bound to device_dax: only new_id makes kmem take it. */
static void prepare_pmem(void)
{
	bench_host((struct fake_kernel_host){});
	bench_add(&bench_pmem);
	bench_write(DRIVERS "/device_dax/bind", "dax1.0");
}

static void plan_pmem(struct device_plan *plan)
{
	system_ram(plan, &bench_pmem, "1", "online_kernel", "kernel");
}

static void check_pmem(void)
{
	bench_assert_driver("dax1.0", "kmem");
	bench_assert_reads(KNOB("dax1.0"), "1");
	bench_assert_blocks(&bench_pmem, "online", "Normal");
	ck_assert(!tree_has(bench.root, ".fake-kernel/ids/kmem/dax1.0"));
}

/* Bound with its memory offline, and with the knob at the other value. */
static void prepare_rebind(void)
{
	bench_host((struct fake_kernel_host){.auto_online = "offline"});
	bench_add(&bench_cxl);
	bench_write(DRIVERS "/kmem/bind", "dax0.0");
	bench_write(AUTO_ONLINE, "online");
}

/* The same where kmem has state: it reads "offline". */
static void prepare_rebind_state(void)
{
	bench_host((struct fake_kernel_host){.has_state = true, .auto_online = "offline"});
	bench_add(&bench_cxl);
	bench_write(DRIVERS "/kmem/bind", "dax0.0");
	bench_write(AUTO_ONLINE, "online");
}

/* The same, and nothing is plugged. */
static void prepare_rebind_unplugged(void)
{
	bench_host((struct fake_kernel_host){.has_state = true, .auto_online = "offline"});
	bench_add(&bench_cxl);
	bench_write(DRIVERS "/kmem/bind", "dax0.0");
	bench_write(DEVICES "/dax0.0/state", "unplugged");
	bench_write(AUTO_ONLINE, "online");
}

/* From kmem with nothing online to device_dax, which is not its type. */
static void plan_devdax(struct device_plan *plan)
{
	_cleanup_free_ char *driver = bench_driver("dax0.0");

	bench_plan(plan, &bench_cxl);
	if (driver && strcmp(driver, "kmem") == 0)
		bench_step(plan, STEP_UNBIND_DRIVER, "kmem");
	bench_step(plan, STEP_BIND_DEVDAX, NULL);
}

static void check_devdax(void)
{
	bench_assert_driver("dax0.0", "device_dax");
	ck_assert(!tree_has(bench.root, MEMORY "/memory32"));
	ck_assert(!tree_has(bench.root, ".fake-kernel/ids/device_dax/dax0.0"));
}

/* Bound with its memory offline, to look at the real distance. */
static void plan_look(struct device_plan *plan)
{
	bench_plan(plan, &bench_cxl);
	bench_step(plan, STEP_SET_MEMMAP, "0");
	bench_step(plan, STEP_HOLD_AUTO_ONLINE, "offline");
	bench_step(plan, STEP_BIND_KMEM, NULL);
	bench_step(plan, STEP_RESTORE_AUTO_ONLINE, NULL);
}

static void finish_look(struct device_plan *plan)
{
	_cleanup_free_ char *driver = bench_driver("dax0.0");

	if (!driver) {
		plan_look(plan);
		return;
	}
	bench_plan(plan, &bench_cxl);
}

static void check_look(void)
{
	bench_assert_driver("dax0.0", "kmem");
	bench_assert_reads(KNOB("dax0.0"), "0");
	bench_assert_blocks(&bench_cxl, "offline", "Normal Movable");
}

static void plan_default(struct device_plan *plan)
{
	bench_plan(plan, &bench_pmem);
	bench_step(plan, STEP_PROBE_DEFAULT, NULL);
}

static void prepare_default(void)
{
	bench_host((struct fake_kernel_host){});
	bench_add(&bench_pmem);
}

static void check_default(void)
{
	bench_assert_driver("dax1.0", "device_dax");
}

const struct scenario scenarios[] = {
	{"cxl", &bench_cxl, "online", prepare_cxl, plan_cxl, plan_cxl, check_cxl},
	{"cxl without kmem", &bench_cxl, "online", prepare_no_kmem, plan_cxl, plan_cxl, check_cxl},
	{"cxl without kmem or claim", &bench_cxl, "online", prepare_no_kmem_no_claim, plan_cxl,
	 plan_cxl, check_cxl},
	{"block by block", &bench_cxl, "offline", prepare_offline_policy, plan_block_by_block,
	 plan_cxl, check_cxl},
	{"pmem", &bench_pmem, "online", prepare_pmem, plan_pmem, plan_pmem, check_pmem},
	{"rebind", &bench_cxl, "online", prepare_rebind, plan_cxl, plan_cxl, check_cxl},
	{"rebind with state", &bench_cxl, "online", prepare_rebind_state, plan_cxl, plan_cxl,
	 check_cxl},
	{"rebind unplugged", &bench_cxl, "online", prepare_rebind_unplugged, plan_cxl, plan_cxl,
	 check_cxl},
	{"devdax", &bench_cxl, "online", prepare_rebind, plan_devdax, plan_devdax, check_devdax},
	{"look", &bench_cxl, "online", prepare_cxl, plan_look, finish_look, check_look},
	{"default", &bench_pmem, "online", prepare_default, plan_default, plan_default,
	 check_default},
};

const size_t n_scenarios = ARRAY_SIZE(scenarios);
