/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_CONFIG_KEY_H
#define DAXTIER_CONFIG_KEY_H

/*
 * The policy language as a table: one row a key. Parsing, defaults, error messages, the manual page
 * and the comments of the shipped file all come from these rows.
 */

#include <stddef.h>

#include "config/config-value.h"

struct config_key {
	const char *section; /* "daemon"; "rule" for every [rule NAME] */
	const char *name;
	config_parse_fn parse;
	size_t offset; /* of the value, in struct config or, for "rule", in struct rule */
	size_t set;    /* of a bool that is set with the value; 0: there is none */
	struct value_limits limits;
	const char *fallback; /* the default as one would write it; NULL: there is none */
	const char *allowed;  /* completes "use …" */
	const char *example;  /* a value; NULL: the default shows as much */
	const char *doc;      /* sentences, plain text */
};

/* A section of the file; a rule's header carries a name as well. */
struct config_section {
	const char *name;
	const char *doc;
};

extern const struct config_section config_sections[];
extern const size_t config_n_sections;

extern const struct config_key config_keys[];

/* The most rows there can be; the table asserts that they fit. */
#define CONFIG_KEYS_MAX 32
extern const size_t config_n_keys;

const struct config_section *config_section_find(const char *name);
const struct config_key *config_key_find(const char *section, const char *name);

/* What somebody may have meant who wrote something that does not exist; NULL: no idea. */
const char *config_section_near(const char *name);
const char *config_key_near(const char *section, const char *name);

/* A section other than this one that has such a key; NULL: none. */
const char *config_key_elsewhere(const char *section, const char *name);

/* What is allowed, with the example: "bytes, or K, M, G, T, P or E, as in 64G". Owned by the
 * caller; NULL on out of memory. */
char *config_key_allowed(const struct config_key *key);

/* Gives each key of the section that has a default its default in object, a struct config or a
 * struct rule that is zeroed. 0 or -ENOMEM. */
int config_keys_set_defaults(const char *section, void *object);

/* Parses value into its place in object. As config_parse_fn. */
int config_key_set(const struct config_key *key, const char *value, void *object,
		   struct value_problem *ret_problem);

#endif
