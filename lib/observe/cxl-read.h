/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_OBSERVE_CXL_READ_H
#define DAXTIER_OBSERVE_CXL_READ_H

/* What reading decoders, memdevs and regions have in common. All return 0 or -ENOMEM. */

#include <stdbool.h>

#include "observe/look.h"

/*
 * An attribute that has to be there: when it is not, or is not understood, *incomplete becomes
 * true, and the output stays as it was.
 */
int cxl_need_u64(struct look *look, const char *directory, const char *attribute, uint64_t *ret,
		 bool *incomplete);
int cxl_need_unsigned(struct look *look, const char *directory, const char *attribute,
		      unsigned *ret, bool *incomplete);
int cxl_need_bool(struct look *look, const char *directory, const char *attribute, bool *ret,
		  bool *incomplete);

/* Since 6.8, and not of every kind of capacity: whatever is not a class is -1. */
int cxl_qos_class(struct look *look, const char *directory, const char *attribute, int *ret);

/* Makes room for one more at the end of an array of n, zeroed; NULL on out of memory. */
void *cxl_grow(void **array, size_t n, size_t size);

#endif
