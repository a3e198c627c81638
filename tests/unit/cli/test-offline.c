/* SPDX-License-Identifier: GPL-2.0-or-later */
/* plan and check-config where there is neither a daemon nor a bus. */
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "cli/verb.h"
#include "fake-kernel-cxl.h"
#include "golden.h"
#include "process.h"
#include "suites.h"
#include "tree.h"

#define HOST FIXTURES "/two-devices/host"

static const char good[] = "[memmap]\n"
			   "min-size = 512M\n"
			   "[rule near]\n"
			   "match-kind = cxl\n"
			   "mode = system-ram\n"
			   "zone = kernel\n"
			   "memmap-on-memory = no\n";

static const char bad[] = "[memmap]\n"
			  "min-size = 12Q\n"
			  "[movable]\n"
			  "ratio = 4\n"
			  "[rule a]\n"
			  "zone = mobile\n"
			  "[rule a]\n"
			  "[wishes]\n";

static char *root;

static void setup(void)
{
	root = tree_new();
	setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nonexistent/socket", 1);
}

static void teardown(void)
{
	root = tree_remove(root);
}

/* The named file of the tree that the test made, as an argument of the option or on its own. */
static const char *argument(const char *option, const char *file)
{
	static char text[4096];

	snprintf(text, sizeof(text), "%s%s/%s", option, root, file);
	return text;
}

static void run(struct process_result *result, const char *a, const char *b, const char *c,
		const char *d)
{
	process_run(result, PROCESS_OWN_UID, (const char *[]){DAXTIERCTL, a, b, c, d, NULL});
}

static struct json_object *parse(const char *text)
{
	struct json_object *object = json_tokener_parse(text);

	ck_assert_msg(object != NULL, "no JSON: %s", text);
	return object;
}

static int get_valid(struct json_object *document)
{
	return json_object_get_boolean(json_object_object_get(document, "Valid"));
}

START_TEST(test_plan_of_captured_host)
{
	struct process_result result;

	tree_put(root, "policy.conf", good);
	run(&result, "plan", "--root=" HOST, argument("--config=", "policy.conf"), NULL);
	ck_assert_msg(result.status == STATUS_OK, "%s", result.err);
	ck_assert_str_eq(result.err, "");
	golden_assert("cli/plan-two-devices.txt", result.out);
	process_result_done(&result);
}
END_TEST

START_TEST(test_plan_of_one_device_as_json)
{
	struct json_object *document, *plans, *steps, *plan;
	struct process_result result;

	tree_put(root, "policy.conf", good);
	process_run(&result, PROCESS_OWN_UID,
		    (const char *[]){DAXTIERCTL, "--json=short", "plan", "/dev/dax0.0",
				     "--root=" HOST, argument("--config=", "policy.conf"), NULL});
	ck_assert_msg(result.status == STATUS_OK, "%s", result.err);
	ck_assert_uint_eq(strcspn(result.out, "\n") + 1, strlen(result.out));
	document = parse(result.out);
	ck_assert_int_eq(json_object_get_int(json_object_object_get(document, "Version")), 1);
	ck_assert_str_eq(json_object_get_string(json_object_object_get(document, "Source")),
			 "local");
	plans = json_object_object_get(document, "Plans");
	ck_assert_uint_eq(json_object_array_length(plans), 1);
	plan = json_object_array_get_idx(plans, 0);
	ck_assert_str_eq(json_object_get_string(json_object_object_get(plan, "Device")), "dax0.0");
	ck_assert_str_eq(json_object_get_string(json_object_object_get(plan, "Zone")), "kernel");
	steps = json_object_object_get(plan, "Steps");
	ck_assert_uint_gt(json_object_array_length(steps), 2);
	json_object_put(document);
	process_result_done(&result);
}
END_TEST

static void make_cards(void)
{
	fake_kernel_create(root, &(struct fake_kernel_host){.auto_online = "offline"});
	fake_kernel_add_window(root, &(struct fake_kernel_window){.name = "decoder0.0",
								  .start = 16 * FAKE_KERNEL_GIB,
								  .size = 8 * FAKE_KERNEL_GIB,
								  .target_node = 1});
	fake_kernel_add_memdev(root, &(struct fake_kernel_memdev){.name = "mem0",
								  .serial = 0xabc1,
								  .ram = 2 * FAKE_KERNEL_GIB,
								  .endpoint = 5});
	fake_kernel_add_memdev(root, &(struct fake_kernel_memdev){.name = "mem1",
								  .serial = 0xabc2,
								  .ram = 4 * FAKE_KERNEL_GIB,
								  .endpoint = 4});
}

/* A card that was plugged, and one that is not to be touched. */
START_TEST(test_plan_of_memory_devices)
{
	struct process_result result;

	make_cards();
	tree_put(root, "etc/daxtier.conf", "[regions]\ncreate-regions = yes\nnever = 0xabc2\n");
	run(&result, "plan", argument("--root=", ""), NULL, NULL);
	ck_assert_msg(result.status == STATUS_OK, "%s", result.err);
	golden_assert("cli/plan-memory-devices.txt", result.out);
	process_result_done(&result);

	run(&result, "plan", "mem1", argument("--root=", ""), NULL);
	ck_assert_int_eq(result.status, STATUS_OK);
	ck_assert_ptr_null(strstr(result.out, "mem0"));
	ck_assert_int_eq(strncmp(result.out, "mem1: unmanaged, nothing to do\n", 31), 0);
	process_result_done(&result);
}
END_TEST

/* Each of them may be asked for. */
START_TEST(test_plan_of_interleaved_memory_devices)
{
	static const char *const names[] = {"mem0", "mem2"};
	struct process_result result;

	make_cards();
	fake_kernel_add_memdev(root, &(struct fake_kernel_memdev){.name = "mem2",
								  .serial = 0xabc3,
								  .ram = 2 * FAKE_KERNEL_GIB,
								  .endpoint = 6});
	tree_put(root, "etc/daxtier.conf",
		 "[regions]\ncreate-regions = yes\nnever = 0xabc2\ninterleave = 2\n"
		 "gather = 0\n");
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		run(&result, "plan", names[i], argument("--root=", ""), NULL);
		ck_assert_msg(result.status == STATUS_OK, "%s", result.err);
		ck_assert_int_eq(strncmp(result.out, "mem0: 5 steps to make a region\n", 31), 0);
		ck_assert_ptr_nonnull(strstr(result.out,
					     "  Region             4 GiB in decoder0.0, of mem0 "
					     "(serial 0xabc1), mem2 (serial 0xabc3); 2 ways, each "
					     "256 B in turn\n"));
		process_result_done(&result);
	}
}
END_TEST

/* The configuration of a captured host is the one below its root. */
START_TEST(test_plan_takes_the_root_s_configuration)
{
	struct process_result result;

	tree_dir(root, "sys");
	tree_dir(root, "proc");
	tree_put(root, "etc/daxtier.conf", bad);
	run(&result, "plan", argument("--root=", ""), NULL, NULL);
	ck_assert_int_eq(result.status, STATUS_CONFIG_INVALID);
	ck_assert_str_eq(result.out, "");
	ck_assert_ptr_nonnull(strstr(result.err, "/etc/daxtier.conf:2: "));
	process_result_done(&result);
}
END_TEST

START_TEST(test_plan_of_no_device)
{
	struct process_result result;

	run(&result, "plan", "dax9.9", "--root=" HOST, NULL);
	ck_assert_int_eq(result.status, STATUS_NO_DEVICE);
	ck_assert_str_eq(result.out, "");
	ck_assert_str_eq(result.err, "daxtierctl: there is no dax device dax9.9 in " HOST "\n");
	process_result_done(&result);
	run(&result, "plan", "mem9", "--root=" HOST, NULL);
	ck_assert_int_eq(result.status, STATUS_NO_DEVICE);
	ck_assert_str_eq(result.err, "daxtierctl: there is no CXL memory device without a region "
				     "called mem9 in " HOST "\n");
	process_result_done(&result);
}
END_TEST

START_TEST(test_plan_of_no_root)
{
	struct process_result result;

	tree_put(root, "policy.conf", good);
	run(&result, "plan", "--root=/nonexistent", argument("--config=", "policy.conf"), NULL);
	ck_assert_int_eq(result.status, STATUS_FAILURE);
	ck_assert_str_eq(result.out, "");
	ck_assert_ptr_nonnull(strstr(result.err, "/nonexistent"));
	ck_assert_ptr_nonnull(strstr(result.err, "No such file or directory"));
	process_result_done(&result);
}
END_TEST

/* The folder above a captured host, as often as not. */
START_TEST(test_plan_of_a_root_without_a_host)
{
	_cleanup_free_ char *wanted = NULL;
	struct process_result result;

	tree_put(root, "captured/host/sys/devices/nothing", "");
	run(&result, "plan", argument("--root=", "captured"), NULL, NULL);
	ck_assert_int_eq(result.status, STATUS_FAILURE);
	ck_assert_str_eq(result.out, "");
	ck_assert_int_gt(asprintf(&wanted,
				  "daxtierctl: there is no host in %s/captured: it has no "
				  "sys/devices\n",
				  root),
			 0);
	ck_assert_str_eq(result.err, wanted);
	process_result_done(&result);
}
END_TEST

START_TEST(test_check_config_lists_every_error)
{
	static const char *const wanted[] = {
		"/etc/daxtier.conf:2: [memmap] min-size: ",
		"/etc/daxtier.conf:4: [movable] ",
		"/etc/daxtier.conf:6: [rule a] zone: ",
		"/etc/daxtier.conf:7: ",
		"/etc/daxtier.conf:8: ",
	};
	struct process_result result;

	tree_put(root, "etc/daxtier.conf", bad);
	run(&result, "check-config", argument("--root=", ""), NULL, NULL);
	ck_assert_int_eq(result.status, STATUS_CONFIG_INVALID);
	ck_assert_str_eq(result.out, "");
	for (size_t i = 0; i < ARRAY_SIZE(wanted); i++)
		ck_assert_msg(strstr(result.err, wanted[i]) != NULL, "%s: %s", wanted[i],
			      result.err);
	ck_assert_ptr_nonnull(strstr(result.err, " errors in the configuration\n"));
	process_result_done(&result);
}
END_TEST

START_TEST(test_check_config_errors_as_json)
{
	struct json_object *document, *errors;
	struct process_result result;

	tree_put(root, "bad.conf", bad);
	run(&result, "check-config", argument("", "bad.conf"), "--json=pretty", NULL);
	ck_assert_int_eq(result.status, STATUS_CONFIG_INVALID);
	ck_assert_str_eq(result.err, "");
	document = parse(result.out);
	ck_assert(!get_valid(document));
	errors = json_object_object_get(document, "Errors");
	ck_assert_uint_ge(json_object_array_length(errors), 5);
	json_object_put(document);
	process_result_done(&result);
}
END_TEST

START_TEST(test_check_config_of_a_good_file)
{
	struct json_object *document, *config;
	struct process_result result;

	tree_put(root, "good.conf", good);
	run(&result, "check-config", argument("", "good.conf"), NULL, NULL);
	ck_assert_msg(result.status == STATUS_OK, "%s", result.err);
	ck_assert_ptr_nonnull(strstr(result.out, "No errors."));
	ck_assert_ptr_nonnull(strstr(result.out, "min-size = 512M"));
	ck_assert_ptr_nonnull(strstr(result.out, "1. near"));
	ck_assert_ptr_nonnull(strstr(result.out, "zone = kernel, memmap-on-memory = no"));
	process_result_done(&result);

	run(&result, "check-config", argument("", "good.conf"), "--json=short", NULL);
	ck_assert_int_eq(result.status, STATUS_OK);
	document = parse(result.out);
	ck_assert(get_valid(document));
	config = json_object_object_get(document, "Config");
	ck_assert_uint_eq(json_object_array_length(json_object_object_get(config, "Rules")), 1);
	json_object_put(document);
	process_result_done(&result);
}
END_TEST

START_TEST(test_check_config_of_no_file)
{
	struct process_result result;

	run(&result, "check-config", argument("", "none.conf"), NULL, NULL);
	ck_assert_int_eq(result.status, STATUS_CONFIG_INVALID);
	ck_assert_ptr_nonnull(strstr(result.err, "none.conf"));
	process_result_done(&result);

	/* Without one at the usual place, the defaults hold. */
	run(&result, "check-config", argument("--root=", ""), NULL, NULL);
	ck_assert_int_eq(result.status, STATUS_OK);
	ck_assert_ptr_nonnull(strstr(result.out, "the defaults are in force"));
	process_result_done(&result);
}
END_TEST

Suite *offline_suite(void)
{
	Suite *suite = suite_create("offline");
	TCase *tcase = tcase_create("offline");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, test_plan_of_captured_host);
	tcase_add_test(tcase, test_plan_of_one_device_as_json);
	tcase_add_test(tcase, test_plan_takes_the_root_s_configuration);
	tcase_add_test(tcase, test_plan_of_memory_devices);
	tcase_add_test(tcase, test_plan_of_interleaved_memory_devices);
	tcase_add_test(tcase, test_plan_of_no_device);
	tcase_add_test(tcase, test_plan_of_no_root);
	tcase_add_test(tcase, test_plan_of_a_root_without_a_host);
	tcase_add_test(tcase, test_check_config_lists_every_error);
	tcase_add_test(tcase, test_check_config_errors_as_json);
	tcase_add_test(tcase, test_check_config_of_a_good_file);
	tcase_add_test(tcase, test_check_config_of_no_file);
	suite_add_tcase(suite, tcase);
	return suite;
}
