/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Kernel options and boot parameters. */
#include "patient.h"
#include "suites.h"
#include "tree.h"

#define CONFIG "boot/config-" RELEASE

#define OPTIONS                                                                                    \
	"CONFIG_NUMA=y\nCONFIG_MEMORY_HOTPLUG=y\nCONFIG_MEMORY_HOTREMOVE=y\n"                      \
	"CONFIG_MHP_MEMMAP_ON_MEMORY=y\nCONFIG_MIGRATION=y\nCONFIG_NUMA_BALANCING=y\n"             \
	"CONFIG_ACPI_HMAT=y\nCONFIG_DEV_DAX=m\nCONFIG_CXL_BUS=m\nCONFIG_CXL_PCI=m\n"               \
	"CONFIG_CXL_ACPI=m\nCONFIG_CXL_MEM=m\nCONFIG_CXL_REGION=y\n"

static const char complete[] =
	OPTIONS "CONFIG_DEV_DAX_KMEM=m\nCONFIG_DEV_DAX_HMEM=m\nCONFIG_DEV_DAX_CXL=m\n";

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

START_TEST(test_parameter_with_several_values)
{
	tree_put(patient.root, "proc/cmdline",
		 "efi=debug,nosoftreserve numa=fake=2G efi=nosoftreserved numa=offset numa= "
		 "acpi=\n");
	patient_examine();
	patient_finds(FINDING_WARNING, ABOUT_BOOT, "efi=debug,nosoftreserve: memory");
	patient_finds(FINDING_WARNING, ABOUT_BOOT, "numa=fake=2G");
	ck_assert_uint_eq(patient.findings.n, 2);
}
END_TEST

#define BUILTIN "lib/modules/" RELEASE "/modules.builtin"

static void put_device(void)
{
	tree_put(patient.root, "sys/bus/dax/devices/dax0.0/size", "4294967296\n");
	tree_put(patient.root, "sys/bus/dax/devices/dax0.0/target_node", "1\n");
}

/* What is in the kernel cannot be kept from loading. */
START_TEST(test_kmem_is_built_in)
{
	const struct finding *finding;

	tree_put(patient.root, "lib/modules/" RELEASE "/modules.dep",
		 "kernel/drivers/dax/device_dax.ko:\nkernel/drivers/dax/hmem/dax_hmem.ko:\n");
	tree_put(patient.root, BUILTIN, "kernel/drivers/dax/kmem.ko\n");
	tree_put(patient.root, "etc/modprobe.d/a.conf",
		 "blacklist kmem\ninstall kmem /bin/false\n");
	tree_put(patient.root, "proc/cmdline", "modprobe.blacklist=kmem module_blacklist=kmem\n");
	put_device();
	patient_examine();
	finding = patient_finds(FINDING_NOTE, ABOUT_KERNEL, "kmem is built into the kernel: it");
	ck_assert_str_eq(finding->file, "/" BUILTIN);
	ck_assert_str_eq(finding->fix, "CONFIG_DEV_DAX_KMEM=m");
	ck_assert_uint_eq(patient.findings.n, 1);
}
END_TEST

/* Then the initramfs cannot come first. */
START_TEST(test_all_is_built_in)
{
	const struct finding *finding;

	tree_put(patient.root, CONFIG,
		 OPTIONS "CONFIG_DEV_DAX_KMEM=y\nCONFIG_DEV_DAX_HMEM=y\nCONFIG_DEV_DAX_CXL=m\n");
	patient_examine();
	finding = patient_finds(FINDING_NOTE, ABOUT_KERNEL, "with what makes dax devices");
	ck_assert_str_eq(finding->file, "/" CONFIG);
	ck_assert_str_eq(finding->value, "CONFIG_DEV_DAX_KMEM=y");
	put_device();
	patient_examine();
	patient_finds(FINDING_WARNING, ABOUT_KERNEL, "with what makes dax devices");
	ck_assert_uint_eq(patient.findings.n, 1);
	/* CXL is there at boot only when all of it is. */
	tree_put(patient.root, CONFIG,
		 OPTIONS "CONFIG_DEV_DAX_KMEM=y\nCONFIG_DEV_DAX_HMEM=m\nCONFIG_DEV_DAX_CXL=y\n");
	patient_examine();
	patient_finds(FINDING_NOTE, ABOUT_KERNEL, "kmem is built into the kernel: it");
}
END_TEST

/* What takes the devices that are there at boot out of daxtierd's hands. */
START_TEST(test_no_claim_at_boot)
{
	const struct finding *finding;

	tree_put(patient.root, "proc/cmdline", "daxtierd.claim=0 daxtierd.claim=1\n");
	patient_examine();
	/* There is nothing in the initramfs that would hear it. */
	patient_is_well();
	tree_put(patient.root, "usr/share/initramfs-tools/hooks/daxtierd", "");
	patient_examine();
	finding = patient_finds(FINDING_NOTE, ABOUT_BOOT, "daxtierd.claim=0: ");
	ck_assert_str_eq(finding->file, "/proc/cmdline");
	ck_assert_str_eq(finding->value, "daxtierd.claim=0");
	ck_assert_str_eq(finding->fix, "boot without daxtierd.claim=0");
	ck_assert_uint_eq(patient.findings.n, 1);
	put_device();
	patient_examine();
	patient_finds(FINDING_WARNING, ABOUT_BOOT, "daxtierd.claim=0: ");
}
END_TEST

START_TEST(test_masked_at_boot)
{
	tree_put(patient.root, "proc/cmdline",
		 "systemd.mask=daxtierd.service systemd.mask=other.service\n");
	put_device();
	patient_examine();
	patient_finds(FINDING_WARNING, ABOUT_BOOT, "daxtierd does not run");
	ck_assert_uint_eq(patient.findings.n, 1);
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
	tcase_add_test(tcase, test_parameter_with_several_values);
	tcase_add_test(tcase, test_kmem_is_built_in);
	tcase_add_test(tcase, test_all_is_built_in);
	tcase_add_test(tcase, test_no_claim_at_boot);
	tcase_add_test(tcase, test_masked_at_boot);
	tcase_add_test(tcase, test_memmap_parameter);
	suite_add_tcase(suite, tcase);
	return suite;
}
