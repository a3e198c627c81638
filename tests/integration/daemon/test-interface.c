/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the running daemon says of itself by introspection is what org.daxtier1(5) says of it. */
#include <glib.h>
#include <string.h>

#include "base/cleanup.h"
#include "man-page.h"
#include "request-host.h"
#include "suites.h"

#define MANAGER_PATH "/org/daxtier1"
#define DEVICE_PATH  "/org/daxtier1/device/dax0_2e0"

/* Of one object; the items as the page has them. */
struct interface {
	const char *wanted;
	struct strv interfaces, methods, properties, nodes;
	size_t n_signals;
	bool inside;
	char *method, *property, *type; /* that are being read */
	bool is_const;
};

static const char *attribute(const char **names, const char **values, const char *name)
{
	for (; *names; names++, values++)
		if (strcmp(*names, name) == 0)
			return *values;
	return "";
}

static void append_argument(struct interface *interface, const char *type, const char *name)
{
	_cleanup_free_ char *before = interface->method;

	ck_assert_int_gt(asprintf(&interface->method, "%s \"%s %s\"", before, type, name), 0);
}

static void on_start(GMarkupParseContext *context, const char *element, const char **names,
		     const char **values, void *userdata, GError **error)
{
	struct interface *interface = userdata;
	const char *name = attribute(names, values, "name");

	if (strcmp(element, "node") == 0 && name[0])
		ck_assert_int_eq(strv_add(&interface->nodes, name), 0);
	if (strcmp(element, "interface") == 0) {
		ck_assert_int_eq(strv_add(&interface->interfaces, name), 0);
		interface->inside = strcmp(name, interface->wanted) == 0;
	}
	if (!interface->inside)
		return;
	if (strcmp(element, "method") == 0) {
		interface->method = strdup(name);
	} else if (strcmp(element, "arg") == 0) {
		append_argument(interface, attribute(names, values, "type"), name);
	} else if (strcmp(element, "property") == 0) {
		ck_assert_str_eq(attribute(names, values, "access"), "read");
		interface->property = strdup(name);
		interface->type = strdup(attribute(names, values, "type"));
		interface->is_const = false;
	} else if (strcmp(element, "signal") == 0) {
		interface->n_signals++;
	} else if (strcmp(element, "annotation") == 0 && interface->property) {
		/* That is "true" where nothing is said. */
		ck_assert_str_eq(name, "org.freedesktop.DBus.Property.EmitsChangedSignal");
		ck_assert_str_eq(attribute(names, values, "value"), "const");
		interface->is_const = true;
	}
}

static void on_end(GMarkupParseContext *context, const char *element, void *userdata,
		   GError **error)
{
	struct interface *interface = userdata;

	if (strcmp(element, "interface") == 0)
		interface->inside = false;
	if (!interface->inside)
		return;
	if (strcmp(element, "method") == 0) {
		ck_assert_int_eq(strv_add_take(&interface->methods, TAKE_PTR(interface->method)),
				 0);
	} else if (strcmp(element, "property") == 0) {
		char *item = man_page_property(interface->property, interface->type,
					       interface->is_const);

		ck_assert_int_eq(strv_add_take(&interface->properties, item), 0);
		free(TAKE_PTR(interface->property));
		free(TAKE_PTR(interface->type));
	}
}

static struct interface introspect(struct test_host *host, const char *path, const char *wanted)
{
	static const GMarkupParser parser = {.start_element = on_start, .end_element = on_end};
	_cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
	struct interface interface = {.wanted = wanted};
	GMarkupParseContext *context;
	const char *text;

	ck_assert_int_ge(sd_bus_call_method(host->bus, "org.daxtier1", path,
					    "org.freedesktop.DBus.Introspectable", "Introspect",
					    NULL, &reply, ""),
			 0);
	ck_assert_int_ge(sd_bus_message_read(reply, "s", &text), 0);
	context = g_markup_parse_context_new(&parser, 0, &interface, NULL);
	ck_assert(g_markup_parse_context_parse(context, text, -1, NULL));
	ck_assert(g_markup_parse_context_end_parse(context, NULL));
	g_markup_parse_context_free(context);
	return interface;
}

static void assert_items(struct strv *real, const char *section, const char *prefix)
{
	struct strv told = man_page_items(ORG_DAXTIER1_PAGE, section, prefix);

	man_page_assert_same(&told, real);
}

/* Those that sd-bus gives every object are not told. */
static void assert_interfaces(struct strv *interfaces, const char *const wanted[])
{
	size_t n = 3;

	ck_assert(strv_contains(interfaces, "org.freedesktop.DBus.Peer"));
	ck_assert(strv_contains(interfaces, "org.freedesktop.DBus.Introspectable"));
	ck_assert(strv_contains(interfaces, "org.freedesktop.DBus.Properties"));
	for (; *wanted; wanted++, n++)
		ck_assert_msg(strv_contains(interfaces, *wanted), "no %s", *wanted);
	ck_assert_uint_eq(interfaces->n, n);
	strv_done(interfaces);
}

START_TEST(test_interface_of_manager)
{
	struct interface interface;
	struct test_host host;

	request_start_online(&host, NULL);
	interface = introspect(&host, MANAGER_PATH, "org.daxtier1.Manager");
	assert_interfaces(&interface.interfaces,
			  (const char *[]){"org.freedesktop.DBus.ObjectManager",
					   "org.daxtier1.Manager", NULL});
	assert_items(&interface.methods, "MANAGER", "Fn");
	assert_items(&interface.properties, "MANAGER", "Va");
	ck_assert_uint_eq(interface.n_signals, 0);
	ck_assert_uint_gt(interface.nodes.n, 0);
	strv_done(&interface.nodes);
	test_host_stop(&host);
}
END_TEST

START_TEST(test_interface_of_device)
{
	struct interface interface;
	struct test_host host;

	request_start_online(&host, NULL);
	interface = introspect(&host, DEVICE_PATH, "org.daxtier1.Device");
	assert_interfaces(&interface.interfaces, (const char *[]){"org.daxtier1.Device", NULL});
	assert_items(&interface.properties, "DEVICE", "Va");
	ck_assert_uint_eq(interface.methods.n, 0);
	ck_assert_uint_eq(interface.n_signals, 0);
	ck_assert_uint_eq(interface.nodes.n, 0);
	test_host_stop(&host);
}
END_TEST

Suite *suite_interface(void)
{
	Suite *suite = suite_create("interface");
	TCase *tcase = request_add_case(suite, "interface");

	tcase_add_test(tcase, test_interface_of_manager);
	tcase_add_test(tcase, test_interface_of_device);
	return suite;
}
