/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_DAEMON_IN_USE_H
#define DAXTIER_DAEMON_IN_USE_H

/*
 * Which devices have memory in the kernel, those among them that have left: so that the next daemon
 * knows what memory is left of whom, also where a device leaves while none runs. Kept in the file
 * "in-use" of the run directory, see state-file.h.
 */

#include <json-c/json.h>

#include "model/facts.h"

/* A new reference. NULL: out of memory. */
struct json_object *in_use_to_json(const struct facts *facts);

/*
 * *ret: facts that hold such devices as they were last seen, without blocks, and nothing else. What
 * is of another form is passed over. 0 or -ENOMEM.
 */
int in_use_from_json(struct json_object *list, struct facts **ret);

#endif
