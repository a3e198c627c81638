/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_OBSERVE_LOOK_H
#define DAXTIER_OBSERVE_LOOK_H

/*
 * One look at a host. What these functions cannot find is simply not there (sysfs changes while it
 * is read); what they cannot read or understand becomes a line of facts->problems. So all of them
 * return 0 or -ENOMEM, and leave the output as it was when there is nothing to put into it: preset
 * it with what absence means.
 */

#include <stdint.h>

#include "base/strv.h"
#include "sysfs/sysfs.h"

struct look {
	struct sysfs *sysfs;
	struct strv *problems;
	unsigned failures; /* reads so far that failed, of what has not left */
};

#define LOOK_FORMAT(n) __attribute__((format(printf, n, n + 1)))

/* Adds a line unless the same one stands there already. */
int look_problem(struct look *look, const char *format, ...) LOOK_FORMAT(2);

/*
 * Turns the failure to read what the format names into what the whole makes of it: nothing for an
 * object that left, -ENOMEM for that, a problem line for anything else.
 */
int look_failed(struct look *look, int error, const char *format, ...) LOOK_FORMAT(3);

/* An output must hold NULL (or be empty) on entry, as it is not freed. */
int look_string(struct look *look, char **ret, const char *path, ...) LOOK_FORMAT(3);
int look_link_name(struct look *look, char **ret, const char *path, ...) LOOK_FORMAT(3);
int look_resolve(struct look *look, char **ret, const char *path, ...) LOOK_FORMAT(3);
int look_instance(struct look *look, uint64_t *ret, const char *path, ...) LOOK_FORMAT(3);
int look_list(struct look *look, struct strv *ret, const char *path, ...) LOOK_FORMAT(3);

int look_u64(struct look *look, uint64_t *ret, const char *path, ...) LOOK_FORMAT(3);
int look_hex(struct look *look, uint64_t *ret, const char *path, ...) LOOK_FORMAT(3);
int look_int(struct look *look, int *ret, const char *path, ...) LOOK_FORMAT(3);

#endif
