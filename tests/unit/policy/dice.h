/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TEST_POLICY_DICE_H
#define TEST_POLICY_DICE_H

/* Hosts, policies and histories by chance, and the same ones from the same seed on any machine. */

#include "bench.h"

struct dice {
	uint64_t state; /* not 0 */
};

/* 0 … n - 1 */
unsigned dice_below(struct dice *dice, unsigned n);

/* True once in n. */
bool dice_once_in(struct dice *dice, unsigned n);

/* A distance as firmware writes them. */
unsigned dice_distance(struct dice *dice);

/* Arranges an initialised bench: host, settings, rules, up to five devices in any condition. */
void dice_arrange(struct dice *dice, struct bench *bench);

#endif
