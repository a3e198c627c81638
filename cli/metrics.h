/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_CLI_METRICS_H
#define DAXTIER_CLI_METRICS_H

/* What daxtierctl metrics tells; daxtierctl(1) lists it. */

#include "cli/json.h"
#include "cli/metric.h"

/*
 * Of a document as client_get_status() makes it, with "Vmstat" besides: the counters of the kernel
 * by their names in /proc/vmstat. Without "Host" the daemon was not there. Texts must be clean: see
 * json_clean().
 */
void metrics_print(FILE *f, enum metric_format format, struct json_object *document);

/* Parts of that. */
void metrics_host(struct metric_writer *writer, struct json_object *host);
void metrics_memmap(struct metric_writer *writer, struct json_object *document);
void metrics_devices(struct metric_writer *writer, struct json_object *devices);
void metrics_vmstat(struct metric_writer *writer, struct json_object *vmstat);

#endif
