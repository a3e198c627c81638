/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Every way out of a capture, and of opening one, for want of memory. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "archive.h"
#include "base/cleanup.h"
#include "capture/recorder.h"
#include "capture/root.h"
#include "capture/take-config.h"
#include "capture/take.h"
#include "failing-alloc.h"
#include "host-tree.h"
#include "suites.h"

#define ALLOCATIONS_MAX 100000

/* The observer makes thousands, which its own tests go through one by one. */
#define STRIDE 97

static char *root;

static void setup(void)
{
	root = host_tree_new();
	host_tree_add_cxl(root);
	tree_put(root, "etc/daxtier.conf", "[rule a]\nmatch-serial = 0xabcdef01, 77 ; a\n");
	tree_put(root, "etc/daxtier.conf.d/a.conf", "# nothing\n");
	tree_link(root, "etc/daxtier.conf.d/b.conf", "/dev/null");
	tree_put(root, "etc/modprobe.d/a.conf", "blacklist kmem\nblacklist a\n");
	tree_put(root, "etc/udev/rules.d/a.rules",
		 "SUBSYSTEM==\"memory\", ATTR{state}=\"online\"\n");
	tree_put(root, "proc/cmdline", "numa=off root=/dev/a\n");
}

static void teardown(void)
{
	root = tree_remove(root);
}

static int take(void)
{
	_cleanup_(manifest_done) struct manifest manifest = {.masked = true};
	_cleanup_(image_freep) struct image *image = NULL;

	return capture_take(root, &manifest, &image);
}

START_TEST(capture_without_memory)
{
	unsigned n;
	int r = -1;

	for (n = 1; n < ALLOCATIONS_MAX; n += STRIDE) {
		failing_alloc_arm(n);
		r = take();
		if (!failing_alloc_disarm())
			break;
		ck_assert_int_eq(r, -ENOMEM);
	}
	ck_assert_int_eq(r, 0);
	ck_assert_uint_gt(n, 10 * STRIDE);
}
END_TEST

/* What this room does of it, without the observer. */
static int record(void)
{
	_cleanup_(sysfs_close) struct sysfs sysfs = {.root_fd = -EBADF};
	_cleanup_(image_freep) struct image *image = image_new();
	_cleanup_(recorder_done) struct recorder recorder = {.image = image, .mask = true};
	int r;

	if (!image)
		return -ENOMEM;
	r = sysfs_open(&sysfs, root, &recorder_ops, &recorder);
	if (r == 0)
		r = recorder_keep(&sysfs, "sys/bus/cxl/devices/mem*/serial");
	if (r == 0)
		r = recorder_keep(&sysfs, "sys/bus/dax/devices/*");
	if (r == 0)
		r = recorder_keep(&sysfs, "etc/*/*");
	if (r == 0)
		r = recorder_keep(&sysfs, "proc/cmdline");
	return r < 0 ? r : take_config(&sysfs, &recorder);
}

START_TEST(record_without_memory)
{
	unsigned n;
	int r = -1;

	for (n = 1; n < ALLOCATIONS_MAX; n++) {
		failing_alloc_arm(n);
		r = record();
		if (!failing_alloc_disarm())
			break;
		ck_assert_int_eq(r, -ENOMEM);
	}
	ck_assert_int_eq(r, 0);
	ck_assert_uint_gt(n, 100);
}
END_TEST

static int open_and_close(const char *path)
{
	_cleanup_(capture_root_done) struct capture_root capture = {};
	_cleanup_free_ char *why = NULL;

	return capture_root_open(path, &capture, &why);
}

START_TEST(open_without_memory)
{
	_cleanup_free_ char *path = NULL;
	struct archive archive;
	char name[150];
	unsigned n;
	int r = -1;

	memset(name, 'a', sizeof(name));
	name[sizeof(name) - 1] = '\0';
	archive_begin(&archive);
	archive_add(&archive, '0', "sys/a", NULL, "text\n", NULL);
	archive_add(&archive, '2', "sys/b", "a", NULL, NULL);
	archive_add(&archive, 'L', "././@LongLink", NULL, name, NULL);
	archive_add(&archive, '0', "a", NULL, "text\n", NULL);
	archive_add(&archive, 'x', "pax", NULL, "17 path=sys/long\n", NULL);
	archive_add(&archive, '0', "sys/c", NULL, "text\n", NULL);
	archive_add(&archive, '0', "capture/manifest", NULL,
		    "format=1\ntool=a\nserials=real\nunreadable=b\n", NULL);
	archive_end(&archive);
	fflush(archive.f);
	tree_put_blob(root, "archive.tar", archive.data, archive.size);
	archive_done(&archive);
	ck_assert_int_gt(asprintf(&path, "%s/archive.tar", root), 0);
	for (n = 1; n < ALLOCATIONS_MAX; n++) {
		failing_alloc_arm(n);
		r = open_and_close(path);
		if (!failing_alloc_disarm())
			break;
		ck_assert_int_eq(r, -ENOMEM);
	}
	ck_assert_int_eq(r, 0);
	ck_assert_uint_gt(n, 20);
}
END_TEST

TCase *oom_tests(void)
{
	TCase *tcase = tcase_create("out of memory");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, capture_without_memory);
	tcase_add_test(tcase, record_without_memory);
	tcase_add_test(tcase, open_without_memory);
	tcase_set_timeout(tcase, 120);
	return tcase;
}
