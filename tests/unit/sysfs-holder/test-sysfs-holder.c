/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "sysfs/holder.h"
#include "tree.h"

/*
 * A proc directory is built by hand. /dev/null and /dev/zero stand in for dax devices where a
 * device is recognised by its number: every system has them.
 */
static char *root;
static struct sysfs sysfs;

static void setup(void)
{
	root = tree_new();
	tree_link(root, "sys/bus/dax/devices/dax0.0", "../../../devices/dax0.0");
	tree_link(root, "sys/devices/dax0.0/driver", "../../bus/dax/drivers/device_dax");
	tree_dir(root, "sys/bus/dax/drivers/device_dax");
	tree_put(root, "sys/devices/dax0.0/dev", "251:3\n");
	ck_assert_int_eq(sysfs_open(&sysfs, root, NULL, NULL), 0);
}

static void teardown(void)
{
	sysfs_close(&sysfs);
	root = tree_remove(root);
}

static void add_process(int pid, const char *comm)
{
	char path[64];

	snprintf(path, sizeof(path), "proc/%d/fd", pid);
	tree_dir(root, path);
	snprintf(path, sizeof(path), "proc/%d/comm", pid);
	tree_putf(root, path, "%s\n", comm);
	snprintf(path, sizeof(path), "proc/%d/maps", pid);
	tree_put(root, path, "55d0c0000000-55d0c0001000 r--p 00000000 08:01 77   /usr/bin/x\n");
}

static void add_fd(int pid, int fd, const char *target)
{
	char path[64];

	snprintf(path, sizeof(path), "proc/%d/fd/%d", pid, fd);
	tree_link(root, path, target);
}

static void set_maps(int pid, const char *text)
{
	char path[64];

	snprintf(path, sizeof(path), "proc/%d/maps", pid);
	tree_put(root, path, text);
}

/* What the scan by number finds, in one string: "12:name 13:name:mapped". */
static int describe(int r, struct holder *holders, size_t n, char *buf, size_t size)
{
	size_t used = 0;

	buf[0] = '\0';
	if (r < 0)
		return r;
	for (size_t i = 0; i < n; i++)
		used += (size_t)snprintf(buf + used, size - used, "%s%d:%s%s", i ? " " : "",
					 (int)holders[i].pid, holders[i].comm,
					 holders[i].mapped ? ":mapped" : "");
	dax_holders_free(holders, n);
	return 0;
}

static int scan(dev_t rdev, char *buf, size_t size)
{
	_cleanup_close_ int proc_fd = -EBADF;
	struct holder *holders = NULL;
	size_t n = 0;
	char *path;
	int r;

	ck_assert_int_gt(asprintf(&path, "%s/proc", root), 0);
	proc_fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	free(path);
	ck_assert_int_ge(proc_fd, 0);
	r = dax_holders_scan(proc_fd, rdev, "dax0.0", &holders, &n);
	return describe(r, holders, n, buf, size);
}

static int read_device(char *buf, size_t size)
{
	struct holder *holders = NULL;
	size_t n = 0;
	int r;

	r = dax_holders_read(&sysfs, "dax0.0", &holders, &n);
	return describe(r, holders, n, buf, size);
}

static dev_t rdev_of(const char *path)
{
	struct stat st;

	ck_assert_int_eq(stat(path, &st), 0);
	return st.st_rdev;
}

START_TEST(captured_host_goes_by_name)
{
	char buf[256];

	add_process(100, "idle");
	add_fd(100, 0, "/dev/null");
	add_fd(100, 3, "/dev/dax0.01");
	add_fd(100, 4, "/srv/mydax0.0");
	add_fd(100, 5, "socket:[dax0.0]");
	add_process(20, "postgres");
	add_fd(20, 7, "/dev/dax0.0");
	add_process(3, "qemu");
	set_maps(3, "7f0000000000-7f0040000000 rw-s 00000000 00:06 9   /dev/dax0.0 (deleted)\n");
	add_process(4, "private");
	set_maps(4, "7f0000000000-7f0040000000 rw-p 00000000 00:06 9   /dev/dax0.0\n");

	ck_assert_int_eq(read_device(buf, sizeof(buf)), 0);
	ck_assert_str_eq(buf, "3:qemu:mapped 20:postgres");
}
END_TEST

START_TEST(open_and_mapped_counts_as_open)
{
	char buf[256];

	add_process(20, "postgres");
	add_fd(20, 7, "/dev/dax0.0");
	set_maps(20, "7f0000000000-7f0040000000 rw-s 00000000 00:06 9   /dev/dax0.0\n");
	ck_assert_int_eq(read_device(buf, sizeof(buf)), 0);
	ck_assert_str_eq(buf, "20:postgres");
}
END_TEST

START_TEST(captured_host_without_processes)
{
	char buf[256];

	ck_assert_int_eq(read_device(buf, sizeof(buf)), 0);
	ck_assert_str_eq(buf, "");
}
END_TEST

static void link_out(const char *outside, const char *path)
{
	_cleanup_free_ char *target = NULL;

	ck_assert_int_gt(asprintf(&target, "%s/%s", outside, path), 0);
	tree_link(root, path, target);
}

/* A captured host whose links lead to processes of this one has no processes there. */
START_TEST(captured_host_stays_inside)
{
	static const char *const links[] = {"proc", "proc/20", "proc/20/fd", "proc/20/maps",
					    "proc/20/comm"};
	_cleanup_(tree_removep) char *outside = root;
	char buf[256];

	/* What this host is like: one that holds the device in both ways. */
	add_process(20, "outside");
	if (_i < 3)
		add_fd(20, 7, "/dev/dax0.0");
	else
		set_maps(20, "7f0000000000-7f0040000000 rw-s 00000000 00:06 9   /dev/dax0.0\n");
	ck_assert_int_eq(read_device(buf, sizeof(buf)), 0);
	ck_assert_str_ne(buf, "");

	sysfs_close(&sysfs);
	setup();
	if (_i > 1)
		add_process(20, "inside");
	if (_i == 4) /* an honest holder with a name from outside */
		add_fd(20, 7, "/dev/dax0.0");
	tree_delete(root, links[_i]);
	link_out(outside, links[_i]);
	ck_assert_int_eq(read_device(buf, sizeof(buf)), 0);
	ck_assert_str_eq(buf, _i == 4 ? "20:" : "");
}
END_TEST

/* Nor does it hold us up, or act. */
START_TEST(captured_host_with_other_files)
{
	_cleanup_free_ char *comm = NULL, *maps = NULL;
	char buf[256];

	add_process(20, "postgres");
	add_fd(20, 7, "/dev/dax0.0");
	add_process(21, "qemu");
	ck_assert_int_gt(asprintf(&comm, "%s/proc/20/comm", root), 0);
	ck_assert_int_gt(asprintf(&maps, "%s/proc/21/maps", root), 0);
	ck_assert_int_eq(unlink(comm), 0);
	ck_assert_int_eq(unlink(maps), 0);
	ck_assert_int_eq(mkfifo(comm, 0600), 0);
	ck_assert_int_eq(mkfifo(maps, 0600), 0);
	ck_assert_int_eq(read_device(buf, sizeof(buf)), 0);
	ck_assert_str_eq(buf, "20:");
}
END_TEST

START_TEST(only_device_dax_has_holders)
{
	char buf[256];

	add_process(20, "postgres");
	add_fd(20, 7, "/dev/dax0.0");
	tree_dir(root, "sys/bus/dax/drivers/kmem");
	tree_link(root, "sys/devices/dax0.0/driver", "../../bus/dax/drivers/kmem");
	ck_assert_int_eq(read_device(buf, sizeof(buf)), 0);
	ck_assert_str_eq(buf, "");
	tree_delete(root, "sys/devices/dax0.0/driver");
	ck_assert_int_eq(read_device(buf, sizeof(buf)), 0);
	ck_assert_str_eq(buf, "");
}
END_TEST

/* One pass answers for all, and for each by itself. */
START_TEST(several_devices_at_once)
{
	struct dax_holder_query queries[] = {{.device = "dax0.0"},
					     {.device = "dax1.0"},
					     {.device = "dax2.0"},
					     {.device = "dax9.0"}};
	static const char *const expected[] = {"20:both 21:first", "20:both:mapped 30:second", ""};

	tree_link(root, "sys/bus/dax/devices/dax1.0", "../../../devices/dax1.0");
	tree_link(root, "sys/devices/dax1.0/driver", "../../bus/dax/drivers/device_dax");
	tree_link(root, "sys/bus/dax/devices/dax2.0", "../../../devices/dax2.0");
	tree_dir(root, "sys/devices/dax2.0"); /* unbound */
	add_process(20, "both");
	add_fd(20, 3, "/dev/dax0.0");
	set_maps(20, "7f0000000000-7f0040000000 rw-s 00000000 00:06 9   /dev/dax0.0\n"
		     "7f0040000000-7f0080000000 rw-s 00000000 00:06 9   /dev/dax1.0\n");
	add_process(30, "second");
	add_fd(30, 3, "/dev/dax1.0");
	add_fd(30, 4, "/dev/dax2.0");
	add_process(21, "first");
	add_fd(21, 3, "/dev/dax0.0");

	ck_assert_int_eq(dax_holders_read_all(&sysfs, queries, ARRAY_SIZE(queries)), 0);
	for (size_t i = 0; i < ARRAY_SIZE(expected); i++) {
		char buf[256];

		ck_assert_int_eq(queries[i].error, 0);
		describe(0, queries[i].holders, queries[i].n, buf, sizeof(buf));
		ck_assert_str_eq(buf, expected[i]);
	}
	ck_assert_int_eq(queries[3].error, -ENODEV);
	ck_assert_ptr_null(queries[3].holders);
}
END_TEST

START_TEST(no_such_device)
{
	char buf[256];

	tree_delete(root, "sys/bus/dax/devices/dax0.0");
	ck_assert_int_eq(read_device(buf, sizeof(buf)), -ENODEV);
}
END_TEST

START_TEST(number_decides_not_the_name)
{
	char buf[256];

	/* The same device under a container's name, and another one under ours. */
	add_process(20, "renamed");
	add_fd(20, 3, "/dev/zero");
	add_process(21, "other");
	add_fd(21, 3, "/dev/null");
	add_process(22, "gone");
	add_fd(22, 3, "/nowhere/dax0.0");
	ck_assert_int_eq(scan(rdev_of("/dev/zero"), buf, sizeof(buf)), 0);
	ck_assert_str_eq(buf, "20:renamed");
}
END_TEST

START_TEST(mapping_by_number)
{
	char buf[256];

	add_process(30, "mapper");
	set_maps(30, "7f0000000000-7f0040000000 rw-s 00000000 00:06 9   /dev/innocent\n");
	tree_link(root, "proc/30/map_files/7f0000000000-7f0040000000", "/dev/zero");
	add_process(31, "namesake");
	set_maps(31, "7f0000000000-7f0040000000 rw-s 00000000 00:06 9   /dev/dax0.0\n");
	tree_link(root, "proc/31/map_files/7f0000000000-7f0040000000", "/dev/null");
	add_process(32, "private");
	set_maps(32, "7f0000000000-7f0040000000 rw-p 00000000 00:06 9   /dev/zero\n");
	tree_link(root, "proc/32/map_files/7f0000000000-7f0040000000", "/dev/zero");
	ck_assert_int_eq(scan(rdev_of("/dev/zero"), buf, sizeof(buf)), 0);
	ck_assert_str_eq(buf, "30:mapper:mapped");
}
END_TEST

START_TEST(mapping_without_map_files)
{
	char buf[256];

	/* The node as the process sees it, then by its name alone. */
	add_process(30, "container");
	set_maps(30, "7f0000000000-7f0040000000 rw-s 00000000 00:06 9   /dev/zero\n");
	tree_link(root, "proc/30/root", "/");
	add_process(31, "deleted");
	set_maps(31, "7f0000000000-7f0040000000 rw-s 00000000 00:06 9   /dev/dax0.0 (deleted)\n");
	add_process(32, "innocent");
	set_maps(32, "7f0000000000-7f0040000000 rw-s 00000000 00:06 9   /dev/null\n");
	tree_link(root, "proc/32/root", "/");
	ck_assert_int_eq(scan(rdev_of("/dev/zero"), buf, sizeof(buf)), 0);
	ck_assert_str_eq(buf, "30:container:mapped 31:deleted:mapped");
}
END_TEST

START_TEST(comm_is_cleaned)
{
	char buf[256];

	add_process(20, "evil\033[2J\n");
	add_fd(20, 7, "/dev/dax0.0");
	ck_assert_int_eq(read_device(buf, sizeof(buf)), 0);
	ck_assert_ptr_null(strchr(buf, '\033'));
	ck_assert_ptr_null(strchr(buf, '\n'));
}
END_TEST

/* The running system's own proc, which must at least show this process. */
START_TEST(own_process_is_found)
{
	_cleanup_close_ int proc_fd = -EBADF, held = -EBADF;
	struct holder *holders = NULL;
	size_t n = 0;
	bool found = false;

	held = open("/dev/zero", O_RDONLY | O_CLOEXEC);
	ck_assert_int_ge(held, 0);
	proc_fd = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	ck_assert_int_ge(proc_fd, 0);
	ck_assert_int_eq(dax_holders_scan(proc_fd, rdev_of("/dev/zero"), "dax0.0", &holders, &n),
			 0);
	for (size_t i = 0; i < n; i++)
		if (holders[i].pid == getpid()) {
			found = true;
			ck_assert(!holders[i].mapped);
			ck_assert_str_eq(holders[i].comm, "test-sysfs-hold");
		}
	dax_holders_free(holders, n);
	ck_assert(found);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("holder");
	Suite *suite = suite_create("sysfs-holder");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, captured_host_goes_by_name);
	tcase_add_test(tcase, open_and_mapped_counts_as_open);
	tcase_add_test(tcase, captured_host_without_processes);
	tcase_add_loop_test(tcase, captured_host_stays_inside, 0, 5);
	tcase_add_test(tcase, captured_host_with_other_files);
	tcase_add_test(tcase, only_device_dax_has_holders);
	tcase_add_test(tcase, several_devices_at_once);
	tcase_add_test(tcase, no_such_device);
	tcase_add_test(tcase, number_decides_not_the_name);
	tcase_add_test(tcase, mapping_by_number);
	tcase_add_test(tcase, mapping_without_map_files);
	tcase_add_test(tcase, comm_is_cleaned);
	tcase_add_test(tcase, own_process_is_found);
	suite_add_tcase(suite, tcase);

	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
