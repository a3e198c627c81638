/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Reading, writing and listing with the operations that touch files. */

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "failing-alloc.h"
#include "test-sysfs.h"
#include "tree.h"

/* Around the sizes at which the buffer grows, and where an ACPI table would be. */
static const size_t sizes[] = {0, 1, 4095, 4096, 4097, 8191, 8192, 8193, 1 << 20};

static void put_blob(const char *name, const char *data, size_t size)
{
	_cleanup_free_ char *path = NULL;
	_cleanup_fclose_ FILE *file = NULL;

	ck_assert_int_gt(asprintf(&path, "%s/%s", tree, name), 0);
	file = fopen(path, "we");
	ck_assert_ptr_nonnull(file);
	ck_assert_uint_eq(fwrite(data, 1, size, file), size);
}

START_TEST(blob_of_any_size)
{
	_cleanup_free_ char *data = malloc(sizes[_i] + 1), *back = NULL;
	size_t size = 77;

	ck_assert_ptr_nonnull(data);
	for (size_t i = 0; i < sizes[_i]; i++)
		data[i] = (char)(i * 31 % 251); /* with NULs and newlines inside */
	put_blob("SLIT", data, sizes[_i]);
	ck_assert_int_eq(sysfs_read_blob(&host, &back, &size, "%s", "SLIT"), 0);
	ck_assert_uint_eq(size, sizes[_i]);
	ck_assert_int_eq(memcmp(back, data, size), 0);
	ck_assert_int_eq(back[size], '\0');
}
END_TEST

static const struct {
	const char *content, *text;
} strings[] = {
	{"", ""},	  {"\n", ""},	      {"kmem\n", "kmem"},
	{"kmem", "kmem"}, {"a\nb\n", "a\nb"}, {"a\n\n", "a\n"}, /* one newline, not all */
};

START_TEST(string_without_its_newline)
{
	_cleanup_free_ char *text = NULL;

	tree_put(tree, "attr", strings[_i].content);
	ck_assert_int_eq(sysfs_read_string(&host, &text, "attr"), 0);
	ck_assert_str_eq(text, strings[_i].text);
}
END_TEST

START_TEST(numbers)
{
	uint64_t u = 77;
	int i = 77;

	tree_put(tree, "size", "16911433728\n");
	tree_put(tree, "start", "0x100000000\n");
	tree_put(tree, "block_size_bytes", "8000000\n");
	tree_put(tree, "numa_node", "-1\n");
	tree_put(tree, "words", "online\n");
	tree_put(tree, "huge", "18446744073709551616\n");
	tree_put(tree, "empty", "");

	ck_assert_int_eq(sysfs_read_u64(&host, &u, "size"), 0);
	ck_assert_uint_eq(u, UINT64_C(16911433728));
	ck_assert_int_eq(sysfs_read_u64(&host, &u, "start"), 0);
	ck_assert_uint_eq(u, UINT64_C(0x100000000));
	ck_assert_int_eq(sysfs_read_hex(&host, &u, "block_size_bytes"), 0);
	ck_assert_uint_eq(u, 0x8000000);
	ck_assert_int_eq(sysfs_read_int(&host, &i, "numa_node"), 0);
	ck_assert_int_eq(i, -1);

	ck_assert_int_eq(sysfs_read_u64(&host, &u, "words"), -EINVAL);
	ck_assert_int_eq(sysfs_read_u64(&host, &u, "huge"), -ERANGE);
	ck_assert_int_eq(sysfs_read_u64(&host, &u, "empty"), -EINVAL);
	ck_assert_int_eq(sysfs_read_u64(&host, &u, "numa_node"), -EINVAL);
	ck_assert_int_eq(sysfs_read_hex(&host, &u, "words"), -EINVAL);
	ck_assert_int_eq(sysfs_read_int(&host, &i, "size"), -ERANGE);
	ck_assert_uint_eq(u, 0x8000000);
	ck_assert_int_eq(i, -1);
}
END_TEST

START_TEST(what_is_no_attribute)
{
	_cleanup_free_ char *fifo = NULL;
	char *text = (char *)"untouched";

	put_blob("binary", "a\0b", 3);
	tree_dir(tree, "dir");
	ck_assert_int_gt(asprintf(&fifo, "%s/fifo", tree), 0);
	ck_assert_int_eq(mkfifo(fifo, 0600), 0);

	ck_assert_int_eq(sysfs_read_string(&host, &text, "binary"), -EBADMSG);
	ck_assert_int_eq(sysfs_read_string(&host, &text, "dir"), -EISDIR);
	ck_assert_int_eq(sysfs_read_string(&host, &text, "fifo"), -EINVAL); /* and no wait */
	ck_assert_int_eq(sysfs_read_string(&host, &text, "missing"), -ENOENT);
	ck_assert_int_eq(sysfs_read_string(&host, &text, "binary/below"), -ENOTDIR);
	ck_assert_str_eq(text, "untouched");
}
END_TEST

START_TEST(too_large_to_be_true)
{
	_cleanup_free_ char *path = NULL;
	char *text = NULL;
	size_t size;

	/* All of it a hole: what counts is that the reader gives up. */
	tree_put(tree, "huge", "");
	ck_assert_int_gt(asprintf(&path, "%s/huge", tree), 0);
	ck_assert_int_eq(truncate(path, (off_t)65 << 20), 0);
	ck_assert_int_eq(sysfs_read_blob(&host, &text, &size, "huge"), -EFBIG);
	ck_assert_ptr_null(text);
}
END_TEST

static void expect_content(const char *path, const char *expected)
{
	_cleanup_free_ char *content = tree_get(tree, path);

	ck_assert_ptr_nonnull(content);
	ck_assert_str_eq(content, expected);
}

START_TEST(write_replaces_the_value)
{
	tree_put(tree, "memory/auto_online_blocks", "online_movable\n");
	ck_assert_int_eq(sysfs_write(&host, "offline", "memory/%s", "auto_online_blocks"), 0);
	expect_content("memory/auto_online_blocks", "offline");
	ck_assert_int_eq(sysfs_write(&host, "online_movable", "memory/auto_online_blocks"), 0);
	expect_content("memory/auto_online_blocks", "online_movable");
}
END_TEST

START_TEST(write_makes_no_file)
{
	tree_dir(tree, "dir");
	ck_assert_int_eq(sysfs_write(&host, "1", "dir/missing"), -ENOENT);
	ck_assert(!tree_has(tree, "dir/missing"));
	ck_assert_int_eq(sysfs_write(&host, "1", "dir"), -EISDIR);
}
END_TEST

START_TEST(write_keeps_the_errno)
{
	struct sysfs live;

	ck_assert_int_eq(sysfs_open(&live, "/", NULL, NULL), 0);
	ck_assert_int_eq(sysfs_write(&live, "1", "dev/full"), -ENOSPC);
	sysfs_close(&live);
}
END_TEST

START_TEST(short_write_is_an_error)
{
	struct rlimit limit = {.rlim_cur = 3, .rlim_max = RLIM_INFINITY}, before;

	tree_put(tree, "attr", "");
	ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &before), 0);
	limit.rlim_max = before.rlim_max;
	signal(SIGXFSZ, SIG_IGN);
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
	/* One write(2), of which the kernel takes three bytes. A second try would fail with
	 * EFBIG, a mended loop would hide that a value was cut. */
	ck_assert_int_eq(sysfs_write(&host, "online", "attr"), -EIO);
	ck_assert_int_eq(sysfs_write(&host, "one", "attr"), 0);
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &before), 0);
	expect_content("attr", "one");
}
END_TEST

START_TEST(list_is_sorted)
{
	_cleanup_(strv_done) struct strv names = {}, none = {};

	tree_dir(tree, "node/memory10");
	tree_dir(tree, "node/memory9");
	tree_put(tree, "node/memory_failure", "");
	tree_link(tree, "node/memory100", "nowhere");
	tree_put(tree, "node/.hidden", "");
	tree_dir(tree, "empty");

	ck_assert_int_eq(sysfs_list(&host, &names, "%s", "node"), 0);
	ck_assert_uint_eq(names.n, 5);
	ck_assert_str_eq(names.items[0], ".hidden");
	ck_assert_str_eq(names.items[1], "memory9");
	ck_assert_str_eq(names.items[2], "memory10");
	ck_assert_str_eq(names.items[3], "memory100");
	ck_assert_str_eq(names.items[4], "memory_failure");

	ck_assert_int_eq(sysfs_list(&host, &none, "empty"), 0);
	ck_assert_int_eq(sysfs_list(&host, &none, "missing"), -ENOENT);
	ck_assert_int_eq(sysfs_list(&host, &none, "node/memory_failure"), -ENOTDIR);
	ck_assert_uint_eq(none.n, 0);
}
END_TEST

START_TEST(link_name_is_the_last_component)
{
	char *name = (char *)"untouched";

	tree_dir(tree, "sys/bus/dax/drivers/kmem");
	tree_link(tree, "sys/devices/dax0.0/driver", "../../bus/dax/drivers/kmem");
	tree_dir(tree, "sys/devices/dax0.1");
	ck_assert_int_eq(sysfs_link_name(&host, &name, "sys/devices/dax0.1/driver"), -ENOENT);
	ck_assert_str_eq(name, "untouched");
	ck_assert_int_eq(sysfs_link_name(&host, &name, "sys/devices/dax%d.0/driver", 0), 0);
	ck_assert_str_eq(name, "kmem");
	free(name);

	tree_link(tree, "top", "sys");
	ck_assert_int_eq(sysfs_link_name(&host, &name, "top"), 0);
	ck_assert_str_eq(name, "sys");
	free(name);
}
END_TEST

START_TEST(exists_is_three_answers)
{
	tree_put(tree, "file", "");
	tree_link(tree, "dangling", "missing");
	tree_link(tree, "loop", "loop");
	ck_assert_int_eq(sysfs_exists(&host, "file"), 1);
	ck_assert_int_eq(sysfs_exists(&host, "missing"), 0);
	ck_assert_int_eq(sysfs_exists(&host, "missing/below"), 0);
	ck_assert_int_eq(sysfs_exists(&host, "file/below"), 0);
	ck_assert_int_eq(sysfs_exists(&host, "dangling"), 0);
	ck_assert_int_eq(sysfs_exists(&host, "loop"), -ELOOP);
}
END_TEST

START_TEST(instance_is_the_object_not_its_name)
{
	uint64_t direct = 0, linked = 0, other = 7;

	tree_dir(tree, "devices/old");
	tree_dir(tree, "devices/new");
	tree_link(tree, "bus", "devices/old");
	ck_assert_int_eq(sysfs_instance(&host, &direct, "devices/%s", "old"), 0);
	ck_assert_int_eq(sysfs_instance(&host, &linked, "bus"), 0);
	ck_assert_uint_ne(direct, 0);
	ck_assert_uint_eq(linked, direct);
	tree_link(tree, "bus", "devices/new");
	ck_assert_int_eq(sysfs_instance(&host, &linked, "bus"), 0);
	ck_assert_uint_ne(linked, direct);
	ck_assert_int_eq(sysfs_instance(&host, &other, "devices/none"), -ENOENT);
	ck_assert_uint_eq(other, 7);
}
END_TEST

START_TEST(counts_what_reached_a_file)
{
	_cleanup_(strv_done) struct strv names = {};
	_cleanup_free_ char *text = NULL;
	uint64_t u;

	tree_put(tree, "attr", "x");
	ck_assert_int_eq(sysfs_read_string(&host, &text, "attr"), 0);
	ck_assert_int_eq(sysfs_read_u64(&host, &u, "attr"), -EINVAL);
	ck_assert_int_eq(sysfs_read_u64(&host, &u, "missing"), -ENOENT);
	ck_assert_int_eq(sysfs_list(&host, &names, "."), 0);
	ck_assert_int_eq(sysfs_exists(&host, "attr"), 1);
	ck_assert_uint_eq(host.n_reads, 2);
	ck_assert_uint_eq(host.n_writes, 0);
	ck_assert_int_eq(sysfs_write(&host, "1", "attr"), 0);
	ck_assert_int_eq(sysfs_write(&host, "1", "missing"), -ENOENT);
	ck_assert_uint_eq(host.n_reads, 2);
	ck_assert_uint_eq(host.n_writes, 1);
}
END_TEST

static int do_everything(void)
{
	_cleanup_free_ char *text = NULL, *name = NULL, *target = NULL, *blob = NULL;
	_cleanup_(strv_done) struct strv names = {};
	size_t size;
	uint64_t u;
	int r, i;

	if ((r = sysfs_read_string(&host, &text, "%s", "dir/attr")) < 0)
		return r;
	if ((r = sysfs_read_blob(&host, &blob, &size, "%s", "dir/attr")) < 0)
		return r;
	if ((r = sysfs_read_u64(&host, &u, "%s", "dir/attr")) < 0)
		return r;
	if ((r = sysfs_read_hex(&host, &u, "%s", "dir/attr")) < 0)
		return r;
	if ((r = sysfs_read_int(&host, &i, "%s", "dir/attr")) < 0)
		return r;
	if ((r = sysfs_write(&host, "2", "%s", "dir/attr")) < 0)
		return r;
	if ((r = sysfs_link_name(&host, &name, "%s", "dir/link")) < 0)
		return r;
	if ((r = sysfs_resolve(&host, &target, "%s", "dir/link")) < 0)
		return r;
	if ((r = sysfs_list(&host, &names, "%s", "dir")) < 0)
		return r;
	r = sysfs_exists(&host, "%s", "dir/attr");
	return r < 0 ? r : 0;
}

START_TEST(without_memory)
{
	bool reached = true;
	unsigned n;

	tree_put(tree, "dir/attr", "1\n");
	tree_link(tree, "dir/link", "attr");
	for (n = 1; reached; n++) {
		int r;

		failing_alloc_arm(n);
		r = do_everything();
		reached = failing_alloc_disarm();
		ck_assert_int_eq(r, reached ? -ENOMEM : 0);
	}
	ck_assert_uint_gt(n, 20);
}
END_TEST

TCase *attribute_tests(void)
{
	TCase *tests = tcase_create("attribute");

	tcase_add_checked_fixture(tests, setup_tree, teardown_tree);
	tcase_add_loop_test(tests, blob_of_any_size, 0, ARRAY_SIZE(sizes));
	tcase_add_loop_test(tests, string_without_its_newline, 0, ARRAY_SIZE(strings));
	tcase_add_test(tests, numbers);
	tcase_add_test(tests, what_is_no_attribute);
	tcase_add_test(tests, too_large_to_be_true);
	tcase_add_test(tests, write_replaces_the_value);
	tcase_add_test(tests, write_makes_no_file);
	tcase_add_test(tests, write_keeps_the_errno);
	tcase_add_test(tests, short_write_is_an_error);
	tcase_add_test(tests, list_is_sorted);
	tcase_add_test(tests, link_name_is_the_last_component);
	tcase_add_test(tests, exists_is_three_answers);
	tcase_add_test(tests, instance_is_the_object_not_its_name);
	tcase_add_test(tests, counts_what_reached_a_file);
	tcase_add_test(tests, without_memory);
	return tests;
}
