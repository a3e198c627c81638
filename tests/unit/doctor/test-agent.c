/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who else onlines memory. */
#include "patient.h"
#include "suites.h"
#include "tree.h"

#define AUTO_ONLINE "sys/devices/system/memory/auto_online_blocks"
#define AUTOPROBE   "sys/bus/dax/drivers_autoprobe"

START_TEST(test_udev)
{
	const struct finding *finding;

	tree_put(patient.root, "usr/lib/udev/rules.d/80-hotplug.rules",
		 "SUBSYSTEM==\"memory\", ATTR{state}=\"online\"\n");
	tree_put(patient.root, "usr/lib/udev/rules.d/60-other.rules",
		 "SUBSYSTEM==\"block\", ATTR{state}=\"online\"\n");
	patient_examine();
	finding = patient_finds(FINDING_WARNING, ABOUT_AGENT, "udev");
	ck_assert_str_eq(finding->file, "/usr/lib/udev/rules.d/80-hotplug.rules");
	ck_assert_ptr_nonnull(
		strstr(finding->fix, "ln -s /dev/null /etc/udev/rules.d/80-hotplug.rules"));
	/* That is what the line does. */
	tree_link(patient.root, "etc/udev/rules.d/80-hotplug.rules", "/dev/null");
	tree_put(patient.root, "dev/null", "");
	patient_examine();
	patient_is_well();
}
END_TEST

START_TEST(test_daxctl)
{
	const struct finding *finding;

	tree_put(patient.root, "etc/daxctl.conf.d/pmem.conf",
		 "[reconfigure-device one]\nnvdimm.uuid = 1\n[other]\n");
	tree_put(patient.root, "etc/daxctl.conf.d/README", "[reconfigure-device one]\n");
	patient_examine();
	finding = patient_finds(FINDING_WARNING, ABOUT_AGENT, "daxctl");
	ck_assert_str_eq(finding->file, "/etc/daxctl.conf.d/pmem.conf");
	ck_assert_str_eq(finding->value, "[reconfigure-device one]");
	ck_assert_uint_eq(patient.findings.n, 1);
}
END_TEST

START_TEST(test_auto_online)
{
	const struct finding *finding;

	tree_put(patient.root, AUTO_ONLINE, "online\n");
	tree_put(patient.root, AUTOPROBE, "1\n");
	patient_examine();
	finding = patient_finds(FINDING_WARNING, ABOUT_AGENT, "in a zone");
	ck_assert_str_eq(finding->file, "/" AUTO_ONLINE);
	ck_assert_str_eq(finding->value, "online");
	/* daxtierd holds the bus. */
	tree_put(patient.root, AUTOPROBE, "0\n");
	patient_examine();
	patient_is_well();
	tree_put(patient.root, AUTOPROBE, "1\n");
	tree_put(patient.root, AUTO_ONLINE, "offline\n");
	patient_examine();
	patient_is_well();
}
END_TEST

Suite *agent_suite(void)
{
	Suite *suite = suite_create("agents");
	TCase *tcase = tcase_create("agents");

	tcase_add_checked_fixture(tcase, patient_setup, patient_teardown);
	tcase_add_test(tcase, test_udev);
	tcase_add_test(tcase, test_daxctl);
	tcase_add_test(tcase, test_auto_online);
	suite_add_tcase(suite, tcase);
	return suite;
}
