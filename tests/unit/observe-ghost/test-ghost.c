/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is left of a device that was removed with its memory in use. */
#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "failing-alloc.h"
#include "failing-ops.h"
#include "observe/ghost.h"
#include "tree.h"

#define GIB   (UINT64_C(1) << 30)
#define BLOCK (UINT64_C(128) << 20)
#define FIRST 512 /* at 64 GiB */

static char *root;
static struct sysfs sysfs;
static struct facts *facts;
static struct look look;

static struct phys_range ranges[] = {{64 * GIB, 64 * GIB + 4 * BLOCK - 1}};
static uint64_t serials[] = {0xabc1};
static struct memory_block stale[] = {{FIRST, BLOCK_ONLINE, ZONE_NORMAL}};
static struct holder holders[] = {{(char *)"postgres", 77, false}};

static const struct dax_device last_seen = {
	.name = (char *)"dax1.0",
	.path = (char *)"sys/devices/platform/dax1.0",
	.kind = DAX_KIND_CXL,
	.size = 4 * BLOCK,
	.usable = 4 * BLOCK,
	.ranges = ranges,
	.n_ranges = 1,
	.target_node = 3,
	.driver = (char *)"kmem",
	.state = (char *)"online_movable",
	.region = (char *)"region1",
	.serials = serials,
	.n_serials = 1,
	.holders = holders,
	.n_holders = 1,
	.blocks = stale,
	.n_blocks = 1,
	.unknown = 1U << DEVICE_FACT_DISTANCE,
};

static void put_block(unsigned number, const char *state, const char *zones)
{
	char path[64];

	snprintf(path, sizeof(path), "sys/devices/system/memory/memory%u/state", number);
	tree_put(root, path, state);
	snprintf(path, sizeof(path), "sys/devices/system/memory/memory%u/valid_zones", number);
	tree_put(root, path, zones);
}

static void setup(void)
{
	root = tree_new();
	tree_dir(root, "sys/devices/system/memory");
	ck_assert_int_eq(sysfs_open(&sysfs, root, NULL, NULL), 0);
	facts = calloc(1, sizeof(*facts));
	ck_assert_ptr_nonnull(facts);
	facts->host.block_size = BLOCK;
	look = (struct look){.sysfs = &sysfs, .problems = &facts->problems};
}

static void teardown(void)
{
	facts = facts_free(facts);
	sysfs_close(&sysfs);
	root = tree_remove(root);
}

/* One that is there now. */
static void add_device(const char *name, uint64_t start, uint64_t end)
{
	struct dax_device *devices =
		reallocarray(facts->devices, facts->n_devices + 1, sizeof(*devices));
	struct dax_device *device;

	ck_assert_ptr_nonnull(devices);
	facts->devices = devices;
	device = &devices[facts->n_devices++];
	*device = (struct dax_device){.name = strdup(name), .ranges = calloc(1, sizeof(ranges[0]))};
	ck_assert(device->name && device->ranges);
	device->ranges[0] = (struct phys_range){start, end};
	device->n_ranges = 1;
}

START_TEST(test_what_is_left)
{
	const struct dax_device *ghost;

	put_block(FIRST + 1, "online", "Movable");
	put_block(FIRST + 2, "offline", "Movable Normal");
	add_device("dax0.0", 0, GIB - 1);
	add_device("dax10.0", 2 * GIB, 3 * GIB - 1);
	ck_assert_int_eq(ghost_look(&look, &last_seen, facts), 0);
	ck_assert_uint_eq(facts->n_devices, 3);
	ghost = &facts->devices[1]; /* in version order */
	ck_assert_str_eq(ghost->name, "dax1.0");
	ck_assert_str_eq(facts->devices[2].name, "dax10.0");
	ck_assert(ghost->gone);
	ck_assert_ptr_null(ghost->driver);
	ck_assert_ptr_null(ghost->state);
	ck_assert_uint_eq(ghost->n_holders, 0);
	ck_assert_uint_eq(ghost->unknown, 0);
	ck_assert_str_eq(ghost->region, "region1");
	ck_assert_uint_eq(ghost->size, 4 * BLOCK);
	ck_assert_int_eq(ghost->target_node, 3);
	ck_assert_uint_eq(ghost->serials[0], 0xabc1);
	/* The blocks are those of now, not those that were seen. */
	ck_assert_uint_eq(dax_device_count_blocks(ghost).total, 4);
	ck_assert_uint_eq(dax_device_count_blocks(ghost).present, 2);
	ck_assert_uint_eq(dax_device_count_blocks(ghost).online, 1);
	ck_assert_uint_eq(dax_device_count_blocks(ghost).movable, 1);
	ck_assert_uint_eq(facts->problems.n, 0);
}
END_TEST

/* What was a ghost once is one again, look after look. */
START_TEST(test_of_a_ghost)
{
	struct dax_device before = last_seen;

	before.gone = true;
	before.driver = before.state = NULL;
	put_block(FIRST, "online", "Movable");
	ck_assert_int_eq(ghost_look(&look, &before, facts), 0);
	ck_assert_uint_eq(facts->n_devices, 1);
	ck_assert(facts->devices[0].gone);
}
END_TEST

START_TEST(test_nothing_is_left)
{
	put_block(FIRST - 1, "online", "Movable"); /* its neighbours' */
	put_block(FIRST + 4, "online", "Movable");
	ck_assert_int_eq(ghost_look(&look, &last_seen, facts), 0);
	ck_assert_uint_eq(facts->n_devices, 0);
}
END_TEST

static const struct {
	const char *name;
	uint64_t start, end;
	bool successor;
} others[] = {
	{"dax2.0", 64 * GIB, 64 * GIB + 4 * BLOCK - 1, true},
	{"dax2.0", 60 * GIB, 64 * GIB, true}, /* one byte */
	{"dax2.0", 64 * GIB + 4 * BLOCK - 1, 80 * GIB, true},
	{"dax2.0", 60 * GIB, 64 * GIB - 1, false}, /* side by side */
	{"dax2.0", 64 * GIB + 4 * BLOCK, 80 * GIB, false},
};

START_TEST(test_successor)
{
	put_block(FIRST, "online", "Movable");
	add_device(others[_i].name, others[_i].start, others[_i].end);
	ck_assert_int_eq(ghost_look(&look, &last_seen, facts), 0);
	ck_assert_uint_eq(facts->n_devices, others[_i].successor ? 1 : 2);
}
END_TEST

/* A look that cannot tell the blocks of now does not forget those that were. */
START_TEST(test_without_a_block_size)
{
	put_block(FIRST + 1, "online", "Movable");
	facts->host.block_size = 0;
	ck_assert_int_eq(ghost_look(&look, &last_seen, facts), 0);
	ck_assert_uint_eq(facts->n_devices, 1);
	ck_assert_uint_eq(facts->devices[0].blocks[0].number, FIRST);
}
END_TEST

/* Its name is another's by now: it is told from that, look after look. */
START_TEST(test_name_is_taken)
{
	struct dax_device again;

	put_block(FIRST, "online", "Movable");
	add_device("dax1.0", GIB, 2 * GIB - 1);
	facts->devices[0].instance = 2;
	again = last_seen;
	again.instance = 1;
	ck_assert_int_eq(ghost_look(&look, &again, facts), 0);
	ck_assert_uint_eq(facts->n_devices, 2);
	ck_assert_str_eq(facts->devices[0].name, "dax1.0");
	ck_assert_str_eq(facts->devices[1].name, "dax1.0@1000000000");
	ck_assert(facts->devices[1].gone);

	again.name = (char *)"dax1.0@1000000000";
	again.gone = true;
	dax_device_done(&facts->devices[0]);
	dax_device_done(&facts->devices[1]);
	facts->n_devices = 0; /* the next look */
	add_device("dax1.0", GIB, 2 * GIB - 1);
	ck_assert_int_eq(ghost_look(&look, &again, facts), 0);
	ck_assert_uint_eq(facts->n_devices, 2);
	ck_assert_str_eq(facts->devices[1].name, "dax1.0@1000000000");
}
END_TEST

/* The look did not get hold of it; that it has left would be a guess. */
START_TEST(test_still_there)
{
	struct dax_device before = last_seen;

	tree_dir(root, "sys/bus/dax/devices/dax1.0");
	ck_assert_int_eq(sysfs_instance(&sysfs, &before.instance, "sys/bus/dax/devices/dax1.0"), 0);
	ck_assert_int_eq(ghost_look(&look, &before, facts), 0);
	ck_assert_uint_eq(facts->n_devices, 1);
	ck_assert_str_eq(facts->devices[0].name, "dax1.0");
	ck_assert(!facts->devices[0].gone);
	ck_assert_str_eq(facts->devices[0].driver, "kmem");
	for (int fact = 0; fact < DEVICE_FACT_MAX; fact++)
		ck_assert(!dax_device_knows(&facts->devices[0], fact));
	ck_assert_uint_eq(dax_device_count_blocks(&facts->devices[0]).present, 0);

	/* What stands there is another one. */
	dax_device_done(&facts->devices[0]);
	facts->n_devices = 0;
	before.instance++;
	put_block(FIRST, "online", "Movable");
	ck_assert_int_eq(ghost_look(&look, &before, facts), 0);
	ck_assert(facts->devices[0].gone);
}
END_TEST

/* Each read in turn: it is said, and nothing is forgotten. */
START_TEST(test_reads_that_fail)
{
	struct dax_device from_a_file = last_seen;

	from_a_file.n_blocks = 0;
	put_block(FIRST, "online", "Movable");
	for (unsigned n = 1;; n++) {
		struct failing_ops failing = {.fail_at = n, .error = -EIO};
		struct sysfs own;
		bool reached;

		strv_done(&facts->problems);
		ck_assert_int_eq(sysfs_open(&own, root, &failing_ops, &failing), 0);
		look.sysfs = &own;
		ck_assert_int_eq(ghost_look(&look, _i ? &from_a_file : &last_seen, facts), 0);
		sysfs_close(&own);
		reached = failing.calls >= n;
		ck_assert_uint_eq(facts->n_devices, 1);
		if (!reached) {
			ck_assert_uint_gt(n, 2);
			break;
		}
		ck_assert_uint_eq(facts->problems.n, 1);
		ck_assert_ptr_nonnull(strstr(facts->problems.items[0], "dax1.0"));
		/* Only that it is away is proof that it has left. */
		ck_assert_int_eq(facts->devices[0].gone, n > 1);
		dax_device_done(&facts->devices[0]);
		facts->n_devices = 0;
	}
}
END_TEST

START_TEST(test_out_of_memory)
{
	bool reached = true;
	int r;

	put_block(FIRST, "online", "Movable");
	add_device("dax0.0", 0, GIB - 1);
	for (unsigned n = 1; reached; n++) {
		failing_alloc_arm(n);
		r = ghost_look(&look, &last_seen, facts);
		reached = failing_alloc_disarm();
		ck_assert_int_eq(r, reached ? -ENOMEM : 0);
		ck_assert_uint_eq(facts->n_devices, reached ? 1 : 2);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("observe-ghost");
	TCase *tcase = tcase_create("ghost");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, test_what_is_left);
	tcase_add_test(tcase, test_of_a_ghost);
	tcase_add_test(tcase, test_nothing_is_left);
	tcase_add_loop_test(tcase, test_successor, 0, ARRAY_SIZE(others));
	tcase_add_test(tcase, test_without_a_block_size);
	tcase_add_test(tcase, test_name_is_taken);
	tcase_add_test(tcase, test_still_there);
	tcase_add_loop_test(tcase, test_reads_that_fail, 0, 2);
	tcase_add_test(tcase, test_out_of_memory);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
