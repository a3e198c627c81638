/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The methods. */
#include <check.h>
#include <stdlib.h>

#include "bus-client.h"
#include "man-page.h"
#include "variant/variant.h"

static struct bus_client client;

static void setup(void)
{
	bus_client_start(&client, PRIVATE_BUS_OPEN, "online.json");
}

static void teardown(void)
{
	bus_client_stop(&client);
}

static void call_plan(struct bus_reply *reply, const char *device)
{
	bus_client_call(&client, reply, DAXTIER_BUS_PATH, DAXTIER_MANAGER_INTERFACE, "Plan", "s",
			device);
}

static void call_reload(struct bus_reply *reply)
{
	bus_client_call(&client, reply, DAXTIER_BUS_PATH, DAXTIER_MANAGER_INTERFACE, "Reload", "");
}

START_TEST(test_plan_of_one_and_of_all)
{
	struct json_object *one, *all;
	struct bus_reply reply;

	bus_client_command(&client,
			   "{'Plans':[{'Device':'dax0.0','Size':18446744073709551615,'Steps':["
			   "{'Step':'bind-kmem','Value':''}]},{'Device':'dax1.0','Steps':[]}]}",
			   0);
	all = json_tokener_parse("[[{\"Device\":\"dax0.0\",\"Size\":18446744073709551615,"
				 "\"Steps\":[{\"Step\":\"bind-kmem\",\"Value\":\"\"}]},"
				 "{\"Device\":\"dax1.0\",\"Steps\":[]}]]");
	one = json_tokener_parse("[[{\"Device\":\"dax1.0\",\"Steps\":[]}]]");

	call_plan(&reply, "");
	assert_json_eq(reply.values, all);
	bus_reply_done(&reply);
	call_plan(&reply, "dax1.0");
	assert_json_eq(reply.values, one);
	bus_reply_done(&reply);
	json_object_put(one);
	json_object_put(all);
}
END_TEST

START_TEST(test_plan_of_no_device)
{
	struct bus_reply reply;

	call_plan(&reply, "dax9.9");
	ck_assert_str_eq(reply.error, DAXTIER_ERROR_NO_SUCH_DEVICE);
	ck_assert_str_eq(reply.message, "There is no dax device dax9.9");
	bus_reply_done(&reply);
}
END_TEST

START_TEST(test_plan_of_what_is_no_name)
{
	static const char *const names[] = {"dax",     "dax0",	   "dax0.",    "dax.0",
					    "dax0.0 ", "dax0.x",   "Dax0.0",   "../dax0.0",
					    "dax0.0/", "*",	   "0.0",      "dax1.0.0",
					    "dax0.0@", "dax0.0@x", "dax0.0@1x"};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		struct bus_reply reply;

		call_plan(&reply, names[i]);
		ck_assert_msg(reply.error && strcmp(reply.error, SD_BUS_ERROR_INVALID_ARGS) == 0,
			      "\"%s\": %s", names[i], reply.error);
		ck_assert_ptr_nonnull(strstr(reply.message, "dax0.0"));
		bus_reply_done(&reply);
	}
}
END_TEST

START_TEST(test_plan_fails)
{
	struct bus_reply reply;

	bus_client_command(&client, "{'Plan':-12}", 0);
	call_plan(&reply, "");
	ck_assert_str_eq(reply.error, DAXTIER_ERROR_FAILED);
	ck_assert_ptr_nonnull(strstr(reply.message, "ENOMEM"));
	bus_reply_done(&reply);
}
END_TEST

START_TEST(test_plan_text_is_made_fit_for_the_bus)
{
	struct bus_reply reply;

	bus_client_command(&client, "{'Plans':[{'Device':'dax0.0','Reason':'7 (\xff)'}]}", 0);
	call_plan(&reply, "");
	ck_assert_ptr_nonnull(reply.values);
	ck_assert_ptr_nonnull(strstr(json_object_to_json_string(reply.values), "7 (?)"));
	bus_reply_done(&reply);
}
END_TEST

START_TEST(test_reload)
{
	struct bus_reply reply;

	call_reload(&reply);
	ck_assert_msg(!reply.error, "%s: %s", reply.error, reply.message);
	ck_assert_uint_eq(json_object_array_length(reply.values), 0);
	bus_reply_done(&reply);
	bus_client_command(&client, "{'Reloads':true}", 1);
}
END_TEST

START_TEST(test_reload_of_errors)
{
	struct bus_reply reply;

	bus_client_command(&client, "{'Reload':-22,'ReloadErrors':['a:1: one','b:2:\\n two \xff']}",
			   0);
	call_reload(&reply);
	ck_assert_str_eq(reply.error, DAXTIER_ERROR_CONFIG_INVALID);
	ck_assert_str_eq(reply.message, "a:1: one\nb:2:  two ?");
	bus_reply_done(&reply);
}
END_TEST

START_TEST(test_reload_fails)
{
	struct bus_reply reply;

	bus_client_command(&client, "{'Reload':-5}", 0);
	call_reload(&reply);
	ck_assert_str_eq(reply.error, DAXTIER_ERROR_FAILED);
	ck_assert_ptr_nonnull(strstr(reply.message, "EIO"));
	bus_reply_done(&reply);
}
END_TEST

static void call_apply(struct bus_reply *reply, const char *device, int force)
{
	bus_client_call(&client, reply, DAXTIER_BUS_PATH, DAXTIER_MANAGER_INTERFACE, "Apply", "sb",
			device, force);
}

static void call_release(struct bus_reply *reply, const char *device, int eject, uint64_t deadline)
{
	bus_client_call(&client, reply, DAXTIER_BUS_PATH, DAXTIER_MANAGER_INTERFACE, "Release",
			"sbt", device, eject, deadline);
}

static void call_rehearse(struct bus_reply *reply, const char *device)
{
	bus_client_call(&client, reply, DAXTIER_BUS_PATH, DAXTIER_MANAGER_INTERFACE, "Rehearse",
			"sb", device, 1);
}

static void assert_done(struct bus_reply *reply)
{
	ck_assert_msg(!reply->error, "%s: %s", reply->error, reply->message);
	ck_assert_uint_eq(json_object_array_length(reply->values), 0);
	bus_reply_done(reply);
}

static void assert_refused(struct bus_reply *reply, const char *error, const char *message)
{
	ck_assert_pstr_eq(reply->error, error);
	ck_assert_msg(strstr(reply->message, message) != NULL, "%s", reply->message);
	bus_reply_done(reply);
}

START_TEST(test_apply)
{
	struct bus_reply reply;

	call_apply(&reply, "dax0.0", 1);
	assert_done(&reply);
	call_apply(&reply, "mem12", 0);
	assert_done(&reply);
	call_apply(&reply, "dax0.0@1000000000", 0);
	assert_done(&reply);
	call_apply(&reply, "", 0);
	assert_done(&reply);
	call_apply(&reply, "", 1);
	assert_refused(&reply, SD_BUS_ERROR_INVALID_ARGS, "one device at a time");
	bus_client_assert_calls(&client,
				(const char *[]){"Apply dax0.0 force", "Apply mem12 -",
						 "Apply dax0.0@1000000000 -", "Apply - -", NULL});
}
END_TEST

START_TEST(test_release)
{
	struct bus_reply reply;

	call_release(&reply, "dax0.0", 0, 0);
	assert_done(&reply);
	call_release(&reply, "dax0.0", 1, UINT64_MAX);
	assert_done(&reply);
	bus_client_assert_calls(
		&client, (const char *[]){"Release dax0.0 - 0",
					  "Release dax0.0 eject 18446744073709551615", NULL});
}
END_TEST

/* A memdev has nothing to give up, and all at once is more than one may mean. */
START_TEST(test_names_are_checked)
{
	static const char *const names[] = {"mem", "mem0x", "memory0", "dax0", "../dax0.0", "m0"};
	struct bus_reply reply;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		call_apply(&reply, names[i], 0);
		assert_refused(&reply, SD_BUS_ERROR_INVALID_ARGS, names[i]);
		call_release(&reply, names[i], 0, 0);
		assert_refused(&reply, SD_BUS_ERROR_INVALID_ARGS, names[i]);
		call_rehearse(&reply, names[i]);
		assert_refused(&reply, SD_BUS_ERROR_INVALID_ARGS, names[i]);
	}
	call_release(&reply, "mem0", 0, 0);
	assert_refused(&reply, SD_BUS_ERROR_INVALID_ARGS, "\"mem0\" is a CXL memory device");
	call_release(&reply, "", 0, 0);
	assert_refused(&reply, SD_BUS_ERROR_INVALID_ARGS, "dax0.0");
	bus_client_assert_calls(&client, (const char *[]){NULL});
}
END_TEST

START_TEST(test_no_such_device)
{
	struct bus_reply reply;

	bus_client_command(&client, "{'Apply':-19,'Release':-19}", 0);
	call_apply(&reply, "dax9.9", 0);
	assert_refused(&reply, DAXTIER_ERROR_NO_SUCH_DEVICE, "no dax device dax9.9");
	call_apply(&reply, "mem9", 0);
	assert_refused(&reply, DAXTIER_ERROR_NO_SUCH_DEVICE, "mem9");
	call_release(&reply, "dax9.9", 0, 0);
	assert_refused(&reply, DAXTIER_ERROR_NO_SUCH_DEVICE, "no dax device dax9.9");
	call_rehearse(&reply, "dax9.9");
	assert_refused(&reply, DAXTIER_ERROR_NO_SUCH_DEVICE, "no dax device dax9.9");
}
END_TEST

/* The daemon's words, fit for the bus. */
START_TEST(test_a_refusal_has_its_words)
{
	struct bus_reply reply;

	bus_client_command(&client, "{'Error':'StepFailed','Message':'block 7 \xff\\nstays'}", 0);
	call_release(&reply, "dax0.0", 0, 0);
	assert_refused(&reply, DAXTIER_ERROR_STEP_FAILED, "block 7 ? stays");
	bus_client_command(&client, "{'Error':'Deadline','Message':'too long'}", 0);
	call_release(&reply, "dax0.0", 0, 0);
	assert_refused(&reply, DAXTIER_ERROR_DEADLINE, "too long");
}
END_TEST

static int on_error(sd_bus_message *reply, void *userdata, sd_bus_error *error)
{
	struct json_object **told = userdata;

	ck_assert(sd_bus_message_is_method_error(reply, NULL));
	ck_assert_str_eq(sd_bus_message_get_signature(reply, 1), "sa{sv}");
	ck_assert_int_ge(sd_bus_message_rewind(reply, 1), 0);
	ck_assert_int_ge(sd_bus_message_skip(reply, "s"), 0);
	ck_assert_int_gt(variant_read(reply, told), 0);
	return 1;
}

/* Numbers are of type i, and all else is text. */
static void assert_is_on_page(struct json_object *failure)
{
	struct strv told = man_page_items(ORG_DAXTIER1_PAGE, "ERROR NAMES", "Va"), real = {};

	json_object_object_foreach(failure, name, value)
	{
		const char *type = json_object_is_type(value, json_type_int) ? "i" : "s";

		ck_assert_int_eq(strv_add_take(&real, man_page_property(name, type, 0)), 0);
	}
	man_page_assert_same(&told, &real);
}

/* What stands behind the words of an error of Release. */
static void assert_told(const char *device, const char *wanted_text)
{
	struct json_object *told = NULL, *wanted = json_tokener_parse(wanted_text);

	ck_assert_int_ge(sd_bus_call_method_async(client.bus, NULL, DAXTIER_BUS_NAME,
						  DAXTIER_BUS_PATH, DAXTIER_MANAGER_INTERFACE,
						  "Release", on_error, &told, "sbt", device, 0,
						  (uint64_t)0),
			 0);
	while (!told)
		if (sd_bus_process(client.bus, NULL) == 0)
			ck_assert_int_ge(sd_bus_wait(client.bus, UINT64_C(60000000)), 1);
	assert_json_eq(told, wanted);
	assert_is_on_page(told);
	json_object_put(told);
	json_object_put(wanted);
}

START_TEST(test_an_error_tells_programs_as_well)
{
	bus_client_command(&client, "{'Error':'StepFailed','Message':'block 7'}", 0);
	assert_told("dax0.0", "{\"Errno\":16,\"Error\":\"EBUSY\","
			      "\"Step\":\"offline-blocks\",\"Path\":\"a/b\"}");
	bus_client_command(&client, "{'Release':-19}", 0);
	assert_told("dax9.9", "{\"Errno\":0,\"Error\":\"\",\"Step\":\"\",\"Path\":\"\"}");
	bus_client_command(&client, "{'Release':-12}", 0);
	assert_told("dax0.0", "{\"Errno\":12,\"Error\":\"ENOMEM\",\"Step\":\"\",\"Path\":\"\"}");
}
END_TEST

static int on_reply(sd_bus_message *reply, void *userdata, sd_bus_error *error)
{
	*(int *)userdata = sd_bus_message_is_method_error(reply, NULL) ? -1 : 1;
	return 0;
}

static void ask(const char *device, int *answered)
{
	ck_assert_int_ge(sd_bus_call_method_async(client.bus, NULL, DAXTIER_BUS_NAME,
						  DAXTIER_BUS_PATH, DAXTIER_MANAGER_INTERFACE,
						  "Release", on_reply, answered, "sbt", device, 0,
						  (uint64_t)0),
			 0);
}

/* Until a call is answered the daemon answers others, and a client that has gone is no harm. */
START_TEST(test_answers_come_when_the_work_has_ended)
{
	struct process_result result;
	struct bus_reply reply;
	int first = 0, second = 0;

	bus_client_command(&client, "{'Hold':true}", 0);
	ask("dax0.0", &first);
	ask("dax1.0", &second);
	process_run(&result, PROCESS_OWN_UID,
		    (const char *[]){"busctl", "--system", "--timeout=1", "call", DAXTIER_BUS_NAME,
				     DAXTIER_BUS_PATH, DAXTIER_MANAGER_INTERFACE, "Release", "sbt",
				     "dax2.0", "false", "0", NULL});
	ck_assert_int_ne(result.status, 0); /* has not waited */
	process_result_done(&result);
	call_plan(&reply, "dax9.9");
	assert_refused(&reply, DAXTIER_ERROR_NO_SUCH_DEVICE, "");
	ck_assert_int_eq(first, 0);

	bus_client_command(&client, "{'Hold':false}", 0);
	bus_client_assert_silence(&client);
	ck_assert_int_eq(first, 1);
	ck_assert_int_eq(second, 1);
	bus_client_assert_calls(&client,
				(const char *[]){"Release dax0.0 - 0", "Release dax1.0 - 0",
						 "Release dax2.0 - 0", NULL});
}
END_TEST

START_TEST(test_rehearse)
{
	struct json_object *wanted;
	struct bus_reply reply;

	bus_client_command(&client,
			   "{'Rehearsal':{'Device':'dax0.0','Possible':false,'Node':1,"
			   "'Used':18446744073709551615,'Reason':'a\xff',"
			   "'Unmovable':[{'Block':512,'Zone':'Normal','Why':'kernel'}]}}",
			   0);
	wanted = json_tokener_parse(
		"[{\"Device\":\"dax0.0\",\"Possible\":false,\"Node\":1,"
		"\"Used\":18446744073709551615,\"Reason\":\"a?\","
		"\"Unmovable\":[{\"Block\":512,\"Zone\":\"Normal\",\"Why\":\"kernel\"}]}]");
	call_rehearse(&reply, "dax0.0");
	ck_assert_msg(!reply.error, "%s", reply.message);
	assert_json_eq(reply.values, wanted);
	json_object_put(wanted);
	bus_reply_done(&reply);
}
END_TEST

Suite *bus_methods_suite(void);
Suite *bus_methods_suite(void)
{
	Suite *suite = suite_create("bus methods");
	TCase *tcase = tcase_create("methods");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_set_timeout(tcase, 30);
	tcase_add_test(tcase, test_plan_of_one_and_of_all);
	tcase_add_test(tcase, test_plan_of_no_device);
	tcase_add_test(tcase, test_plan_of_what_is_no_name);
	tcase_add_test(tcase, test_plan_fails);
	tcase_add_test(tcase, test_plan_text_is_made_fit_for_the_bus);
	tcase_add_test(tcase, test_reload);
	tcase_add_test(tcase, test_reload_of_errors);
	tcase_add_test(tcase, test_reload_fails);
	tcase_add_test(tcase, test_apply);
	tcase_add_test(tcase, test_release);
	tcase_add_test(tcase, test_names_are_checked);
	tcase_add_test(tcase, test_no_such_device);
	tcase_add_test(tcase, test_a_refusal_has_its_words);
	tcase_add_test(tcase, test_an_error_tells_programs_as_well);
	tcase_add_test(tcase, test_answers_come_when_the_work_has_ended);
	tcase_add_test(tcase, test_rehearse);
	suite_add_tcase(suite, tcase);
	return suite;
}
