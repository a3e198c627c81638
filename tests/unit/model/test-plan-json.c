/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/plan.h"

#include <errno.h>
#include <json-c/json.h>
#include <string.h>

#include "base/cleanup.h"
#include "failing-alloc.h"
#include "test-model.h"

static void json_putp(struct json_object **object)
{
	json_object_put(*object);
}

#define _cleanup_json_ _cleanup_(json_putp)

/* Through text, as the worker gets it. */
static struct json_object *through_text(struct json_object *object)
{
	struct json_object *back = json_tokener_parse(json_object_to_json_string(object));

	ck_assert_ptr_nonnull(back);
	return back;
}

static struct json_object *full_json(void)
{
	_cleanup_(device_plan_done) struct device_plan plan = {};
	struct json_object *object;

	full_plan_init(&plan);
	object = device_plan_to_json(&plan);
	ck_assert_ptr_nonnull(object);
	return object;
}

START_TEST(round_trip)
{
	_cleanup_(device_plan_done) struct device_plan plan = {}, back = {};
	_cleanup_json_ struct json_object *object = NULL, *parsed = NULL;

	full_plan_init(&plan);
	object = device_plan_to_json(&plan);
	ck_assert_ptr_nonnull(object);
	parsed = through_text(object);
	ck_assert_int_eq(device_plan_from_json(parsed, &back), 0);
	ck_assert(device_plan_equal(&plan, &back));
	ck_assert_uint_eq(back.ranges[1].end, UINT64_MAX);
	ck_assert_ptr_null(back.steps[1].value);
}
END_TEST

START_TEST(round_trip_of_an_empty_plan)
{
	struct device_plan plan = {.device = LITERAL("dax0.0"), .target_node = -1};
	_cleanup_(device_plan_done) struct device_plan back = {};
	_cleanup_json_ struct json_object *object = device_plan_to_json(&plan), *parsed = NULL;

	ck_assert_ptr_nonnull(object);
	parsed = through_text(object);
	ck_assert_int_eq(device_plan_from_json(parsed, &back), 0);
	ck_assert(device_plan_equal(&plan, &back));
	ck_assert_ptr_null(back.rule);
	ck_assert_ptr_null(back.reason);
	ck_assert_ptr_null(back.memmap.reason);
	ck_assert_ptr_null(back.ranges);
	ck_assert_ptr_null(back.steps);
}
END_TEST

START_TEST(says_exactly_this)
{
	_cleanup_json_ struct json_object *object = full_json();

	/* What clients and scripts rely upon: the keys, their order for a reader, the words. */
	ck_assert_str_eq(
		json_object_to_json_string_ext(object, JSON_C_TO_STRING_PLAIN),
		"{\"Device\":\"dax0.0\",\"Purpose\":\"release\",\"State\":\"pending\",\"Managed\":"
		"true,"
		"\"Rule\":\"cxl\",\"Reason\":\"it is \\\"new\\\" \xe2\x80\x94 and unbound\","
		"\"MemmapWanted\":true,\"MemmapEffective\":true,"
		"\"MemmapReason\":\"64 GiB or more, near\",\"MemmapBytes\":1073741824,"
		"\"Zone\":\"kernel\",\"TargetNode\":2,\"Size\":68719476736,"
		"\"BlockSize\":134217728,"
		"\"Ranges\":[{\"Start\":4294967296,\"End\":38654705663},"
		"{\"Start\":42949672960,\"End\":18446744073709551615}],"
		"\"DeadlineUSec\":30000000,\"Region\":\"region0\",\"Window\":\"decoder0.0\","
		"\"Ways\":1,\"Granularity\":256,\"Targets\":[{\"Memdev\":\"mem1\","
		"\"Serial\":18446744073709551615,\"Decoder\":\"decoder2.0\",\"Size\":68719476736}],"
		"\"Steps\":[{\"Step\":\"set-memmap\",\"Value\":\"1\"},"
		"{\"Step\":\"bind-kmem\",\"Value\":\"\"},"
		"{\"Step\":\"verify\",\"Value\":\"kernel\"}]}");
}
END_TEST

static const char *const keys[] = {
	"Device",	   "State",	   "Managed",	  "Rule",    "Reason",	     "MemmapWanted",
	"MemmapEffective", "MemmapReason", "MemmapBytes", "Zone",    "TargetNode",   "Size",
	"BlockSize",	   "Ranges",	   "Steps",	  "Purpose", "DeadlineUSec", "Region",
	"Window",	   "Ways",	   "Granularity", "Targets",
};

static void expect_refused(struct json_object *object)
{
	struct device_plan back = {.target_node = 77};

	ck_assert_msg(device_plan_from_json(object, &back) == -EBADMSG, "accepted: %s",
		      json_object_to_json_string(object));
	/* Untouched. */
	ck_assert_int_eq(back.target_node, 77);
	ck_assert_ptr_null(back.device);
}

START_TEST(every_key_is_needed)
{
	_cleanup_json_ struct json_object *object = full_json();

	ck_assert_int_eq(json_object_object_length(object), ARRAY_SIZE(keys));
	ck_assert(json_object_object_get_ex(object, keys[_i], NULL));
	json_object_object_del(object, keys[_i]);
	expect_refused(object);
}
END_TEST

START_TEST(every_type_is_checked)
{
	_cleanup_json_ struct json_object *object = full_json();

	/* No key holds a double. */
	ck_assert_int_eq(json_object_object_add(object, keys[_i], json_object_new_double(1)), 0);
	expect_refused(object);
	ck_assert_int_eq(json_object_object_add(object, keys[_i], NULL), 0);
	expect_refused(object);
}
END_TEST

static const struct {
	const char *key, *value;
} bad_values[] = {
	{"Device", "\"\""},
	{"Device", "\"dax\\u00000.0\""},
	{"State", "\"happy\""},
	{"State", "\"\""},
	{"Zone", "\"Movable\""}, /* that is the kernel's word, not the policy's */
	{"Size", "-1"},
	{"MemmapBytes", "-9223372036854775808"},
	{"Purpose", "\"\""},
	{"Purpose", "\"convert\""},
	{"DeadlineUSec", "-1"},
	{"Ways", "4294967296"},
	{"Targets", "[1]"},
	{"Targets", "[{\"Memdev\":\"mem0\",\"Serial\":1,\"Decoder\":\"\",\"Size\":1}]"},
	{"Targets", "[{\"Memdev\":\"\",\"Serial\":1,\"Decoder\":\"decoder2.0\",\"Size\":1}]"},
	{"Targets", "[{\"Memdev\":\"mem0\",\"Serial\":-1,\"Decoder\":\"decoder2.0\",\"Size\":1}]"},
	{"TargetNode", "2147483648"},
	{"TargetNode", "-2147483649"},
	{"Ranges", "[1]"},
	{"Ranges", "[null]"},
	{"Ranges", "[{\"Start\":0}]"},
	{"Ranges", "[{\"Start\":0,\"End\":\"1\"}]"},
	{"Ranges", "[{\"Start\":0,\"End\":1},{\"Start\":9,\"End\":8}]"},
	{"Ranges", "[{\"Start\":-1,\"End\":8}]"},
	{"Steps", "[\"verify\"]"},
	{"Steps", "[{\"Step\":\"verify\"}]"},
	{"Steps", "[{\"Value\":\"\"}]"},
	{"Steps", "[{\"Step\":\"format-disk\",\"Value\":\"\"}]"},
	{"Steps", "[{\"Step\":\"verify\",\"Value\":1}]"},
	{"Steps", "[{\"Step\":\"verify\",\"Value\":\"\"},null]"},
};

START_TEST(bad_value)
{
	_cleanup_json_ struct json_object *object = full_json();
	struct json_object *value = json_tokener_parse(bad_values[_i].value);

	ck_assert_ptr_nonnull(value);
	ck_assert_int_eq(json_object_object_add(object, bad_values[_i].key, value), 0);
	expect_refused(object);
}
END_TEST

START_TEST(no_object_at_all)
{
	_cleanup_json_ struct json_object *array = json_object_new_array();

	expect_refused(array);
	expect_refused(NULL);
}
END_TEST

START_TEST(unknown_keys_are_ignored)
{
	_cleanup_json_ struct json_object *object = full_json();
	_cleanup_(device_plan_done) struct device_plan back = {};

	ck_assert_int_eq(json_object_object_add(object, "Colour", json_object_new_int(1)), 0);
	ck_assert_int_eq(device_plan_from_json(object, &back), 0);
}
END_TEST

START_TEST(from_json_without_memory)
{
	_cleanup_json_ struct json_object *object = full_json();
	bool reached = true;
	unsigned n;

	for (n = 1; reached; n++) {
		_cleanup_(device_plan_done) struct device_plan back = {};
		int r;

		failing_alloc_arm(n);
		r = device_plan_from_json(object, &back);
		reached = failing_alloc_disarm();
		ck_assert_int_eq(r, reached ? -ENOMEM : 0);
		ck_assert(reached == !back.device);
	}
	ck_assert_uint_gt(n, 8);
}
END_TEST

TCase *plan_json_tests(void)
{
	TCase *tests = tcase_create("plan-json");

	tcase_add_test(tests, round_trip);
	tcase_add_test(tests, round_trip_of_an_empty_plan);
	tcase_add_test(tests, says_exactly_this);
	tcase_add_loop_test(tests, every_key_is_needed, 0, ARRAY_SIZE(keys));
	tcase_add_loop_test(tests, every_type_is_checked, 0, ARRAY_SIZE(keys));
	tcase_add_loop_test(tests, bad_value, 0, ARRAY_SIZE(bad_values));
	tcase_add_test(tests, no_object_at_all);
	tcase_add_test(tests, unknown_keys_are_ignored);
	tcase_add_test(tests, from_json_without_memory);
	return tests;
}
