/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Taking memory offline and away: what the interpreter of plans knows of these steps. */
#include "apply/offline.h"
#include "apply/step.h"

static const struct step_class offline_blocks = {step_offline_blocks, step_takes_nothing, true,
						 STEP_ON_DEVICE};
static const struct step_class unplug = {step_unplug, step_takes_nothing, true, STEP_ON_DEVICE};

const struct step_class *release_step_class(enum step_kind kind)
{
	if (kind == STEP_OFFLINE_BLOCKS)
		return &offline_blocks;
	return kind == STEP_UNPLUG ? &unplug : NULL;
}
