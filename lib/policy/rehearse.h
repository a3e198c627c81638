/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_POLICY_REHEARSE_H
#define DAXTIER_POLICY_REHEARSE_H

#include "model/facts.h"
#include "model/rehearsal.h"

/* What a release of the device would meet. device is of the facts. 0 or -ENOMEM. */
int policy_rehearse(const struct facts *facts, const struct dax_device *device, bool eject,
		    struct rehearsal *ret);

#endif
