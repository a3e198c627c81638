/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/parse.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"

#define USEC_PER_MSEC UINT64_C(1000)
#define USEC_PER_SEC  (1000 * USEC_PER_MSEC)
#define USEC_PER_MIN  (60 * USEC_PER_SEC)
#define USEC_PER_HOUR (60 * USEC_PER_MIN)

static bool at_end(const char *s)
{
	return s[0] == '\0' || (s[0] == '\n' && s[1] == '\0');
}

/* Not isdigit() and friends: those follow the locale. */
static int digit_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return INT_MAX;
}

/*
 * Reads digits up to the first character that is none and moves *s there. A number that does not
 * fit is read to its end before -ERANGE, so that the caller can still tell a bad form from a big
 * number.
 */
static int scan_digits(const char **s, int base, uint64_t *ret)
{
	const char *p = *s;
	uint64_t v = 0;
	bool overflow = false;

	for (; digit_value(*p) < base; p++)
		if (__builtin_mul_overflow(v, (uint64_t)base, &v) ||
		    __builtin_add_overflow(v, (uint64_t)digit_value(*p), &v))
			overflow = true;
	if (p == *s)
		return -EINVAL;
	*s = p;
	if (overflow)
		return -ERANGE;
	*ret = v;
	return 0;
}

static bool skip_hex_prefix(const char **s)
{
	if ((*s)[0] != '0' || ((*s)[1] != 'x' && (*s)[1] != 'X'))
		return false;
	*s += 2;
	return true;
}

static int parse_digits(const char *s, int base, uint64_t *ret)
{
	uint64_t v = 0;
	int r;

	r = scan_digits(&s, base, &v);
	if (r == -EINVAL || !at_end(s))
		return -EINVAL;
	if (r < 0)
		return r;
	*ret = v;
	return 0;
}

int parse_u64(const char *s, uint64_t *ret)
{
	int base = skip_hex_prefix(&s) ? 16 : 10;

	return parse_digits(s, base, ret);
}

int parse_hex_u64(const char *s, uint64_t *ret)
{
	skip_hex_prefix(&s);
	return parse_digits(s, 16, ret);
}

int parse_int(const char *s, int *ret)
{
	bool negative = s[0] == '-';
	uint64_t v;
	int r;

	r = parse_digits(negative || s[0] == '+' ? s + 1 : s, 10, &v);
	if (r < 0)
		return r;
	if (v > (uint64_t)INT_MAX + negative)
		return -ERANGE;
	*ret = (int)(negative ? -(int64_t)v : (int64_t)v);
	return 0;
}

int parse_bool(const char *s, bool *ret)
{
	static const char *const words[][2] = {
		{"0", "1"}, {"no", "yes"}, {"false", "true"}, {"off", "on"}, {"n", "y"},
	};
	size_t n = strcspn(s, "\n");

	if (!at_end(s + n))
		return -EINVAL;
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		for (int v = 0; v < 2; v++)
			if (strlen(words[i][v]) == n && strncasecmp(s, words[i][v], n) == 0) {
				*ret = v;
				return 0;
			}
	return -EINVAL;
}

struct unit {
	const char *name;
	uint64_t factor;
};

/* An integer and one of the units; the first whose name is all that is left wins. */
static int parse_with_unit(const char *s, const struct unit *units, size_t n_units, uint64_t *ret)
{
	uint64_t v = 0, result;
	size_t n;
	int r;

	r = scan_digits(&s, 10, &v);
	if (r == -EINVAL)
		return r;
	n = strcspn(s, "\n");
	if (!at_end(s + n))
		return -EINVAL;
	for (size_t i = 0; i < n_units; i++) {
		if (strlen(units[i].name) != n || strncmp(s, units[i].name, n) != 0)
			continue;
		if (r < 0 || __builtin_mul_overflow(v, units[i].factor, &result))
			return -ERANGE;
		*ret = result;
		return 0;
	}
	return -EINVAL;
}

#define SIZE_UNIT(letter, shift)                                                                   \
	{letter, UINT64_C(1) << (shift)}, {letter "B", UINT64_C(1) << (shift)},                    \
	{                                                                                          \
		letter "iB", UINT64_C(1) << (shift)                                                \
	}

int parse_size(const char *s, uint64_t *ret)
{
	static const struct unit units[] = {
		{"", 1},
		{"B", 1},
		SIZE_UNIT("K", 10),
		SIZE_UNIT("M", 20),
		SIZE_UNIT("G", 30),
		SIZE_UNIT("T", 40),
		SIZE_UNIT("P", 50),
		SIZE_UNIT("E", 60),
	};

	return parse_with_unit(s, units, ARRAY_SIZE(units), ret);
}

int parse_usec(const char *s, uint64_t *ret)
{
	static const struct unit units[] = {
		{"", USEC_PER_SEC},    {"us", 1},
		{"ms", USEC_PER_MSEC}, {"s", USEC_PER_SEC},
		{"min", USEC_PER_MIN}, {"h", USEC_PER_HOUR},
	};

	return parse_with_unit(s, units, ARRAY_SIZE(units), ret);
}

int parse_percent(const char *s, unsigned *ret_basis_points)
{
	uint64_t whole = 0, fraction = 0;
	int r;

	r = scan_digits(&s, 10, &whole);
	if (r == -EINVAL)
		return r;
	if (*s == '.') {
		const char *digits = ++s;

		if (scan_digits(&s, 10, &fraction) < 0 || s - digits > 2)
			return -EINVAL;
		if (s - digits == 1)
			fraction *= 10; /* tenths: "0.5%" is 50 hundredths */
	}
	if (*s != '%' || !at_end(s + 1))
		return -EINVAL;
	if (r < 0 || whole > 100 || (whole == 100 && fraction > 0))
		return -ERANGE;
	*ret_basis_points = (unsigned)(whole * 100 + fraction);
	return 0;
}

/* Longer than any number with its unit; what is longer is not one. */
#define SPAN_END_MAX 64

int parse_span(const char *s, parse_u64_fn parse_end, struct u64_span *ret)
{
	struct u64_span span = {.min = 0, .max = UINT64_MAX};
	const char *dots = strstr(s, "..");
	char first[SPAN_END_MAX];
	size_t n;
	int r;

	if (!dots) {
		r = parse_end(s, &span.min);
		if (r < 0)
			return r;
		span.max = span.min;
		*ret = span;
		return 0;
	}

	n = (size_t)(dots - s);
	if (n >= sizeof(first) || memchr(s, '\n', n))
		return -EINVAL;
	memcpy(first, s, n);
	first[n] = '\0';
	if (n == 0 && at_end(dots + 2))
		return -EINVAL; /* open at both ends says nothing */

	if (n > 0) {
		r = parse_end(first, &span.min);
		if (r < 0)
			return r;
	}
	if (!at_end(dots + 2)) {
		r = parse_end(dots + 2, &span.max);
		if (r < 0)
			return r;
	}
	if (span.min > span.max)
		return -EINVAL;
	*ret = span;
	return 0;
}

/* One "A" or "A-B" of a kernel list; moves *s behind it. */
static int scan_list_item(const char **s, uint64_t *ret_first, uint64_t *ret_last)
{
	uint64_t first = 0, last;
	int r, r_last = 0;

	r = scan_digits(s, 10, &first);
	if (r == -EINVAL)
		return r;
	last = first;
	if (**s == '-') {
		(*s)++;
		r_last = scan_digits(s, 10, &last);
		if (r_last == -EINVAL)
			return r_last;
	}
	if (r < 0 || r_last < 0 || first > KERNEL_LIST_MAX || last > KERNEL_LIST_MAX)
		return -ERANGE;
	if (first > last)
		return -EINVAL;
	*ret_first = first;
	*ret_last = last;
	return 0;
}

static int walk_kernel_list(const char *s, int (*fn)(unsigned n, void *userdata), void *userdata)
{
	uint64_t first, last;
	int r;

	if (at_end(s))
		return 0;
	for (;;) {
		r = scan_list_item(&s, &first, &last);
		if (r < 0)
			return r;
		for (uint64_t n = first; fn && n <= last; n++) {
			r = fn((unsigned)n, userdata);
			if (r < 0)
				return r;
		}
		if (at_end(s))
			return 0;
		if (*s++ != ',')
			return -EINVAL;
	}
}

int parse_kernel_list(const char *s, int (*fn)(unsigned n, void *userdata), void *userdata)
{
	/* Once without the callback, so that it never sees part of a list that is malformed. */
	int r = walk_kernel_list(s, NULL, NULL);

	return r < 0 ? r : walk_kernel_list(s, fn, userdata);
}
