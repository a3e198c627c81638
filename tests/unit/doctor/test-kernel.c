/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Kernel options and boot parameters. */
#include "patient.h"
#include "suites.h"
#include "tree.h"

#define CONFIG "boot/config-" RELEASE

static const char complete[] =
	"CONFIG_NUMA=y\nCONFIG_MEMORY_HOTPLUG=y\nCONFIG_MEMORY_HOTREMOVE=y\n"
	"CONFIG_MHP_MEMMAP_ON_MEMORY=y\nCONFIG_MIGRATION=y\nCONFIG_NUMA_BALANCING=y\n"
	"CONFIG_ACPI_HMAT=y\nCONFIG_DEV_DAX=m\nCONFIG_DEV_DAX_KMEM=m\nCONFIG_DEV_DAX_HMEM=m\n"
	"CONFIG_CXL_BUS=m\nCONFIG_CXL_PCI=m\nCONFIG_CXL_ACPI=m\nCONFIG_CXL_MEM=m\n"
	"CONFIG_CXL_REGION=y\nCONFIG_DEV_DAX_CXL=m\n";

START_TEST(test_complete)
{
	tree_put(patient.root, CONFIG, complete);
	patient_examine();
	patient_is_well();
}
END_TEST

START_TEST(test_option_is_not_set)
{
	const struct finding *finding;

	tree_putf(patient.root, CONFIG, "%s# CONFIG_ACPI_HMAT is not set\n", "");
	patient_examine();
	finding = patient_finds(FINDING_WARNING, ABOUT_KERNEL, "CONFIG_ACPI_HMAT");
	ck_assert_str_eq(finding->file, "/" CONFIG);
	ck_assert_str_eq(finding->value, "# CONFIG_ACPI_HMAT is not set");
	ck_assert_str_eq(finding->fix, "CONFIG_ACPI_HMAT=y");
	finding = patient_finds(FINDING_ERROR, ABOUT_KERNEL, "CONFIG_DEV_DAX:");
	ck_assert_str_eq(finding->value, "no line with CONFIG_DEV_DAX");
	/* What it would be a part of is missing, and told. */
	patient_lacks("CONFIG_DEV_DAX_KMEM");
}
END_TEST

/* A name is no other name's beginning. */
START_TEST(test_option_by_its_whole_name)
{
	tree_put(patient.root, CONFIG, "CONFIG_DEV_DAX_KMEM=m\nCONFIG_NUMA_BALANCING=y\n");
	patient_examine();
	patient_finds(FINDING_ERROR, ABOUT_KERNEL, "CONFIG_DEV_DAX:");
	patient_finds(FINDING_ERROR, ABOUT_KERNEL, "CONFIG_NUMA:");
}
END_TEST

START_TEST(test_no_configuration)
{
	patient_examine();
	patient_is_well();
	ck_assert(strv_contains(&patient.unseen, "kernel options: there is neither /proc/config.gz "
						 "nor /boot/config-" RELEASE));
}
END_TEST

START_TEST(test_command_line)
{
	const struct finding *finding;

	tree_put(patient.root, "proc/cmdline",
		 "BOOT_IMAGE=/vmlinuz root=/dev/vda1 mem=64G numa=off memory=1 xnuma=off\n");
	patient_examine();
	finding = patient_finds(FINDING_ERROR, ABOUT_BOOT, "numa=off");
	ck_assert_str_eq(finding->file, "/proc/cmdline");
	ck_assert_str_eq(finding->value, "numa=off");
	patient_finds(FINDING_ERROR, ABOUT_BOOT, "mem=64G");
	ck_assert_uint_eq(patient.findings.n, 2);
}
END_TEST

START_TEST(test_memmap_parameter)
{
	static const char path[] = "sys/module/memory_hotplug/parameters/memmap_on_memory";
	const struct finding *finding;

	tree_put(patient.root, path, "Y\n");
	patient_examine();
	patient_is_well();
	tree_put(patient.root, path, "N\n");
	patient_examine();
	finding = patient_finds(FINDING_WARNING, ABOUT_BOOT, "memmap_on_memory");
	ck_assert_str_eq(finding->fix, "memory_hotplug.memmap_on_memory=1");
	ck_assert_str_eq(finding->where, FIX_IN_CMDLINE);
}
END_TEST

Suite *kernel_suite(void)
{
	Suite *suite = suite_create("kernel");
	TCase *tcase = tcase_create("kernel");

	tcase_add_checked_fixture(tcase, patient_setup, patient_teardown);
	tcase_add_test(tcase, test_complete);
	tcase_add_test(tcase, test_option_is_not_set);
	tcase_add_test(tcase, test_option_by_its_whole_name);
	tcase_add_test(tcase, test_no_configuration);
	tcase_add_test(tcase, test_command_line);
	tcase_add_test(tcase, test_memmap_parameter);
	suite_add_tcase(suite, tcase);
	return suite;
}
