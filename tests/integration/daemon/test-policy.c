/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The policy file while the daemon runs, and what can be asked of it. */
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <string.h>

#include "base/cleanup.h"
#include "host-wait.h"
#include "suites.h"
#include "test-host.h"
#include "tree.h"

static const char five_mistakes[] = "[daemon]\n"
				    "claim = perhaps\n"
				    "[memmap]\n"
				    "min-size = 12Q\n"
				    "max-distanc = 40\n"
				    "[rule a]\n"
				    "match-size = 2G..1G\n"
				    "mode = system-ram\n"
				    "[rules]\n";
static const char *const five_places[] = {"daxtier.conf:2", "daxtier.conf:4", "daxtier.conf:5",
					  "daxtier.conf:7", "daxtier.conf:9"};

START_TEST(test_bad_reload_keeps_the_good)
{
	struct fake_kernel_device device = test_device("dax0.0");
	_cleanup_free_ char *message = NULL;
	struct json_object *errors;
	struct test_host host;

	test_host_start(&host, NULL, NULL);
	test_host_start_daemon(&host);
	test_host_put_policy(&host, five_mistakes);
	message = test_host_reload(&host);
	ck_assert_ptr_nonnull(message);
	for (size_t i = 0; i < ARRAY_SIZE(five_places); i++) {
		ck_assert_msg(strstr(message, five_places[i]) != NULL, "%s", message);
		test_host_assert_logged(&host, five_places[i]);
	}
	test_host_assert_logged(&host, "keeping the one in force");
	errors = test_host_get(&host, NULL, "ConfigErrors");
	ck_assert_uint_eq(json_object_array_length(errors), 5);
	json_object_put(errors);

	/* The rule of the old one still holds. */
	test_host_add(&host, &device);
	test_host_wait(&host, "dax0.0", "online");
	test_host_assert(&host, "dax0.0", "Rule", "slow");

	test_host_put_policy(&host, default_policy);
	ck_assert_ptr_null(test_host_reload(&host));
	errors = test_host_get(&host, NULL, "ConfigErrors");
	ck_assert_uint_eq(json_object_array_length(errors), 0);
	json_object_put(errors);
	test_host_stop(&host);
}
END_TEST

/* What a reload changes is said; memory that is online stays where convert spares it. */
START_TEST(test_reload_says_what_changes)
{
	struct fake_kernel_device device = test_device("dax0.0"), other = test_device("dax1.0");
	struct test_host host;

	test_host_start(&host, NULL, NULL);
	test_host_start_daemon(&host);
	test_host_add(&host, &device);
	test_host_wait(&host, "dax0.0", "online");
	other.kind = FAKE_KERNEL_PMEM;
	test_host_add(&host, &other);
	test_host_wait(&host, "dax1.0", "unmanaged");
	fake_kernel_clear_log(host.root);

	test_host_put_policy(&host, "[daemon]\nsettle = 20ms\nconvert = never\n"
				    "[rule other]\nmatch-kind = cxl\nmode = system-ram\n"
				    "zone = kernel\nmemmap-on-memory = yes\n");
	ck_assert_ptr_null(test_host_reload(&host));
	test_host_wait(&host, "dax0.0", "mismatch");
	test_host_assert_logged(&host,
				"dax0.0: decided anew: rule slow before, other now; zone movable "
				"before, kernel now; memmap in DRAM before, on the device now");
	test_host_assert_logged(&host, "convert = never spares memory that is online");
	ck_assert_uint_eq(fake_kernel_count(host.root, FAKE_KERNEL_WRITE), 0);

	/* Where nothing has to be taken offline, it is carried out. */
	test_host_put_policy(&host, "[daemon]\nsettle = 20ms\nconvert = never\n"
				    "[rule slow]\nmatch-kind = cxl, pmem\nmode = system-ram\n");
	ck_assert_ptr_null(test_host_reload(&host));
	test_host_wait(&host, "dax0.0", "online");
	test_host_wait(&host, "dax1.0", "online");
	test_host_assert_logged(&host, "dax1.0: decided anew: rule none before, slow now");
	test_host_stop(&host);
}
END_TEST

/* Switched off as an administrator switches off a file: it is there, and was not read. */
START_TEST(test_no_configuration)
{
	struct fake_kernel_device device = test_device("dax0.0");
	struct test_host host;

	test_host_start(&host, NULL, NULL);
	tree_link(host.root, "etc/daxtier.conf", "/dev/null");
	test_host_start_daemon(&host);
	test_host_assert_logged(&host, "No configuration file was read, so there is no rule");
	device.kind = FAKE_KERNEL_PMEM;
	test_host_add(&host, &device);
	test_host_wait(&host, "dax0.0", "unmanaged");
	test_host_stop(&host);
}
END_TEST

/* A root of somebody's making has no /run. */
START_TEST(test_run_directory)
{
	_cleanup_free_ char *root = NULL, *run_dir = NULL;
	struct process_result result;
	struct test_host host;

	test_host_start(&host, NULL, NULL);
	ck_assert(!tree_has(host.root, "run"));
	test_host_start_daemon(&host);
	ck_assert(tree_has(host.root, "run/daxtierd/lock"));
	test_host_end_daemon(&host, SIGTERM);

	/* What is not below the root is not made on a mere slip. */
	ck_assert_int_gt(asprintf(&root, "--root=%s", host.root), 0);
	ck_assert_int_gt(asprintf(&run_dir, "--run-dir=%s.elsewhere/run", host.root), 0);
	process_run(&result, PROCESS_OWN_UID, (const char *[]){DAXTIERD, root, run_dir, NULL});
	ck_assert_int_eq(result.status, 1);
	ck_assert_msg(strstr(result.err, "Cannot make the run directory") != NULL, "%s",
		      result.err);
	process_result_done(&result);
	test_host_stop(&host);
}
END_TEST

START_TEST(test_bad_start)
{
	_cleanup_free_ char *root = NULL;
	struct process_result result;
	struct test_host host;

	test_host_start(&host, NULL, five_mistakes);
	ck_assert_int_gt(asprintf(&root, "--root=%s", host.root), 0);
	process_run(&result, PROCESS_OWN_UID, (const char *[]){DAXTIERD, root, NULL});
	ck_assert_int_eq(result.status, 78);
	for (size_t i = 0; i < ARRAY_SIZE(five_places); i++)
		ck_assert_msg(strstr(result.err, five_places[i]) != NULL, "%s", result.err);
	process_result_done(&result);
	test_host_assert_file(&host, AUTOPROBE, "1");
	test_host_stop(&host);
}
END_TEST

/* A rule for its serial keeps a device from being onlined also while the serial cannot be read. */
START_TEST(test_waits_for_a_serial)
{
	struct fake_kernel_device device = test_device("dax0.0");
	const struct fake_kernel_fault fault = {
		.op = FAKE_KERNEL_READ,
		.action = FAKE_KERNEL_FAIL,
		.times = UINT_MAX,
		.pattern = "*/serial",
		.error = -EIO,
	};
	struct test_host host;

	test_host_start(&host, NULL,
			"[daemon]\nsettle = 20ms\n"
			"[rule raw]\nmatch-serial = 0xabc1\nmode = devdax\n"
			"[rule slow]\nmatch-kind = cxl\nmode = system-ram\n");
	test_host_start_daemon(&host);
	fake_kernel_add_fault(host.root, &fault);
	fake_kernel_clear_log(host.root);
	test_host_add(&host, &device);
	test_host_wait(&host, "dax0.0", "pending");
	test_host_assert_like(&host, "dax0.0", "Reason", "serials could not be read");
	test_host_assert_like(&host, "dax0.0", "Reason", "rule \"raw\"");
	test_host_assert_writes(&host, (const char *[]){NULL});
	/* The daemon looks again by itself. */
	fake_kernel_clear_faults(host.root);
	test_host_wait(&host, "dax0.0", "devdax");
	test_host_assert(&host, "dax0.0", "Rule", "raw");
	test_host_stop(&host);
}
END_TEST

START_TEST(test_reload_takes_up_a_device)
{
	struct fake_kernel_device device = test_device("dax0.0");
	struct test_host host;

	device.kind = FAKE_KERNEL_PMEM;
	test_host_start(&host, NULL, NULL);
	test_host_start_daemon(&host);
	test_host_add(&host, &device);
	test_host_wait(&host, "dax0.0", "unmanaged");
	test_host_put_policy(&host,
			     "[daemon]\nsettle = 20ms\n[rule pmem]\nmatch-kind = pmem\nmode = "
			     "system-ram\n");
	ck_assert_ptr_null(test_host_reload(&host));
	test_host_wait(&host, "dax0.0", "online");
	test_host_assert(&host, "dax0.0", "Rule", "pmem");
	test_host_stop(&host);
}
END_TEST

START_TEST(test_reload_on_hangup)
{
	struct test_host host;

	test_host_start(&host, NULL, NULL);
	test_host_start_daemon(&host);
	test_host_put_policy(&host, five_mistakes);
	ck_assert_int_eq(kill(host.daemon.pid, SIGHUP), 0);
	host_wait_logged(&host, "keeping the one in force");
	test_host_stop(&host);
}
END_TEST

START_TEST(test_plan_touches_nothing)
{
	struct fake_kernel_device device = test_device("dax0.0");
	struct process_result result;
	struct test_host host;

	test_host_start(&host, NULL, NULL);
	test_host_start_daemon(&host);
	/* Nobody announces it, so the daemon has not seen it when it is asked. */
	test_host_add_silently(&host, &device);
	fake_kernel_clear_log(host.root);
	test_host_ctl(&host, &result, (const char *[]){DAXTIERCTL, "plan", NULL});
	ck_assert_int_eq(result.status, 0);
	ck_assert_msg(strstr(result.out, "bind-kmem") != NULL, "%s", result.out);
	ck_assert_msg(strstr(result.out, "min-size") != NULL, "%s", result.out);
	process_result_done(&result);
	test_host_assert_writes(&host, (const char *[]){NULL});
	test_host_stop(&host);
}
END_TEST

START_TEST(test_movable_guard)
{
	const struct fake_kernel_host kernel = {.dram = FAKE_KERNEL_GIB};
	struct fake_kernel_device device = test_device("dax0.0");
	struct test_host host;

	device.ranges[0].size = 8 * FAKE_KERNEL_GIB;
	test_host_start(&host, &kernel, NULL);
	test_host_start_daemon(&host);
	fake_kernel_clear_log(host.root);
	test_host_add(&host, &device);
	test_host_wait(&host, "dax0.0", "held-back");
	test_host_assert_like(&host, "dax0.0", "Reason", "max-ratio");
	test_host_assert_writes(&host, (const char *[]){NULL});
	test_host_stop(&host);
}
END_TEST

START_TEST(test_inert_knob)
{
	const struct fake_kernel_host kernel = {.memmap_param = "N"};
	struct fake_kernel_device device = test_device("dax0.0");
	struct test_host host;

	test_host_start(&host, &kernel,
			"[daemon]\nsettle = 20ms\n[rule slow]\nmatch-kind = cxl\nmode = "
			"system-ram\nmemmap-on-memory = yes\n");
	test_host_start_daemon(&host);
	test_host_add(&host, &device);
	test_host_wait(&host, "dax0.0", "online");
	test_host_assert(&host, "dax0.0", "MemmapWanted", "true");
	test_host_assert(&host, "dax0.0", "MemmapEffective", "false");
	test_host_assert_like(&host, "dax0.0", "MemmapReason", "memory_hotplug.memmap_on_memory=1");
	test_host_assert_logged(&host, "has no effect");
	test_host_stop(&host);
}
END_TEST

START_TEST(test_kernel_without_knob)
{
	const struct fake_kernel_host kernel = {.no_knob = true, .match_always = true};
	struct fake_kernel_device device = test_device("dax0.0");
	struct test_host host;

	test_host_start(&host, &kernel, NULL);
	test_host_start_daemon(&host);
	test_host_add(&host, &device);
	test_host_wait(&host, "dax0.0", "online");
	test_host_assert(&host, "dax0.0", "Zone", "Movable");
	test_host_assert(&host, "dax0.0", "MemmapKnob", "absent");
	test_host_stop(&host);
}
END_TEST

/* daxtierctl as a person uses it, against a daemon that has something to show. */
START_TEST(test_command_line)
{
	static const struct {
		const char *argv[5];
		int status;
		const char *out;
	} cases[] = {
		{{DAXTIERCTL, "status"}, 0, "dax0.0"},
		{{DAXTIERCTL, "show", "dax0.0"}, 0, "0xabc1"},
		{{DAXTIERCTL, "show", "dax9.9"}, 4, NULL},
		{{DAXTIERCTL, "plan"}, 0, "nothing to do"},
		{{DAXTIERCTL, "plan", "dax9.9"}, 4, NULL},
		{{DAXTIERCTL, "--json=short", "status"}, 0, "\"Devices\":"},
		{{DAXTIERCTL, "--json=pretty", "show", "dax0.0"}, 0, "\"Rule\""},
		{{DAXTIERCTL, "frobnicate"}, 2, NULL},
	};
	struct fake_kernel_device device = test_device("dax0.0");
	struct test_host host;

	test_host_start(&host, NULL, NULL);
	test_host_start_daemon(&host);
	test_host_add(&host, &device);
	test_host_wait(&host, "dax0.0", "online");
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct process_result result;

		test_host_ctl(&host, &result, cases[i].argv);
		ck_assert_msg(result.status == cases[i].status, "case %zu: %d\n%s%s", i,
			      result.status, result.out, result.err);
		if (cases[i].out)
			ck_assert_msg(strstr(result.out, cases[i].out) != NULL, "case %zu: %s", i,
				      result.out);
		else
			ck_assert_msg(*result.err != '\0', "case %zu says nothing", i);
		process_result_done(&result);
	}
	test_host_stop(&host);
}
END_TEST

Suite *suite_policy(void)
{
	Suite *suite = suite_create("policy");
	TCase *tcase = tcase_create("policy");

	tcase_set_timeout(tcase, 120);
	tcase_add_test(tcase, test_bad_reload_keeps_the_good);
	tcase_add_test(tcase, test_reload_says_what_changes);
	tcase_add_test(tcase, test_bad_start);
	tcase_add_test(tcase, test_no_configuration);
	tcase_add_test(tcase, test_run_directory);
	tcase_add_test(tcase, test_waits_for_a_serial);
	tcase_add_test(tcase, test_reload_takes_up_a_device);
	tcase_add_test(tcase, test_reload_on_hangup);
	tcase_add_test(tcase, test_plan_touches_nothing);
	tcase_add_test(tcase, test_movable_guard);
	tcase_add_test(tcase, test_inert_knob);
	tcase_add_test(tcase, test_kernel_without_knob);
	tcase_add_test(tcase, test_command_line);
	suite_add_tcase(suite, tcase);
	return suite;
}
