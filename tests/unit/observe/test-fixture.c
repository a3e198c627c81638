/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "facts-dump.h"
#include "host-tree.h"
#include "suites.h"

/*
 * Captured hosts, each with the facts that it is expected to give in a file of its name. To see
 * what has changed, or to accept it, set DAXTIER_TEST_UPDATE=1, run, and look at the difference.
 */
static const char *const hosts[] = {
	"cxl-unbound",	      "cxl-kmem-offline", "cxl-online-normal",
	"cxl-online-movable", "nvdimm-devdax",	  "two-devices",
};

static char *read_file(const char *path)
{
	_cleanup_fclose_ FILE *file = fopen(path, "re");
	char *text = NULL;
	size_t size = 0;

	ck_assert_msg(file, "%s: %m", path);
	ck_assert_msg(getdelim(&text, &size, '\0', file) > 0, "%s is empty", path);
	return text;
}

static void write_file(const char *path, const char *text)
{
	_cleanup_fclose_ FILE *file = fopen(path, "we");

	ck_assert_msg(file && fputs(text, file) >= 0, "%s: %m", path);
}

START_TEST(expected_facts)
{
	_cleanup_(facts_freep) struct facts *facts = NULL;
	_cleanup_free_ char *expected = NULL, *dump = NULL;
	char path[256];

	snprintf(path, sizeof(path), FIXTURES "/%s/host", hosts[_i]);
	facts = host_tree_observe(path);
	dump = facts_dump(facts);
	snprintf(path, sizeof(path), FIXTURES "/%s/facts", hosts[_i]);
	if (getenv("DAXTIER_TEST_UPDATE"))
		write_file(path, dump);
	expected = read_file(path);
	ck_assert_msg(strcmp(dump, expected) == 0, "%s; expected:\n%s\ngot:\n%s", path, expected,
		      dump);
}
END_TEST

TCase *fixture_tests(void)
{
	TCase *tcase = tcase_create("fixture");

	tcase_add_loop_test(tcase, expected_facts, 0, ARRAY_SIZE(hosts));
	return tcase;
}
