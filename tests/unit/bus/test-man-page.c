/* SPDX-License-Identifier: GPL-2.0-or-later */
/* org.daxtier1(5) tells every property, state, step and error there is, and no other. */
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "bus/bus-properties.h"
#include "man-page.h"
#include "model/names.h"
#include "model/plan.h"
#include "suites.h"
#include "variant/bus-name.h"

static struct strv items(const char *section, const char *prefix)
{
	return man_page_items(ORG_DAXTIER1_PAGE, section, prefix);
}

static void check_properties(const char *section, const sd_bus_vtable *vtable)
{
	struct strv told = items(section, "Va"), real = {};

	for (const sd_bus_vtable *v = vtable; v->type != _SD_BUS_VTABLE_END; v++)
		if (v->type == _SD_BUS_VTABLE_PROPERTY)
			ck_assert_int_eq(
				strv_add_take(&real,
					      man_page_property(
						      v->x.property.member, v->x.property.signature,
						      !!(v->flags & SD_BUS_VTABLE_PROPERTY_CONST))),
				0);
	man_page_assert_same(&told, &real);
}

START_TEST(test_properties)
{
	check_properties("MANAGER", bus_manager_vtable);
	check_properties("DEVICE", bus_device_vtable);
}
END_TEST

/* As the page has it: each argument, then the result if there is one, as "TYPE NAME". */
static char *signature_of(const sd_bus_vtable *v)
{
	const char *name = v->x.method.names;
	char *text = NULL;
	size_t size;
	FILE *f;

	f = open_memstream(&text, &size);
	ck_assert_ptr_nonnull(f);
	fprintf(f, "%s", v->x.method.member);
	/* Arguments are of basic types, a letter each; a result is one of any type. */
	for (const char *type = v->x.method.signature ?: ""; *type; type++) {
		fprintf(f, " \"%c %s\"", *type, name);
		name += strlen(name) + 1;
	}
	if (v->x.method.result && *v->x.method.result)
		fprintf(f, " \"%s %s\"", v->x.method.result, name);
	ck_assert_int_eq(fclose(f), 0);
	return text;
}

START_TEST(test_methods)
{
	struct strv told = items("MANAGER", "Fn"), real = {};

	for (const sd_bus_vtable *v = bus_manager_vtable; v->type != _SD_BUS_VTABLE_END; v++)
		if (v->type == _SD_BUS_VTABLE_METHOD)
			ck_assert_int_eq(strv_add_take(&real, signature_of(v)), 0);
	man_page_assert_same(&told, &real);
}
END_TEST

static void check_words(const char *section, const char *(*to_string)(int value), int n)
{
	struct strv told = items(section, "Cm"), real = {};

	for (int value = 0; value < n; value++)
		ck_assert_int_eq(strv_add(&real, to_string(value)), 0);
	/* A step is followed by its value. */
	for (size_t i = 0; i < told.n; i++)
		told.items[i][strcspn(told.items[i], " ")] = '\0';
	man_page_assert_same(&told, &real);
}

static const char *state_to_string(int value)
{
	return device_state_to_string((enum device_state)value);
}

static const char *step_to_string(int value)
{
	return step_kind_to_string((enum step_kind)value);
}

START_TEST(test_states_and_steps)
{
	check_words("STATES", state_to_string, DEVICE_STATE_MAX);
	check_words("PLANS", step_to_string, STEP_MAX);
}
END_TEST

static const char *type_of(struct json_object *value)
{
	switch (json_object_get_type(value)) {
	case json_type_string:
		return "s";
	case json_type_boolean:
		return "b";
	case json_type_int:
		return "x";
	case json_type_array:
		return "aa{sv}";
	default:
		ck_abort_msg("%s", json_object_to_json_string(value));
		return NULL;
	}
}

START_TEST(test_plans)
{
	struct phys_range range = {.start = 1, .end = 2};
	struct device_plan plan = {.device = (char *)"dax0.0", .ranges = &range, .n_ranges = 1};
	struct json_object *object = device_plan_to_json(&plan);
	struct strv told = items("PLANS", "Va"), real = {};

	json_object_object_foreach(object, key, value)
	{
		ck_assert_int_eq(strv_addf(&real, "%s Pq Vt %s", key, type_of(value)), 0);
	}
	json_object_put(object);
	man_page_assert_same(&told, &real);
}
END_TEST

START_TEST(test_errors)
{
	static const char *const errors[] = {
		DAXTIER_ERROR_CONFIG_INVALID,
		DAXTIER_ERROR_NO_SUCH_DEVICE,
		DAXTIER_ERROR_FAILED,
		DAXTIER_ERROR_BUSY,
		DAXTIER_ERROR_REFUSED,
		DAXTIER_ERROR_STEP_FAILED,
		DAXTIER_ERROR_DEADLINE,
		DAXTIER_ERROR_CANCELED,
		SD_BUS_ERROR_INVALID_ARGS,
		SD_BUS_ERROR_ACCESS_DENIED,
		SD_BUS_ERROR_INTERACTIVE_AUTHORIZATION_REQUIRED,
	};
	struct strv told = items("ERROR NAMES", "Ql"), real = {};

	for (size_t i = 0; i < ARRAY_SIZE(errors); i++)
		ck_assert_int_eq(strv_add(&real, errors[i]), 0);
	man_page_assert_same(&told, &real);
}
END_TEST

Suite *man_page_suite(void)
{
	Suite *suite = suite_create("org.daxtier1(5)");
	TCase *tcase = tcase_create("man page");

	tcase_add_test(tcase, test_properties);
	tcase_add_test(tcase, test_methods);
	tcase_add_test(tcase, test_states_and_steps);
	tcase_add_test(tcase, test_plans);
	tcase_add_test(tcase, test_errors);
	suite_add_tcase(suite, tcase);
	return suite;
}
