/* SPDX-License-Identifier: GPL-2.0-or-later */
/* doctor, on hosts that are not this one. */
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "cli/verb.h"
#include "golden.h"
#include "process.h"
#include "suites.h"
#include "tree.h"

static char *root;

static void setup(void)
{
	root = tree_new();
	setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nonexistent/socket", 1);
	tree_put(root, "proc/sys/kernel/osrelease", "6.12.9\n");
	tree_put(root, "proc/swaps", "Filename\n/dev/vda2\n");
	tree_put(root, "proc/cmdline", "quiet\n");
	tree_put(root, "sys/devices/system/node/online", "0\n");
	tree_put(root, "sys/devices/system/node/has_cpu", "0\n");
	tree_put(root, "sys/devices/system/memory/block_size_bytes", "8000000\n");
}

static void teardown(void)
{
	root = tree_remove(root);
}

static void run(struct process_result *result, const char *option)
{
	char place[4096];

	snprintf(place, sizeof(place), "--root=%s", root);
	process_run(result, PROCESS_OWN_UID,
		    (const char *[]){DAXTIERCTL, "doctor", place, option, NULL});
	ck_assert_str_eq(result->err, "");
}

/* Everything that the text has: each severity, and what was not looked at. */
START_TEST(test_text)
{
	struct process_result result;

	tree_put(root, "proc/cmdline", "module_blacklist=cxl_pci modprobe.blacklist=kmem\n");
	tree_put(root, "sys/module/memory_hotplug/parameters/memmap_on_memory", "N\n");
	run(&result, NULL);
	ck_assert_int_eq(result.status, STATUS_UNWELL);
	golden_assert("cli/doctor.txt", result.out);
	process_result_done(&result);
}
END_TEST

START_TEST(test_json)
{
	static const char *const keys[] = {"Severity", "About", "What", "File",
					   "Value",    "Where", "Fix"};
	struct json_object *document, *findings, *finding;
	struct process_result result;

	tree_put(root, "sys/module/memory_hotplug/parameters/memmap_on_memory", "N\n");
	run(&result, "--json=short");
	ck_assert_int_eq(result.status, STATUS_UNWELL);
	document = json_tokener_parse(result.out);
	ck_assert_int_eq((int)get_u64(document, "Version"), 1);
	findings = get_array(document, "Findings");
	ck_assert_uint_eq(json_length(findings), 1);
	finding = json_object_array_get_idx(findings, 0);
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		ck_assert_str_ne(get_text(finding, keys[i]), "");
	ck_assert_str_eq(get_text(finding, "Severity"), "warning");
	ck_assert_str_eq(get_text(finding, "About"), "boot");
	ck_assert_str_eq(get_text(finding, "Fix"), "memory_hotplug.memmap_on_memory=1");
	ck_assert_uint_gt(json_length(get_array(document, "Unseen")), 0);
	json_object_put(document);
	process_result_done(&result);
}
END_TEST

/* A note is no reason to fail. */
START_TEST(test_status)
{
	struct process_result result;

	run(&result, NULL);
	ck_assert_int_eq(result.status, STATUS_OK);
	ck_assert_ptr_nonnull(
		strstr(result.out, "Nothing is wrong with what could be looked at.\n"));
	process_result_done(&result);
	tree_put(root, "etc/modprobe.d/a.conf", "blacklist kmem\n");
	run(&result, NULL);
	ck_assert_int_eq(result.status, STATUS_OK);
	ck_assert_ptr_nonnull(strstr(result.out, "1 note\n"));
	process_result_done(&result);
	tree_put(root, "etc/modprobe.d/a.conf", "blacklist cxl_pci\n");
	run(&result, NULL);
	ck_assert_int_eq(result.status, STATUS_UNWELL);
	process_result_done(&result);
}
END_TEST

/* The first error, and how many there are; the daemon does not start with any. */
START_TEST(test_configuration)
{
	struct process_result result;

	tree_put(root, "etc/daxtier.conf", "[memmap]\nmin-size = 12Q\n[nothing]\n");
	run(&result, NULL);
	ck_assert_int_eq(result.status, STATUS_UNWELL);
	ck_assert_ptr_nonnull(strstr(result.out, "error    The configuration has 2 errors: "));
	ck_assert_ptr_nonnull(strstr(result.out, "/etc/daxtier.conf: line 2: [memmap] min-size: "));
	process_result_done(&result);
	/* Of a file as a whole, only root knows what the daemon knows. */
	tree_delete(root, "etc/daxtier.conf");
	tree_dir(root, "etc/daxtier.conf");
	run(&result, NULL);
	ck_assert_int_eq(result.status, geteuid() == 0 ? STATUS_UNWELL : STATUS_OK);
	ck_assert(geteuid() != 0 || strstr(result.out, "/etc/daxtier.conf: it is not a regular"));
	process_result_done(&result);
	tree_delete(root, "etc/daxtier.conf");
	tree_put(root, "etc/daxtier.conf", "[memmap]\nmin-size = 12G\n");
	run(&result, NULL);
	ck_assert_int_eq(result.status, STATUS_OK);
	process_result_done(&result);
}
END_TEST

/* What a file of somebody's host says does not steer the terminal. */
START_TEST(test_control_characters)
{
	struct process_result result;

	tree_put(root, "etc/modprobe.d/a.conf", "blacklist cxl_pci # \033[31mred\n");
	run(&result, NULL);
	ck_assert_ptr_null(strchr(result.out, '\033'));
	ck_assert_ptr_nonnull(strstr(result.out, "blacklist cxl_pci #  [31mred"));
	process_result_done(&result);
}
END_TEST

START_TEST(test_no_host)
{
	struct process_result result;

	process_run(&result, PROCESS_OWN_UID,
		    (const char *[]){DAXTIERCTL, "doctor", "--root=/nonexistent/host", NULL});
	ck_assert_int_eq(result.status, STATUS_FAILURE);
	ck_assert_ptr_nonnull(strstr(result.err, "/nonexistent/host"));
	process_result_done(&result);
}
END_TEST

Suite *doctor_suite(void)
{
	Suite *suite = suite_create("doctor");
	TCase *tcase = tcase_create("doctor");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, test_text);
	tcase_add_test(tcase, test_json);
	tcase_add_test(tcase, test_status);
	tcase_add_test(tcase, test_configuration);
	tcase_add_test(tcase, test_control_characters);
	tcase_add_test(tcase, test_no_host);
	suite_add_tcase(suite, tcase);
	return suite;
}
