/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kernel.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

void kernel_init(struct kernel *kernel, struct bench *bench)
{
	*kernel = (struct kernel){.bench = bench};
	for (size_t i = 0; i < bench->facts.n_devices; i++)
		kernel->forecast[i] = bench->devices[i].distance;
}

static void set_online(struct kernel *kernel, struct memory_block *block, enum zone zone)
{
	uint64_t size = kernel->bench->facts.host.block_size;

	*block =
		(struct memory_block){.number = block->number, .state = BLOCK_ONLINE, .zone = zone};
	if (zone == ZONE_MOVABLE)
		kernel->bench->nodes[1].movable += size;
	else
		kernel->bench->nodes[1].kernel += size;
}

static void bind_kmem(struct kernel *kernel, struct dax_device *device)
{
	enum online_policy policy = kernel->bench->facts.host.auto_online;

	ck_assert_ptr_null(device->driver);
	ck_assert_uint_gt(device->usable, 0);
	ck_assert_int_ge(device->target_node, 0);
	bench_bind_kmem(device, BLOCK_OFFLINE, ZONE_NONE);
	if (device->state) {
		free(device->state);
		device->state = strdup(online_policy_to_string(policy));
	}
	bench_set_distance(device, kernel->real[device - kernel->bench->devices], DISTANCE_LIBNUMA);
	for (size_t i = 0; i < device->n_blocks; i++) {
		if (policy == ONLINE_POLICY_ONLINE_MOVABLE)
			set_online(kernel, &device->blocks[i], ZONE_MOVABLE);
		else if (policy == ONLINE_POLICY_ONLINE || policy == ONLINE_POLICY_ONLINE_KERNEL)
			set_online(kernel, &device->blocks[i], ZONE_NORMAL);
	}
}

static void unbind(struct kernel *kernel, struct dax_device *device, const char *driver)
{
	ck_assert_str_eq(device->driver, driver);
	ck_assert_uint_eq(device->n_holders, 0);
	bench_set_driver(device, NULL);
	if (strcmp(driver, "kmem") != 0)
		return;
	for (size_t i = 0; i < device->n_blocks; i++) {
		ck_assert_msg(device->blocks[i].state <= BLOCK_OFFLINE, "stuck until reboot");
		device->blocks[i].state = BLOCK_ABSENT;
	}
	device->distance = kernel->forecast[device - kernel->bench->devices];
}

static void set_memmap(struct kernel *kernel, struct dax_device *device, const char *value)
{
	bool on = strcmp(value, "1") == 0;

	ck_assert_msg(!device->driver || strcmp(device->driver, "kmem") != 0, "EBUSY");
	ck_assert_msg(!on || memmap_can_be_effective(&kernel->bench->facts.host, device),
		      "EOPNOTSUPP");
	device->knob = on ? MEMMAP_KNOB_ON : MEMMAP_KNOB_OFF;
}

static void hold(struct kernel *kernel, const char *value)
{
	int policy = online_policy_from_string(value);

	ck_assert(!kernel->holds);
	ck_assert_int_gt(policy, ONLINE_POLICY_UNKNOWN);
	kernel->kept = kernel->bench->facts.host.auto_online;
	kernel->bench->facts.host.auto_online = (enum online_policy)policy;
	kernel->holds = true;
}

static void restore(struct kernel *kernel)
{
	ck_assert(kernel->holds);
	kernel->bench->facts.host.auto_online = kernel->kept;
	kernel->holds = false;
}

/* Where it was counted, it is not any more. */
static void set_offline(struct kernel *kernel, struct memory_block *block, enum block_state state)
{
	uint64_t size = kernel->bench->facts.host.block_size;

	ck_assert_msg(block->state != BLOCK_ONLINE || block->zone != ZONE_NONE, "EINVAL");
	if (block->state == BLOCK_ONLINE && block->zone == ZONE_MOVABLE)
		kernel->bench->nodes[1].movable -= size;
	else if (block->state == BLOCK_ONLINE)
		kernel->bench->nodes[1].kernel -= size;
	*block = (struct memory_block){.number = block->number, .state = state};
}

static void offline_blocks(struct kernel *kernel, struct dax_device *device)
{
	ck_assert_str_eq(device->driver, "kmem");
	for (size_t i = 0; i < device->n_blocks; i++)
		if (device->blocks[i].state != BLOCK_ABSENT)
			set_offline(kernel, &device->blocks[i], BLOCK_OFFLINE);
}

static void unplug(struct kernel *kernel, struct dax_device *device)
{
	ck_assert_str_eq(device->driver, "kmem");
	ck_assert_ptr_nonnull(device->state);
	for (size_t i = 0; i < device->n_blocks; i++) {
		ck_assert_int_ne(device->blocks[i].state, BLOCK_ABSENT);
		set_offline(kernel, &device->blocks[i], BLOCK_ABSENT);
	}
	free(device->state);
	device->state = strdup("unplugged");
}

static void online_blocks(struct kernel *kernel, struct dax_device *device, const char *value)
{
	enum zone zone = strcmp(value, "online_movable") == 0 ? ZONE_MOVABLE : ZONE_NORMAL;

	bool replug = dax_device_count_blocks(device).present == 0;

	ck_assert_str_eq(device->driver, "kmem");
	if (replug) {
		ck_assert_str_eq(device->state, "unplugged");
		free(device->state);
		device->state = strdup(value);
	}
	for (size_t i = 0; i < device->n_blocks; i++)
		if (replug || device->blocks[i].state == BLOCK_OFFLINE)
			set_online(kernel, &device->blocks[i], zone);
}

static void verify(const struct dax_device *device, const char *value)
{
	struct block_counts blocks = dax_device_count_blocks(device);

	ck_assert_uint_eq(blocks.online, blocks.total);
	ck_assert_uint_eq(strcmp(value, "Movable") == 0 ? blocks.movable : blocks.kernel,
			  blocks.total);
}

static void probe_default(struct kernel *kernel, struct dax_device *device)
{
	if (device->kind == DAX_KIND_PMEM || device->kind == DAX_KIND_UNKNOWN)
		bench_set_driver(device,
				 kernel->bench->facts.host.device_dax_loaded ? "device_dax" : NULL);
	else if (kernel->bench->facts.host.kmem_loaded && device->target_node >= 0 &&
		 device->usable > 0)
		bind_kmem(kernel, device);
	bench_history(kernel->bench, device)->handed_over = true;
}

/* kmem/new_id takes whatever is unbound and flagged for it along. */
static void check_bystanders(const struct kernel *kernel, const struct dax_device *device)
{
	if (device->kind == DAX_KIND_CXL || device->kind == DAX_KIND_HMEM)
		return;
	for (size_t i = 0; i < kernel->bench->facts.n_devices; i++) {
		const struct dax_device *other = &kernel->bench->devices[i];

		ck_assert_msg(other->driver ||
				      (other->kind != DAX_KIND_CXL && other->kind != DAX_KIND_HMEM),
			      "%s takes %s along", device->name, other->name);
	}
}

/* And device_dax/new_id, which a cxl or hmem device needs, whatever device_dax takes by itself. */
static void check_devdax_bystanders(const struct kernel *kernel, const struct dax_device *device)
{
	if (device->kind != DAX_KIND_CXL && device->kind != DAX_KIND_HMEM)
		return;
	for (size_t i = 0; i < kernel->bench->facts.n_devices; i++) {
		const struct dax_device *other = &kernel->bench->devices[i];

		ck_assert_msg(other->driver || other->kind == DAX_KIND_CXL ||
				      other->kind == DAX_KIND_HMEM,
			      "%s takes %s along", device->name, other->name);
	}
}

static void run_step(struct kernel *kernel, struct dax_device *device, const struct plan_step *step)
{
	switch (step->kind) {
	case STEP_LOAD_MODULE:
		if (strcmp(step->value, "kmem") == 0)
			kernel->bench->facts.host.kmem_loaded = true;
		else
			kernel->bench->facts.host.device_dax_loaded = true;
		break;
	case STEP_UNBIND_DRIVER:
		unbind(kernel, device, step->value);
		if (strcmp(step->value, "kmem") == 0)
			bench_history(kernel->bench, device)->rebinds++;
		break;
	case STEP_SET_MEMMAP:
		set_memmap(kernel, device, step->value);
		break;
	case STEP_HOLD_AUTO_ONLINE:
		hold(kernel, step->value);
		break;
	case STEP_BIND_KMEM:
		ck_assert(kernel->bench->facts.host.kmem_loaded);
		check_bystanders(kernel, device);
		bind_kmem(kernel, device);
		break;
	case STEP_RESTORE_AUTO_ONLINE:
		restore(kernel);
		break;
	case STEP_ONLINE_BLOCKS:
		online_blocks(kernel, device, step->value);
		break;
	case STEP_VERIFY:
		verify(device, step->value);
		break;
	case STEP_BIND_DEVDAX:
		ck_assert(kernel->bench->facts.host.device_dax_loaded);
		ck_assert_ptr_null(device->driver);
		check_devdax_bystanders(kernel, device);
		bench_set_driver(device, "device_dax");
		break;
	case STEP_PROBE_DEFAULT:
		probe_default(kernel, device);
		break;
	case STEP_OFFLINE_BLOCKS:
		offline_blocks(kernel, device);
		break;
	case STEP_UNPLUG:
		unplug(kernel, device);
		break;
	case STEP_SET_DPA:
	case STEP_CREATE_REGION:
	case STEP_COMMIT_REGION:
	case STEP_ENABLE_REGION:
	case STEP_DISABLE_REGION:
	case STEP_DECOMMIT_REGION:
	case STEP_DELETE_REGION:
	case STEP_FREE_DPA:
		ck_abort_msg("%s was not expected here", step_kind_to_string(step->kind));
		break;
	case STEP_MAX:
		ck_abort_msg("no such step");
	}
}

void kernel_run(struct kernel *kernel, const struct device_plan *plan)
{
	for (size_t i = 0; i < kernel->bench->facts.n_devices; i++) {
		struct dax_device *device = &kernel->bench->devices[i];

		if (strcmp(device->name, plan->device) != 0)
			continue;
		for (size_t n = 0; n < plan->n_steps; n++)
			run_step(kernel, device, &plan->steps[n]);
	}
	ck_assert(!kernel->holds);
}
