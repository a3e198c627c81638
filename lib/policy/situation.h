/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_POLICY_SITUATION_H
#define DAXTIER_POLICY_SITUATION_H

/* Where a device with mode = system-ram stands. Each one has its own answer in system-ram.c. */

#include "policy/candidate.h"
#include "policy/movable.h"

enum situation {
	/* It cannot become system RAM, or must not. */
	SITUATION_NO_HOTPLUG,	  /* the kernel has no memory blocks */
	SITUATION_NO_TARGET_NODE, /* kmem refuses it */
	SITUATION_NO_WHOLE_BLOCK, /* kmem would find nothing to add */
	SITUATION_HELD_OPEN,	  /* a process has it open or mapped */
	SITUATION_FOREIGN_DRIVER, /* bound to a driver whose users nobody can see */
	SITUATION_STAYS_DEVDAX,	  /* its real distance has made it devdax before */
	SITUATION_OVER_RATIO,	  /* the movable guard holds it back */

	/* It is not bound to kmem, and nothing is in the way. */
	SITUATION_READY,

	/* It is bound to kmem. */
	SITUATION_BLOCKS_UNKNOWN, /* its blocks cannot be seen */
	SITUATION_UNPLUGGED,	  /* no block is present, and nothing brings them back */
	SITUATION_REPLUG,	  /* likewise, but its attribute state does */
	SITUATION_LEAVING,	  /* somebody is taking blocks offline */
	SITUATION_ASTRAY,	  /* blocks are online in the wrong zone */
	SITUATION_MISPLACED,	  /* nothing is online, and the memmap is in the wrong place */
	SITUATION_OFFLINE,	  /* blocks are offline: some or all */
	SITUATION_INCOMPLETE,	  /* all that is present is online, but not all is present */
	SITUATION_WRONG_MEMMAP,	  /* all online, and the memmap is in the wrong place */
	SITUATION_ONLINE,	  /* all online, as the rule says */
};

/* For a candidate whose rule says system-ram. */
enum situation situation_of(const struct candidate *c);

/* Whether the memmap of a device that is bound to kmem is elsewhere than it should be. */
bool situation_memmap_misplaced(const struct candidate *c);

/* The guard as this candidate finds it. */
struct movable_guard situation_guard(const struct candidate *c);

#endif
