/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Records as files. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "apply/record.h"
#include "base/cleanup.h"
#include "bench.h"
#include "tree.h"

static const char *const keys[RECORD_FIELDS] = {"old", "held"};

static int dir(void)
{
	int fd = -EBADF;

	ck_assert_int_eq(run_dir_make(bench.run_dir, &fd), 0);
	return fd;
}

START_TEST(there_and_back)
{
	const char *values[RECORD_FIELDS] = {"online", "online_movable"};
	_cleanup_(record_done) struct record record = {};
	_cleanup_close_ int fd = dir();

	ck_assert_int_eq(record_read(fd, "r", keys, &record), 0);
	ck_assert_int_eq(record_write(fd, "r", keys, values), 0);
	ck_assert_int_eq(record_read(fd, "r", keys, &record), 1);
	ck_assert_str_eq(record.values[0], "online");
	ck_assert_str_eq(record.values[1], "online_movable");
	ck_assert(!tree_has(bench.root, "run/r.new"));
	ck_assert_int_eq(record_remove(fd, "r"), 0);
	ck_assert_int_eq(record_remove(fd, "r"), 0);
	ck_assert(!tree_has(bench.root, "run/r"));
}
END_TEST

/* A leftover of a process that was killed while it wrote, and a link that somebody put there. */
START_TEST(what_stands_in_the_way)
{
	const char *values[RECORD_FIELDS] = {"a", "b"};
	_cleanup_(record_done) struct record record = {};
	_cleanup_close_ int fd = dir();

	tree_put(bench.root, "run/r.new", "old=half");
	ck_assert_int_eq(record_write(fd, "r", keys, values), 0);
	bench_assert_reads("run/r", "old=a");

	tree_put(bench.root, "elsewhere", "precious");
	tree_link(bench.root, "run/s.new", "../elsewhere");
	ck_assert_int_eq(record_write(fd, "s", keys, values), -ELOOP);
	bench_assert_reads("elsewhere", "precious");
	tree_link(bench.root, "run/s", "r");
	ck_assert_int_eq(record_read(fd, "s", keys, &record), -ELOOP);
}
END_TEST

START_TEST(too_long_to_be_read_again)
{
	char word[300];
	const char *values[RECORD_FIELDS] = {word, "b"};
	_cleanup_close_ int fd = dir();

	memset(word, 'x', sizeof(word) - 1);
	word[sizeof(word) - 1] = '\0';
	ck_assert_int_eq(record_write(fd, "r", keys, values), -EMSGSIZE);
	ck_assert(!tree_has(bench.root, "run/r"));
}
END_TEST

START_TEST(text_for_a_message)
{
	_cleanup_free_ char *text = NULL, *none = NULL;
	_cleanup_close_ int fd = dir();

	tree_put(bench.root, "run/r", "one\n[2J\033two\n");
	text = record_text(fd, "r");
	none = record_text(fd, "absent");
	ck_assert_str_eq(text, "one [2J two");
	ck_assert_str_eq(none, "");
}
END_TEST

START_TEST(directory)
{
	_cleanup_close_ int fd = -EBADF, lock = -EBADF;

	ck_assert_int_eq(run_dir_open(bench.run_dir, &fd), -ENOENT);
	fd = dir();
	ck_assert_int_eq(run_dir_lock(fd, "l", &lock), 0);
	tree_put(bench.root, "file", "");
	free(bench.run_dir);
	ck_assert_int_gt(asprintf(&bench.run_dir, "%s/file", bench.root), 0);
	ck_assert_int_eq(run_dir_make(bench.run_dir, &fd), -ENOTDIR);
}
END_TEST

START_TEST(text_of_any_length)
{
	_cleanup_free_ char *text = malloc(100001), *back = NULL;
	_cleanup_close_ int fd = dir();

	memset(text, 'x', 100000);
	text[100000] = '\0';
	ck_assert_int_eq(record_read_text(fd, "t", &back), 0);
	ck_assert_ptr_null(back);
	ck_assert_int_eq(record_write_text(fd, "t", text), 0);
	ck_assert_int_eq(record_read_text(fd, "t", &back), 1);
	ck_assert_str_eq(back, text);
	ck_assert(!tree_has(bench.root, "run/t.new"));
	tree_link(bench.root, "run/l", "t");
	free(back);
	back = NULL;
	ck_assert_int_eq(record_read_text(fd, "l", &back), -ELOOP);
}
END_TEST

TCase *record_tests(void)
{
	TCase *tcase = tcase_create("record");

	tcase_add_checked_fixture(tcase, bench_setup, bench_teardown);
	tcase_add_test(tcase, there_and_back);
	tcase_add_test(tcase, what_stands_in_the_way);
	tcase_add_test(tcase, too_long_to_be_read_again);
	tcase_add_test(tcase, text_for_a_message);
	tcase_add_test(tcase, directory);
	tcase_add_test(tcase, text_of_any_length);
	return tcase;
}
