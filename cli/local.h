/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_CLI_LOCAL_H
#define DAXTIER_CLI_LOCAL_H

/* What the daemon would do, without the daemon: the same rooms, in this process. */

#include "cli/verb.h"
#include "config/config-load.h"

/* As config_load(); complains and lists the errors on standard error. root NULL: "/". */
enum exit_status local_config(const char *root, const char *file, struct config **ret);

/* Prints each on a line of its own on standard error, and how many there are. */
void local_config_complain(const struct config_errors *errors);

/*
 * {"Version", "Source": "local", "Problems", "Plans"} of request's device or of all. No history: as
 * if the daemon had just been started. Complains.
 */
enum exit_status local_plan(const struct request *request, struct json_object **ret);

#endif
