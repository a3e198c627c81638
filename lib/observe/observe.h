/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_OBSERVE_OBSERVE_H
#define DAXTIER_OBSERVE_OBSERVE_H

/*
 * From a running or captured host to facts. The only room that uses hwloc and libnuma.
 */

#include "model/facts.h"
#include "sysfs/sysfs.h"

/*
 * Keeps between two looks what is expensive and changes rarely: the parsed ACPI tables and, while
 * the set of online nodes and of nodes with memory stays the same, hwloc's and libnuma's answers.
 */
struct observer;

/*
 * Whose holders to look for is the caller's choice: it takes a pass over the descriptors and
 * mappings of every process. wants_holders is asked about each device that is bound to device_dax,
 * when all else is known of it; NULL: all of them.
 */
struct observe_options {
	bool (*wants_holders)(const struct dax_device *device, void *userdata);
	/*
	 * Whether host.competitors is to be filled in this look, which takes a pass over udev's
	 * rules and all processes; NULL: never.
	 */
	bool (*wants_competitors)(void *userdata);
	/*
	 * A device that has left, with what was last seen of it, which must have had memory in use;
	 * called with 0, 1, … until it returns NULL. May be NULL. See ghost.h.
	 */
	const struct dax_device *(*left)(size_t i, void *userdata);
	void *userdata;
};

/* options may be NULL, and are copied; sysfs must outlive the observer. */
int observer_new(struct sysfs *sysfs, const struct observe_options *options, struct observer **ret);
struct observer *observer_free(struct observer *observer);

/*
 * Looks at everything. When the nodes have changed, hwloc and libnuma are asked in child processes
 * that are waited for here, each for a few milliseconds and never more than 5 s; they are no
 * business of a SIGCHLD handler.
 *
 * A device or attribute that vanishes in the middle is simply not there; what
 * cannot be read or trusted becomes a line in facts->problems. Fails only with -ENOMEM, or when the
 * root itself is unusable.
 */
int observe(struct observer *observer, struct facts **ret);

static inline void observer_freep(struct observer **observer)
{
	*observer = observer_free(*observer);
}

#endif
