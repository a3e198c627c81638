/* SPDX-License-Identifier: GPL-2.0-or-later */
/* That a captured host's status has the members that the daemon's has, of the same types. */
#include <check.h>
#include <json-c/json.h>
#include <string.h>

#include "base/cleanup.h"
#include "bus/bus-properties.h"
#include "cli/status-json.h"

static enum json_type type_of(const char *signature)
{
	switch (signature[0]) {
	case 's':
		return json_type_string;
	case 'b':
		return json_type_boolean;
	case 'a':
		return json_type_array;
	}
	return json_type_int;
}

static void assert_members(struct json_object *object, const sd_bus_vtable *vtable)
{
	int n = 0;

	ck_assert_ptr_nonnull(object);
	for (const sd_bus_vtable *v = vtable; v->type != _SD_BUS_VTABLE_END; v++) {
		struct json_object *value;

		if (v->type != _SD_BUS_VTABLE_PROPERTY)
			continue;
		n++;
		ck_assert_msg(json_object_object_get_ex(object, v->x.property.member, &value),
			      "%s is missing", v->x.property.member);
		ck_assert_msg(json_object_is_type(value, type_of(v->x.property.signature)),
			      "%s is a %s", v->x.property.member,
			      json_type_to_name(json_object_get_type(value)));
	}
	ck_assert_int_gt(n, 10);
	ck_assert_int_eq(json_object_object_length(object), n);
	json_object_put(object);
}

START_TEST(device_has_its_properties)
{
	struct device_status status = {};

	assert_members(device_status_to_json(&status), bus_device_vtable);
}
END_TEST

START_TEST(host_has_its_properties)
{
	struct host_status status = {};

	assert_members(host_status_to_json(&status), bus_manager_vtable);
}
END_TEST

/* Each at the place that its row says, also where a type's width counts. */
START_TEST(values_arrive)
{
	uint64_t serials[] = {UINT64_MAX, 2};
	struct device_status status = {
		.zone = (char *)"Movable",
		.serials = serials,
		.n_serials = 2,
		.size = UINT64_MAX,
		.target_node = -1,
		.distance = UINT32_MAX,
		.memmap_effective = true,
	};
	struct json_object *object = device_status_to_json(&status), *array;

	ck_assert_str_eq(json_object_get_string(json_object_object_get(object, "Zone")), "Movable");
	ck_assert_uint_eq(json_object_get_uint64(json_object_object_get(object, "Size")),
			  UINT64_MAX);
	ck_assert_int_eq(json_object_get_int(json_object_object_get(object, "TargetNode")), -1);
	ck_assert_int_eq(json_object_get_int64(json_object_object_get(object, "Distance")),
			 UINT32_MAX);
	ck_assert(json_object_get_boolean(json_object_object_get(object, "MemmapEffective")));
	ck_assert(!json_object_get_boolean(json_object_object_get(object, "MemmapWanted")));
	array = json_object_object_get(object, "Serials");
	ck_assert_uint_eq(json_object_array_length(array), 2);
	ck_assert_uint_eq(json_object_get_uint64(json_object_array_get_idx(array, 0)), UINT64_MAX);
	json_object_put(object);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("status as JSON");
	TCase *tcase = tcase_create("members");
	SRunner *runner;
	int failed;

	tcase_add_test(tcase, device_has_its_properties);
	tcase_add_test(tcase, host_has_its_properties);
	tcase_add_test(tcase, values_arrive);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed > 0;
}
