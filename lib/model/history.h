/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_MODEL_HISTORY_H
#define DAXTIER_MODEL_HISTORY_H

/*
 * What the daemon remembers of a device between two looks at it, as far as it bears on what to do
 * next. policy/ reads it; daemon/ writes it. Empty for a command that only plans.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/names.h"

/* So many corrections within CORRECTION_WINDOW_USEC, and somebody competes with us. */
#define CORRECTIONS_MAX	       3
#define CORRECTION_WINDOW_USEC (UINT64_C(600) * 1000000)

/* Of a dax device, or of a memdev ("mem0"): their names never collide. */
struct device_history {
	char *name;
	bool hot_added; /* appeared while the daemon ran */
	bool unprobed; /* appeared while the daemon held the bus, so the kernel gave it no driver */
	bool handed_over;  /* was given to its default driver once; do not do it again */
	unsigned rebinds;  /* times a better-known distance made us bind anew */
	unsigned failures; /* in a row */
	int error;	   /* of the last failure, negative errno; 0: none */
	enum step_kind step;
	char *message;		     /* of the last failure, for a person */
	enum device_request request; /* of an operator, until it is carried out or has failed */
	uint64_t deadline_usec;	     /* for a release: as struct device_plan's */
	/*
	 * Given up by request. Stays so until it is applied, a reload changes the rule that it
	 * falls under (rule_fingerprint()), or another device comes under its name. Of a memdev: no
	 * region is made on it.
	 */
	bool released;
	/* When, CLOCK_MONOTONIC: what was given up together has one time. 0: not by this daemon. */
	uint64_t released_usec;

	/*
	 * What was as the policy says, with nothing left to do, and is so no longer without the
	 * policy or an operator having changed it, was changed by somebody else.
	 */
	bool settled;
	/* When somebody was last seen at it, while it was settled; CLOCK_MONOTONIC, 0: never. */
	uint64_t touched_usec;
	bool correcting; /* such a change is being put right, by one plan or by several */
	/* When that was begun; the newest first, 0: none. CLOCK_MONOTONIC. */
	uint64_t corrected_usec[CORRECTIONS_MAX];
	/*
	 * Somebody competes with us: CORRECTIONS_MAX within the window. No more of them until it is
	 * applied, the configuration is reloaded, or another device comes under its name.
	 */
	bool contested;
	/*
	 * Under this configuration it was once as this rule says: 1 + the rule's rank, 0: not yet.
	 * So where it is now is our doing. Unlike settled it outlives an apply.
	 */
	unsigned placed_by;

	uint64_t first_seen_usec; /* CLOCK_MONOTONIC */
	uint64_t online_usec;	  /* when a plan had first brought it online; 0: none has */
	uint64_t retry_at_usec;	  /* CLOCK_MONOTONIC; UINT64_MAX: not before something changes */
};

struct history {
	struct device_history *devices;
	size_t n_devices;
};

const struct device_history *history_find(const struct history *history, const char *name);

/* Whether any device is contested. */
bool history_is_contested(const struct history *history);

/* Finds or makes the entry; NULL on out of memory. The pointer is valid until the next call. */
struct device_history *history_get(struct history *history, const char *name);
void history_forget(struct history *history, const char *name);
void history_done(struct history *history);

#endif
