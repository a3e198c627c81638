/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_APPLY_REGION_WRITE_H
#define DAXTIER_APPLY_REGION_WRITE_H

/* Writes to decoders and regions: what the kernel means when it refuses one, and what to do. */

#include <stdint.h>

#include "apply/run.h"

enum region_write {
	REGION_WRITE_MODE,
	REGION_WRITE_DPA_SIZE,
	REGION_WRITE_FREE_DPA,
	REGION_WRITE_CREATE,
	REGION_WRITE_INTERLEAVE,
	REGION_WRITE_SIZE,
	REGION_WRITE_TARGET,
	REGION_WRITE_COMMIT,
	REGION_WRITE_ENABLE,
	REGION_WRITE_DISABLE,
	REGION_WRITE_DECOMMIT,
	REGION_WRITE_DELETE,
	REGION_WRITE_MAX,
};

/* A clause; the errno's own words where there is nothing more to say. */
const char *region_words(enum region_write what, int error);

/* Of run->path, with the words for what fails: 0 or a negative errno. */
int region_read_u64(struct run *run, uint64_t *ret);
int region_check_u64(struct run *run, uint64_t wanted); /* the number that was written is there */
int region_put(struct run *run, enum region_write what, const char *value); /* outlives the step */
int region_put_u64(struct run *run, enum region_write what, uint64_t number);

#endif
