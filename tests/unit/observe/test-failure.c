/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "failing-alloc.h"
#include "failing-ops.h"
#include "host-tree.h"
#include "observe/observe.h"
#include "suites.h"

/* What one look at the host below never comes near; a loop that goes on for ever has to fail. */
#define CALLS_MAX	2000
#define ALLOCATIONS_MAX 20000

static char *root;
static struct failing_ops ops;
static struct sysfs sysfs;
static struct observer *warm;

static struct observer *new_observer(void)
{
	struct observer *observer = NULL;

	ck_assert_int_eq(observer_new(&sysfs, NULL, &observer), 0);
	return observer;
}

/* One that has asked all sources, so that it starts no more children. */
static struct observer *warm_observer(void)
{
	struct observer *observer = new_observer();
	struct facts *facts = NULL;

	ck_assert_int_eq(observe(observer, &facts), 0);
	facts_free(facts);
	return observer;
}

static void setup(void)
{
	struct acpi_table table;

	root = host_tree_new();
	host_tree_add_cxl(root);
	host_tree_add_pmem(root);
	/* a small one, as every block is two more calls to try */
	tree_put(root, PMEM_DAX "/size", "400556032\n");
	tree_put(root, PMEM_DAX "/mapping0/end", "0x317ffffff\n");
	host_tree_block(root, CXL_BASE / BLOCK_SIZE, "online", "Movable");
	tree_put(root, CXL_REGION "/access0/read_latency", "200\n");
	tree_put(root, "proc/77/comm", "postgres\n");
	tree_put(root, "proc/77/maps", "");
	tree_link(root, "proc/77/fd/3", "/dev/dax2.0");
	srat_begin(&table, 3);
	srat_local_apic(&table, 0, ACPI_TABLE_ENABLED);
	srat_local_apic(&table, 1, ACPI_TABLE_ENABLED);
	srat_memory(&table, 2, CXL_BASE, GIB, ACPI_TABLE_ENABLED);
	acpi_table_seal(&table);
	host_tree_acpi(root, "SRAT", &table);
	ops = (struct failing_ops){};
	ck_assert_int_eq(sysfs_open(&sysfs, root, &failing_ops, &ops), 0);
	warm = warm_observer();
}

static void teardown(void)
{
	warm = observer_free(warm);
	sysfs_close(&sysfs);
	root = tree_remove(root);
}

/* What holds of any facts, however little could be read. */
static void assert_sound(const struct facts *facts)
{
	for (size_t i = 0; i < facts->n_devices; i++) {
		const struct dax_device *d = &facts->devices[i];

		ck_assert_ptr_nonnull(d->name);
		ck_assert_ptr_nonnull(d->path);
		ck_assert_uint_le(d->usable, d->size);
		ck_assert_uint_eq(d->usable + d->lost, d->size);
		ck_assert_int_ge(d->target_node, -1);
		ck_assert_int_eq(d->distance.source == DISTANCE_UNKNOWN, d->distance.value == 0);
	}
	for (size_t i = 0; i < facts->problems.n; i++)
		ck_assert_int_ne(facts->problems.items[i][0], '\0');
}

static const int errors[] = {-EIO,    -EACCES, -ENOENT, -ENODEV, -ENXIO,
			     -ENOMEM, -EINTR,  -EAGAIN, -EINVAL, -EBADMSG};

static int look_once(struct observer *observer)
{
	_cleanup_(facts_freep) struct facts *facts = NULL;
	int r;

	ops.calls = 0;
	r = observe(observer, &facts);
	if (r == 0)
		assert_sound(facts);
	else
		ck_assert_ptr_null(facts);
	return r;
}

/*
 * Every call in turn, with every error: only out of memory ends the look, or the root itself. The
 * first two errors meet the first look of an observer, the others a later one.
 */
START_TEST(any_call_may_fail)
{
	int r, error = errors[_i];

	for (unsigned n = 1; n < CALLS_MAX; n++) {
		_cleanup_(observer_freep) struct observer *own = NULL;

		if (_i < 2)
			own = new_observer();
		ops.fail_at = n;
		ops.error = error;
		r = look_once(own ? own : warm);
		if (n == 1) /* the root */
			ck_assert_int_lt(r, 0);
		else if (ops.calls < n) {
			ck_assert_int_eq(r, 0);
			ck_assert_uint_gt(n, 60); /* the host was looked at, and more than once */
			return;
		} else
			ck_assert_int_eq(r, error == -ENOMEM ? -ENOMEM : 0);
	}
	ck_abort_msg("one look took more than %d calls", CALLS_MAX);
}
END_TEST

#define BIT(fact)	  (1U << DEVICE_FACT_##fact)
#define OF_INITIATOR_NODE (BIT(INITIATOR_NODE) | BIT(DISTANCE))

/* What cannot be read of a device is unknown, and not absent; what can is known. */
START_TEST(unread_is_unknown)
{
	static const struct {
		const char *path;
		unsigned unknown;
	} cases[] = {
		{CXL_PCI "/mem1/serial", BIT(SERIALS)},
		{CXL_REGION "/target0", BIT(SERIALS) | OF_INITIATOR_NODE},
		{CXL_PORT "/endpoint2/uport", BIT(SERIALS) | OF_INITIATOR_NODE},
		{CXL_PCI "/mem1/numa_node", OF_INITIATOR_NODE},
		{"sys/devices/system/node/has_cpu", OF_INITIATOR_NODE},
		{"sys/devices/system/node/online", OF_INITIATOR_NODE},
		{CXL_DAX "/target_node", BIT(TARGET_NODE) | BIT(DISTANCE)},
		{CXL_DAX "/mapping0/start", BIT(RANGES)},
		{CXL_DAX "/mapping0/end", BIT(RANGES)},
		{CXL_DAX "/size", 0},
		{CXL_DAX "/align", 0},
		{"dax0.0/memmap_on_memory", 0},
		{"dax0.0/driver", BIT(DRIVER)},
		{"sys/devices/system/node/node0/meminfo", 0},
	};
	_cleanup_(facts_freep) struct facts *facts = NULL;
	const struct dax_device *d;

	ops.fail_path = cases[_i].path;
	ops.error = -EIO;
	ck_assert_int_eq(observe(warm, &facts), 0);
	ck_assert_uint_gt(facts->problems.n, 0);
	d = facts_find_device(facts, "dax0.0");
	/* Without its size there is no device, rather than one of some size. */
	ck_assert_int_eq(!d, strcmp(cases[_i].path, CXL_DAX "/size") == 0);
	if (d)
		ck_assert_uint_eq(d->unknown, cases[_i].unknown);
	facts = facts_free(facts);

	ops.error = 0;
	ops.fail_path = NULL;
	ck_assert_int_eq(observe(warm, &facts), 0);
	for (size_t i = 0; i < facts->n_devices; i++)
		ck_assert_uint_eq(facts->devices[i].unknown, 0);
}
END_TEST

/* The table of distances is kept from look to look, but not that it could not be read. */
START_TEST(distances_are_asked_for_again)
{
	_cleanup_(observer_freep) struct observer *observer = new_observer();
	_cleanup_(facts_freep) struct facts *facts = NULL;

	ops.fail_path = "node0/distance";
	ops.error = -EIO;
	ck_assert_int_eq(observe(observer, &facts), 0);
	facts_problem(facts, "node0/distance");
	ck_assert_uint_eq(facts->devices[0].unknown, BIT(DISTANCE));
	facts = facts_free(facts);

	ops.fail_path = NULL;
	ck_assert_int_eq(observe(observer, &facts), 0);
	ck_assert_uint_eq(facts->devices[0].unknown, 0);
	ck_assert_uint_eq(facts->problems.n, 0);
}
END_TEST

/* From some call on nothing can be read any more. */
START_TEST(everything_may_fail_from_here)
{
	int r, error = errors[_i];

	ops.error = error;
	ops.fail_count = UINT_MAX;
	for (unsigned n = 2; n < CALLS_MAX; n++) {
		ops.fail_at = n;
		r = look_once(warm);
		ck_assert_int_eq(r, error == -ENOMEM && ops.calls >= n ? -ENOMEM : 0);
		if (ops.calls < n)
			return;
	}
	ck_abort_msg("one look took more than %d calls", CALLS_MAX);
}
END_TEST

static unsigned remove_at;

static void remove_device(unsigned call, const char *path)
{
	if (call != remove_at)
		return;
	tree_delete(root, CXL_DAX);
	tree_delete(root, "sys/bus/dax/devices/dax0.0");
	tree_delete(root, "sys/devices/system/memory/memory82");
}

/*
 * The CXL device leaves ahead of some call. It is there as a whole or not at all; the other device
 * is there in any case, and a device that leaves is no problem to tell anybody about.
 */
START_TEST(device_may_leave_at_any_call)
{
	bool seen = false, missed = false;

	ops.before = remove_device;
	for (remove_at = 1; remove_at < CALLS_MAX; remove_at++) {
		_cleanup_(facts_freep) struct facts *facts = NULL;
		const struct dax_device *d;

		host_tree_add_cxl(root);
		host_tree_block(root, CXL_BASE / BLOCK_SIZE, "online", "Movable");
		ops.calls = 0;
		ck_assert_int_eq(observe(warm, &facts), 0);
		for (size_t i = 0; i < facts->problems.n; i++)
			ck_abort_msg("call %u: %s", remove_at, facts->problems.items[i]);
		ck_assert_ptr_nonnull(facts_find_device(facts, "dax2.0"));
		d = facts_find_device(facts, "dax0.0");
		if (d) {
			seen = true;
			ck_assert_uint_eq(d->size, GIB);
			ck_assert_uint_eq(d->n_ranges, 1);
			ck_assert_int_eq(d->target_node, 2);
			ck_assert_int_eq(d->knob, MEMMAP_KNOB_ON);
			ck_assert_uint_eq(dax_device_count_blocks(d).movable, 1);
		} else {
			missed = true;
			ck_assert_uint_eq(facts->n_devices, 1);
		}
		if (ops.calls < remove_at)
			break;
	}
	ck_assert(seen && missed);
}
END_TEST

/* In the first look of an observer, and in a later one. */
START_TEST(any_allocation_may_fail)
{
	int r;

	for (unsigned n = 1; n < ALLOCATIONS_MAX; n++) {
		_cleanup_(observer_freep) struct observer *own = NULL;
		_cleanup_(facts_freep) struct facts *facts = NULL;

		if (_i == 0)
			own = new_observer();
		/* No assertion while it is armed: those allocate too. */
		failing_alloc_arm(n);
		r = observe(own ? own : warm, &facts);
		if (!failing_alloc_disarm()) {
			ck_assert_int_eq(r, 0);
			assert_sound(facts);
			ck_assert_uint_gt(n, 100);
			return;
		}
		ck_assert_int_eq(r, -ENOMEM);
		ck_assert_ptr_null(facts);
	}
	ck_abort_msg("one look took more than %d allocations", ALLOCATIONS_MAX);
}
END_TEST

TCase *failure_tests(void)
{
	TCase *tcase = tcase_create("failure");

	tcase_set_timeout(tcase, 60);
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_loop_test(tcase, any_call_may_fail, 0, ARRAY_SIZE(errors));
	tcase_add_loop_test(tcase, everything_may_fail_from_here, 0, ARRAY_SIZE(errors));
	tcase_add_loop_test(tcase, unread_is_unknown, 0, 14);
	tcase_add_test(tcase, distances_are_asked_for_again);
	tcase_add_test(tcase, device_may_leave_at_any_call);
	tcase_add_loop_test(tcase, any_allocation_may_fail, 0, 2);
	return tcase;
}
