/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_CAPTURE_SERIAL_MASK_H
#define DAXTIER_CAPTURE_SERIAL_MASK_H

/*
 * Serial numbers of CXL memory devices made into 1, 2, …, each the same wherever it stands, so that
 * rules still find the device they name.
 */

#include <stddef.h>
#include <stdint.h>

struct serial_mask {
	uint64_t *serials; /* that of index i becomes i + 1 */
	size_t n;
};

/* 0 stays 0: it is a device without a serial number. 0 or -ENOMEM. */
int serial_mask_number(struct serial_mask *mask, uint64_t serial, uint64_t *ret);

/*
 * A file of daxtier.conf(5) with every serial number masked, those of other hosts, too, and without
 * its comments, which may tell anything. Owned by the caller; NULL on out of memory.
 */
char *serial_mask_config(struct serial_mask *mask, const char *text);

void serial_mask_done(struct serial_mask *mask);

#endif
