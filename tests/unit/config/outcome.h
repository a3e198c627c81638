/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TEST_CONFIG_OUTCOME_H
#define TEST_CONFIG_OUTCOME_H

/* What reading a configuration came to: a configuration or errors, as a test looks at it. */

#include <stddef.h>

#include "config/config-load.h"

struct outcome {
	int r;
	struct config *config; /* NULL on failure */
	struct config_errors errors;
};

/* Reads text as the only file, called "t"; size bytes, or up to its NUL. */
struct outcome read_text(const char *text);
struct outcome read_bytes(const char *text, size_t size);
/* config_load(root, file) */
struct outcome read_root(const char *root, const char *file);
void outcome_done(struct outcome *outcome);

/* Fails the test unless the errors, as strings joined by newlines, are these; "" for none. */
void assert_errors(const struct outcome *outcome, const char *expected);
/* Fails the test, naming the errors, unless there is a configuration. */
const struct config *assert_config(const struct outcome *outcome);
/* Fails the test unless the rules have these names in this order, joined by blanks. */
void assert_rules(const struct config *config, const char *expected);

#endif
