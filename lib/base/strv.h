/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_BASE_STRV_H
#define DAXTIER_BASE_STRV_H

#include <stdarg.h>
#include <stddef.h>

/*
 * A growing list of owned strings. Zero-initialised is empty. items is NULL-terminated once
 * anything was added, so it can be handed to interfaces that expect that.
 */
struct strv {
	char **items;
	size_t n;
};

/* All return 0 or -ENOMEM and leave the list as it was on failure. */
int strv_add(struct strv *list, const char *s);
int strv_add_take(struct strv *list, char *s); /* owns s, also on failure */
int strv_addf(struct strv *list, const char *format, ...) __attribute__((format(printf, 2, 3)));
int strv_addv(struct strv *list, const char *format, va_list ap)
	__attribute__((format(printf, 2, 0)));
int strv_copy(struct strv *to, const struct strv *from); /* to must be empty */

void strv_sort(struct strv *list); /* "version" order: dax2.0 before dax10.0 */
int strv_contains(const struct strv *list, const char *s);
void strv_done(struct strv *list);

#endif
