/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the next daemon knows of devices whose memory the kernel has. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "failing-alloc.h"
#include "in-use.h"
#include "state-file.h"
#include "tree.h"

#define GIB (UINT64_C(1) << 30)

static struct phys_range ranges[] = {{64 * GIB, 65 * GIB - 1}, {UINT64_MAX - GIB, UINT64_MAX}};
static uint64_t serials[] = {0xabc1, UINT64_MAX};
static struct memory_block present[] = {{512, BLOCK_OFFLINE, ZONE_NONE}},
			   absent[] = {{512, BLOCK_ABSENT, ZONE_NONE}};

static struct dax_device devices[] = {
	{
		.name = (char *)"dax0.0",
		.path = (char *)"sys/devices/a/dax0.0",
		.kind = DAX_KIND_CXL,
		.instance = UINT64_MAX - 1,
		.size = 2 * GIB,
		.usable = GIB,
		.ranges = ranges,
		.n_ranges = 2,
		.target_node = 3,
		.region = (char *)"region1",
		.serials = serials,
		.n_serials = 2,
		.blocks = present,
		.n_blocks = 1,
	},
	{.name = (char *)"dax1.0",
	 .ranges = ranges,
	 .n_ranges = 1,
	 .blocks = absent,
	 .n_blocks = 1},
	{.name = (char *)"dax2.0@40", .ranges = ranges, .n_ranges = 1, .gone = true},
};
static struct facts facts = {.devices = devices, .n_devices = ARRAY_SIZE(devices)};

static char *root;

static void setup(void)
{
	root = tree_new();
}

static void teardown(void)
{
	root = tree_remove(root);
}

START_TEST(test_round_trip)
{
	struct json_object *list = in_use_to_json(&facts), *read;
	const struct dax_device *d;
	struct facts *again;

	ck_assert_ptr_nonnull(list);
	ck_assert_int_eq(state_file_write(root, "in-use", list), 0);
	ck_assert_int_eq(state_file_read(root, "in-use", &read), 0);
	ck_assert(json_object_equal(list, read));
	ck_assert_int_eq(in_use_from_json(read, &again), 0);
	ck_assert_uint_eq(again->n_devices, 2); /* dax1.0 has none */
	d = &again->devices[0];
	ck_assert_str_eq(d->name, "dax0.0");
	ck_assert_str_eq(d->path, "sys/devices/a/dax0.0");
	ck_assert_int_eq(d->kind, DAX_KIND_CXL);
	ck_assert_uint_eq(d->instance, UINT64_MAX - 1);
	ck_assert_uint_eq(d->size, 2 * GIB);
	ck_assert_uint_eq(d->usable, GIB);
	ck_assert_uint_eq(d->lost, GIB);
	ck_assert_int_eq(d->target_node, 3);
	ck_assert_str_eq(d->region, "region1");
	ck_assert_uint_eq(d->n_serials, 2);
	ck_assert_mem_eq(d->serials, serials, sizeof(serials));
	ck_assert_uint_eq(d->n_ranges, 2);
	ck_assert_mem_eq(d->ranges, ranges, sizeof(ranges));
	ck_assert(!d->gone);
	ck_assert_str_eq(again->devices[1].name, "dax2.0@40");
	ck_assert(again->devices[1].gone);
	ck_assert_ptr_null(again->devices[1].region);
	facts_free(again);
	json_object_put(list);
	json_object_put(read);
}
END_TEST

/* None of these is a device of which there may be memory. */
static const char *const damaged[] = {
	"7",
	"{}",
	"{\"Device\":\"dax0.0\"}",
	"{\"Ranges\":[1,2]}",
	"{\"Device\":7,\"Ranges\":[1,2]}",
	"{\"Device\":\"dax0.0\",\"Ranges\":[2]}",
	"{\"Device\":\"dax0.0\",\"Ranges\":[2,1]}",
	"{\"Device\":\"dax0.0\",\"Ranges\":[null,null]}",
	"{\"Device\":\"dax0.0\",\"Ranges\":{}}",
};

START_TEST(test_damaged)
{
	struct json_object *list = json_object_new_array();
	struct facts *again;

	json_object_array_add(list, json_tokener_parse(damaged[_i]));
	ck_assert_int_eq(in_use_from_json(list, &again), 0);
	ck_assert_uint_eq(again->n_devices, 0);
	facts_free(again);
	json_object_put(list);
}
END_TEST

START_TEST(test_out_of_memory)
{
	struct json_object *list = in_use_to_json(&facts), *made;
	struct facts *again;
	bool reached = true;
	int r;

	for (unsigned n = 1; reached; n++) {
		failing_alloc_arm(n);
		made = in_use_to_json(&facts);
		reached = failing_alloc_disarm();
		ck_assert_int_eq(made == NULL, reached);
		json_object_put(made);
	}
	for (unsigned n = reached = 1; reached; n++) {
		failing_alloc_arm(n);
		r = in_use_from_json(list, &again);
		reached = failing_alloc_disarm();
		ck_assert_int_eq(r, reached ? -ENOMEM : 0);
		if (r == 0)
			facts_free(again);
	}
	json_object_put(list);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("in-use");
	TCase *tcase = tcase_create("in-use");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, test_round_trip);
	tcase_add_loop_test(tcase, test_damaged, 0, ARRAY_SIZE(damaged));
	tcase_add_test(tcase, test_out_of_memory);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
