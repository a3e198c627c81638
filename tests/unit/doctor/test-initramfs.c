/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is in the initramfs, and what it does to devices before the daemon runs. */
#include "base/cleanup.h"
#include "doctor/evidence-initramfs.h"
#include "initramfs-image.h"
#include "patient.h"
#include "suites.h"
#include "tree.h"

#define IMAGE	"boot/initrd.img-" RELEASE
#define MODULES "usr/lib/modules/" RELEASE "/kernel/drivers/"

static struct bytes image;

static void setup(void)
{
	patient_setup();
	image = (struct bytes){};
}

static void teardown(void)
{
	bytes_done(&image);
	patient_teardown();
}

/* As Debian 13 makes it: microcode as it is, the rest with zstd. */
static void put_image(const char *path)
{
	struct bytes packed = {};

	cpio_add(&packed, "kernel/x86/microcode/AuthenticAMD.bin", "microcode");
	cpio_end(&packed);
	cpio_end(&image);
	bytes_add_packed(&packed, PACKING_ZSTD, &image);
	tree_put_blob(patient.root, path, packed.data, packed.size);
	bytes_done(&packed);
}

static void put_device(void)
{
	tree_put(patient.root, "sys/bus/dax/devices/dax0.0/size", "4294967296\n");
	tree_put(patient.root, "sys/bus/dax/devices/dax0.0/target_node", "1\n");
}

static void add_early_modules(void)
{
	cpio_add(&image, MODULES "dax/kmem.ko.xz", "");
	cpio_add(&image, MODULES "dax/cxl/dax_cxl.ko.xz", "");
}

START_TEST(test_binds_early)
{
	const struct finding *finding;

	add_early_modules();
	put_image(IMAGE);
	patient_examine();
	/* There is nothing that it would be done to. */
	finding = patient_finds(FINDING_NOTE, ABOUT_INITRAMFS, "binds dax devices");
	ck_assert_str_eq(finding->file, "/" IMAGE);
	ck_assert_str_eq(finding->value, "/" MODULES "dax/kmem.ko.xz");
	ck_assert_ptr_nonnull(strstr(finding->fix, "daxtierd-initramfs"));
	put_device();
	patient_examine();
	patient_finds(FINDING_WARNING, ABOUT_INITRAMFS, "binds dax devices");
	/* Where the hook is there, the image is only too old. */
	tree_put(patient.root, "usr/share/initramfs-tools/hooks/daxtierd", "");
	patient_examine();
	finding = patient_finds(FINDING_WARNING, ABOUT_INITRAMFS, "binds dax devices");
	ck_assert_str_eq(finding->fix, "update-initramfs -u -k " RELEASE);
}
END_TEST

START_TEST(test_needs_both)
{
	cpio_add(&image, MODULES "dax/kmem.ko", "");
	cpio_add(&image, MODULES "dax/device_dax.ko", "");
	put_image(IMAGE);
	put_device();
	patient_examine();
	patient_lacks("initramfs");
	/* What is built into the kernel makes devices there as well. */
	tree_put(patient.root, "lib/modules/" RELEASE "/modules.dep", "");
	tree_put(patient.root, "lib/modules/" RELEASE "/modules.builtin",
		 "kernel/drivers/dax/hmem/dax_hmem.ko\n");
	patient_examine();
	patient_finds(FINDING_WARNING, ABOUT_INITRAMFS, "binds dax devices");
}
END_TEST

/* Then what makes devices there is enough, and a blacklist changes nothing. */
START_TEST(test_kmem_is_built_in)
{
	const struct finding *finding;

	cpio_add(&image, MODULES "dax/cxl/dax_cxl.ko.xz", "");
	cpio_add(&image, "etc/modprobe.d/a.conf", "blacklist kmem\n");
	put_image(IMAGE);
	put_device();
	tree_put(patient.root, "boot/config-" RELEASE, "CONFIG_DEV_DAX_KMEM=y\n");
	patient_examine();
	finding = patient_finds(FINDING_WARNING, ABOUT_INITRAMFS, "binds dax devices");
	ck_assert_str_eq(finding->value, "/" MODULES "dax/cxl/dax_cxl.ko.xz");
	patient_lacks("keeps the module kmem");
}
END_TEST

START_TEST(test_claims)
{
	add_early_modules();
	cpio_add(&image, "usr/lib/daxtierd/boot-claim", "#!/bin/sh\n");
	cpio_add(&image, "usr/lib/udev/rules.d/40-hotplug.rules",
		 "SUBSYSTEM==\"memory\", ATTR{state}=\"online\"\n");
	put_image(IMAGE);
	put_device();
	tree_put(patient.root, "usr/share/initramfs-tools/hooks/daxtierd", "");
	patient_examine();
	patient_lacks("initramfs");
}
END_TEST

/* With a hook on the host, an image without the claim is old, whatever else is in it. */
START_TEST(test_older_than_hook)
{
	const struct finding *finding;

	put_image("boot/initramfs-" RELEASE ".img");
	patient_examine();
	patient_is_well();
	tree_put(patient.root, "usr/lib/dracut/modules.d/90daxtierd/module-setup.sh", "");
	patient_examine();
	finding = patient_finds(FINDING_NOTE, ABOUT_INITRAMFS, "does not claim the dax bus");
	ck_assert_str_eq(finding->file, "/boot/initramfs-" RELEASE ".img");
	ck_assert_str_eq(finding->fix, "dracut --force --kver " RELEASE);
}
END_TEST

/* A blacklist is about aliases: who loads it by its name does not ask. */
START_TEST(test_blacklist_and_load)
{
	add_early_modules();
	cpio_add(&image, "etc/modprobe.d/daxtierd.conf", "blacklist kmem\n");
	put_device();
	tree_put(patient.root, "etc/modprobe.d/daxtierd.conf", "blacklist kmem\n");
	put_image(IMAGE);
	patient_examine();
	patient_lacks("initramfs");
	teardown();
	setup();
	add_early_modules();
	cpio_add(&image, "etc/modprobe.d/daxtierd.conf", "blacklist kmem\n");
	cpio_add(&image, "conf/modules", "# modules\nunix\nkmem option=1\n");
	put_device();
	tree_put(patient.root, "etc/modprobe.d/daxtierd.conf", "blacklist kmem\n");
	put_image(IMAGE);
	patient_examine();
	patient_finds(FINDING_WARNING, ABOUT_INITRAMFS, "binds dax devices");
}
END_TEST

START_TEST(test_old_copy_of_modprobe)
{
	const struct finding *finding;

	cpio_add(&image, "etc/modprobe.d/a.conf",
		 "blacklist cxl_pci\nblacklist floppy\nalias cxl:t5* off\n");
	put_image(IMAGE);
	tree_put(patient.root, "etc/modprobe.d/a.conf", "install cxl-mem /bin/true\n");
	patient_examine();
	finding = patient_finds(FINDING_NOTE, ABOUT_INITRAMFS, "keeps the module cxl_pci");
	ck_assert_str_eq(finding->value, "/etc/modprobe.d/a.conf: blacklist cxl_pci");
	ck_assert_str_eq(finding->fix, "update-initramfs -u -k " RELEASE);
	patient_lacks("initramfs keeps the module cxl_mem");
}
END_TEST

START_TEST(test_udev_rule)
{
	const struct finding *finding;

	cpio_add(&image, "usr/lib/udev/rules.d/40-hotplug.rules",
		 "SUBSYSTEM==\"memory\", ATTR{state}=\"online\"\n");
	cpio_add(&image, "usr/lib/udev/rules.d/50-other.rules", "SUBSYSTEM==\"net\"\n");
	put_image(IMAGE);
	patient_examine();
	finding = patient_finds(FINDING_WARNING, ABOUT_INITRAMFS, "udev rule in the initramfs");
	ck_assert_str_eq(finding->value, "/usr/lib/udev/rules.d/40-hotplug.rules");
	ck_assert_uint_eq(patient.findings.n, 1);
}
END_TEST

START_TEST(test_abandoned)
{
	const struct finding *finding;

	tree_put(patient.root, "run/daxtierd/boot-claim", "");
	tree_put(patient.root, "sys/bus/dax/drivers_autoprobe", "0\n");
	patient_examine();
	finding = patient_finds(FINDING_ERROR, ABOUT_INITRAMFS, "has not started since");
	ck_assert_str_eq(finding->fix, "systemctl start daxtierd.service");
	tree_put(patient.root, "sys/bus/dax/drivers_autoprobe", "1\n");
	patient_examine();
	patient_lacks("has not started since");
}
END_TEST

static bool is_unseen(const char *what)
{
	for (size_t i = 0; i < patient.unseen.n; i++)
		if (strstr(patient.unseen.items[i], what))
			return true;
	return false;
}

/* Of half an image nothing is known, and that is said. */
START_TEST(test_unreadable)
{
	patient_examine();
	ck_assert(is_unseen("initramfs: there is no /boot/initrd.img-" RELEASE));
	add_early_modules();
	put_device();
	tree_put_blob(patient.root, IMAGE, image.data, image.size - 4);
	patient_examine();
	patient_lacks("initramfs");
	ck_assert(is_unseen("initramfs: /" IMAGE ": it ends in the middle"));
	tree_delete(patient.root, IMAGE);
	tree_dir(patient.root, IMAGE);
	patient_examine();
	ck_assert(is_unseen(IMAGE));
}
END_TEST

/* Who makes an image need not be trusted, nor who writes down what was in it. */
START_TEST(test_without_end)
{
	for (int i = 0; i < 1000; i++) {
		char name[64];

		snprintf(name, sizeof(name), "%d/kmem.ko", i);
		cpio_add(&image, name, "");
		snprintf(name, sizeof(name), "%d\nclaim=/etc/udev/rules.d/a.rules", i);
		cpio_add(&image, name, "SUBSYSTEM==\"memory\", ATTR{state}=\"online\"\n");
		snprintf(name, sizeof(name), "%d/udev/rules.d/a.rules", i);
		cpio_add(&image, name, "SUBSYSTEM==\"memory\", ATTR{state}=\"online\"\n");
	}
	put_image(IMAGE);
	patient_examine();
	ck_assert_uint_gt(patient.findings.n, 10);
	ck_assert_uint_lt(patient.findings.n, 100);
	for (size_t i = 0; i < patient.findings.n; i++)
		ck_assert_ptr_null(strchr(patient.findings.items[i].value, '\n'));
}
END_TEST

/* What was captured of an image is as good as the image. */
START_TEST(test_as_text)
{
	_cleanup_(evidence_initramfs_done) struct evidence_initramfs one = {}, two = {};
	_cleanup_(sysfs_close) struct sysfs sysfs = {.root_fd = -EBADF};
	_cleanup_(strv_done) struct strv problems = {};
	struct look look = {.sysfs = &sysfs, .problems = &problems};
	_cleanup_free_ char *text = NULL, *again = NULL;

	add_early_modules();
	cpio_add(&image, "usr/lib/daxtierd/boot-claim", "");
	cpio_add(&image, "conf/modules", "kmem\n");
	cpio_add(&image, "etc/modprobe.d/a.conf", "install kmem \\\n/bin/false\nblacklist a\n");
	cpio_add(&image, "etc/udev/rules.d/a.rules",
		 "SUBSYSTEM==\"memory\", ATTR{state}=\"online\"\n");
	put_image(IMAGE);
	ck_assert_int_eq(sysfs_open(&sysfs, patient.root, NULL, NULL), 0);
	ck_assert_int_eq(evidence_initramfs_look(&look, RELEASE, &one), 0);
	text = evidence_initramfs_to_string(&one);
	ck_assert_str_eq(text, "file=/" IMAGE "\nclaim=/usr/lib/daxtierd/boot-claim\n"
			       "module=/" MODULES "dax/kmem.ko.xz\n"
			       "module=/" MODULES "dax/cxl/dax_cxl.ko.xz\n"
			       "udev-rules=/etc/udev/rules.d/a.rules\n"
			       "load=/conf/modules\tkmem\n"
			       "modprobe=/etc/modprobe.d/a.conf\tinstall kmem   /bin/false\n");
	tree_delete(patient.root, IMAGE);
	tree_putf(patient.root, EVIDENCE_INITRAMFS_PATH, "future=/x\nno line\n%s", text);
	ck_assert_int_eq(evidence_initramfs_look(&look, RELEASE, &two), 0);
	again = evidence_initramfs_to_string(&two);
	ck_assert_str_eq(again, text);
	ck_assert_uint_eq(problems.n, 0);
}
END_TEST

Suite *initramfs_suite(void)
{
	Suite *suite = suite_create("initramfs");
	TCase *tcase = tcase_create("initramfs");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, test_binds_early);
	tcase_add_test(tcase, test_needs_both);
	tcase_add_test(tcase, test_kmem_is_built_in);
	tcase_add_test(tcase, test_claims);
	tcase_add_test(tcase, test_older_than_hook);
	tcase_add_test(tcase, test_blacklist_and_load);
	tcase_add_test(tcase, test_old_copy_of_modprobe);
	tcase_add_test(tcase, test_udev_rule);
	tcase_add_test(tcase, test_abandoned);
	tcase_add_test(tcase, test_unreadable);
	tcase_add_test(tcase, test_without_end);
	tcase_add_test(tcase, test_as_text);
	suite_add_tcase(suite, tcase);
	return suite;
}
