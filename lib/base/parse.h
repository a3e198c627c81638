/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_BASE_PARSE_H
#define DAXTIER_BASE_PARSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Parsers of text that comes from people and from the kernel. Each takes the whole string (no
 * leading or trailing rest, but one trailing newline is allowed, as sysfs writes it), returns 0,
 * -EINVAL (not of the form) or -ERANGE (of the form, but does not fit), and leaves the output
 * untouched on failure. None accepts a sign where the type has none.
 */
int parse_u64(const char *s, uint64_t *ret);	 /* decimal, or hex with 0x */
int parse_hex_u64(const char *s, uint64_t *ret); /* hex, 0x optional: block_size_bytes */
int parse_int(const char *s, int *ret);		 /* decimal, sign allowed: target_node */
int parse_bool(const char *s, bool *ret);	 /* 1 0 yes no true false on off y n, any case */

/* Bytes: a decimal integer with an optional K, M, G, T, P or E (powers of 1024), and then an
 * optional "iB" or "B": "64G", "64GiB" and "64GB" are the same. */
int parse_size(const char *s, uint64_t *ret);

/* Microseconds: an integer with us, ms, s, min or h; a bare number is seconds. */
int parse_usec(const char *s, uint64_t *ret);

/* A percentage "5%", "0.25%" in hundredths of a percent; at most two decimals, at most 100%. */
int parse_percent(const char *s, unsigned *ret_basis_points);

/* Both ends inclusive. "A..B", "A..", "..B", "A" (just A); -EINVAL when A > B, and for "..". */
struct u64_span {
	uint64_t min;
	uint64_t max; /* UINT64_MAX: open */
};

typedef int (*parse_u64_fn)(const char *s, uint64_t *ret);
int parse_span(const char *s, parse_u64_fn parse_end, struct u64_span *ret);

/* A kernel list such as "0-3,5" (nodelist, cpulist): calls fn for each number in order. The list
 * may be empty. Stops at and returns the first negative value of fn. A list that is malformed, or
 * that names a number beyond KERNEL_LIST_MAX (no kernel has so many nodes or CPUs), fails before
 * fn was called at all. */
#define KERNEL_LIST_MAX 65535
int parse_kernel_list(const char *s, int (*fn)(unsigned n, void *userdata), void *userdata);

#endif
