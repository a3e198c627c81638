/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The objects that the daemon publishes, as a client sees them: what is there, and what is said
 * when it changes. */
#include <check.h>
#include <stdlib.h>

#include "bus-client.h"

static struct bus_client client;

static void setup(void)
{
	bus_client_start(&client, PRIVATE_BUS_OPEN, "online.json");
}

static void teardown(void)
{
	bus_client_stop(&client);
}

START_TEST(test_objects_are_those_of_the_document)
{
	struct json_object *document = bus_client_document("online.json");
	struct json_object *objects = bus_client_objects(&client);
	struct json_object *devices = json_object_object_get(document, "Devices");

	ck_assert_uint_eq(json_object_object_length(objects), json_object_array_length(devices));
	for (size_t i = 0; i < json_object_array_length(devices); i++) {
		struct json_object *device = json_object_array_get_idx(devices, i), *object;
		char *path = bus_client_device_path(
			json_object_get_string(json_object_object_get(device, "Name")));

		ck_assert(json_object_object_get_ex(objects, path, &object));
		assert_json_eq(json_object_object_get(object, DAXTIER_DEVICE_INTERFACE), device);
		free(path);
	}
	json_object_put(objects);
	json_object_put(document);
}
END_TEST

START_TEST(test_host_is_that_of_the_document)
{
	struct json_object *document = bus_client_document("online.json");
	struct json_object *host =
		bus_client_get_all(&client, DAXTIER_BUS_PATH, DAXTIER_MANAGER_INTERFACE);

	assert_json_eq(host, json_object_object_get(document, "Host"));
	json_object_put(host);
	json_object_put(document);
}
END_TEST

START_TEST(test_same_status_says_nothing)
{
	bus_client_publish(&client, "dax0.0", NULL);
	bus_client_assert_silence(&client);
	bus_client_publish_host(&client, NULL);
	bus_client_assert_silence(&client);
}
END_TEST

START_TEST(test_change_names_what_changed)
{
	bus_client_publish(&client, "dax0.0",
			   "{'State':'applying','StateDetail':'4 of 8 blocks','BlocksOnline':4}");
	bus_client_assert_changed(
		&client, "/org/daxtier1/device/dax0_2e0", DAXTIER_DEVICE_INTERFACE,
		"{'State':'applying','StateDetail':'4 of 8 blocks','BlocksOnline':4}");
	bus_client_assert_silence(&client);

	/* What was published is what the next status is compared with. */
	bus_client_publish(&client, "dax0.0",
			   "{'State':'applying','StateDetail':'5 of 8 blocks','BlocksOnline':5}");
	bus_client_assert_changed(&client, "/org/daxtier1/device/dax0_2e0",
				  DAXTIER_DEVICE_INTERFACE,
				  "{'StateDetail':'5 of 8 blocks','BlocksOnline':5}");
	bus_client_publish(&client, "dax0.0", NULL);
	bus_client_assert_changed(&client, "/org/daxtier1/device/dax0_2e0",
				  DAXTIER_DEVICE_INTERFACE,
				  "{'State':'online','StateDetail':'','BlocksOnline':8}");
	bus_client_assert_silence(&client);
}
END_TEST

START_TEST(test_change_of_each_type)
{
	bus_client_publish(&client, "dax1.0",
			   "{'MemmapEffective':false,'InitiatorNode':1,'Distance':17,"
			   "'Size':18446744073709551615}");
	bus_client_assert_changed(&client, "/org/daxtier1/device/dax1_2e0",
				  DAXTIER_DEVICE_INTERFACE,
				  "{'MemmapEffective':false,'InitiatorNode':1,'Distance':17,"
				  "'Size':18446744073709551615}");
}
END_TEST

START_TEST(test_change_of_host)
{
	bus_client_publish_host(&client, "{'Claimed':false,'ConfigErrors':['a','b'],"
					 "'DramMemmap':1}");
	bus_client_assert_changed(&client, DAXTIER_BUS_PATH, DAXTIER_MANAGER_INTERFACE,
				  "{'Claimed':false,'ConfigErrors':['a','b'],'DramMemmap':1}");
	bus_client_publish_host(&client, "{'Claimed':false,'ConfigErrors':['a','c'],"
					 "'DramMemmap':1}");
	bus_client_assert_changed(&client, DAXTIER_BUS_PATH, DAXTIER_MANAGER_INTERFACE,
				  "{'ConfigErrors':['a','c']}");
	bus_client_assert_silence(&client);
}
END_TEST

START_TEST(test_change_of_a_node)
{
	struct json_object *document = bus_client_document("online.json"), *host, *nodes;
	char *text;

	host = json_object_object_get(document, "Host");
	nodes = json_object_object_get(host, "Nodes");
	json_object_object_add(json_object_array_get_idx(nodes, 3), "Tier",
			       json_object_new_int(31));
	ck_assert_int_gt(asprintf(&text, "{\"Nodes\":%s}", json_object_to_json_string(nodes)), 0);
	bus_client_publish_host(&client, text);
	bus_client_assert_changed(&client, DAXTIER_BUS_PATH, DAXTIER_MANAGER_INTERFACE, text);
	bus_client_assert_silence(&client);
	free(text);
	json_object_put(document);
}
END_TEST

START_TEST(test_new_device_appears)
{
	struct json_object *signal, *interfaces, *device;

	bus_client_command(&client, "{'Device':{'Name':'dax3.1','Kind':'cxl','Serials':[1,2]}}", 0);
	signal = bus_client_take_signal(&client, "InterfacesAdded");
	ck_assert_str_eq(signal_string(signal, 0), "/org/daxtier1/device/dax3_2e1");
	interfaces = signal_argument(signal, 1);
	ck_assert(json_object_object_get_ex(interfaces, DAXTIER_DEVICE_INTERFACE, &device));
	ck_assert_str_eq(json_object_get_string(json_object_object_get(device, "Name")), "dax3.1");
	ck_assert_str_eq(json_object_get_string(json_object_object_get(device, "Kind")), "cxl");
	ck_assert_str_eq(json_object_get_string(json_object_object_get(device, "State")), "");
	ck_assert_uint_eq(json_object_array_length(json_object_object_get(device, "Serials")), 2);
	json_object_put(signal);
	bus_client_assert_silence(&client);
}
END_TEST

START_TEST(test_removed_device_disappears)
{
	struct json_object *signal, *objects;

	bus_client_command(&client, "{'Remove':'dax1.0'}", 0);
	signal = bus_client_take_signal(&client, "InterfacesRemoved");
	ck_assert_str_eq(signal_string(signal, 0), "/org/daxtier1/device/dax1_2e0");
	ck_assert(json_array_has(signal_argument(signal, 1), DAXTIER_DEVICE_INTERFACE));
	json_object_put(signal);
	bus_client_assert_silence(&client);

	objects = bus_client_objects(&client);
	ck_assert_uint_eq(json_object_object_length(objects), 3);
	ck_assert(!json_object_object_get_ex(objects, "/org/daxtier1/device/dax1_2e0", NULL));
	json_object_put(objects);

	/* And is then unknown. */
	bus_client_command(&client, "{'Remove':'dax1.0'}", 0);
	bus_client_assert_silence(&client);
	bus_client_publish(&client, "dax2.0", "{'Tier':7}");
	bus_client_assert_changed(&client, "/org/daxtier1/device/dax2_2e0",
				  DAXTIER_DEVICE_INTERFACE, "{'Tier':7}");
}
END_TEST

/* dax numbers are given anew: another device may get the name before anybody saw that it was free.
 */
START_TEST(test_another_device_of_the_same_name)
{
	static const char *const changes[] = {
		"{'Kind':'pmem','State':'pending'}",
		"{'Region':'region1','State':'pending'}",
		"{'Serials':[43970],'State':'pending'}",
		"{'TargetNode':9,'State':'pending'}",
	};

	for (size_t i = 0; i < ARRAY_SIZE(changes); i++) {
		struct json_object *signal;

		bus_client_publish(&client, "dax0.0", changes[i]);
		signal = bus_client_take_signal(&client, "InterfacesRemoved");
		ck_assert_str_eq(signal_string(signal, 0), "/org/daxtier1/device/dax0_2e0");
		json_object_put(signal);
		signal = bus_client_take_signal(&client, "InterfacesAdded");
		ck_assert_str_eq(signal_string(signal, 0), "/org/daxtier1/device/dax0_2e0");
		json_object_put(signal);
		bus_client_assert_silence(&client);
	}
}
END_TEST

/* A process may call itself anything; one such name must not make everything unreadable. */
START_TEST(test_text_is_made_fit_for_the_bus)
{
	struct json_object *device;

	bus_client_publish(&client, "dax2.0", "{'Holders':'7 (\xffx\x28\\u001b[31m)'}");
	device = bus_client_get_all(&client, "/org/daxtier1/device/dax2_2e0",
				    DAXTIER_DEVICE_INTERFACE);
	ck_assert_str_eq(json_object_get_string(json_object_object_get(device, "Holders")),
			 "7 (?x( [31m)");
	json_object_put(device);
	bus_client_publish_host(&client, "{'Problems':['a\xe2"
					 "b\x82']}");
	bus_client_assert_changed(&client, "/org/daxtier1/device/dax2_2e0",
				  DAXTIER_DEVICE_INTERFACE, "{'Holders':'7 (?x( [31m)'}");
	bus_client_assert_changed(&client, DAXTIER_BUS_PATH, DAXTIER_MANAGER_INTERFACE,
				  "{'Problems':['a?b?']}");
}
END_TEST

START_TEST(test_properties_are_read_only)
{
	struct bus_reply reply;

	bus_client_call(&client, &reply, "/org/daxtier1/device/dax0_2e0",
			"org.freedesktop.DBus.Properties", "Set", "ssv", DAXTIER_DEVICE_INTERFACE,
			"State", "s", "online");
	ck_assert_str_eq(reply.error, SD_BUS_ERROR_PROPERTY_READ_ONLY);
	bus_reply_done(&reply);
}
END_TEST

Suite *bus_objects_suite(void);
Suite *bus_objects_suite(void)
{
	Suite *suite = suite_create("bus objects");
	TCase *tcase = tcase_create("objects");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_set_timeout(tcase, 30);
	tcase_add_test(tcase, test_objects_are_those_of_the_document);
	tcase_add_test(tcase, test_host_is_that_of_the_document);
	tcase_add_test(tcase, test_same_status_says_nothing);
	tcase_add_test(tcase, test_change_names_what_changed);
	tcase_add_test(tcase, test_change_of_each_type);
	tcase_add_test(tcase, test_change_of_host);
	tcase_add_test(tcase, test_change_of_a_node);
	tcase_add_test(tcase, test_new_device_appears);
	tcase_add_test(tcase, test_removed_device_disappears);
	tcase_add_test(tcase, test_another_device_of_the_same_name);
	tcase_add_test(tcase, test_text_is_made_fit_for_the_bus);
	tcase_add_test(tcase, test_properties_are_read_only);
	suite_add_tcase(suite, tcase);
	return suite;
}
