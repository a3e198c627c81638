/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Modules, and the cards that wait for them. */
#include <stdio.h>

#include "base/cleanup.h"
#include "patient.h"
#include "suites.h"
#include "tree.h"

#define MODULES "lib/modules/" RELEASE

static const char dax[] = "kernel/drivers/dax/kmem.ko.xz: kernel/x.ko\n"
			  "kernel/drivers/dax/hmem/dax_hmem.ko.xz:\n";

START_TEST(test_installed_and_built_in)
{
	tree_put(patient.root, MODULES "/modules.dep", dax);
	tree_put(patient.root, MODULES "/modules.builtin", "kernel/drivers/dax/device_dax.ko\n");
	patient_examine();
	patient_is_well();
}
END_TEST

START_TEST(test_not_installed)
{
	const struct finding *finding;

	/* Neither is it what another one's name ends in, nor as long, nor what one needs. */
	tree_put(patient.root, MODULES "/modules.dep",
		 "kernel/drivers/dax/xkmem.ko: kernel/drivers/dax/kmem.ko\nkernel/lib/kmod.ko:\n"
		 "kernel/drivers/dax/device-dax.ko:\nkernel/drivers/dax/hmem/dax_hmem.ko:\n");
	tree_put(patient.root, MODULES "/modules.builtin", "");
	patient_examine();
	finding = patient_finds(FINDING_ERROR, ABOUT_MODULE, "no module kmem");
	ck_assert_str_eq(finding->file, "/" MODULES "/modules.dep");
	ck_assert_uint_eq(patient.findings.n, 1);
	/* Of a kernel without it, the option is what is told. */
	tree_put(patient.root, "boot/config-" RELEASE, "CONFIG_DEV_DAX=y\n");
	patient_examine();
	patient_lacks("no module kmem");
	patient_finds(FINDING_ERROR, ABOUT_KERNEL, "CONFIG_DEV_DAX_KMEM");
}
END_TEST

START_TEST(test_modprobe)
{
	const struct finding *finding;

	tree_put(patient.root, "etc/modprobe.d/a.conf",
		 "# blacklist cxl_mem\n  blacklist cxl-pci \nblacklist kmem\nblacklist floppy\n"
		 "install dax_cxl /bin/false\ninstall cxl_acpi /sbin/modprobe cxl_acpi\n");
	patient_examine();
	finding = patient_finds(FINDING_ERROR, ABOUT_MODULE, "cxl_pci");
	ck_assert_str_eq(finding->file, "/etc/modprobe.d/a.conf");
	ck_assert_str_eq(finding->value, "blacklist cxl-pci");
	ck_assert_str_eq(finding->fix,
			 "sed -i '/^\\s*blacklist\\s*cxl-pci\\b/d' /etc/modprobe.d/a.conf");
	patient_finds(FINDING_NOTE, ABOUT_MODULE, "kmem");
	patient_finds(FINDING_ERROR, ABOUT_MODULE, "dax_cxl");
	ck_assert_uint_eq(patient.findings.n, 3);
	/* The worst first. */
	ck_assert_int_eq(patient.findings.items[2].severity, FINDING_NOTE);
}
END_TEST

/* Backslashes join lines, in comments as well. */
START_TEST(test_joined_lines)
{
	const struct finding *finding;

	tree_put(
		patient.root, "etc/modprobe.d/a.conf",
		"# not \\\nblacklist cxl_mem\ninstall cxl_pci \\\n\t/bin/false\nblacklist dax_cxl");
	patient_examine();
	finding = patient_finds(FINDING_ERROR, ABOUT_MODULE, "cxl_pci");
	ck_assert_str_eq(finding->fix, "remove this line from the file");
	patient_finds(FINDING_ERROR, ABOUT_MODULE, "dax_cxl");
	ck_assert_uint_eq(patient.findings.n, 2);
}
END_TEST

/* By its name it is refused to everybody, by what the kernel asks for it is not loaded by itself.
 */
START_TEST(test_alias_off)
{
	const struct finding *finding;

	tree_put(patient.root, "etc/modprobe.d/a.conf",
		 "alias dax:t0* off\nalias cxl:t5* off\nalias cxl_acpi off\nalias net-pf-1 off\n"
		 "alias cxl_pci other\nsoftdep cxl_port pre: nothing\noptions kmem a=b\n");
	patient_examine();
	patient_finds(FINDING_NOTE, ABOUT_MODULE, "kmem");
	finding = patient_finds(FINDING_ERROR, ABOUT_MODULE, "cxl_mem");
	/* A pattern is none that sed knows. */
	ck_assert_str_eq(finding->fix, "remove this line from the file");
	patient_finds(FINDING_ERROR, ABOUT_MODULE, "cxl_acpi");
	ck_assert_uint_eq(patient.findings.n, 3);
	tree_put(patient.root, "etc/modprobe.d/a.conf", "alias kmem off\n");
	patient_examine();
	patient_finds(FINDING_ERROR, ABOUT_MODULE, "kmem");
}
END_TEST

/* As no host has them, but an archive that somebody made may. */
START_TEST(test_lines_without_end)
{
	_cleanup_free_ char *text = NULL;
	FILE *f;
	size_t size;

	f = open_memstream(&text, &size);
	ck_assert_ptr_nonnull(f);
	for (int i = 0; i < 5000; i++)
		fputs("blacklist kmem\nblacklist cxl_pci\n", f);
	ck_assert_int_eq(fclose(f), 0);
	tree_put(patient.root, "etc/modprobe.d/a.conf", text);
	patient_examine();
	ck_assert_uint_eq(patient.findings.n, 1000);
}
END_TEST

START_TEST(test_one_file_hides_another)
{
	const struct finding *finding;

	tree_put(patient.root, "usr/lib/modprobe.d/a.conf", "blacklist cxl_pci\n");
	patient_examine();
	finding = patient_finds(FINDING_ERROR, ABOUT_MODULE, "cxl_pci");
	ck_assert_str_eq(finding->fix, "ln -s /dev/null /etc/modprobe.d/a.conf");
	tree_put(patient.root, "etc/modprobe.d/a.conf", "");
	patient_examine();
	patient_is_well();
}
END_TEST

/* A name of somebody's file is not to become a command. */
START_TEST(test_name_is_no_command)
{
	const struct finding *finding;

	tree_put(patient.root, "etc/modprobe.d/$(reboot).conf", "blacklist cxl_pci\n");
	tree_put(patient.root, "usr/lib/udev/rules.d/a;reboot;.rules",
		 "SUBSYSTEM==\"memory\", ATTR{state}=\"online\"\n");
	patient_examine();
	finding = patient_finds(FINDING_ERROR, ABOUT_MODULE, "cxl_pci");
	ck_assert_ptr_null(strstr(finding->fix, "reboot"));
	finding = patient_finds(FINDING_WARNING, ABOUT_AGENT, "udev");
	ck_assert_ptr_null(strstr(finding->fix, "reboot"));
}
END_TEST

START_TEST(test_blacklists_at_boot)
{
	const struct finding *finding;

	tree_put(patient.root, "proc/cmdline",
		 "modprobe.blacklist=kmem,cxl_mem module_blacklist=floppy,device_dax\n");
	patient_examine();
	patient_finds(FINDING_NOTE, ABOUT_MODULE, "kmem");
	patient_finds(FINDING_ERROR, ABOUT_MODULE, "cxl_mem");
	finding = patient_finds(FINDING_ERROR, ABOUT_MODULE, "device_dax");
	ck_assert_str_eq(finding->value, "module_blacklist=floppy,device_dax");
	ck_assert_str_eq(finding->fix,
			 "boot without device_dax in module_blacklist=floppy,device_dax");
	ck_assert_uint_eq(patient.findings.n, 3);
	/* The kernel's own list holds whoever asks for it. */
	tree_put(patient.root, "proc/cmdline", "module_blacklist=kmem\n");
	patient_examine();
	patient_finds(FINDING_ERROR, ABOUT_MODULE, "kmem");
}
END_TEST

START_TEST(test_card_without_driver)
{
	const struct finding *finding;

	tree_put(patient.root, "sys/bus/pci/devices/0000:0d:00.0/class", "0x050210\n");
	tree_put(patient.root, "sys/bus/pci/devices/0000:0e:00.0/class", "0x020000\n");
	patient_examine();
	finding = patient_finds(FINDING_ERROR, ABOUT_MODULE, "0000:0d:00.0");
	ck_assert_str_eq(finding->fix, "modprobe cxl_pci");
	ck_assert_uint_eq(patient.findings.n, 1);
	tree_dir(patient.root, "sys/bus/pci/drivers/cxl_pci");
	tree_link(patient.root, "sys/bus/pci/devices/0000:0d:00.0/driver", "../../drivers/cxl_pci");
	patient_examine();
	patient_is_well();
}
END_TEST

Suite *module_suite(void)
{
	Suite *suite = suite_create("modules");
	TCase *tcase = tcase_create("modules");

	tcase_add_checked_fixture(tcase, patient_setup, patient_teardown);
	tcase_add_test(tcase, test_installed_and_built_in);
	tcase_add_test(tcase, test_not_installed);
	tcase_add_test(tcase, test_modprobe);
	tcase_add_test(tcase, test_joined_lines);
	tcase_add_test(tcase, test_alias_off);
	tcase_add_test(tcase, test_lines_without_end);
	tcase_add_test(tcase, test_one_file_hides_another);
	tcase_add_test(tcase, test_name_is_no_command);
	tcase_add_test(tcase, test_blacklists_at_boot);
	tcase_add_test(tcase, test_card_without_driver);
	suite_add_tcase(suite, tcase);
	return suite;
}
