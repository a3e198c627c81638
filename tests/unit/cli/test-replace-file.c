/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A file is replaced as a whole, or stays, and nothing is left beside it. */
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "cli/replace-file.h"
#include "suites.h"
#include "tree.h"

static char *root;

static void setup(void)
{
	root = tree_new();
}

static void teardown(void)
{
	root = tree_remove(root);
}

static char *path_of(const char *name)
{
	char *path;

	ck_assert_int_gt(asprintf(&path, "%s/%s", root, name), 0);
	return path;
}

static int replace(const char *name, const char *content)
{
	_cleanup_(replacement_done) struct replacement replacement = {};
	_cleanup_free_ char *path = path_of(name);
	int r;

	r = replacement_open(&replacement, path);
	if (r < 0)
		return r;
	fputs(content, replacement.f);
	return replacement_commit(&replacement);
}

static void assert_only(const char *name, const char *content)
{
	_cleanup_free_ char *text = tree_get(root, name);
	DIR *directory = opendir(root);
	unsigned n = 0;

	for (struct dirent *entry; (entry = readdir(directory));)
		n += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
	closedir(directory);
	ck_assert_str_eq(text, content);
	ck_assert_uint_eq(n, 1);
}

START_TEST(test_new)
{
	_cleanup_free_ char *path = path_of("a.prom");
	struct stat st;

	umask(077);
	ck_assert_int_eq(replace("a.prom", "new\n"), 0);
	assert_only("a.prom", "new\n");
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_uint_eq(st.st_mode & 07777, 0644);
}
END_TEST

START_TEST(test_old)
{
	tree_put(root, "a.prom", "old and longer\n");
	ck_assert_int_eq(replace("a.prom", "new\n"), 0);
	assert_only("a.prom", "new\n");
}
END_TEST

/* Readers take what ends in .prom, and see the old one until the new one is whole. */
START_TEST(test_while_it_is_written)
{
	_cleanup_(replacement_done) struct replacement replacement = {};
	_cleanup_free_ char *path = path_of("a.prom"), *text = NULL;

	tree_put(root, "a.prom", "old\n");
	ck_assert_int_eq(replacement_open(&replacement, path), 0);
	fputs("half", replacement.f);
	fflush(replacement.f);
	text = tree_get(root, "a.prom");
	ck_assert_str_eq(text, "old\n");
	ck_assert_ptr_null(strstr(replacement.beside + strlen(replacement.beside) - 5, ".prom"));
	ck_assert_ptr_nonnull(strstr(replacement.beside, "/.a.prom."));
	replacement_done(&replacement);
	assert_only("a.prom", "old\n");
}
END_TEST

START_TEST(test_no_directory)
{
	ck_assert_int_eq(replace("no/a.prom", "new\n"), -ENOENT);
}
END_TEST

START_TEST(test_in_the_way)
{
	tree_dir(root, "a.prom");
	ck_assert_int_eq(replace("a.prom", "new\n"), -EISDIR);
	tree_delete(root, "a.prom");
	tree_put(root, "b", "");
	assert_only("b", ""); /* nothing was left of the other */
}
END_TEST

/* As on a full disk: the error shows only when the buffer is written. */
START_TEST(test_no_room)
{
	struct rlimit before, none;
	int r;

	signal(SIGXFSZ, SIG_IGN);
	tree_put(root, "a.prom", "old\n");
	ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &before), 0);
	none = before;
	none.rlim_cur = 0;
	setrlimit(RLIMIT_FSIZE, &none);
	r = replace("a.prom", "new\n");
	/* The test reports through a file, too. */
	setrlimit(RLIMIT_FSIZE, &before);
	ck_assert_int_eq(r, -EFBIG);
	assert_only("a.prom", "old\n");
}
END_TEST

Suite *replace_file_suite(void)
{
	Suite *suite = suite_create("replace file");
	TCase *tcase = tcase_create("replace file");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, test_new);
	tcase_add_test(tcase, test_old);
	tcase_add_test(tcase, test_while_it_is_written);
	tcase_add_test(tcase, test_no_directory);
	tcase_add_test(tcase, test_in_the_way);
	tcase_add_test(tcase, test_no_room);
	suite_add_tcase(suite, tcase);
	return suite;
}
