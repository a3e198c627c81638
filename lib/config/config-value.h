/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_CONFIG_VALUE_H
#define DAXTIER_CONFIG_VALUE_H

/* Inside config/: from the text of a value to the value. */

#include <stddef.h>

#include "model/config.h"

/* What is wrong with a value: the part of it that is (pointing into the text), and what is. */
struct value_problem {
	const char *item;
	size_t item_size;
	const char *what; /* "is not a size" */
};

/* What a parser needs to know of a key besides the type of its value. */
struct value_limits {
	struct u64_span numbers;    /* every number in the value */
	int (*word)(const char *s); /* a word of the model to its value, or negative */
};

/*
 * Parses the whole of value (not empty, without blanks around it) into place, whose type each
 * function names. 0, -ENOMEM, or -EINVAL with *ret_problem filled; place is untouched on failure,
 * and what it owned before is not released.
 */
typedef int (*config_parse_fn)(const char *value, const struct value_limits *limits, void *place,
			       struct value_problem *ret_problem);

#define CONFIG_PARSER(name)                                                                        \
	int name(const char *value, const struct value_limits *limits, void *place,                \
		 struct value_problem *ret_problem)

CONFIG_PARSER(value_bool);	  /* bool */
CONFIG_PARSER(value_word);	  /* an enum */
CONFIG_PARSER(value_number);	  /* uint64_t */
CONFIG_PARSER(value_size);	  /* uint64_t, bytes */
CONFIG_PARSER(value_usec);	  /* uint64_t, microseconds */
CONFIG_PARSER(value_percent);	  /* unsigned, basis points */
CONFIG_PARSER(value_ratio);	  /* unsigned, 0 for "none" */
CONFIG_PARSER(value_ways);	  /* unsigned, 0 for "none" */
CONFIG_PARSER(value_granularity); /* uint64_t, bytes; 0 for "auto" */

/* Lists, with commas. */
CONFIG_PARSER(value_kinds);    /* unsigned, bits 1 << enum dax_kind */
CONFIG_PARSER(value_patterns); /* struct strv */
CONFIG_PARSER(value_numbers);  /* struct u64_list */
CONFIG_PARSER(value_serials);  /* struct u64_list, replacing what it holds: for a setting */

CONFIG_PARSER(value_number_span); /* struct u64_span */
CONFIG_PARSER(value_size_span);	  /* struct u64_span, bytes */

#endif
