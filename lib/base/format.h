/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_BASE_FORMAT_H
#define DAXTIER_BASE_FORMAT_H

#include <stddef.h>
#include <stdint.h>

#define FORMAT_SIZE_MAX 24

/*
 * Bytes for people: exact where the value allows it ("1 GiB", "126 MiB"), else with one decimal
 * ("15.8 GiB"). Writes to buf and returns it.
 */
const char *format_size(uint64_t bytes, char buf[static FORMAT_SIZE_MAX]);

/*
 * A copy of s that is safe in logs, on terminals and on the bus: each control character becomes a
 * space, each byte that is not UTF-8 a "?", and surrounding white space goes. NULL on out of
 * memory. Owned by the caller.
 */
char *text_clean(const char *s);

#endif
