/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What introspection says is what the tables say. */
#include <check.h>
#include <stdlib.h>

#include "bus-client.h"
#include "bus/bus-properties.h"

#define EMITS_CHANGED_SIGNAL "org.freedesktop.DBus.Property.EmitsChangedSignal"

static struct bus_client client;

static void setup(void)
{
	bus_client_start(&client, PRIVATE_BUS_OPEN, "online.json");
}

static void teardown(void)
{
	bus_client_stop(&client);
}

/* The text of one interface in the introspection of path. Owned by the caller. */
static char *introspect(const char *path, const char *interface)
{
	_cleanup_free_ char *tag = NULL;
	struct bus_reply reply;
	const char *start, *end;
	char *text;

	bus_client_call(&client, &reply, path, "org.freedesktop.DBus.Introspectable", "Introspect",
			"");
	ck_assert_msg(!reply.error, "%s", reply.message);
	ck_assert_int_gt(asprintf(&tag, "<interface name=\"%s\">", interface), 0);
	start = strstr(json_object_get_string(json_object_array_get_idx(reply.values, 0)), tag);
	ck_assert_ptr_nonnull(start);
	end = strstr(start, "</interface>");
	ck_assert_ptr_nonnull(end);
	text = strndup(start, (size_t)(end - start));
	bus_reply_done(&reply);
	return text;
}

static size_t count(const char *text, const char *word)
{
	size_t n = 0;

	while ((text = strstr(text, word))) {
		text += strlen(word);
		n++;
	}
	return n;
}

static void check_property(const char *text, const sd_bus_vtable *v)
{
	_cleanup_free_ char *wanted = NULL, *found = NULL;
	const char *start, *end;

	ck_assert_int_gt(asprintf(&wanted, "<property name=\"%s\" type=\"%s\" access=\"read\">",
				  v->x.property.member, v->x.property.signature),
			 0);
	start = strstr(text, wanted);
	ck_assert_msg(start != NULL, "not in the introspection: %s", wanted);
	end = strstr(start, "</property>");
	ck_assert_ptr_nonnull(end);
	found = strndup(start, (size_t)(end - start));
	/* "true" is what holds without an annotation. */
	if (v->flags & SD_BUS_VTABLE_PROPERTY_CONST)
		ck_assert_ptr_nonnull(
			strstr(found, "\"" EMITS_CHANGED_SIGNAL "\" value=\"const\""));
	else
		ck_assert_ptr_null(strstr(found, EMITS_CHANGED_SIGNAL));
}

static void check_interface(const char *path, const char *interface, const sd_bus_vtable *vtable)
{
	_cleanup_free_ char *text = introspect(path, interface);
	size_t n = 0;

	for (const sd_bus_vtable *v = vtable; v->type != _SD_BUS_VTABLE_END; v++) {
		if (v->type != _SD_BUS_VTABLE_PROPERTY)
			continue;
		check_property(text, v);
		n++;
	}
	ck_assert_uint_gt(n, 10);
	ck_assert_uint_eq(count(text, "<property "), n);
}

START_TEST(test_device)
{
	check_interface("/org/daxtier1/device/dax10_2e0", DAXTIER_DEVICE_INTERFACE,
			bus_device_vtable);
}
END_TEST

START_TEST(test_manager)
{
	check_interface(DAXTIER_BUS_PATH, DAXTIER_MANAGER_INTERFACE, bus_manager_vtable);
}
END_TEST

START_TEST(test_methods)
{
	_cleanup_free_ char *text = introspect(DAXTIER_BUS_PATH, DAXTIER_MANAGER_INTERFACE);

	ck_assert_uint_eq(count(text, "<method "), 5);
	ck_assert_uint_eq(count(text, "<signal "), 0);
	ck_assert_ptr_nonnull(strstr(text, "<method name=\"Reload\">"));
	ck_assert_ptr_nonnull(strstr(text, "<method name=\"Plan\">"));
	ck_assert_ptr_nonnull(strstr(text, "<method name=\"Rehearse\">"));
	ck_assert_ptr_nonnull(strstr(text, "<method name=\"Apply\">"));
	ck_assert_ptr_nonnull(strstr(text, "<method name=\"Release\">"));
	ck_assert_ptr_nonnull(
		strstr(text, "<arg type=\"t\" name=\"deadline_usec\" direction=\"in\"/>"));
	ck_assert_ptr_nonnull(strstr(text, "<arg type=\"s\" name=\"device\" direction=\"in\"/>"));
	ck_assert_ptr_nonnull(
		strstr(text, "<arg type=\"aa{sv}\" name=\"plans\" direction=\"out\"/>"));
}
END_TEST

Suite *bus_introspection_suite(void);
Suite *bus_introspection_suite(void)
{
	Suite *suite = suite_create("bus introspection");
	TCase *tcase = tcase_create("introspection");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_set_timeout(tcase, 30);
	tcase_add_test(tcase, test_device);
	tcase_add_test(tcase, test_manager);
	tcase_add_test(tcase, test_methods);
	suite_add_tcase(suite, tcase);
	return suite;
}
