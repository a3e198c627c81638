/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_TESTS_MAN_PAGE_H
#define DAXTIER_TESTS_MAN_PAGE_H

/*
 * What a page of man/ lists, and that it is what there is. Anything else fails the test.
 */

#include "base/strv.h"

#define ORG_DAXTIER1_PAGE PROJECT_SOURCE_DIR "/man/org.daxtier1.5"

/* The lines of a section that begin with ".It prefix", without that. */
struct strv man_page_items(const char *page, const char *section, const char *prefix);

/* The command lines that it shows (.Dl), as somebody would type them; in the page's order. */
struct strv man_page_commands(const char *page);

/* The same words in any order, and some; both lists are released. */
void man_page_assert_same(struct strv *told, struct strv *real);

/* A property, as org.daxtier1(5) has it. Owned by the caller. */
char *man_page_property(const char *name, const char *type, int is_const);

#endif
