/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_CAPTURE_TAKE_H
#define DAXTIER_CAPTURE_TAKE_H

#include "capture/image.h"
#include "capture/manifest.h"

/*
 * Everything that the daemon reads of the host below root ("/", or one captured before), its
 * configuration included, as an image that the same look gives the same facts on. Nothing of memory
 * or of what processes have there; of those that have a dax device open, number, name and that
 * file.
 *
 * manifest->tool and ->masked are the caller's wish; the rest is filled in, and stands in the image
 * as well. 0 or negative errno.
 */
int capture_take(const char *root, struct manifest *manifest, struct image **ret);

#endif
