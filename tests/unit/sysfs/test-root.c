/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What is the tree, and what can be reached from it. */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "test-sysfs.h"
#include "tree.h"

START_TEST(root_is_made_absolute)
{
	_cleanup_free_ char *slashes = NULL, *real = realpath(tree, NULL);
	struct sysfs other;

	ck_assert_str_eq(host.root, real);
	ck_assert(!sysfs_is_live(&host));

	ck_assert_int_gt(asprintf(&slashes, "%s//.//", tree), 0);
	ck_assert_int_eq(sysfs_open(&other, slashes, NULL, NULL), 0);
	ck_assert_str_eq(other.root, real);
	sysfs_close(&other);

	ck_assert_int_eq(chdir(tree), 0);
	ck_assert_int_eq(sysfs_open(&other, ".", NULL, NULL), 0);
	ck_assert_str_eq(other.root, real);
	sysfs_close(&other);
	ck_assert_int_eq(chdir("/"), 0);
}
END_TEST

START_TEST(root_has_to_be_a_directory)
{
	_cleanup_free_ char *path = NULL;
	struct sysfs other = {.n_reads = 77};

	tree_put(tree, "file", "x");
	ck_assert_int_gt(asprintf(&path, "%s/file", tree), 0);
	ck_assert_int_eq(sysfs_open(&other, path, NULL, NULL), -ENOTDIR);
	ck_assert_int_eq(sysfs_open(&other, "/nonexistent/host", NULL, NULL), -ENOENT);
	ck_assert_uint_eq(other.n_reads, 77);
}
END_TEST

START_TEST(only_slash_is_live)
{
	struct sysfs live;

	ck_assert_int_eq(sysfs_open(&live, "/", NULL, NULL), 0);
	ck_assert(sysfs_is_live(&live));
	ck_assert_str_eq(live.root, "/");
	sysfs_close(&live);
	ck_assert_ptr_null(live.root);
	sysfs_close(&live); /* nor the descriptor of somebody else */
}
END_TEST

START_TEST(close_of_a_zeroed_one_keeps_stdin)
{
	struct sysfs none = {};
	int before = fcntl(STDIN_FILENO, F_GETFD);

	sysfs_close(&none);
	ck_assert_int_eq(fcntl(STDIN_FILENO, F_GETFD), before);
}
END_TEST

static void expect_resolved(const char *path, const char *expected)
{
	_cleanup_free_ char *target = NULL;
	int r = sysfs_resolve(&host, &target, "%s", path);

	ck_assert_msg(r == 0, "%s: %s", path, strerror(-r));
	ck_assert_str_eq(target, expected);
}

static void expect_unresolved(const char *path, int error)
{
	char *target = (char *)"untouched";

	ck_assert_int_eq(sysfs_resolve(&host, &target, "%s", path), error);
	ck_assert_str_eq(target, "untouched");
}

START_TEST(links_stay_inside)
{
	_cleanup_free_ char *text = NULL;

	tree_put(tree, "sys/devices/dax0.0/size", "4096\n");
	tree_link(tree, "sys/bus/dax/devices/dax0.0", "../../../devices/dax0.0");
	tree_link(tree, "sys/absolute", "/sys/devices/dax0.0");
	tree_link(tree, "sys/far-up", "../../../../../../../../sys/devices/dax0.0");
	tree_link(tree, "sys/two", "bus/dax/devices/dax0.0");
	tree_link(tree, "sys/dangling", "/sys/devices/dax9.9");
	tree_link(tree, "sys/loop", "loop");

	expect_resolved("sys/bus/dax/devices/dax0.0", "sys/devices/dax0.0");
	expect_resolved("sys/bus/dax/devices/dax0.0/size", "sys/devices/dax0.0/size");
	expect_resolved("sys/absolute", "sys/devices/dax0.0");
	expect_resolved("sys/far-up/size", "sys/devices/dax0.0/size");
	expect_resolved("sys/two", "sys/devices/dax0.0");
	expect_resolved("sys/devices/dax0.0", "sys/devices/dax0.0");
	expect_resolved(".", "");
	expect_unresolved("sys/dangling", -ENOENT);
	expect_unresolved("sys/loop", -ELOOP);
	expect_unresolved("sys/nothing", -ENOENT);

	ck_assert_int_eq(sysfs_read_string(&host, &text, "sys/absolute/size"), 0);
	ck_assert_str_eq(text, "4096");
}
END_TEST

/* The files of this host are there, and a captured host must not lead to them. */
START_TEST(no_way_out_of_the_root)
{
	_cleanup_free_ char *up = NULL;
	char *text = (char *)"untouched";
	size_t size;

	ck_assert_int_eq(access("/proc/self/status", R_OK), 0);
	tree_link(tree, "absolute", "/proc/self/status");
	ck_assert_int_gt(asprintf(&up, "../../../../../../../..%s", "/proc/self/status"), 0);
	tree_link(tree, "relative", up);
	tree_dir(tree, "dir");

	ck_assert_int_eq(sysfs_read_blob(&host, &text, &size, "absolute"), -ENOENT);
	ck_assert_int_eq(sysfs_read_blob(&host, &text, &size, "relative"), -ENOENT);
	ck_assert_int_eq(sysfs_read_blob(&host, &text, &size, "dir/%s", up), -ENOENT);
	ck_assert_int_eq(sysfs_write(&host, "x", "absolute"), -ENOENT);
	ck_assert_int_eq(sysfs_exists(&host, "relative"), 0);
	ck_assert_str_eq(text, "untouched");

	/* Such a link leads to the file of that name inside. */
	tree_put(tree, "proc/self/status", "inside");
	ck_assert_int_eq(sysfs_read_string(&host, &text, "relative"), 0);
	ck_assert_str_eq(text, "inside");
	free(text);
}
END_TEST

/* The root of a captured host may itself be reached through a link. */
START_TEST(root_behind_a_link)
{
	_cleanup_free_ char *link = NULL, *target = NULL;
	struct sysfs other;

	tree_put(tree, "host/sys/a/b", "1");
	tree_link(tree, "host/sys/link", "a");
	tree_link(tree, "current", "host");
	ck_assert_int_gt(asprintf(&link, "%s/current", tree), 0);
	ck_assert_int_eq(sysfs_open(&other, link, NULL, NULL), 0);
	ck_assert_int_eq(sysfs_resolve(&other, &target, "sys/link/b"), 0);
	ck_assert_str_eq(target, "sys/a/b");
	sysfs_close(&other);
}
END_TEST

/* On the live host /proc/PID/fd has to be followed, and what has no path is no path. */
START_TEST(live_descriptors)
{
	_cleanup_free_ char *target = NULL, *real = realpath(tree, NULL), *path = NULL;
	struct sysfs live;
	int fds[2], fd;

	tree_put(tree, "file", "x");
	ck_assert_int_gt(asprintf(&path, "%s/file", real), 0);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(pipe2(fds, O_CLOEXEC), 0);

	ck_assert_int_eq(sysfs_open(&live, "/", NULL, NULL), 0);
	ck_assert_int_eq(sysfs_resolve(&live, &target, "proc/self/fd/%d", fd), 0);
	ck_assert_str_eq(target, path + 1);
	free(TAKE_PTR(target));
	ck_assert_int_eq(sysfs_resolve(&live, &target, "proc/self/fd/%d", fds[0]), -EXDEV);

	/* What left after it was opened is gone, whatever the kernel still calls it. */
	tree_delete(tree, "file");
	ck_assert_int_eq(sysfs_resolve(&live, &target, "proc/self/fd/%d", fd), -ENOENT);
	ck_assert_ptr_null(target);

	sysfs_close(&live);
	close(fds[0]);
	close(fds[1]);
	close(fd);
}
END_TEST

TCase *root_tests(void)
{
	TCase *tests = tcase_create("root");

	tcase_add_checked_fixture(tests, setup_tree, teardown_tree);
	tcase_add_test(tests, root_is_made_absolute);
	tcase_add_test(tests, root_has_to_be_a_directory);
	tcase_add_test(tests, only_slash_is_live);
	tcase_add_test(tests, close_of_a_zeroed_one_keeps_stdin);
	tcase_add_test(tests, links_stay_inside);
	tcase_add_test(tests, no_way_out_of_the_root);
	tcase_add_test(tests, root_behind_a_link);
	tcase_add_test(tests, live_descriptors);
	return tests;
}
