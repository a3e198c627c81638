/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "golden.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "tree.h"

void golden_assert(const char *file, const char *text)
{
	_cleanup_free_ char *wanted = NULL;

	if (getenv("DAXTIER_TEST_UPDATE")) {
		tree_put(FIXTURES, file, text);
		return;
	}
	wanted = tree_get(FIXTURES, file);
	ck_assert_msg(wanted != NULL, "there is no %s", file);
	ck_assert_msg(strcmp(text, wanted) == 0, "%s is\n%s\nbut this was printed:\n%s", file,
		      wanted, text);
}
