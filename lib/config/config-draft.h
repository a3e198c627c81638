/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_CONFIG_DRAFT_H
#define DAXTIER_CONFIG_DRAFT_H

/*
 * Inside config/: a configuration that is being put together from several files. Knows sections and
 * keys and what they mean together, not how a file is written. Every function returns 0 or -ENOMEM;
 * what is wrong with a file goes to errors.
 */

#include "config/config-error.h"
#include "config/config-key.h"

struct config_draft {
	struct config *config;
	struct config_errors errors;
};

int config_draft_init(struct config_draft *draft);
void config_draft_done(struct config_draft *draft);

/* One file as it is read from top to bottom. Sections of the same name in it are one section. */
struct draft_file {
	struct config_draft *draft;
	const char *name;
	size_t first_error; /* the first one of this file */

	const char *section; /* of the rows; NULL before the first header and in an unknown one */
	char *label;	     /* the section as messages name it: "memmap", "rule far" */
	bool headed;	     /* there was a header, so a key without a section is its mistake */
	unsigned seen[CONFIG_KEYS_MAX]; /* line of each row's key; of a rule's, in that rule */

	struct rule rule; /* the one that is open */
	bool rule_valid;  /* its header is right, so that it counts as a rule */
};

/* name must outlive the file. */
void draft_file_init(struct draft_file *file, struct config_draft *draft, const char *name);
void draft_file_done(struct draft_file *file);

/* header: what stands between the brackets, without blanks around it. */
int draft_file_open_section(struct draft_file *file, const char *header, unsigned line);
/* After a header that could not be read at all: the keys below belong nowhere. */
int draft_file_open_nothing(struct draft_file *file);
int draft_file_set(struct draft_file *file, const char *name, const char *value, unsigned line);
/* The end of the file. */
int draft_file_finish(struct draft_file *file);

/* Something wrong with a line, in the section that is open. */
int draft_file_error(struct draft_file *file, unsigned line, const char *key, const char *message);

#endif
