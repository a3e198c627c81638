/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who else onlines memory. */
#include "host-tree.h"
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
	ck_assert_str_eq(finding->value, "SUBSYSTEM==\"memory\", ATTR{state}=\"online\"");
	ck_assert_ptr_nonnull(
		strstr(finding->fix, "ln -s /dev/null /etc/udev/rules.d/80-hotplug.rules"));
	/* That is what the line does. */
	tree_link(patient.root, "etc/udev/rules.d/80-hotplug.rules", "/dev/null");
	tree_put(patient.root, "dev/null", "");
	patient_examine();
	patient_is_well();
}
END_TEST

/* Who runs daxctl with words of its own does not ask what daxctl is configured to do. */
START_TEST(test_daxctl_by_rule)
{
	const struct finding *finding;

	tree_put(patient.root, "etc/udev/rules.d/a.rules",
		 "SUBSYSTEM==\"dax\", RUN+=\"daxctl reconfigure-device -m system-ram $kernel\"\n");
	patient_examine();
	finding = patient_finds(FINDING_WARNING, ABOUT_AGENT, "udev");
	ck_assert_str_eq(
		finding->value,
		"SUBSYSTEM==\"dax\", RUN+=\"daxctl reconfigure-device -m system-ram $kernel\"");
	ck_assert_str_eq(finding->fix, "rm /etc/udev/rules.d/a.rules && udevadm control --reload");
}
END_TEST

#define DAXCTL_RULES "usr/lib/udev/rules.d/90-daxctl-device.rules"

static void put_rule_of_daxctl(void)
{
	tree_put(patient.root, DAXCTL_RULES,
		 "ACTION==\"add\", SUBSYSTEM==\"dax\", \\\n"
		 " RUN+=\"/usr/bin/daxctl reconfigure-device -C $env{DEVNAME}\"\n");
}

/* Its rule and its configuration: one does nothing without the other. */
START_TEST(test_daxctl_by_config)
{
	const struct finding *finding;

	put_rule_of_daxctl();
	tree_put(patient.root, "etc/daxctl.conf.d/daxctl.example.conf",
		 "# [reconfigure-device one]\n# nvdimm.uuid = 1\n");
	patient_examine();
	patient_is_well();
	tree_put(patient.root, "etc/daxctl.conf.d/pmem.conf",
		 "[reconfigure-device one]\nnvdimm.uuid = 1\n[other]\n");
	tree_put(patient.root, "etc/daxctl.conf.d/README", "[reconfigure-device one]\n");
	patient_examine();
	/* There is no persistent memory that it could be done to. */
	finding = patient_finds(FINDING_NOTE, ABOUT_AGENT, "daxctl");
	ck_assert_ptr_nonnull(strstr(finding->what, "/" DAXCTL_RULES));
	ck_assert_str_eq(finding->file, "/etc/daxctl.conf.d/pmem.conf");
	ck_assert_str_eq(finding->value, "[reconfigure-device one]");
	ck_assert_uint_eq(patient.findings.n, 1);
	tree_delete(patient.root, DAXCTL_RULES);
	patient_examine();
	patient_is_well();
}
END_TEST

START_TEST(test_daxctl_of_persistent_memory)
{
	host_tree_add_pmem(patient.root);
	put_rule_of_daxctl();
	tree_put(patient.root, "etc/daxctl.conf.d/pmem.conf", "[reconfigure-device one]\n");
	patient_examine();
	patient_finds(FINDING_WARNING, ABOUT_AGENT, "daxctl");
}
END_TEST

/* Held by nobody who is there: seen where processes can be seen. */
START_TEST(test_held_by_nobody)
{
	const struct finding *finding;

	tree_put(patient.root, AUTOPROBE, "0\n");
	patient_examine();
	patient_is_well();
	/* In a container. */
	tree_put(patient.root, "proc/2/comm", "sh\n");
	patient_examine();
	patient_is_well();
	tree_put(patient.root, "proc/2/comm", "kthreadd\n");
	tree_put(patient.root, "proc/77/comm", "daxtierctl\n");
	patient_examine();
	finding = patient_finds(FINDING_ERROR, ABOUT_AGENT, "no daxtierd runs");
	ck_assert_str_eq(finding->file, "/" AUTOPROBE);
	ck_assert_str_eq(finding->fix, "systemctl start daxtierd.service");
	/* The mark of the initramfs tells of the same. */
	tree_put(patient.root, "run/daxtierd/boot-claim", "");
	patient_examine();
	patient_finds(FINDING_ERROR, ABOUT_INITRAMFS, "has not started since");
	patient_lacks("no daxtierd runs");
	tree_delete(patient.root, "run/daxtierd/boot-claim");
	tree_put(patient.root, "proc/78/comm", "daxtierd\n");
	patient_examine();
	patient_is_well();
	tree_delete(patient.root, "proc/78");
	tree_put(patient.root, AUTOPROBE, "1\n");
	patient_examine();
	patient_is_well();
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
	tcase_add_test(tcase, test_daxctl_by_rule);
	tcase_add_test(tcase, test_daxctl_by_config);
	tcase_add_test(tcase, test_daxctl_of_persistent_memory);
	tcase_add_test(tcase, test_held_by_nobody);
	tcase_add_test(tcase, test_auto_online);
	suite_add_tcase(suite, tcase);
	return suite;
}
