/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "man-page.h"

#include <check.h>
#include <stdbool.h>
#include <string.h>

#include "base/cleanup.h"

struct strv man_page_items(const char *page, const char *section, const char *prefix)
{
	_cleanup_free_ char *line = NULL, *heading = NULL, *item = NULL;
	_cleanup_fclose_ FILE *f = fopen(page, "r");
	struct strv list = {};
	size_t room = 0;
	bool inside = false;

	ck_assert_ptr_nonnull(f);
	ck_assert_int_gt(asprintf(&heading, ".Sh %s\n", section), 0);
	ck_assert_int_gt(asprintf(&item, ".It %s ", prefix), 0);
	while (getline(&line, &room, f) >= 0) {
		if (strncmp(line, ".Sh ", 4) == 0)
			inside = strcmp(line, heading) == 0;
		else if (inside && strncmp(line, item, strlen(item)) == 0)
			ck_assert_int_eq(strv_addf(&list, "%.*s",
						   (int)strcspn(line + strlen(item), "\n"),
						   line + strlen(item)),
					 0);
	}
	return list;
}

/* Without the escapes of mdoc(7); fails at one that is not known here. */
static char *unescape(const char *text)
{
	static const struct {
		const char *escape, *meaning;
	} known[] = {{"\\(dq", "\""}, {"\\-", "-"}, {"\\&", ""}, {"\\e", "\\"}, {"\\(aq", "'"}};
	char *plain = NULL;
	size_t size;
	FILE *f = open_memstream(&plain, &size);

	ck_assert_ptr_nonnull(f);
	for (size_t i; *text && *text != '\n';) {
		for (i = 0; i < ARRAY_SIZE(known); i++)
			if (strncmp(text, known[i].escape, strlen(known[i].escape)) == 0)
				break;
		ck_assert_msg(*text != '\\' || i < ARRAY_SIZE(known), "%s", text);
		if (i < ARRAY_SIZE(known)) {
			fputs(known[i].meaning, f);
			text += strlen(known[i].escape);
		} else {
			fputc(*text++, f);
		}
	}
	ck_assert_int_eq(fclose(f), 0); /* only then it is where it stays */
	return plain;
}

struct strv man_page_commands(const char *page)
{
	_cleanup_fclose_ FILE *f = fopen(page, "r");
	_cleanup_free_ char *line = NULL;
	struct strv list = {};
	size_t room = 0;

	ck_assert_ptr_nonnull(f);
	while (getline(&line, &room, f) >= 0) {
		_cleanup_free_ char *command = NULL;

		if (strncmp(line, ".Dl ", 4) != 0)
			continue;
		command = unescape(line + 4);
		ck_assert_int_eq(strv_add(&list, command), 0);
	}
	return list;
}

void man_page_assert_same(struct strv *told, struct strv *real)
{
	for (size_t i = 0; i < real->n; i++)
		ck_assert_msg(strv_contains(told, real->items[i]), "not told: %s", real->items[i]);
	for (size_t i = 0; i < told->n; i++)
		ck_assert_msg(strv_contains(real, told->items[i]), "not real: %s", told->items[i]);
	ck_assert_uint_eq(told->n, real->n);
	ck_assert_uint_gt(told->n, 0);
	strv_done(told);
	strv_done(real);
}

char *man_page_property(const char *name, const char *type, int is_const)
{
	char *text;

	ck_assert_int_gt(
		asprintf(&text, "%s Pq Vt %s%s", name, type, is_const ? " , No constant" : ""), 0);
	return text;
}
