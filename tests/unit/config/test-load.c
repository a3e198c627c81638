/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Which files are read, and in which order they count. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "outcome.h"
#include "suites.h"
#include "tree.h"

static char *root;
static struct outcome outcome;

static void setup(void)
{
	root = tree_new();
}

static void teardown(void)
{
	outcome_done(&outcome);
	root = tree_remove(root);
}

static const struct config *load(void)
{
	outcome_done(&outcome);
	outcome = read_root(root, NULL);
	return assert_config(&outcome);
}

/* In expected, "~" stands for the root. */
static void assert_load_fails(const char *expected)
{
	_cleanup_free_ char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	for (const char *at = expected; *at; at++) {
		if (*at == '~')
			fputs(root, f);
		else
			fputc(*at, f);
	}
	ck_assert_int_eq(fclose(f), 0);
	outcome_done(&outcome);
	outcome = read_root(root, NULL);
	assert_errors(&outcome, text);
}

/* The files of the configuration, without the root, joined by blanks. */
static void assert_files(const struct config *config, const char *expected)
{
	_cleanup_free_ char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	for (size_t i = 0; i < config->files.n; i++) {
		ck_assert_int_eq(strncmp(config->files.items[i], root, strlen(root)), 0);
		fprintf(f, "%s%s", i ? " " : "", config->files.items[i] + strlen(root));
	}
	ck_assert_int_eq(fclose(f), 0);
	ck_assert_str_eq(text, expected);
}

static void put_rule(const char *path, const char *name)
{
	tree_putf(root, path, "[rule %s]\nmode = devdax\n", name);
}

START_TEST(without_files_the_defaults_hold)
{
	const struct config *config = load();

	ck_assert_uint_eq(config->memmap_min_size, UINT64_C(64) << 30);
	ck_assert_uint_eq(config->n_rules, 0);
	ck_assert_uint_eq(config->files.n, 0);
}
END_TEST

START_TEST(later_file_overrides)
{
	const struct config *config;

	tree_put(root, "etc/daxtier.conf",
		 "[memmap]\nmin-size = 1G\nmax-distance = 11\ndram-budget = 1%\n");
	tree_put(root, "usr/lib/daxtier.conf.d/10-a.conf",
		 "[memmap]\nmax-distance = 12\ndram-budget = 2%\n");
	tree_put(root, "etc/daxtier.conf.d/20-b.conf", "[memmap]\ndram-budget = 3%\n");
	config = load();
	ck_assert_uint_eq(config->memmap_min_size, UINT64_C(1) << 30);
	ck_assert_uint_eq(config->memmap_max_distance, 12);
	ck_assert_uint_eq(config->memmap_dram_budget, 300);
	assert_files(config, "/etc/daxtier.conf /usr/lib/daxtier.conf.d/10-a.conf "
			     "/etc/daxtier.conf.d/20-b.conf");
}
END_TEST

START_TEST(order_is_by_name_not_by_folder)
{
	const struct config *config;

	put_rule("etc/daxtier.conf", "main");
	put_rule("etc/daxtier.conf.d/30.conf", "c");
	put_rule("run/daxtier.conf.d/10.conf", "a");
	put_rule("usr/lib/daxtier.conf.d/20.conf", "b");
	put_rule("etc/daxtier.conf.d/9.conf", "nine");
	put_rule("etc/daxtier.conf.d/A.conf", "upper");
	config = load();
	/* As bytes, which is how systemd sorts: "9" comes after "30". */
	assert_rules(config, "a b c nine upper main");
	assert_files(config, "/etc/daxtier.conf /run/daxtier.conf.d/10.conf "
			     "/usr/lib/daxtier.conf.d/20.conf /etc/daxtier.conf.d/30.conf "
			     "/etc/daxtier.conf.d/9.conf /etc/daxtier.conf.d/A.conf");
}
END_TEST

START_TEST(rules_of_dropins_come_first)
{
	const struct config *config;
	_cleanup_free_ char *file = NULL;

	tree_put(root, "etc/daxtier.conf", "[rule m1]\nmode = devdax\n[rule m2]\nmode = devdax\n");
	tree_put(root, "etc/daxtier.conf.d/a.conf",
		 "\n[rule a1]\nmode = devdax\n[rule a2]\nmode = devdax\n");
	put_rule("etc/daxtier.conf.d/b.conf", "b1");
	config = load();
	assert_rules(config, "a1 a2 b1 m1 m2");
	ck_assert_int_gt(asprintf(&file, "%s/etc/daxtier.conf.d/a.conf", root), 0);
	ck_assert_str_eq(config->rules[0].file, file);
	ck_assert_uint_eq(config->rules[0].line, 2);

	tree_delete(root, "etc/daxtier.conf");
	assert_rules(load(), "a1 a2 b1");
}
END_TEST

START_TEST(name_masks_in_folders_behind)
{
	put_rule("usr/lib/daxtier.conf.d/x.conf", "lib");
	put_rule("usr/lib/daxtier.conf.d/y.conf", "y");
	assert_rules(load(), "lib y");
	put_rule("run/daxtier.conf.d/x.conf", "run");
	assert_rules(load(), "run y");
	put_rule("etc/daxtier.conf.d/x.conf", "etc");
	assert_rules(load(), "etc y");
	assert_files(outcome.config, "/etc/daxtier.conf.d/x.conf /usr/lib/daxtier.conf.d/y.conf");
}
END_TEST

START_TEST(link_to_null_or_empty_file_masks)
{
	put_rule("usr/lib/daxtier.conf.d/x.conf", "lib");
	tree_link(root, "etc/daxtier.conf.d/x.conf", "/dev/null");
	assert_rules(load(), "");
	assert_files(outcome.config, "");
	tree_delete(root, "etc/daxtier.conf.d/x.conf");
	assert_rules(load(), "lib");
	tree_put(root, "run/daxtier.conf.d/x.conf", "");
	assert_rules(load(), "");
	assert_files(outcome.config, "");
}
END_TEST

START_TEST(main_file_that_is_null_is_none)
{
	tree_link(root, "etc/daxtier.conf", "/dev/null");
	put_rule("etc/daxtier.conf.d/x.conf", "x");
	assert_rules(load(), "x");
	assert_files(outcome.config, "/etc/daxtier.conf.d/x.conf");
}
END_TEST

START_TEST(masked_file_is_not_even_read)
{
	tree_put(root, "usr/lib/daxtier.conf.d/x.conf", "nonsense\n");
	put_rule("etc/daxtier.conf.d/x.conf", "x");
	assert_rules(load(), "x");
}
END_TEST

START_TEST(other_names_are_ignored)
{
	tree_put(root, "etc/daxtier.conf.d/README", "nonsense\n");
	tree_put(root, "etc/daxtier.conf.d/x.conf~", "nonsense\n");
	tree_put(root, "etc/daxtier.conf.d/x.conf.dpkg-old", "nonsense\n");
	tree_put(root, "etc/daxtier.conf.d/.conf", "nonsense\n");
	tree_put(root, "etc/daxtier.conf.d/.x.conf", "nonsense\n");
	tree_link(root, "etc/daxtier.conf.d/.#x.conf", "user@host.1234:5678");
	tree_dir(root, "etc/daxtier.conf.d/folder");
	put_rule("etc/daxtier.conf.d/x.conf", "x");
	assert_rules(load(), "x");
}
END_TEST

START_TEST(what_is_no_regular_file_is_an_error)
{
	_cleanup_free_ char *fifo = NULL;

	tree_dir(root, "etc/daxtier.conf.d/folder.conf");
	ck_assert_int_gt(asprintf(&fifo, "%s/etc/daxtier.conf.d/pipe.conf", root), 0);
	ck_assert_int_eq(mkfifo(fifo, 0644), 0);
	tree_link(root, "etc/daxtier.conf.d/lost.conf", "nowhere");
	tree_link(root, "etc/daxtier.conf.d/self.conf", "self.conf");
	assert_load_fails("~/etc/daxtier.conf.d/folder.conf: it is not a regular file\n"
			  "~/etc/daxtier.conf.d/lost.conf: the file cannot be read: No such file "
			  "or directory\n"
			  "~/etc/daxtier.conf.d/pipe.conf: it is not a regular file\n"
			  "~/etc/daxtier.conf.d/self.conf: the file cannot be read: Too many "
			  "levels of symbolic links");
}
END_TEST

START_TEST(main_file_that_cannot_be_read)
{
	tree_link(root, "etc/daxtier.conf", "daxtier.conf");
	assert_load_fails("~/etc/daxtier.conf: the file cannot be read: Too many levels of "
			  "symbolic links");
	tree_delete(root, "etc/daxtier.conf");
	tree_dir(root, "etc/daxtier.conf");
	assert_load_fails("~/etc/daxtier.conf: it is not a regular file");
}
END_TEST

START_TEST(folder_that_cannot_be_read)
{
	tree_put(root, "run/daxtier.conf.d", "a file\n");
	put_rule("etc/daxtier.conf.d/x.conf", "x");
	assert_load_fails("~/run/daxtier.conf.d: the folder cannot be read: Not a directory");
}
END_TEST

START_TEST(errors_of_all_files_in_the_order_of_reading)
{
	tree_put(root, "etc/daxtier.conf", "[rule a]\n[daemon]\nclaim = x\n");
	tree_put(root, "etc/daxtier.conf.d/2.conf", "x\n");
	tree_put(root, "run/daxtier.conf.d/1.conf",
		 "[rule b]\nmode = ignore\n\n[rule a]\n"
		 "mode = ignore\n");
	tree_put(root, "usr/lib/daxtier.conf.d/3.conf", "[rule b]\nmode = ignore\n");
	assert_load_fails("~/etc/daxtier.conf:1: [rule a]: has no mode; add mode = system-ram, "
			  "devdax or ignore\n"
			  "~/etc/daxtier.conf:3: [daemon] claim: \"x\" is neither yes nor no; use "
			  "yes or no\n"
			  "~/run/daxtier.conf.d/1.conf:4: [rule a]: the rule at "
			  "~/etc/daxtier.conf:1 has this name already; use another\n"
			  "~/etc/daxtier.conf.d/2.conf:1: the line is neither [section] nor key = "
			  "value\n"
			  "~/usr/lib/daxtier.conf.d/3.conf:1: [rule b]: the rule at "
			  "~/run/daxtier.conf.d/1.conf:1 has this name already; use another");
}
END_TEST

START_TEST(same_key_in_two_files_is_no_duplicate)
{
	tree_put(root, "etc/daxtier.conf", "[daemon]\nclaim = no\n");
	tree_put(root, "etc/daxtier.conf.d/x.conf", "[daemon]\nclaim = yes\n");
	ck_assert(load()->claim);
}
END_TEST

/* With the kernel's openat2(2), that is; without it only relative links are sure to. */
START_TEST(links_stay_below_the_root)
{
	put_rule("usr/share/policy.conf", "linked");
	tree_link(root, "etc/daxtier.conf.d/x.conf", "/usr/share/policy.conf");
	assert_rules(load(), "linked");
	tree_link(root, "etc/daxtier.conf.d/x.conf", "../../../../../../usr/share/policy.conf");
	assert_rules(load(), "linked");
	tree_delete(root, "etc/daxtier.conf.d");
	tree_link(root, "run/daxtier.conf.d", "/usr/share");
	assert_rules(load(), "linked");
}
END_TEST

START_TEST(one_file_is_read_alone)
{
	_cleanup_free_ char *file = NULL;

	put_rule("etc/daxtier.conf", "main");
	put_rule("etc/daxtier.conf.d/x.conf", "dropin");
	put_rule("other/policy", "other");
	ck_assert_int_gt(asprintf(&file, "%s/other/policy", root), 0);
	outcome = read_root(root, file);
	assert_rules(assert_config(&outcome), "other");
	ck_assert_uint_eq(outcome.config->files.n, 1);
	ck_assert_str_eq(outcome.config->files.items[0], file);
	ck_assert_str_eq(outcome.config->rules[0].file, file);
}
END_TEST

START_TEST(one_file_is_relative_to_the_working_directory)
{
	put_rule("other/policy", "other");
	ck_assert_int_eq(chdir(root), 0);
	outcome = read_root("/", "other/policy");
	assert_rules(assert_config(&outcome), "other");
	ck_assert_str_eq(outcome.config->files.items[0], "other/policy");
}
END_TEST

START_TEST(one_file_has_to_exist)
{
	outcome = read_root("/", "/nonexistent/daxtier.conf");
	assert_errors(&outcome, "/nonexistent/daxtier.conf: there is no such file");
}
END_TEST

START_TEST(root_has_to_exist)
{
	outcome = read_root("/nonexistent", NULL);
	assert_errors(&outcome, "/nonexistent: No such file or directory");
}
END_TEST

START_TEST(root_may_end_in_slashes)
{
	_cleanup_free_ char *slashed = NULL;

	put_rule("etc/daxtier.conf", "main");
	ck_assert_int_gt(asprintf(&slashed, "%s//", root), 0);
	outcome = read_root(slashed, NULL);
	assert_config(&outcome);
	assert_files(outcome.config, "/etc/daxtier.conf");
}
END_TEST

START_TEST(file_has_a_largest_size)
{
	_cleanup_free_ char *text = malloc((1 << 20) + 2);

	ck_assert_ptr_nonnull(text);
	memset(text, '\n', (1 << 20) + 1);
	text[1 << 20] = '\0';
	tree_put(root, "etc/daxtier.conf", text);
	load();
	text[1 << 20] = '\n';
	text[(1 << 20) + 1] = '\0';
	tree_put(root, "etc/daxtier.conf", text);
	assert_load_fails("~/etc/daxtier.conf: the file is larger than 1 MiB");
}
END_TEST

TCase *load_tests(void)
{
	TCase *tcase = tcase_create("load");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, without_files_the_defaults_hold);
	tcase_add_test(tcase, later_file_overrides);
	tcase_add_test(tcase, order_is_by_name_not_by_folder);
	tcase_add_test(tcase, rules_of_dropins_come_first);
	tcase_add_test(tcase, name_masks_in_folders_behind);
	tcase_add_test(tcase, link_to_null_or_empty_file_masks);
	tcase_add_test(tcase, main_file_that_is_null_is_none);
	tcase_add_test(tcase, masked_file_is_not_even_read);
	tcase_add_test(tcase, other_names_are_ignored);
	tcase_add_test(tcase, what_is_no_regular_file_is_an_error);
	tcase_add_test(tcase, main_file_that_cannot_be_read);
	tcase_add_test(tcase, folder_that_cannot_be_read);
	tcase_add_test(tcase, errors_of_all_files_in_the_order_of_reading);
	tcase_add_test(tcase, same_key_in_two_files_is_no_duplicate);
	tcase_add_test(tcase, links_stay_below_the_root);
	tcase_add_test(tcase, one_file_is_read_alone);
	tcase_add_test(tcase, one_file_is_relative_to_the_working_directory);
	tcase_add_test(tcase, one_file_has_to_exist);
	tcase_add_test(tcase, root_has_to_exist);
	tcase_add_test(tcase, root_may_end_in_slashes);
	tcase_add_test(tcase, file_has_a_largest_size);
	return tcase;
}
