/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_OBSERVE_GHOST_H
#define DAXTIER_OBSERVE_GHOST_H

#include "model/facts.h"
#include "observe/look.h"

/*
 * Adds to facts, in its place by name, a device that was seen before and is there no longer, if
 * blocks of it still are: a copy of what was last seen, with its blocks as they are now, unbound
 * and gone. Nothing is added while another device has its name or any of its addresses. 0 or
 * -ENOMEM.
 */
int ghost_look(struct look *look, const struct dax_device *last_seen, struct facts *facts);

#endif
