/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Captured hosts as a whole, and reading that fails. */
#include <stdlib.h>

#include "base/cleanup.h"
#include "doctor/evidence.h"
#include "failing-alloc.h"
#include "initramfs-image.h"
#include "patient.h"
#include "suites.h"
#include "tree.h"

#define ALLOCATIONS_MAX 5000

START_TEST(test_left_alone)
{
	patient_examine_below(FIXTURES "/cxl-online-normal/host");
	patient_finds(FINDING_WARNING, ABOUT_AGENT, "brings new memory online by itself");
	ck_assert_uint_eq(patient.findings.n, 1);
	/* What the host was captured without is said. */
	ck_assert_uint_gt(patient.unseen.n, 2);
}
END_TEST

START_TEST(test_lost_to_alignment)
{
	patient_examine_below(FIXTURES "/nvdimm-devdax/host");
	patient_finds(FINDING_NOTE, ABOUT_DEVICE, "126 MiB of dax1.0 are lost");
	patient_lacks("malformed");
}
END_TEST

static void put_all(void)
{
	struct bytes image = {};

	tree_put(patient.root, "proc/cmdline", "numa=off\n");
	tree_put(patient.root, "boot/config-" RELEASE, "CONFIG_NUMA=y\n");
	tree_put(patient.root, "lib/modules/" RELEASE "/modules.dep", "");
	tree_put(patient.root, "lib/modules/" RELEASE "/modules.builtin", "");
	tree_put(patient.root, "etc/modprobe.d/a.conf", "blacklist cxl_pci\n");
	tree_put(patient.root, "etc/daxctl.conf.d/a.conf", "[reconfigure-device a]\n");
	tree_put(patient.root, "etc/udev/rules.d/b.rules", "RUN+=\"daxctl -C $kernel\"\n");
	tree_put(patient.root, "proc/2/comm", "kthreadd\n");
	tree_put(patient.root, "etc/udev/rules.d/a.rules",
		 "SUBSYSTEM==\"memory\", ATTR{state}=\"online\"\n");
	tree_put(patient.root, "sys/bus/pci/devices/0000:0d:00.0/class", "0x050210\n");
	tree_put(patient.root, "sys/firmware/acpi/tables/SRAT", "no table");
	tree_put(patient.root, "sys/firmware/acpi/tables/SLIT", "no table");
	cpio_add(&image, "m/kmem.ko", "");
	cpio_add(&image, "m/dax_cxl.ko", "");
	cpio_add(&image, "etc/modprobe.d/b.conf", "blacklist cxl_mem\n");
	cpio_add(&image, "conf/modules", "cxl_mem\n");
	cpio_add(&image, "usr/lib/udev/rules.d/a.rules",
		 "SUBSYSTEM==\"memory\", ATTR{state}=\"online\"\n");
	cpio_end(&image);
	tree_put_blob(patient.root, "boot/initrd.img-" RELEASE, image.data, image.size);
	bytes_done(&image);
}

/* The facts need not be the tree's. */
static int look_and_examine(struct sysfs *sysfs, struct findings *findings)
{
	_cleanup_(evidence_done) struct evidence evidence = {};
	char release[] = RELEASE;
	struct facts facts = {.host = {.kernel_release = release, .dax_autoprobe = 0}};
	int r;

	r = evidence_look(sysfs, &facts, &evidence);
	return r < 0 ? r : doctor_examine(&facts, &evidence, findings);
}

START_TEST(test_each_allocation_fails)
{
	_cleanup_(sysfs_close) struct sysfs sysfs = {.root_fd = -EBADF};
	unsigned n;
	int r = -1;

	put_all();
	ck_assert_int_eq(sysfs_open(&sysfs, patient.root, NULL, NULL), 0);
	for (n = 1; n < ALLOCATIONS_MAX; n++) {
		findings_done(&patient.findings);
		failing_alloc_arm(n);
		r = look_and_examine(&sysfs, &patient.findings);
		if (!failing_alloc_disarm())
			break;
		ck_assert_int_eq(r, -ENOMEM);
	}
	ck_assert_int_eq(r, 0);
	ck_assert_uint_gt(n, 50);
	ck_assert_uint_gt(patient.findings.n, 10);
}
END_TEST

Suite *host_suite(void)
{
	Suite *suite = suite_create("hosts");
	TCase *tcase = tcase_create("hosts");

	tcase_add_checked_fixture(tcase, patient_setup, patient_teardown);
	tcase_add_test(tcase, test_left_alone);
	tcase_add_test(tcase, test_lost_to_alignment);
	tcase_add_test(tcase, test_each_allocation_fails);
	tcase_set_timeout(tcase, 120);
	suite_add_tcase(suite, tcase);
	return suite;
}
