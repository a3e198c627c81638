/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_APPLY_DEVICE_H
#define DAXTIER_APPLY_DEVICE_H

#include "apply/run.h"

/*
 * Refuses a device that is not the one the plan was made for: gone (-ENODEV), or of another size,
 * node or place (-EAGAIN: worth a new plan). Dax names are given out anew.
 */
int device_check(struct run *run);

/* Before something is undone: -ENODEV also when it is another one, to which nothing was done. */
int device_check_undo(struct run *run);

/*
 * The same, and a device that has the plan's size, node and addresses under another name is that of
 * the plan, whose name it takes for the rest of the run.
 */
int device_find(struct run *run);

/* The same, of one that may be on its way. */
int device_await(struct run *run);

#endif
