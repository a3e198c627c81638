/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_DOCTOR_EVIDENCE_INITRAMFS_H
#define DAXTIER_DOCTOR_EVIDENCE_INITRAMFS_H

/*
 * What of the initramfs matters to dax devices. The image itself is far too large to be captured,
 * so that this goes into a captured host in its stead, as text.
 */

#include "doctor/evidence.h"
#include "observe/look.h"

/* Below the root of a captured host. */
#define EVIDENCE_INITRAMFS_PATH "capture/initramfs"

/* The daemon's mark, from the initramfs on until it has started: see daemon/boot-claim.h. */
#define EVIDENCE_BOOT_CLAIM "run/daxtierd/boot-claim"

/*
 * Reads the image of the kernel with that release, or what was captured of it. 0 or -ENOMEM; what
 * was filled by then is the caller's to free.
 */
int evidence_initramfs_look(struct look *look, const char *release, struct evidence_initramfs *ret);
void evidence_initramfs_done(struct evidence_initramfs *initramfs);

/* The text that is captured, owned by the caller. NULL on out of memory. */
char *evidence_initramfs_to_string(const struct evidence_initramfs *initramfs);

#endif
