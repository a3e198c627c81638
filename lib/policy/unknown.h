/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_POLICY_UNKNOWN_H
#define DAXTIER_POLICY_UNKNOWN_H

/*
 * What could not be read is not "none". Onlining cannot be taken back, so a device waits for the
 * next look as long as its rule, or what the rule makes of it, depends on such a fact.
 */

#include "policy/candidate.h"

/*
 * Plans the candidate if it has to wait for a fact. 1: it does, and the plan is made; 0: it does
 * not; -ENOMEM.
 */
int unknown_plan(struct candidate *c);

/*
 * Takes the steps from a plan whose device shows no range: its mappings come after its uevent
 * (device_add(), then devm_register_dax_mapping(), in drivers/dax/bus.c), and are for root only. 0
 * or -ENOMEM.
 */
int unknown_hold_without_ranges(struct candidate *c);

#endif
