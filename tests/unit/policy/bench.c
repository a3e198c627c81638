/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bench.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

#define BLOCK_SIZE (128 * MIB)

void bench_init(struct bench *bench)
{
	*bench = (struct bench){
		.nodes = {{.id = 0, .has_cpu = true, .total = 64 * GIB, .kernel = 64 * GIB},
			  {.id = 1, .has_cpu = true}},
		.config = {.claim = true,
			   .settle_usec = 200000,
			   .convert = CONVERT_HOT_ADDED,
			   .memmap_min_size = 64 * GIB,
			   .memmap_max_distance = 40,
			   .memmap_dram_budget = 500,
			   .movable_max_ratio = 4},
		.now_usec = 1000000,
	};
	bench->facts = (struct facts){
		.host = {.page_size = 4 * KIB,
			 .block_size = BLOCK_SIZE,
			 .auto_online = ONLINE_POLICY_ONLINE,
			 .memmap_param = MEMMAP_PARAM_ON,
			 .dax_autoprobe = 0,
			 .kmem_loaded = true,
			 .device_dax_loaded = true},
		.nodes = bench->nodes,
		.n_nodes = ARRAY_SIZE(bench->nodes),
		.devices = bench->devices,
	};
	bench->config.rules = bench->rules;
}

void bench_done(struct bench *bench)
{
	for (size_t i = 0; i < bench->facts.n_devices; i++)
		dax_device_done(&bench->devices[i]);
	for (size_t i = 0; i < bench->config.n_rules; i++)
		rule_done(&bench->rules[i]);
	history_done(&bench->history);
	bench->plan = plan_free(bench->plan);
}

static void add_blocks(struct dax_device *device)
{
	uint64_t first = 0;

	device->n_blocks = phys_range_blocks(&device->ranges[0], BLOCK_SIZE, &first);
	device->blocks = calloc(device->n_blocks ?: 1, sizeof(*device->blocks));
	ck_assert_ptr_nonnull(device->blocks);
	for (size_t i = 0; i < device->n_blocks; i++)
		device->blocks[i] = (struct memory_block){.number = first + i};
	device->usable = device->n_blocks * BLOCK_SIZE;
	device->lost = device->size - device->usable;
}

struct dax_device *bench_add_device(struct bench *bench, enum dax_kind kind, uint64_t size)
{
	size_t n = bench->facts.n_devices++;
	struct dax_device *device = &bench->devices[n];

	ck_assert_uint_lt(n, BENCH_DEVICES);
	*device = (struct dax_device){
		.kind = kind,
		.size = size,
		.align = 2 * MIB,
		.target_node = 2 + (int)n,
		.initiator_node = 0,
		.distance = {.value = 20, .source = DISTANCE_DEFAULT},
		.tier = -1,
		.knob = kind == DAX_KIND_CXL ? MEMMAP_KNOB_ON : MEMMAP_KNOB_OFF,
	};
	ck_assert_int_ge(asprintf(&device->name, "dax%zu.0", n), 0);

	device->ranges = calloc(1, sizeof(*device->ranges));
	ck_assert_ptr_nonnull(device->ranges);
	device->n_ranges = 1;
	device->ranges[0].start = (n + 1) << 44;
	device->ranges[0].end = device->ranges[0].start + size - 1;
	add_blocks(device);
	return device;
}

struct rule *bench_add_rule(struct bench *bench, const char *name)
{
	size_t n = bench->config.n_rules++;

	ck_assert_uint_lt(n, BENCH_RULES);
	bench->rules[n] = (struct rule){.name = strdup(name)};
	return &bench->rules[n];
}

void bench_set_driver(struct dax_device *device, const char *driver)
{
	free(device->driver);
	device->driver = driver ? strdup(driver) : NULL;
}

void bench_set_distance(struct dax_device *device, unsigned value, enum distance_source source)
{
	device->distance = (struct node_distance){.value = value, .source = source};
}

void bench_add_holder(struct dax_device *device, pid_t pid, const char *comm, bool mapped)
{
	device->holders =
		reallocarray(device->holders, device->n_holders + 1, sizeof(*device->holders));
	ck_assert_ptr_nonnull(device->holders);
	device->holders[device->n_holders++] =
		(struct holder){.pid = pid, .comm = comm ? strdup(comm) : NULL, .mapped = mapped};
}

void bench_set_blocks(struct dax_device *device, size_t n, enum block_state state, enum zone zone)
{
	ck_assert_uint_le(n, device->n_blocks);
	for (size_t i = 0; i < n; i++) {
		device->blocks[i].state = state;
		device->blocks[i].zone = zone;
	}
}

void bench_bind_kmem(struct dax_device *device, enum block_state state, enum zone zone)
{
	bench_set_driver(device, "kmem");
	bench_set_blocks(device, device->n_blocks, state, zone);
}

struct device_history *bench_history(struct bench *bench, const struct dax_device *device)
{
	struct device_history *history = history_get(&bench->history, device->name);

	ck_assert_ptr_nonnull(history);
	return history;
}

const struct device_plan *bench_plan(struct bench *bench, const struct dax_device *device)
{
	_cleanup_(plan_freep) struct plan *again = NULL;
	const struct device_plan *entry;

	bench->plan = plan_free(bench->plan);
	ck_assert_int_eq(policy_plan(&bench->facts, &bench->config, &bench->history,
				     bench->now_usec, &bench->plan),
			 0);
	ck_assert_int_eq(policy_plan(&bench->facts, &bench->config, &bench->history,
				     bench->now_usec, &again),
			 0);
	ck_assert_uint_eq(bench->plan->n_devices, bench->facts.n_devices);
	for (size_t i = 0; i < bench->plan->n_devices; i++) {
		ck_assert(device_plan_equal(&bench->plan->devices[i], &again->devices[i]));
		ck_assert_str_eq(bench->plan->devices[i].device, bench->devices[i].name);
	}

	entry = plan_find(bench->plan, device->name);
	ck_assert_ptr_nonnull(entry);
	return entry;
}

const char *bench_steps(const struct device_plan *plan)
{
	static char text[512];
	size_t n = 0;

	text[0] = '\0';
	for (size_t i = 0; i < plan->n_steps; i++) {
		const struct plan_step *step = &plan->steps[i];

		n += (size_t)snprintf(text + n, sizeof(text) - n, "%s%s%s%s", i > 0 ? ", " : "",
				      step_kind_to_string(step->kind), step->value ? " " : "",
				      step->value ?: "");
		ck_assert_uint_lt(n, sizeof(text));
	}
	return text;
}

bool bench_has_step(const struct device_plan *plan, enum step_kind kind)
{
	for (size_t i = 0; i < plan->n_steps; i++)
		if (plan->steps[i].kind == kind)
			return true;
	return false;
}
