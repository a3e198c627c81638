/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_OBSERVE_NODE_H
#define DAXTIER_OBSERVE_NODE_H

#include "model/facts.h"
#include "observe/look.h"

/*
 * Fills facts->nodes with the nodes that are online, their memory and their tier; needs
 * facts->host. *ret_generation is a text that changes when nodes come, leave, or get their first or
 * lose their last memory; owned by the caller. *ret_complete says whether it could be read which
 * nodes there are and which have CPUs. 0 or -ENOMEM.
 */
int nodes_look(struct look *look, struct facts *facts, char **ret_generation, bool *ret_complete);

#endif
