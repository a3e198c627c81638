/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_OBSERVE_NODE_H
#define DAXTIER_OBSERVE_NODE_H

#include "model/facts.h"
#include "observe/look.h"

/*
 * Fills facts->nodes with the nodes that are online, their memory and their tier; needs
 * facts->host. *ret_generation is a text that changes when nodes come, leave, or get their first or
 * lose their last memory; owned by the caller. 0 or -ENOMEM.
 */
int nodes_look(struct look *look, struct facts *facts, char **ret_generation);

#endif
