/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_TESTS_INITRAMFS_LISTING_H
#define DAXTIER_TESTS_INITRAMFS_LISTING_H

/* What was read of an image, as a text to compare. */

#include "initramfs-image.h"
#include "initramfs/initramfs.h"

struct listing {
	char text[4096]; /* "etc/a{content}\nb\n": what ends in .conf is wanted */
	size_t n;
	size_t room;	 /* left; 0: no text, only n */
	const char *why; /* it was refused */
	int error;	 /* of take() from the file n_good on */
	size_t n_good;
};

/* What initramfs_read() returned. */
int listing_read(struct listing *listing, const struct bytes *image);
/* That the image is as good as this text. */
void listing_is(const struct bytes *image, const char *text);
/* That it is refused, with these words in the reason. */
void listing_refused(const struct bytes *image, const char *why);

#endif
