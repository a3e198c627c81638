/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_OBSERVE_DISTANCE_H
#define DAXTIER_OBSERVE_DISTANCE_H

/*
 * How far a device is from the nearest node with CPUs. The first source that lists both wins:
 * hwloc, libnuma, nodeN/distance; ACPI SLIT through SRAT, before the device's node exists; the
 * kernel's default.
 */

#include "model/facts.h"
#include "observe/distance-table.h"
#include "observe/look.h"
#include "observe/proximity.h"

/* What is kept from look to look. Zero-initialised is empty. */
struct distance_sources {
	struct distance_table table;
	struct proximity proximity;
};

/*
 * Sets the distance of a device and turns its initiator_node from the node it is attached to into
 * the nearest one with CPUs. 0 or -ENOMEM.
 */
int distance_look(struct look *look, struct distance_sources *sources, const struct facts *facts,
		  const char *generation, struct dax_device *device);
void distance_sources_done(struct distance_sources *sources);

#endif
