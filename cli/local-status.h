/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_CLI_LOCAL_STATUS_H
#define DAXTIER_CLI_LOCAL_STATUS_H

/* The status of a captured host, as the daemon would tell it after a start there. */

#include "cli/local.h"

/* As client_get_status(), of request's root. Complains. */
enum exit_status local_status(const struct request *request, struct json_object **ret);

#endif
