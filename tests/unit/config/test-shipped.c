/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What people copy from has to be right: the shipped file, the examples, the manual page. */

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "config/config-key.h"
#include "document.h"
#include "outcome.h"
#include "suites.h"
#include "tree.h"

#define MAIN_FILE PROJECT_SOURCE_DIR "/conf/daxtier.conf"
#define EXAMPLES  PROJECT_SOURCE_DIR "/conf/examples"
#define MAN_PAGE  PROJECT_SOURCE_DIR "/man/daxtier.conf.5.in"
#define README	  PROJECT_SOURCE_DIR "/README.md"

static void assert_defaults(const struct config *config)
{
	_cleanup_(config_freep) struct config *defaults = NULL;

	ck_assert_int_eq(config_new_default(&defaults), 0);
	ck_assert_int_eq(config->claim, defaults->claim);
	ck_assert_uint_eq(config->settle_usec, defaults->settle_usec);
	ck_assert_int_eq(config->convert, defaults->convert);
	ck_assert_uint_eq(config->memmap_min_size, defaults->memmap_min_size);
	ck_assert_uint_eq(config->memmap_max_distance, defaults->memmap_max_distance);
	ck_assert_uint_eq(config->memmap_dram_budget, defaults->memmap_dram_budget);
	ck_assert_uint_eq(config->movable_max_ratio, defaults->movable_max_ratio);
	ck_assert_int_eq(config->create_regions, defaults->create_regions);
	ck_assert_uint_eq(config->interleave_ways, defaults->interleave_ways);
	ck_assert_uint_eq(config->interleave_granularity, defaults->interleave_granularity);
	ck_assert_uint_eq(config->interleave_gather_usec, defaults->interleave_gather_usec);
}

/* The rule takes every device of the kind, and no other, and makes it movable memory. */
static void assert_takes_kind(const struct rule *rule, enum dax_kind kind)
{
	ck_assert_uint_eq(rule->match_kinds, 1U << kind);
	ck_assert_uint_eq(rule->match_devices.n, 0);
	ck_assert_uint_eq(rule->match_regions.n, 0);
	ck_assert_uint_eq(rule->match_serials.n, 0);
	ck_assert_uint_eq(rule->match_target_nodes.n, 0);
	ck_assert_uint_eq(rule->match_initiator_nodes.n, 0);
	ck_assert(!rule->match_size_set);
	ck_assert(!rule->match_distance_set);
	ck_assert_int_eq(rule->mode, RULE_MODE_SYSTEM_RAM);
	ck_assert_int_eq(rule->memmap, MEMMAP_CHOICE_AUTO);
	ck_assert_int_eq(rule->zone, TARGET_ZONE_MOVABLE);
}

START_TEST(shipped_file_manages_cxl_and_hmem_and_never_pmem)
{
	_cleanup_(outcome_done) struct outcome outcome = read_root("/", MAIN_FILE);
	const struct config *config = assert_config(&outcome);

	assert_defaults(config);
	assert_rules(config, "cxl hmem");
	assert_takes_kind(&config->rules[0], DAX_KIND_CXL);
	assert_takes_kind(&config->rules[1], DAX_KIND_HMEM);
}
END_TEST

START_TEST(shipped_file_shows_what_the_rows_say)
{
	_cleanup_free_ char *shipped = document_read(MAIN_FILE);
	_cleanup_free_ char *rows = document_run(CONFIG_DOC " conf");

	ck_assert_int_gt((int)strlen(rows), 1000);
	ck_assert_msg(strstr(shipped, rows) != NULL,
		      "conf/daxtier.conf does not contain the output of \"config-doc conf\":\n%s",
		      rows);
}
END_TEST

START_TEST(shipped_file_shows_each_default_once)
{
	_cleanup_free_ char *shipped = document_read(MAIN_FILE), *line = NULL;
	const struct config_key *key = &config_keys[_i];
	const char *at;

	if (!key->fallback)
		return; /* a criterion, or the mode, is shown with an example */
	ck_assert_int_gt(asprintf(&line, "\n#%s = %s\n", key->name, key->fallback), 0);
	at = strstr(shipped, line);
	ck_assert_msg(at != NULL, "there is no line %s", line + 1);
	ck_assert_ptr_null(strstr(at + 1, line));
}
END_TEST

/* What somebody gets who takes the # from every line that shows a key: the same as before. */
START_TEST(shipped_file_with_all_keys_uncommented)
{
	_cleanup_(outcome_done) struct outcome outcome = {0};
	_cleanup_free_ char *shipped = document_read(MAIN_FILE);
	char *to = shipped;
	bool start = true;
	size_t n_keys = 0;

	for (const char *from = shipped; *from; from++) {
		size_t word = strspn(from + 1, "abcdefghijklmnopqrstuvwxyz-");
		bool key = start && *from == '#' && word > 0 &&
			   strncmp(from + 1 + word, " = ", 3) == 0;
		bool header = start && strncmp(from, "#[rule NAME]", 12) == 0;

		start = *from == '\n';
		n_keys += key;
		if (!key && !header)
			*to++ = *from;
	}
	*to = '\0';
	ck_assert_uint_eq(n_keys, config_n_keys);
	outcome = read_text(shipped);
	assert_defaults(assert_config(&outcome));
	assert_rules(outcome.config, "NAME cxl hmem");
}
END_TEST

/* Each alone, and all together beside the shipped file. */
START_TEST(example_dropins_are_right)
{
	_cleanup_(tree_removep) char *root = tree_new();
	_cleanup_(outcome_done) struct outcome all = {0};
	_cleanup_free_ char *shipped = document_read(MAIN_FILE);
	DIR *dir = opendir(EXAMPLES);
	const struct dirent *entry;
	size_t n = 0;

	ck_assert_ptr_nonnull(dir);
	tree_put(root, "etc/daxtier.conf", shipped);
	while ((entry = readdir(dir))) {
		_cleanup_(outcome_done) struct outcome one = {0};
		_cleanup_free_ char *path = NULL, *text = NULL, *target = NULL;

		if (entry->d_name[0] == '.')
			continue;
		ck_assert_int_gt(asprintf(&path, EXAMPLES "/%s", entry->d_name), 0);
		ck_assert_int_gt(asprintf(&target, "etc/daxtier.conf.d/%s", entry->d_name), 0);
		text = document_read(path);
		tree_put(root, target, text);
		one = read_root("/", path);
		assert_config(&one);
		n++;
	}
	closedir(dir);
	all = read_root(root, NULL);
	/* None was left out for its name. */
	ck_assert_uint_eq(assert_config(&all)->files.n, n + 1);
	ck_assert_uint_ge(n, 3);
}
END_TEST

START_TEST(manual_lists_every_section)
{
	_cleanup_free_ char *page = document_read(MAN_PAGE), *line = NULL;

	ck_assert_int_gt(asprintf(&line, "\n.\\\" @keys %s@\n", config_sections[_i].name), 0);
	ck_assert_msg(strstr(page, line) != NULL, "there is no line %s", line + 1);
}
END_TEST

START_TEST(manual_examples_are_right)
{
	static const char *const names[] = {"shape", "pmem", "devdax", "serial", "tiers"};
	_cleanup_free_ char *page = document_read(MAN_PAGE);

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		_cleanup_(outcome_done) struct outcome outcome = {0};
		_cleanup_free_ char *text = document_example(page, names[i]);

		outcome = read_text(text);
		ck_assert_uint_gt(assert_config(&outcome)->n_rules, 0);
	}
}
END_TEST

START_TEST(manual_shows_real_errors)
{
	_cleanup_free_ char *page = document_read(MAN_PAGE);
	_cleanup_free_ char *file = document_example(page, "mistakes");
	_cleanup_free_ char *expected = document_example(page, "messages");
	_cleanup_(tree_removep) char *root = tree_new();
	_cleanup_(outcome_done) struct outcome outcome = {0};

	tree_put(root, "mistakes.conf", file);
	ck_assert_int_eq(chdir(root), 0);
	outcome = read_root("/", "mistakes.conf");
	/* In the page long lines are broken, with the rest indented. */
	document_unfold(expected);
	assert_errors(&outcome, expected);
}
END_TEST

START_TEST(readme_policy_is_right)
{
	_cleanup_(outcome_done) struct outcome outcome = {0};
	_cleanup_free_ char *readme = document_read(README);
	char *start = strstr(readme, "\n```ini\n"), *end;

	ck_assert_ptr_nonnull(start);
	start = strchr(start + 1, '\n') + 1;
	end = strstr(start, "\n```\n");
	ck_assert_ptr_nonnull(end);
	outcome = read_bytes(start, (size_t)(end + 1 - start));
	assert_config(&outcome);
}
END_TEST

TCase *shipped_tests(void)
{
	TCase *tcase = tcase_create("shipped");

	tcase_add_test(tcase, shipped_file_manages_cxl_and_hmem_and_never_pmem);
	tcase_add_test(tcase, shipped_file_shows_what_the_rows_say);
	tcase_add_loop_test(tcase, shipped_file_shows_each_default_once, 0, (int)config_n_keys);
	tcase_add_test(tcase, shipped_file_with_all_keys_uncommented);
	tcase_add_test(tcase, example_dropins_are_right);
	tcase_add_loop_test(tcase, manual_lists_every_section, 0, (int)config_n_sections);
	tcase_add_test(tcase, manual_examples_are_right);
	tcase_add_test(tcase, manual_shows_real_errors);
	tcase_add_test(tcase, readme_policy_is_right);
	return tcase;
}
