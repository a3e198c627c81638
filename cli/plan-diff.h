/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_CLI_PLAN_DIFF_H
#define DAXTIER_CLI_PLAN_DIFF_H

/* What another policy would change on hosts, this one or captured ones. */

#include "cli/verb.h"

/*
 * {"Version", "Before", "After": the two files, "Hosts": [{"Host", "Devices": how many, "Changes":
 * [{"Device", "Before", "After": plans, as plan prints them}], "Problems"}]}. A host that cannot be
 * looked at has an "Error" and nothing else; then the status is not STATUS_OK, and the document is
 * there nevertheless. It is not when a configuration has errors, or memory runs out.
 */
enum exit_status plan_diff(const struct request *request, struct json_object **ret);

#endif
