/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What an operator types, and reads in answer, from a host with a real daemon. */
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "fake-kernel-offline.h"
#include "test-host.h"
#include "tree.h"

/* The blocks of test_device("dax0.0"): 64 GiB and one GiB more, in blocks of 128 MiB. */
#define FIRST_BLOCK 512
#define BLOCK_STATE "sys/devices/system/memory/memory512/state"
#define BLOCK_ZONES "sys/devices/system/memory/memory512/valid_zones"
#define DRIVER	    "sys/bus/dax/devices/dax0.0/driver"

/* As daxtierctl(1) has them. */
enum {
	OK = 0,
	NOT_DONE = 6,
};

static struct test_host host;

static void setup(void)
{
	setenv("LC_ALL", "C.UTF-8", 1);
	test_host_start(&host, NULL, NULL);
	test_host_start_daemon(&host);
}

static void teardown(void)
{
	test_host_stop(&host);
}

static void add_device(void)
{
	struct fake_kernel_device device = test_device("dax0.0");

	test_host_add(&host, &device);
	test_host_wait(&host, "dax0.0", "online");
}

/* Runs daxtierctl with these arguments; what it prints has every one of the parts. */
#define ARGUMENTS(...) ((const char *const[]){DAXTIERCTL, __VA_ARGS__, NULL})
#define PARTS(...)     ((const char *const[]){__VA_ARGS__, NULL})
static void ctl(int status, const char *const arguments[], const char *const out[],
		const char *const err[])
{
	_cleanup_free_ char *log = NULL;
	struct process_result result;

	test_host_ctl(&host, &result, arguments);
	log = test_host_log(&host);
	ck_assert_msg(result.status == status, "%s %s ended with %d\n%s%s\n%s", arguments[1],
		      arguments[2] ?: "", result.status, result.out, result.err, log);
	for (size_t i = 0; out && out[i]; i++)
		ck_assert_msg(strstr(result.out, out[i]) != NULL, "no \"%s\" in\n%s", out[i],
			      result.out);
	for (size_t i = 0; err && err[i]; i++)
		ck_assert_msg(strstr(result.err, err[i]) != NULL, "no \"%s\" in\n%s", err[i],
			      result.err);
	process_result_done(&result);
}

START_TEST(test_release_and_apply)
{
	add_device();
	ctl(OK, ARGUMENTS("release", "dax0.0", "--dry-run"),
	    PARTS("dax0.0: can be released", "1 GiB in 8 blocks"), NULL);
	ctl(OK, ARGUMENTS("release", "dax0.0"),
	    PARTS("dax0.0: released; \"daxtierctl apply dax0.0\""), PARTS("dax0.0: releasing"));
	test_host_wait(&host, "dax0.0", "released");
	test_host_assert_file(&host, "sys/bus/dax/drivers_autoprobe", "0");
	ctl(OK, ARGUMENTS("status"),
	    PARTS("1 released", "\"daxtierctl apply dax0.0\" takes it up again"), NULL);
	ctl(OK, ARGUMENTS("plan", "dax0.0"), PARTS("dax0.0: released, nothing to do"), NULL);
	/* Once more is no error. */
	ctl(OK, ARGUMENTS("release", "dax0.0"), PARTS("dax0.0: released; "), NULL);
	test_host_wait(&host, "dax0.0", "released");
	ctl(OK, ARGUMENTS("apply", "dax0.0"), PARTS("dax0.0: online"), NULL);
	test_host_wait(&host, "dax0.0", "online");
	test_host_assert_file(&host, BLOCK_ZONES, "Movable");
}
END_TEST

START_TEST(test_release_of_what_will_not_go)
{
	add_device();
	fake_kernel_pin_block(host.root, FIRST_BLOCK + 3, UINT_MAX);
	ctl(NOT_DONE, ARGUMENTS("release", "dax0.0", "--deadline=2s"), NULL,
	    PARTS("dax0.0: releasing, ", "dax0.0 was not released: ", "515",
		  "a longer --deadline may help"));
	test_host_wait(&host, "dax0.0", "online");
	test_host_assert_file(&host, BLOCK_STATE, "online");
	test_host_assert_file(&host, BLOCK_ZONES, "Movable");
}
END_TEST

/* The host's own figures, with the daemon and without. */
START_TEST(test_tiers)
{
	_cleanup_free_ char *root = NULL;

	add_device();
	ck_assert_int_gt(asprintf(&root, "--root=%s", host.root), 0);
	ctl(OK, ARGUMENTS("status"), PARTS("Memory tiers", "dax0.0", "Limits\n"), NULL);
	ctl(OK, ARGUMENTS("status", root), PARTS("Memory tiers", "dax0.0", "in use"), NULL);
	ctl(OK, ARGUMENTS("show", root, "dax0.0"), PARTS("dax0.0\n", "In zone Movable"), NULL);
	ctl(OK, ARGUMENTS("show", "dax0.0"), PARTS("Brought online"), NULL);
}
END_TEST

/* Up to a line with this part; what comes before may come or not, as it goes. */
static void read_until(struct process *process, const char *part)
{
	char *line;

	while ((line = process_read_line(process))) {
		bool found = strstr(line, part) != NULL;

		free(line);
		if (found)
			return;
	}
	ck_abort_msg("it ended without \"%s\"", part);
}

/* From before there is a device over a restart of the daemon to a release. */
START_TEST(test_monitor)
{
	struct process monitor;

	process_start(&monitor, ARGUMENTS("monitor"));
	read_until(&monitor, " is there; no device");
	add_device();
	read_until(&monitor, "dax0.0    applying → online; ");
	test_host_end_daemon(&host, SIGTERM);
	read_until(&monitor, "daxtierd  is not running; waiting for it");
	test_host_start_daemon(&host);
	read_until(&monitor, " is there; ");
	test_host_wait(&host, "dax0.0", "online");
	ctl(OK, ARGUMENTS("release", "dax0.0"), NULL, NULL);
	read_until(&monitor, "dax0.0    releasing, ");
	read_until(&monitor, " → released; ");
	ck_assert_int_eq(process_stop(&monitor, SIGINT), 128 + SIGINT);
}
END_TEST

static const char kernel_policy[] = "[daemon]\nsettle = 20ms\nconvert = never\n"
				    "[rule fast]\nmatch-kind = cxl\nmode = system-ram\n"
				    "zone = kernel\n";

START_TEST(test_reload_that_changes_a_rule)
{
	add_device();
	ctl(OK, ARGUMENTS("reload"), PARTS("It changes nothing for any device."), NULL);
	test_host_put_policy(&host, kernel_policy);
	ctl(OK, ARGUMENTS("reload"),
	    PARTS("What it changes:\n", "dax0.0: mismatch, nothing to do\n",
		  "Was                online, by rule slow, zone movable",
		  "Rule               fast\n"),
	    NULL);
	test_host_wait(&host, "dax0.0", "mismatch");
	test_host_assert_file(&host, BLOCK_ZONES, "Movable");
	ctl(NOT_DONE, ARGUMENTS("apply", "dax0.0"), NULL,
	    PARTS("dax0.0 was not applied: ", "apply it with --force"));
	ctl(OK, ARGUMENTS("apply", "--force", "dax0.0"), PARTS("dax0.0: online"), NULL);
	test_host_assert_file(&host, BLOCK_ZONES, "Normal");
}
END_TEST

static const char region_policy[] = "[daemon]\nsettle = 20ms\n"
				    "[regions]\ncreate-regions = yes\n"
				    "[rule slow]\nmatch-kind = cxl\nmode = system-ram\n";
static const char other_policy[] = "[daemon]\nsettle = 10ms\n"
				   "[regions]\ncreate-regions = yes\n"
				   "[rule other]\nmatch-kind = cxl\nmode = system-ram\n"
				   "zone = kernel\n";

/* To the card's being pulled, or taken up again. */
START_TEST(test_eject)
{
	test_host_put_policy(&host, region_policy);
	ctl(OK, ARGUMENTS("reload"), NULL, NULL);
	add_device();
	ctl(OK, ARGUMENTS("release", "dax0.0", "--dry-run", "--eject"),
	    PARTS("dax0.0: can be released", "region0 would be taken apart"), NULL);
	ctl(OK, ARGUMENTS("release", "--eject", "dax0.0"),
	    PARTS("dax0.0: released, and region0 is gone\n",
		  "mem0, serial number 0xabc1: nothing else is on it, and the card can be "
		  "pulled\n"),
	    NULL);
	ctl(OK, ARGUMENTS("status"),
	    PARTS("There is no dax device", "CXL memory devices without a region\n",
		  "serial 0xabc1"),
	    NULL);
	/* What is said of regions is the same. */
	test_host_put_policy(&host, other_policy);
	ctl(OK, ARGUMENTS("reload"), PARTS("It changes nothing for any device."), NULL);
	ctl(OK, ARGUMENTS("status"), PARTS("mem0 released, 1 GiB, serial 0xabc1\n"), NULL);
	ctl(OK, ARGUMENTS("plan", "mem0"), PARTS("mem0: released, nothing to do\n"), NULL);
	ctl(OK, ARGUMENTS("apply", "mem0"), PARTS("mem0: in region"), NULL);
	/* The region and its device have the next names. */
	test_host_wait(&host, "dax1.0", "online");
	test_host_assert(&host, "dax1.0", "Zone", "Normal");
}
END_TEST

static const char devdax_policy[] = "[daemon]\nsettle = 20ms\n"
				    "[rule raw]\nmatch-kind = cxl\nmode = devdax\n";

/* Who has it open is asked of each device that is rehearsed, also of one that is as it should be.
 */
START_TEST(test_eject_of_what_is_in_use)
{
	struct fake_kernel_device device = test_device("dax0.0");

	test_host_put_policy(&host, devdax_policy);
	ctl(OK, ARGUMENTS("reload"), NULL, NULL);
	test_host_add(&host, &device);
	test_host_wait(&host, "dax0.0", "devdax");
	ctl(OK, ARGUMENTS("release", "dax0.0", "--dry-run", "--eject"),
	    PARTS("dax0.0: can be released"), NULL);
	fake_kernel_start_process(host.root, 4711, "qemu", "dax0.0", FAKE_KERNEL_OPEN);
	sleep(2); /* an answer is given again for a second */
	ctl(OK, ARGUMENTS("plan", "dax0.0"), NULL, NULL); /* which asks nobody */
	ctl(NOT_DONE, ARGUMENTS("release", "dax0.0", "--dry-run", "--eject"),
	    PARTS("dax0.0: cannot be released", "held open by 4711 (qemu)"), NULL);
	ctl(NOT_DONE, ARGUMENTS("release", "dax0.0", "--eject"), NULL,
	    PARTS("held open by 4711 (qemu)", "stop that first"));
	test_host_assert(&host, "dax0.0", "Driver", "device_dax");
}
END_TEST

static void undo_by_hand(void)
{
	_cleanup_free_ char *path = NULL;

	for (unsigned block = FIRST_BLOCK; block < FIRST_BLOCK + 8; block++) {
		free(path);
		ck_assert_int_gt(asprintf(&path, "sys/devices/system/memory/memory%u/state", block),
				 0);
		test_host_write(&host, path, "offline");
	}
	test_host_write(&host, "sys/bus/dax/drivers/kmem/unbind", "dax0.0");
	test_host_device_event(&host, "dax0.0", "unbind");
}

static void wait_for_driver(void)
{
	for (int i = 0; i < 1000 && !tree_has(host.root, DRIVER); i++)
		g_usleep(10000);
	test_host_wait(&host, "dax0.0", "online");
}

/* The person who is told that somebody competes is told whom to look at. */
START_TEST(test_competitor)
{
	add_device();
	tree_put(host.root, "etc/udev/rules.d/85-hotplug.rules",
		 "SUBSYSTEM==\"memory\", ACTION==\"add\", ATTR{state}=\"online\"\n");
	for (int i = 0; i < 3; i++) {
		undo_by_hand();
		wait_for_driver();
	}
	undo_by_hand();
	test_host_wait(&host, "dax0.0", "mismatch");
	ctl(OK, ARGUMENTS("status"),
	    PARTS("dax0.0 mismatch\n",
		  "what may compete: udev rule /etc/udev/rules.d/85-hotplug.rules"),
	    NULL);
	ctl(OK, ARGUMENTS("apply", "dax0.0"), PARTS("dax0.0: online; "), NULL);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("operator");
	TCase *tcase = tcase_create("operator");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_set_timeout(tcase, 120);
	tcase_add_test(tcase, test_release_and_apply);
	tcase_add_test(tcase, test_release_of_what_will_not_go);
	tcase_add_test(tcase, test_tiers);
	tcase_add_test(tcase, test_monitor);
	tcase_add_test(tcase, test_reload_that_changes_a_rule);
	tcase_add_test(tcase, test_eject);
	tcase_add_test(tcase, test_eject_of_what_is_in_use);
	tcase_add_test(tcase, test_competitor);
	suite_add_tcase(suite, tcase);
	return test_host_run(srunner_create(suite));
}
