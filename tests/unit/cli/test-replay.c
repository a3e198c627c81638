/* SPDX-License-Identifier: GPL-2.0-or-later */
/* capture, and what is told of captured hosts. */
#include <dirent.h>
#include <json-c/json.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "cli/verb.h"
#include "process.h"
#include "suites.h"
#include "tree.h"

static const char *const hosts[] = {
	"cxl-unbound",	      "cxl-kmem-offline", "cxl-online-normal",
	"cxl-online-movable", "nvdimm-devdax",	  "two-devices",
};

static const char before[] = "[rule near]\n"
			     "match-kind = cxl\n"
			     "mode = system-ram\n"
			     "zone = kernel\n"
			     "memmap-on-memory = no\n";

static const char after[] = "[rule by-another-name]\n"
			    "match-kind = cxl\n"
			    "mode = system-ram\n"
			    "zone = movable\n"
			    "memmap-on-memory = no\n";

static char *root;

static void setup(void)
{
	root = tree_new();
	setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nonexistent/socket", 1);
	setenv("TMPDIR", root, 1);
	tree_put(root, "before.conf", before);
	tree_put(root, "after.conf", after);
}

static void teardown(void)
{
	root = tree_remove(root);
}

/* option, followed by the named file of the tree that the test made. Owned by the caller. */
static char *below(const char *option, const char *file)
{
	char *text;

	ck_assert_int_gt(asprintf(&text, "%s%s/%s", option, root, file), 0);
	return text;
}

static void run(struct process_result *result, const char *a, const char *b, const char *c,
		const char *d, const char *e, const char *f)
{
	process_run(result, PROCESS_OWN_UID, (const char *[]){DAXTIERCTL, a, b, c, d, e, f, NULL});
}

static void capture(const char *host, const char *file, const char *option)
{
	_cleanup_free_ char *from = NULL, *to = below("", file);
	struct process_result result;

	ck_assert_int_gt(asprintf(&from, "--root=" FIXTURES "/%s/host", host), 0);
	run(&result, "capture", to, from, option, NULL, NULL);
	ck_assert_msg(result.status == STATUS_OK, "%s", result.err);
	ck_assert_str_eq(result.out, "");
	ck_assert_str_eq(result.err, "");
	process_result_done(&result);
}

/* By its archive as by its files, and that it is told something with this part. */
static void assert_told_the_same(const char *host, const char *part, const char *verb,
				 const char *option, const char *another)
{
	_cleanup_free_ char *archive = below("--root=", "host.tar"), *folder = NULL;
	struct process_result of_folder, of_archive;

	capture(host, "host.tar", NULL);
	ck_assert_int_gt(asprintf(&folder, "--root=" FIXTURES "/%s/host", host), 0);
	run(&of_folder, verb, folder, option, another, NULL, NULL);
	run(&of_archive, verb, archive, option, another, NULL, NULL);
	ck_assert_msg(of_archive.status == of_folder.status, "%s", of_archive.err);
	ck_assert_msg(strstr(of_folder.out, part) != NULL, "%s", of_folder.out);
	ck_assert_str_eq(of_archive.out, of_folder.out);
	process_result_done(&of_folder);
	process_result_done(&of_archive);
}

START_TEST(captured_host_has_the_same_plan)
{
	_cleanup_free_ char *policy = below("--config=", "before.conf");

	assert_told_the_same(hosts[_i], "\"Device\"", "plan", policy, "--json=pretty");
}
END_TEST

START_TEST(captured_host_is_as_unwell)
{
	assert_told_the_same(hosts[_i], "\n", "doctor", NULL, NULL);
}
END_TEST

START_TEST(captured_host_has_the_same_status)
{
	assert_told_the_same(hosts[_i], "DEVICE", "status", NULL, NULL);
}
END_TEST

START_TEST(status_of_a_captured_host)
{
	struct json_object *document, *devices, *device, *memory, *node;
	struct process_result result;

	run(&result, "status", "--root=" FIXTURES "/cxl-online-movable/host", "--json=short", NULL,
	    NULL, NULL);
	ck_assert_msg(result.status == STATUS_OK, "%s", result.err);
	document = json_tokener_parse(result.out);
	devices = json_object_object_get(document, "Devices");
	ck_assert_uint_eq(json_object_array_length(devices), 1);
	device = json_object_array_get_idx(devices, 0);
	ck_assert_str_eq(json_object_get_string(json_object_object_get(device, "Name")), "dax0.0");
	ck_assert_str_eq(json_object_get_string(json_object_object_get(device, "Zone")), "Movable");
	ck_assert_uint_eq(json_object_get_uint64(json_object_object_get(device, "BlocksOnline")),
			  json_object_get_uint64(json_object_object_get(device, "BlocksTotal")));
	/* How full its nodes were when it was captured. */
	memory = json_object_object_get(document, "Memory");
	ck_assert_uint_eq(json_object_array_length(memory), 3);
	node = json_object_array_get_idx(memory, 0);
	ck_assert_uint_eq(json_object_get_uint64(json_object_object_get(node, "Used")),
			  UINT64_C(1024) * (992292 - 930792 - 2472 - 2004));
	json_object_put(document);
	process_result_done(&result);
}
END_TEST

static int count_entries(DIR *directory)
{
	struct dirent *entry;
	int n = 0;

	while ((entry = readdir(directory)))
		n += entry->d_name[0] != '.';
	return n;
}

START_TEST(device_of_a_captured_host)
{
	struct json_object *document;
	struct process_result result;

	run(&result, "show", "--root=" FIXTURES "/two-devices/host", "dax1.0", NULL, NULL, NULL);
	ck_assert_msg(result.status == STATUS_OK, "%s", result.err);
	ck_assert_int_eq(strncmp(result.out, "dax1.0\n", 7), 0);
	process_result_done(&result);

	run(&result, "show", "--root=" FIXTURES "/two-devices/host", "dax1.0", "--json=short", NULL,
	    NULL);
	document = json_tokener_parse(result.out);
	ck_assert_str_eq(json_object_get_string(json_object_object_get(
				 json_object_object_get(document, "Device"), "Name")),
			 "dax1.0");
	json_object_put(document);
	process_result_done(&result);

	run(&result, "show", "--root=" FIXTURES "/two-devices/host", "dax7.0", NULL, NULL, NULL);
	ck_assert_int_eq(result.status, STATUS_NO_DEVICE);
	ck_assert_str_eq(result.err, "daxtierctl: there is no dax device dax7.0; there is dax0.0, "
				     "dax1.0\n");
	process_result_done(&result);
}
END_TEST

/* Sends SIGINT once it has made something in scratch; the exit status. */
static int interrupt(const char *verb, const char *argument, const char *option,
		     const char *scratch)
{
	_cleanup_close_ int fd = inotify_init1(IN_CLOEXEC);
	struct process process;
	char events[4096];

	ck_assert_int_ge(inotify_add_watch(fd, scratch, IN_CREATE), 0);
	process_start(&process, (const char *[]){DAXTIERCTL, verb, argument, option, NULL});
	ck_assert_int_gt(read(fd, events, sizeof(events)), 0);
	ck_assert_int_eq(kill(process.pid, SIGINT), 0);
	return process_wait(&process);
}

/* Whoever interrupts it in the middle leaves nothing behind. */
START_TEST(interrupted_with_an_archive)
{
	_cleanup_free_ char *archive = below("--root=", "host.tar"),
			    *scratch = below("", "scratch");
	DIR *directory;
	int status = 0;

	capture("two-devices", "host.tar", NULL);
	tree_dir(root, "scratch");
	setenv("TMPDIR", scratch, 1);
	directory = opendir(scratch);
	ck_assert_ptr_nonnull(directory);
	/* On a busy machine it may be over before it is interrupted. */
	for (int i = 0; i < 50 && status != 128 + SIGINT; i++) {
		status = interrupt("plan", archive, NULL, scratch);
		ck_assert(status == 0 || status == 128 + SIGINT);
		rewinddir(directory);
		ck_assert_int_eq(count_entries(directory), 0);
	}
	ck_assert_int_eq(status, 128 + SIGINT);
	closedir(directory);
}
END_TEST

/* What is written is whole, or not there. */
START_TEST(interrupted_capture)
{
	_cleanup_free_ char *path = below("", "scratch/host.tar"), *scratch = below("", "scratch"),
			    *option = below("--root=", "scratch/host.tar");
	int status = 0;

	tree_dir(root, "scratch");
	for (int i = 0; i < 50 && status != 128 + SIGINT; i++) {
		struct process_result result;

		status =
			interrupt("capture", path, "--root=" FIXTURES "/two-devices/host", scratch);
		ck_assert(status == 0 || status == 128 + SIGINT);
		if (!tree_has(root, "scratch/host.tar"))
			continue;
		run(&result, "plan", option, NULL, NULL, NULL, NULL);
		ck_assert_msg(result.status == STATUS_OK, "%s", result.err);
		process_result_done(&result);
		tree_delete(root, "scratch/host.tar");
	}
	ck_assert_int_eq(status, 128 + SIGINT);
}
END_TEST

/* Errors, too, are those of the configuration in it. */
START_TEST(configuration_is_captured)
{
	_cleanup_free_ char *archive = below("--root=", "host.tar"), *path = below("", "host.tar");
	_cleanup_free_ char *host = below("--root=", "host");
	struct process_result result;

	tree_dir(root, "host/sys/devices/system/node");
	tree_dir(root, "host/proc");
	tree_put(root, "host/etc/daxtier.conf", "[memmap]\nmin-size = 3G\n");
	run(&result, "capture", path, host, NULL, NULL, NULL);
	ck_assert_msg(result.status == STATUS_OK, "%s", result.err);
	process_result_done(&result);
	run(&result, "check-config", archive, NULL, NULL, NULL, NULL);
	ck_assert_msg(result.status == STATUS_OK, "%s", result.err);
	ck_assert_ptr_nonnull(strstr(result.out, "min-size = 3G"));
	process_result_done(&result);
}
END_TEST

/* Not the folder that it was unpacked to, which is gone by then. */
START_TEST(errors_name_the_archive)
{
	static const char *const readers[] = {"check-config", "plan", "status"};
	_cleanup_free_ char *archive = below("--root=", "host.tar"), *path = below("", "host.tar");
	_cleanup_free_ char *host = below("--root=", "host"), *line = NULL;
	struct process_result result;

	tree_dir(root, "host/sys/devices/system/node");
	tree_dir(root, "host/proc");
	tree_put(root, "host/etc/daxtier.conf.d/a.conf", "[memmap]\nmin-size = nonsense\n");
	run(&result, "capture", path, host, NULL, NULL, NULL);
	ck_assert_msg(result.status == STATUS_OK, "%s", result.err);
	process_result_done(&result);
	line = below("", "host.tar/etc/daxtier.conf.d/a.conf:2: ");
	run(&result, readers[_i], archive, NULL, NULL, NULL, NULL);
	ck_assert_int_eq(result.status, STATUS_CONFIG_INVALID);
	ck_assert_msg(strncmp(result.err, line, strlen(line)) == 0, "%s", result.err);
	ck_assert_ptr_null(strstr(result.err, "daxtierctl-"));
	process_result_done(&result);
}
END_TEST

/* Of what was closed to who captured the host, no finding means nothing. */
START_TEST(doctor_tells_what_was_closed)
{
	_cleanup_free_ char *host = below("--root=", "host");
	struct process_result result;

	tree_dir(root, "host/sys/devices/system/node");
	tree_dir(root, "host/proc");
	tree_put(root, "host/capture/manifest",
		 "format=1\nunreadable=sys/firmware/acpi/tables/CEDT\n");
	run(&result, "doctor", host, NULL, NULL, NULL, NULL);
	ck_assert_ptr_nonnull(strstr(result.out,
				     "\n  sys/firmware/acpi/tables/CEDT was closed to who "
				     "captured the host\n"));
	process_result_done(&result);
}
END_TEST

START_TEST(capture_is_the_owner_s_and_replaces_nothing)
{
	_cleanup_free_ char *path = below("", "host.tar");
	struct process_result result;
	struct stat st;

	capture("cxl-unbound", "host.tar", "--mask-serials");
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_uint_eq(st.st_mode & 0777, 0600);
	run(&result, "capture", path, NULL, NULL, NULL, NULL);
	ck_assert_int_eq(result.status, STATUS_FAILURE);
	ck_assert_ptr_nonnull(strstr(result.err, "exists already"));
	process_result_done(&result);
	ck_assert(tree_has(root, "host.tar"));
}
END_TEST

START_TEST(failed_capture_leaves_nothing)
{
	_cleanup_free_ char *path = below("", "host.tar");
	struct process_result result;

	run(&result, "capture", path, "--root=/nonexistent", NULL, NULL, NULL);
	ck_assert_int_eq(result.status, STATUS_FAILURE);
	ck_assert_ptr_nonnull(strstr(result.err, "/nonexistent"));
	process_result_done(&result);
	ck_assert(!tree_has(root, "host.tar"));
}
END_TEST

START_TEST(capture_to_standard_output)
{
	struct process_result result;

	run(&result, "capture", "-", "--root=" FIXTURES "/cxl-unbound/host", NULL, NULL, NULL);
	ck_assert_int_eq(result.status, STATUS_OK);
	ck_assert_str_eq(result.out, "capture/manifest");
	process_result_done(&result);
}
END_TEST

START_TEST(diff_tells_which_devices_change)
{
	_cleanup_free_ char *a = below("--config=", "before.conf"),
			    *b = below("--config=", "after.conf");
	_cleanup_free_ char *first = below("", "a.tar"), *second = below("", "b.tar");
	_cleanup_free_ char *wanted = NULL;
	struct process_result result;

	capture("two-devices", "a.tar", NULL);
	capture("nvdimm-devdax", "b.tar", NULL);
	run(&result, "plan", "--diff", a, b, first, second);
	ck_assert_msg(result.status == STATUS_OK, "%s", result.err);
	ck_assert_int_gt(
		asprintf(&wanted, "%s: 1 of 2 devices would change\n\ndax0.0: 6 steps\n", first),
		0);
	ck_assert_msg(strncmp(result.out, wanted, strlen(wanted)) == 0, "%s", result.out);
	ck_assert_ptr_nonnull(strstr(result.out, "  Was                pending with 6 steps to do, "
						 "by rule near, zone kernel, memmap in DRAM\n"));
	ck_assert_ptr_nonnull(strstr(result.out, "b.tar: 0 of 1 device would change\n"));
	ck_assert_ptr_null(strstr(result.out, "dax1.0"));
	process_result_done(&result);
}
END_TEST

/* The same but for a name, as JSON. */
START_TEST(diff_passes_over_names)
{
	_cleanup_free_ char *a = below("--config=", "before.conf"),
			    *b = below("--config=", "b.conf");
	struct json_object *document, *host;
	struct process_result result;

	tree_putf(root, "b.conf", "[rule far]\n%s", strchr(before, '\n') + 1);
	run(&result, "plan", "--diff", a, b, FIXTURES "/two-devices/host", "--json=short");
	ck_assert_msg(result.status == STATUS_OK, "%s", result.err);
	document = json_tokener_parse(result.out);
	host = json_object_array_get_idx(json_object_object_get(document, "Hosts"), 0);
	ck_assert_uint_eq(json_object_get_uint64(json_object_object_get(host, "Devices")), 2);
	ck_assert_uint_eq(json_object_array_length(json_object_object_get(host, "Changes")), 0);
	json_object_put(document);
	process_result_done(&result);
}
END_TEST

/* Of a fleet, the others are told. */
START_TEST(diff_goes_on_after_a_bad_host)
{
	_cleanup_free_ char *a = below("--config=", "before.conf"),
			    *b = below("--config=", "after.conf");
	_cleanup_free_ char *bad = below("", "before.conf");
	struct process_result result;

	run(&result, "plan", "--diff", a, b, bad, FIXTURES "/two-devices/host");
	ck_assert_int_eq(result.status, STATUS_FAILURE);
	ck_assert_ptr_nonnull(strstr(result.err, "cannot open "));
	ck_assert_ptr_nonnull(strstr(result.out, "before.conf: it cannot be looked at\n"));
	ck_assert_ptr_nonnull(strstr(result.out, "1 of 2 devices would change\n"));
	process_result_done(&result);
}
END_TEST

static const struct {
	const char *arguments[4], *error;
} wrong[] = {
	{{"plan", "--diff"}, "compares two policies"},
	{{"plan", "--diff", "--config=a"}, "compares two policies"},
	{{"plan", "--diff", "--config=a", "--root=b"}, "not as --root"},
	{{"status", "--diff"}, "does not take --diff"},
	{{"plan", "--mask-serials"}, "does not take --mask-serials"},
	{{"capture"}, "capture of what"},
	{{"capture", "a", "b"}, "too much"},
};

START_TEST(wrong_command_lines)
{
	const char *const *a = wrong[_i].arguments;
	struct process_result result;

	run(&result, a[0], a[1], a[2], a[3], NULL, NULL);
	ck_assert_int_eq(result.status, STATUS_USAGE);
	ck_assert_msg(strstr(result.err, wrong[_i].error) != NULL, "%s", result.err);
	process_result_done(&result);
}
END_TEST

Suite *replay_suite(void)
{
	Suite *suite = suite_create("replay");
	TCase *tcase = tcase_create("replay");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_loop_test(tcase, captured_host_has_the_same_plan, 0, ARRAY_SIZE(hosts));
	tcase_add_loop_test(tcase, captured_host_is_as_unwell, 0, ARRAY_SIZE(hosts));
	tcase_add_loop_test(tcase, captured_host_has_the_same_status, 0, ARRAY_SIZE(hosts));
	tcase_add_test(tcase, status_of_a_captured_host);
	tcase_add_test(tcase, device_of_a_captured_host);
	tcase_add_test(tcase, interrupted_with_an_archive);
	tcase_add_test(tcase, interrupted_capture);
	tcase_add_test(tcase, configuration_is_captured);
	tcase_add_loop_test(tcase, errors_name_the_archive, 0, 3);
	tcase_add_test(tcase, doctor_tells_what_was_closed);
	tcase_add_test(tcase, capture_is_the_owner_s_and_replaces_nothing);
	tcase_add_test(tcase, failed_capture_leaves_nothing);
	tcase_add_test(tcase, capture_to_standard_output);
	tcase_add_test(tcase, diff_tells_which_devices_change);
	tcase_add_test(tcase, diff_passes_over_names);
	tcase_add_test(tcase, diff_goes_on_after_a_bad_host);
	tcase_add_loop_test(tcase, wrong_command_lines, 0, ARRAY_SIZE(wrong));
	suite_add_tcase(suite, tcase);
	return suite;
}
