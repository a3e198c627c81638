/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_CAPTURE_RECORDER_H
#define DAXTIER_CAPTURE_RECORDER_H

/*
 * Operations for sysfs/ that keep what was read: whatever looks at the host through them can look
 * at the image in the same way, so that what is captured does not have to be listed twice, here and
 * where it is read. Links are kept, as they are resolved, by what they lead to below the root.
 *
 * Of what is nobody's business but the host's own, only what decides something is kept; see
 * capture/filter.h.
 */

#include <stdbool.h>

#include "capture/image.h"
#include "capture/serial-mask.h"
#include "sysfs/sysfs.h"

struct recorder {
	struct image *image; /* borrowed */
	bool mask;
	struct serial_mask serials;
	struct strv unreadable; /* that were there and closed to us */
};

extern const struct sysfs_ops recorder_ops; /* userdata is the recorder */

void recorder_done(struct recorder *recorder);

/*
 * Reads whatever matches pattern, which may have "*" and "?" in its components, through sysfs,
 * whose operations are a recorder's. A folder is kept as such, without what is in it; what is not
 * there or has nothing to say is left out. 0 or -ENOMEM.
 */
int recorder_keep(struct sysfs *sysfs, const char *pattern);

#endif
