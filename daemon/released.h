/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_DAEMON_RELEASED_H
#define DAXTIER_DAEMON_RELEASED_H

/*
 * Which devices were given up on request: they stay so when the daemon is started again, as long as
 * they are the same, and fall under the same rule. Kept as JSON in the file "released" of the run
 * directory, so until the next boot; there is none while nothing is released.
 */

#include <json-c/json.h>

#include "model/config.h"
#include "model/facts.h"
#include "model/history.h"

/* What history says is released, of what is there: a new reference. NULL: out of memory. */
struct json_object *released_to_json(const struct facts *facts, const struct config *config,
				     const struct history *history);

/*
 * Whether a list of such entries has this device, or memdev, under the rule that it has now. What
 * is of another form is not meant. 1, 0 or -ENOMEM. *ret_usec: released_usec of its history, as
 * memdevs that were given up together are taken up together.
 */
int released_has_device(struct json_object *list, const struct config *config,
			const struct dax_device *device);
int released_has_memdev(struct json_object *list, const struct config *config,
			const struct cxl_memdev *memdev, uint64_t *ret_usec);

/* Forgets what is released of a device, or memdev, whose rule now says something else. 0 or
 * -ENOMEM. */
int released_revise(const struct facts *facts, const struct config *before,
		    const struct config *now, struct history *history);

/* *ret: an array, a new reference; an empty one where there is no file. 0 or a negative errno. */
int released_read(const char *run_dir, struct json_object **ret);
/* As a whole or not at all. An empty list removes the file. */
int released_write(const char *run_dir, struct json_object *list);

#endif
