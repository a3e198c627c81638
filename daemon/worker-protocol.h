/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_DAEMON_WORKER_PROTOCOL_H
#define DAXTIER_DAEMON_WORKER_PROTOCOL_H

/*
 * The lines between a worker and the daemon, one JSON object each. Both sides are the same binary,
 * so there is no version; a line that does not parse is still run-time input, and refused.
 */

#include "worker.h"

struct json_object;

/* A report, or with result the last line. NULL on out of memory; a new reference. */
struct json_object *worker_report_to_json(const struct apply_report *report);
struct json_object *worker_result_to_json(const struct worker_result *result);

/*
 * Strings in the outputs belong to the object. 1: a report, 2: the result, -EBADMSG: neither, or
 * one that lacks something.
 */
enum {
	WORKER_LINE_REPORT = 1,
	WORKER_LINE_RESULT = 2,
};
int worker_line_parse(struct json_object *line, struct apply_report *ret_report,
		      struct worker_result *ret_result);

#endif
