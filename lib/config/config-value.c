/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config/config-value.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/parse.h"
#include "config/config-text.h"

static int problem(struct value_problem *ret, const char *item, size_t item_size, const char *what)
{
	*ret = (struct value_problem){.item = item, .item_size = item_size, .what = what};
	return -EINVAL;
}

static int problem_whole(struct value_problem *ret, const char *value, const char *what)
{
	return problem(ret, value, strlen(value), what);
}

/* what: for text that is not of the form; text that is, but is too large, is out of range. */
static int check_parsed(int r, uint64_t v, const struct value_limits *limits, const char *value,
			const char *what, struct value_problem *ret_problem)
{
	if (r == -ERANGE || (r == 0 && (v < limits->numbers.min || v > limits->numbers.max)))
		return problem_whole(ret_problem, value, "is out of range");
	if (r < 0)
		return problem_whole(ret_problem, value, what);
	return 0;
}

CONFIG_PARSER(value_bool)
{
	if (parse_bool(value, place) < 0)
		return problem_whole(ret_problem, value, "is neither yes nor no");
	return 0;
}

static int value_u64(const char *value, parse_u64_fn parse, const struct value_limits *limits,
		     const char *what, uint64_t *place, struct value_problem *ret_problem)
{
	uint64_t v = 0;
	int r;

	r = parse(value, &v);
	r = check_parsed(r, v, limits, value, what, ret_problem);
	if (r < 0)
		return r;
	*place = v;
	return 0;
}

CONFIG_PARSER(value_number)
{
	return value_u64(value, parse_u64, limits, "is not a number", place, ret_problem);
}

CONFIG_PARSER(value_size)
{
	return value_u64(value, parse_size, limits, "is not a size", place, ret_problem);
}

CONFIG_PARSER(value_usec)
{
	return value_u64(value, parse_usec, limits, "is not a time span", place, ret_problem);
}

CONFIG_PARSER(value_percent)
{
	unsigned v = 0;
	int r;

	r = parse_percent(value, &v);
	r = check_parsed(r, v, limits, value, "is not a percentage", ret_problem);
	if (r < 0)
		return r;
	*(unsigned *)place = v;
	return 0;
}

CONFIG_PARSER(value_ratio)
{
	uint64_t v = 0;
	int r;

	if (strcmp(value, "none") != 0) {
		r = value_u64(value, parse_u64, limits, "is not a ratio", &v, ret_problem);
		if (r < 0)
			return r;
	}
	*(unsigned *)place = (unsigned)v;
	return 0;
}

/*
 * A CXL decoder can also say 3, 6 or 12 (CXL 3.1, 8.2.4.20.7), but the kernel takes only powers of
 * two of what is below one host bridge, where all memory devices of a region are looked for.
 */
CONFIG_PARSER(value_ways)
{
	uint64_t v = 0;
	int r;

	if (strcmp(value, "none") != 0) {
		r = value_u64(value, parse_u64, limits, "is not a number of ways", &v, ret_problem);
		if (r < 0)
			return r;
		if (v % 3 == 0 && (v / 3 & (v / 3 - 1)) == 0)
			return problem_whole(ret_problem, value,
					     "needs memory devices below three host bridges, and "
					     "only those below one go together");
		if (v & (v - 1))
			return problem_whole(ret_problem, value, "is not a number of ways");
	}
	*(unsigned *)place = (unsigned)v;
	return 0;
}

CONFIG_PARSER(value_granularity)
{
	uint64_t v = 0;
	int r;

	if (strcmp(value, "auto") != 0) {
		r = value_u64(value, parse_size, limits, "is not a granularity", &v, ret_problem);
		if (r < 0)
			return r;
		if (v & (v - 1))
			return problem_whole(ret_problem, value, "is not a power of two");
	}
	*(uint64_t *)place = v;
	return 0;
}

CONFIG_PARSER(value_word)
{
	int v = limits->word(value);

	if (v < 0)
		return problem_whole(ret_problem, value, "is not known");
	/* An enum without negative values is an unsigned to gcc and clang. */
	*(unsigned *)place = (unsigned)v;
	return 0;
}

/* Cuts the next item off *rest, which is in value, without blanks around it; *rest is NULL after
 * the last one. *ret_problem is filled in any case, for what the caller finds wrong with the item.
 */
static int list_next(const char *value, const char **rest, char **ret,
		     struct value_problem *ret_problem)
{
	const char *item = *rest;
	size_t n = strcspn(item, ",");
	char *copy;

	*rest = item[n] ? item + n + 1 : NULL;
	text_strip(&item, &n);
	*ret_problem = (struct value_problem){.item = item, .item_size = n};
	if (n == 0)
		return problem_whole(ret_problem, value, "has an empty item");
	copy = strndup(item, n);
	if (!copy)
		return -ENOMEM;
	*ret = copy;
	return 0;
}

CONFIG_PARSER(value_kinds)
{
	unsigned kinds = 0;

	for (const char *rest = value; rest;) {
		_cleanup_free_ char *item = NULL;
		struct value_problem at;
		int r;

		r = list_next(value, &rest, &item, &at);
		if (r == 0) {
			r = dax_kind_from_string(item);
			/* A word of the model, but none that a device can be asked for. */
			if (r < 0 || r == DAX_KIND_UNKNOWN)
				r = problem(&at, at.item, at.item_size, "is not a kind of device");
		}
		if (r == -EINVAL)
			*ret_problem = at;
		if (r < 0)
			return r;
		kinds |= 1U << r;
	}
	*(unsigned *)place = kinds;
	return 0;
}

/*
 * What fnmatch(3) would take for an ordinary character, or could never match, is a slip: an open
 * bracket (often from a comma in it), and a path, since patterns are held against names.
 */
static const char *pattern_problem(const char *pattern)
{
	const char *open = strchr(pattern, '[');

	if (strchr(pattern, '/'))
		return "is a path";
	for (; open; open = strchr(open, '[')) {
		const char *close = open + 1;

		if (*close == '!' || *close == '^')
			close++;
		/* A bracket that comes first stands for itself. */
		close = *close ? strchr(close + 1, ']') : NULL;
		if (!close)
			return "has a bracket without its end";
		open = close;
	}
	return NULL;
}

CONFIG_PARSER(value_patterns)
{
	_cleanup_(strv_done) struct strv patterns = {0};

	for (const char *rest = value; rest;) {
		_cleanup_free_ char *item = NULL;
		struct value_problem at;
		int r;

		r = list_next(value, &rest, &item, &at);
		if (r == 0) {
			at.what = pattern_problem(item);
			r = at.what ? -EINVAL : strv_add(&patterns, item);
		}
		if (r == -EINVAL)
			*ret_problem = at;
		if (r < 0)
			return r;
	}
	*(struct strv *)place = patterns;
	patterns = (struct strv){0};
	return 0;
}

static int u64_list_add(struct u64_list *list, uint64_t v)
{
	/* Doubles at every power of two. */
	if ((list->n & (list->n - 1)) == 0) {
		uint64_t *items =
			reallocarray(list->items, list->n ? list->n * 2 : 1, sizeof(*items));

		if (!items)
			return -ENOMEM;
		list->items = items;
	}
	list->items[list->n++] = v;
	return 0;
}

static void u64_list_done(struct u64_list *list)
{
	free(list->items);
	*list = (struct u64_list){0};
}

CONFIG_PARSER(value_numbers)
{
	_cleanup_(u64_list_done) struct u64_list numbers = {0};

	for (const char *rest = value; rest;) {
		_cleanup_free_ char *item = NULL;
		struct value_problem at, inner;
		uint64_t v = 0;
		int r;

		r = list_next(value, &rest, &item, &at);
		if (r == 0) {
			r = value_number(item, limits, &v, &inner);
			if (r == -EINVAL)
				at.what = inner.what; /* its text is the copy's */
			else
				r = u64_list_add(&numbers, v);
		}
		if (r == -EINVAL)
			*ret_problem = at;
		if (r < 0)
			return r;
	}
	*(struct u64_list *)place = numbers;
	numbers = (struct u64_list){0};
	return 0;
}

/* A later file overrides an earlier one. */
CONFIG_PARSER(value_serials)
{
	struct u64_list list = {0}, *kept = place;
	int r;

	r = value_numbers(value, limits, &list, ret_problem);
	if (r < 0)
		return r;
	free(kept->items);
	*kept = list;
	return 0;
}

/* Whether text is "A..B" with two ends that parse: then only their order can be wrong. */
static bool is_reversed(const char *text, parse_u64_fn parse)
{
	const char *dots = strstr(text, "..");
	_cleanup_free_ char *a = NULL;
	uint64_t min, max;

	if (!dots)
		return false;
	a = strndup(text, (size_t)(dots - text));
	return a && parse(a, &min) == 0 && parse(dots + 2, &max) == 0 && min > max;
}

static int value_span(const char *value, parse_u64_fn parse, const struct value_limits *limits,
		      const char *what, struct u64_span *place, struct value_problem *ret_problem)
{
	struct u64_span span = {0};
	int r;

	r = parse_span(value, parse, &span);
	if (r == -EINVAL && is_reversed(value, parse))
		return problem_whole(ret_problem, value, "ends before it begins");
	if (r == 0 && (span.min > limits->numbers.max ||
		       (span.max > limits->numbers.max && span.max != UINT64_MAX)))
		r = -ERANGE;
	r = check_parsed(r, limits->numbers.min, limits, value, what, ret_problem);
	if (r < 0)
		return r;
	*place = span;
	return 0;
}

CONFIG_PARSER(value_number_span)
{
	return value_span(value, parse_u64, limits, "is not a range", place, ret_problem);
}

CONFIG_PARSER(value_size_span)
{
	return value_span(value, parse_size, limits, "is not a range of sizes", place, ret_problem);
}
