/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "capture/recorder.h"
#include "capture/take.h"
#include "capture/unpack.h"
#include "facts-dump.h"
#include "host-tree.h"
#include "initramfs-image.h"
#include "observe/observe.h"
#include "suites.h"

static const char *const hosts[] = {
	"cxl-unbound",	      "cxl-kmem-offline", "cxl-online-normal",
	"cxl-online-movable", "nvdimm-devdax",	  "two-devices",
};

static char *top; /* where captures are unpacked */

static void setup(void)
{
	top = tree_new();
}

static void teardown(void)
{
	top = tree_remove(top);
}

/* Captures the host below root, and unpacks that into top, by way of an archive. */
static void recapture(const char *root, bool mask)
{
	_cleanup_(manifest_done) struct manifest manifest = {.masked = mask};
	_cleanup_(image_freep) struct image *image = NULL;
	_cleanup_free_ char *data = NULL, *why = NULL;
	_cleanup_close_ int fd = open(top, O_PATH | O_DIRECTORY | O_CLOEXEC);
	size_t size;
	FILE *f;

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(capture_take(root, &manifest, &image), 0);
	f = open_memstream(&data, &size);
	ck_assert_int_eq(image_write(image, f, 1), 0);
	fclose(f);
	f = fmemopen(data, size, "re");
	ck_assert_msg(capture_unpack(f, fd, &why) == 0, "%s", why);
	fclose(f);
}

static char *dump(const char *root)
{
	_cleanup_(facts_freep) struct facts *facts = host_tree_observe(root);

	return facts_dump(facts);
}

static void assert_same_facts(const char *root)
{
	_cleanup_free_ char *before = dump(root), *after = NULL;

	recapture(root, false);
	after = dump(top);
	ck_assert_msg(strcmp(before, after) == 0, "of the host:\n%s\ncaptured:\n%s", before, after);
}

START_TEST(same_facts_of_captured_hosts)
{
	char path[256];

	snprintf(path, sizeof(path), FIXTURES "/%s/host", hosts[_i]);
	assert_same_facts(path);
}
END_TEST

START_TEST(same_facts_of_a_host_made_by_hand)
{
	char *root = host_tree_new();

	host_tree_add_cxl(root);
	host_tree_add_hmem(root);
	host_tree_add_pmem(root);
	host_tree_add_tables(root);
	assert_same_facts(root);
	tree_remove(root);
}
END_TEST

START_TEST(masks_serials_everywhere)
{
	_cleanup_free_ char *dumped = NULL, *config = NULL, *dropin = NULL, *manifest = NULL;
	char *root = host_tree_new(), *before;

	host_tree_add_cxl(root);
	tree_put(root, CXL_PCI "/mem1/serial", "0xabcdef01\n");
	tree_put(root, "etc/daxtier.conf",
		 "# card 0xabcdef01\n[rule a]\n"
		 "match-serial = 0xabcdef01, 77\nmode = ignore\n"
		 "Match-Serials = 0xabcdef01\n");
	tree_put(root, "usr/lib/daxtier.conf.d/x.conf", "[regions]\nnever = 77 ; 0xabcdef01\n");
	tree_link(root, "etc/daxtier.conf.d/x.conf", "/dev/null");
	before = dump(root);
	recapture(root, true);
	dumped = dump(top);
	ck_assert_ptr_nonnull(strstr(before, "abcdef01"));
	ck_assert_ptr_null(strstr(dumped, "abcdef01"));
	config = tree_get(top, "etc/daxtier.conf");
	ck_assert_str_eq(config, "\n[rule a]\nmatch-serial = 0x1, 0x2\nmode = ignore\n"
				 "Match-Serials = 0x1\n");
	dropin = tree_get(top, "usr/lib/daxtier.conf.d/x.conf");
	ck_assert_str_eq(dropin, "[regions]\nnever = 0x2\n");
	ck_assert(tree_has(top, "etc/daxtier.conf.d/x.conf"));
	manifest = tree_get(top, "capture/manifest");
	ck_assert_ptr_nonnull(strstr(manifest, "format=1\n"));
	ck_assert_ptr_nonnull(strstr(manifest, "serials=masked\n"));
	free(before);
	tree_remove(root);
}
END_TEST

static bool always(void *userdata)
{
	return true;
}

static struct facts *observe_competitors(const char *root)
{
	static const struct observe_options options = {.wants_competitors = always};
	_cleanup_(sysfs_close) struct sysfs sysfs = {.root_fd = -EBADF};
	_cleanup_(observer_freep) struct observer *observer = NULL;
	struct facts *facts;

	ck_assert_int_eq(sysfs_open(&sysfs, root, NULL, NULL), 0);
	ck_assert_int_eq(observer_new(&sysfs, &options, &observer), 0);
	ck_assert_int_eq(observe(observer, &facts), 0);
	return facts;
}

static void assert_content(const char *path, const char *wanted)
{
	_cleanup_free_ char *content = tree_get(top, path);

	ck_assert_msg(content, "%s is missing", path);
	ck_assert_str_eq(content, wanted);
}

/* Only what competes for devices leaves the host. */
START_TEST(takes_no_more_than_matters)
{
	_cleanup_(facts_freep) struct facts *facts = NULL;
	char *root = host_tree_new();

	host_tree_add_cxl(root);
	tree_put(root, "etc/udev/rules.d/10-disk.rules", "KERNEL==\"sda\", NAME=\"secret\"\n");
	tree_put(root, "etc/udev/rules.d/40-memory.rules",
		 "# secret\nSUBSYSTEM!=\"memory\", \\\n GOTO=\"end\"\n"
		 "KERNEL==\"sda\", RUN+=\"secret\"\nATTR{state}=\"online\"\nLABEL=\"end\"\n");
	tree_put(root, "proc/2/comm", "kthreadd\n");
	tree_put(root, "proc/76/comm", "daxtierd\n");
	tree_put(root, "sys/bus/dax/drivers_autoprobe", "0\n");
	tree_put(root, "proc/77/comm", "secret\n");
	tree_put(root, "proc/78/comm", "daxctl\n");
	tree_put(root, "proc/78/environ", "SECRET=1");
	tree_put(root, "etc/shadow", "secret");
	tree_put(root, "etc/hostname", "secret");
	tree_put(root, "proc/cmdline",
		 "root=UUID=secret numa=off secret=mem memhp_default_state=online "
		 "daxtierd.claim=0 systemd.mask=daxtierd.service systemd.mask=secret\n");
	tree_put(root, "etc/modprobe.d/a.conf",
		 "options a secret=1\ninstall a /bin/sh secret\nblacklist a\nblacklist kmem\n"
		 "install cxl_pci \\\n /bin/false\n# blacklist kmem \\\nsecret\nalias kmem off");
	tree_put(root, "proc/swaps",
		 "Filename\tType\tSize\tUsed\tPriority\n/home/secret\\040file\tfile\t8\t0\t-2\n");
	tree_put(root, "sys/bus/pci/devices/0000:01:00.0/class", "0x010802\n");
	tree_put(root, "sys/bus/pci/devices/0000:0d:00.0/class", "0x050210\n");
	tree_put(root, "lib/modules/6.12.57+deb13-amd64/modules.dep",
		 "kernel/secret.ko: kernel/drivers/dax/kmem.ko\nkernel/kmem.ko.xz: kernel/a.ko\n");
	tree_put(root, "lib/modules/6.12.57+deb13-amd64/modules.builtin", "kernel/secret.ko\n");
	tree_put(root, "etc/daxctl.conf.d/a.conf",
		 "[reconfigure-device a]\nnvdimm.uuid = secret\n");
	tree_link(root, CXL_DAX "/secret", "/etc/shadow");
	recapture(root, false);
	facts = observe_competitors(top);
	ck_assert(strv_contains(&facts->host.competitors,
				"udev rule /etc/udev/rules.d/40-memory.rules"));
	ck_assert(strv_contains(&facts->host.competitors, "process 78 (daxctl)"));
	ck_assert(!tree_has(top, "etc/udev/rules.d/10-disk.rules"));
	assert_content("etc/udev/rules.d/40-memory.rules",
		       "SUBSYSTEM!=\"memory\", \\\n GOTO=\"end\"\nATTR{state}=\"online\"\n");
	assert_content("proc/2/comm", "kthreadd\n");
	assert_content("proc/76/comm", "daxtierd\n");
	ck_assert(!tree_has(top, "proc/77"));
	assert_content("proc/cmdline", "numa=off memhp_default_state=online daxtierd.claim=0 "
				       "systemd.mask=daxtierd.service ");
	assert_content("etc/modprobe.d/a.conf",
		       "blacklist kmem\ninstall cxl_pci \\\n /bin/false\nalias kmem off");
	assert_content("etc/daxctl.conf.d/a.conf", "[reconfigure-device a]\n");
	assert_content("proc/swaps",
		       "Filename\tType\tSize\tUsed\tPriority\nswap\tfile\t8\t0\t-2\n");
	ck_assert(!tree_has(top, "sys/bus/pci/devices/0000:01:00.0"));
	assert_content("sys/bus/pci/devices/0000:0d:00.0/class", "0x050210\n");
	assert_content("lib/modules/6.12.57+deb13-amd64/modules.dep",
		       "kernel/kmem.ko.xz: kernel/a.ko\n");
	assert_content("lib/modules/6.12.57+deb13-amd64/modules.builtin", "");
	ck_assert(!tree_has(top, "proc/78/environ"));
	ck_assert(!tree_has(top, "etc/shadow"));
	ck_assert(!tree_has(top, "etc/hostname"));
	ck_assert(!tree_has(top, CXL_DAX "/secret"));
	tree_remove(root);
}
END_TEST

/* Neither the image nor the names of other files in it. */
START_TEST(takes_of_an_initramfs_what_matters)
{
	static const char captured[] = "file=/boot/initrd.img-6.12.57+deb13-amd64\n"
				       "module=/usr/lib/kmem.ko\n"
				       "modprobe=/etc/modprobe.d/a.conf\tblacklist kmem\n";
	struct bytes image = {};
	char *root = host_tree_new();

	cpio_add(&image, "usr/lib/kmem.ko", "");
	cpio_add(&image, "secret", "secret");
	cpio_add(&image, "etc/modprobe.d/a.conf", "install secret\nblacklist kmem\n");
	cpio_end(&image);
	tree_put_blob(root, "boot/initrd.img-6.12.57+deb13-amd64", image.data, image.size);
	recapture(root, false);
	ck_assert(!tree_has(top, "boot"));
	assert_content("capture/initramfs", captured);
	/* A captured host that is captured again stays what it was. */
	tree_delete(root, "boot");
	tree_put(root, "capture/initramfs", captured);
	tree_delete(top, "capture");
	tree_delete(top, "proc");
	tree_delete(top, "sys");
	recapture(root, false);
	assert_content("capture/initramfs", captured);
	bytes_done(&image);
	tree_remove(root);
}
END_TEST

/* A captured host in which a link leads elsewhere gives nothing of this host. */
START_TEST(follows_no_link_out_of_the_root)
{
	char *root = host_tree_new();

	tree_link(root, "proc/vmstat", "/etc/passwd");
	tree_link(root, "proc/swaps", "../../../../../../../../etc/passwd");
	recapture(root, false);
	ck_assert(!tree_has(top, "proc/vmstat"));
	ck_assert(!tree_has(top, "proc/swaps"));
	tree_remove(root);
}
END_TEST

START_TEST(writes_nothing)
{
	_cleanup_(recorder_done) struct recorder recorder = {};
	_cleanup_(sysfs_close) struct sysfs sysfs = {.root_fd = -EBADF};

	tree_put(top, "sys/a", "0");
	ck_assert_int_eq(sysfs_open(&sysfs, top, &recorder_ops, &recorder), 0);
	ck_assert_int_eq(sysfs_write(&sysfs, "1", "sys/a"), -EROFS);
}
END_TEST

TCase *take_tests(void)
{
	TCase *tcase = tcase_create("take");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_loop_test(tcase, same_facts_of_captured_hosts, 0, ARRAY_SIZE(hosts));
	tcase_add_test(tcase, same_facts_of_a_host_made_by_hand);
	tcase_add_test(tcase, masks_serials_everywhere);
	tcase_add_test(tcase, takes_no_more_than_matters);
	tcase_add_test(tcase, takes_of_an_initramfs_what_matters);
	tcase_add_test(tcase, follows_no_link_out_of_the_root);
	tcase_add_test(tcase, writes_nothing);
	return tcase;
}
