/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_CONFIG_ERROR_H
#define DAXTIER_CONFIG_ERROR_H

/* Inside config/: how errors are collected. */

#include "config/config-load.h"

/* Where something is wrong. section and key may be NULL, line 0. */
struct config_place {
	const char *file;
	unsigned line;
	const char *section;
	const char *key;
};

/* Adds one error; everything is copied. 0 or -ENOMEM. */
int config_errors_add(struct config_errors *errors, const struct config_place *place,
		      const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Sorts the errors from index first on by line; those of one line keep their order. */
void config_errors_sort(struct config_errors *errors, size_t first);

/* n bytes of valid UTF-8 in quotes, shortened to what a line of a log can bear. NULL on out of
 * memory. Owned by the caller. */
char *config_quote(const char *text, size_t n);

#endif
