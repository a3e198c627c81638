/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_OBSERVE_GHOST_H
#define DAXTIER_OBSERVE_GHOST_H

#include "model/facts.h"
#include "observe/look.h"

/*
 * Adds to facts, in its place by name, a device that was seen before and is not among them: a copy
 * of what was last seen, with its blocks as they are now. Nothing is added while another device has
 * any of its addresses.
 *
 * One that has left is added if blocks of it are still there, unbound and gone; where another
 * device has its name by now, it is told from that by its first address: "dax0.0@1000000000". One
 * that has not, or of which that cannot be told, is one that the look did not get hold of: it is
 * added with nothing known for certain (unknown). 0 or -ENOMEM.
 */
int ghost_look(struct look *look, const struct dax_device *last_seen, struct facts *facts);

#endif
