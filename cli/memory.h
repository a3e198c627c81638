/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_CLI_MEMORY_H
#define DAXTIER_CLI_MEMORY_H

#include <json-c/json.h>

/*
 * Adds "Memory" to the document of a status: [{"Node", "Total", "Used", "Cache", "ReadLatency",
 * "WriteLatency", "ReadBandwidth", "WriteBandwidth"}] as it is this moment, read below root. The
 * daemon does not publish it, since it would be a signal without end. The bus may be another
 * host's: of a node that is not the one in the document nothing is added. 0 or -ENOMEM.
 */
int memory_add(struct json_object *document, const char *root);

#endif
