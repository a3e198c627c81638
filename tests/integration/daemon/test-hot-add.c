/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The main job: a device appears while the daemon runs. */
#include <signal.h>
#include <string.h>

#include "base/cleanup.h"
#include "host-wait.h"
#include "suites.h"
#include "test-host.h"

#define KNOB "sys/bus/dax/devices/dax0.0/memmap_on_memory"

/* The same where the device really is, as the kernel model's log has it. */
#define KNOB_WRITTEN                                                                               \
	"sys/devices/platform/ACPI0017:00/root0/decoder0.0/region0/dax_region0/dax0.0/"            \
	"memmap_on_memory"

/* More than nothing, and less than the test may take. */
static void assert_online_after(struct test_host *host, const char *device)
{
	struct json_object *usec = test_host_get(host, device, "OnlineAfterUSec");

	ck_assert_int_gt(json_object_get_int64(usec), 0);
	ck_assert_int_lt(json_object_get_int64(usec), 60000000);
	json_object_put(usec);
}

START_TEST(test_comes_online)
{
	struct fake_kernel_device device = test_device("dax0.0");
	struct test_host host;

	test_host_start(&host, NULL, NULL);
	test_host_start_daemon(&host);
	test_host_assert_file(&host, AUTOPROBE, "0");
	fake_kernel_clear_log(host.root);
	test_host_add(&host, &device);
	test_host_wait(&host, "dax0.0", "online");

	test_host_assert(&host, "dax0.0", "Zone", "Movable");
	test_host_assert(&host, "dax0.0", "BlocksMovable", "8");
	test_host_assert(&host, "dax0.0", "Rule", "slow");
	assert_online_after(&host, "dax0.0");
	test_host_assert(&host, "dax0.0", "MemmapEffective", "false");
	test_host_assert_like(&host, "dax0.0", "MemmapReason", "min-size");
	test_host_assert_file(&host, KNOB, "0");
	test_host_assert_file(&host, AUTO_ONLINE, "online");
	test_host_assert_writes(&host, (const char *[]){
					       KNOB_WRITTEN " 0",
					       AUTO_ONLINE " online_movable",
					       "sys/bus/dax/drivers/kmem/bind dax0.0",
					       AUTO_ONLINE " online",
					       NULL,
				       });
	test_host_stop(&host);
}
END_TEST

START_TEST(test_states_on_the_way)
{
	struct fake_kernel_device device = test_device("dax0.0");
	static const char *const wanted[] = {"dax0.0 pending", "dax0.0 applying", "dax0.0 online"};
	struct test_host host;

	test_host_start(&host, NULL, NULL);
	test_host_start_daemon(&host);
	test_host_add(&host, &device);
	test_host_wait(&host, "dax0.0", "online");
	ck_assert_uint_eq(host.changes.n, ARRAY_SIZE(wanted));
	for (size_t i = 0; i < ARRAY_SIZE(wanted); i++)
		ck_assert_str_eq(host.changes.items[i], wanted[i]);
	test_host_stop(&host);
}
END_TEST

/* 16 GiB reach min-size, so the memmap depends on the distance, which is a forecast before the
 * bind. */
static const char distance_policy[] =
	"[daemon]\nsettle = 20ms\n"
	"[memmap]\nmin-size = 1G\nmax-distance = 25\ndram-budget = 50%\n"
	"[rule slow]\nmatch-kind = cxl\nmode = system-ram\n";

START_TEST(test_distance_confirmed)
{
	struct fake_kernel_device device = test_device("dax0.0");
	struct test_host host;

	test_host_start(&host, NULL, distance_policy);
	test_host_start_daemon(&host);
	test_host_add(&host, &device);
	test_host_wait(&host, "dax0.0", "online");
	test_host_assert(&host, "dax0.0", "MemmapEffective", "true");
	test_host_assert(&host, "dax0.0", "Zone", "Movable");
	test_host_assert_logged(&host, "is a forecast");
	test_host_assert_file(&host, KNOB, "1");
	test_host_stop(&host);
}
END_TEST

/* Firmware lists nothing, so 20 is assumed; the node turns out to be at 30, beyond max-distance. */
START_TEST(test_distance_refuted)
{
	struct fake_kernel_device device = test_device("dax0.0");
	struct test_host host;

	device.distance = 30;
	test_host_start(&host, NULL, distance_policy);
	test_host_start_daemon(&host);
	fake_kernel_clear_log(host.root);
	test_host_add(&host, &device);
	test_host_wait(&host, "dax0.0", "online");
	test_host_assert(&host, "dax0.0", "MemmapEffective", "false");
	test_host_assert(&host, "dax0.0", "Distance", "30");
	test_host_assert_like(&host, "dax0.0", "MemmapReason", "beyond max-distance 25");
	test_host_assert_file(&host, AUTO_ONLINE, "online");
	test_host_assert_writes(&host,
				(const char *[]){
					/* the forecast agrees with the knob's default of 1 */
					AUTO_ONLINE " offline",
					"sys/bus/dax/drivers/kmem/bind dax0.0",
					AUTO_ONLINE " online",
					"sys/bus/dax/drivers/kmem/unbind dax0.0",
					KNOB_WRITTEN " 0",
					AUTO_ONLINE " online_movable",
					"sys/bus/dax/drivers/kmem/bind dax0.0",
					AUTO_ONLINE " online",
					NULL,
				});
	test_host_stop(&host);
}
END_TEST

static const char pmem_policy[] = "[daemon]\nsettle = 20ms\n"
				  "[rule pmem]\nmatch-kind = pmem\nmode = system-ram\n";

/* A pmem device is bound to device_dax and needs an id for kmem; the shipped policy never manages
 * one. */
START_TEST(test_pmem_by_rule)
{
	struct fake_kernel_device device = test_device("dax0.0");
	struct test_host host;

	device.kind = FAKE_KERNEL_PMEM;
	test_host_start(&host, NULL, pmem_policy);
	test_host_start_daemon(&host);
	test_host_add(&host, &device);
	test_host_wait(&host, "dax0.0", "online");
	test_host_assert(&host, "dax0.0", "Kind", "pmem");
	test_host_assert(&host, "dax0.0", "Zone", "Movable");
	test_host_stop(&host);
}
END_TEST

/* It may hold data, which a rule for everything would destroy without meaning to. */
START_TEST(test_catch_all_leaves_pmem)
{
	struct fake_kernel_device pmem = test_device("dax0.0"), cxl = test_device("dax1.0");
	struct process_result result;
	struct test_host host;

	pmem.kind = FAKE_KERNEL_PMEM;
	test_host_start(&host, NULL, "[daemon]\nsettle = 20ms\n[rule all]\nmode = system-ram\n");
	test_host_start_daemon(&host);
	test_host_add(&host, &pmem);
	test_host_wait(&host, "dax0.0", "unmanaged");
	test_host_assert_like(&host, "dax0.0", "Reason",
			      "(rule \"all\" would, but takes pmem only when match-kind names it)");
	test_host_ctl(&host, &result, (const char *[]){DAXTIERCTL, "plan", "dax0.0", NULL});
	ck_assert_msg(strstr(result.out, "unmanaged, nothing to do") != NULL, "%s", result.out);
	ck_assert_msg(strstr(result.out, "rule \"all\" would") != NULL, "%s", result.out);
	process_result_done(&result);

	test_host_add(&host, &cxl);
	test_host_wait(&host, "dax1.0", "online");
	test_host_assert(&host, "dax1.0", "Rule", "all");
	test_host_assert(&host, "dax0.0", "Driver", "device_dax");
	test_host_assert(&host, "dax0.0", "BlocksOnline", "0");
	test_host_stop(&host);
}
END_TEST

START_TEST(test_unmanaged_is_handed_over)
{
	struct fake_kernel_device device = test_device("dax0.0");
	struct test_host host;

	device.kind = FAKE_KERNEL_PMEM;
	test_host_start(&host, NULL, NULL);
	test_host_start_daemon(&host);
	fake_kernel_clear_log(host.root);
	test_host_add(&host, &device);
	test_host_wait(&host, "dax0.0", "unmanaged");
	host_wait_path(&host, "sys/bus/dax/drivers/device_dax/dax0.0");
	test_host_wait(&host, "dax0.0", "unmanaged");
	test_host_assert(&host, "dax0.0", "Driver", "device_dax");
	test_host_assert_writes(&host, (const char *[]){"sys/bus/dax/drivers_probe dax0.0", NULL});
	test_host_stop(&host);
}
END_TEST

START_TEST(test_holder_is_spared_until_it_lets_go)
{
	struct fake_kernel_device device = test_device("dax0.0");
	_cleanup_fclose_ FILE *node = NULL;
	_cleanup_free_ char *path = NULL;
	struct test_host host;

	device.kind = FAKE_KERNEL_PMEM;
	test_host_start(&host, NULL, pmem_policy);
	test_host_add_silently(&host, &device);
	fake_kernel_start_process(host.root, 4711, "postgres", "dax0.0", FAKE_KERNEL_OPEN);
	test_host_start_daemon(&host);
	test_host_wait(&host, "dax0.0", "failed");
	test_host_assert_like(&host, "dax0.0", "Reason", "4711 (postgres)");
	test_host_assert(&host, "dax0.0", "Driver", "device_dax");

	fake_kernel_end_process(host.root, 4711);
	ck_assert_int_gt(asprintf(&path, "%s/dev/dax0.0", host.root), 0);
	node = fopen(path, "re");
	ck_assert_ptr_nonnull(node);
	fclose(node); /* closing the node is the only hint that there will ever be */
	node = NULL;
	test_host_wait(&host, "dax0.0", "online");
	test_host_stop(&host);
}
END_TEST

START_TEST(test_leaves)
{
	struct fake_kernel_device device = test_device("dax0.0");
	struct test_host host;

	test_host_start(&host, NULL, "[daemon]\nsettle = 20ms\n[rule no]\nmode = ignore\n");
	test_host_start_daemon(&host);
	device.kind = FAKE_KERNEL_PMEM;
	test_host_add(&host, &device);
	host_wait_path(&host, "sys/bus/dax/drivers/device_dax/dax0.0");
	test_host_remove(&host, "dax0.0");
	test_host_wait_gone(&host, "dax0.0");
	/* The next one under the name is another device, and is handed over as well. */
	test_host_add(&host, &device);
	host_wait_path(&host, "sys/bus/dax/drivers/device_dax/dax0.0");
	test_host_stop(&host);
}
END_TEST

/* Before the first device there may be no bus; it is claimed as it appears, before anything is on
 * it. */
START_TEST(test_bus_comes_later)
{
	const struct fake_kernel_host kernel = {.no_dax = true};
	struct fake_kernel_device device = test_device("dax0.0");
	struct test_host host;

	test_host_start(&host, &kernel, NULL);
	test_host_start_daemon(&host);
	test_host_assert(&host, NULL, "Claimed", "false");
	test_host_add(&host, &device);
	/* Here the kernel was faster, as it is where the daemon starts late: it is put right. */
	test_host_wait(&host, "dax0.0", "online");
	test_host_assert(&host, "dax0.0", "Zone", "Movable");
	test_host_assert_logged(&host, "8 of 8 blocks are online in zone Normal");
	test_host_assert_logged(&host, "as convert = hot-added says");
	test_host_assert_file(&host, AUTOPROBE, "0");
	test_host_stop(&host);
}
END_TEST

START_TEST(test_no_driver)
{
	const struct fake_kernel_host kernel = {.no_kmem = true};
	struct fake_kernel_device device = test_device("dax0.0");
	struct test_host host;

	test_host_start(&host, &kernel, NULL);
	test_host_start_daemon(&host);
	test_host_add(&host, &device);
	test_host_wait(&host, "dax0.0", "failed");
	test_host_assert(&host, "dax0.0", "LastErrorStep", "load-module");
	test_host_assert_like(&host, "dax0.0", "LastErrorMessage", "CONFIG_DEV_DAX_KMEM");
	test_host_stop(&host);
}
END_TEST

Suite *suite_hot_add(void)
{
	Suite *suite = suite_create("hot-add");
	TCase *tcase = tcase_create("hot-add");

	tcase_set_timeout(tcase, 120);
	tcase_add_test(tcase, test_comes_online);
	tcase_add_test(tcase, test_states_on_the_way);
	tcase_add_test(tcase, test_distance_confirmed);
	tcase_add_test(tcase, test_distance_refuted);
	tcase_add_test(tcase, test_pmem_by_rule);
	tcase_add_test(tcase, test_catch_all_leaves_pmem);
	tcase_add_test(tcase, test_unmanaged_is_handed_over);
	tcase_add_test(tcase, test_holder_is_spared_until_it_lets_go);
	tcase_add_test(tcase, test_leaves);
	tcase_add_test(tcase, test_bus_comes_later);
	tcase_add_test(tcase, test_no_driver);
	suite_add_tcase(suite, tcase);
	return suite;
}
