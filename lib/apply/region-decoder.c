/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Endpoint decoders: who they belong to, and what they hold. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "apply/region-kernel.h"
#include "apply/region-write.h"
#include "base/cleanup.h"

int decoder_check(struct run *run, const struct region_target *target)
{
	_cleanup_free_ char *path = NULL;
	uint64_t serial = 0;
	char *slash;
	int r;

	run_at(run, CXL_DEVICES "/%s", target->decoder);
	r = sysfs_resolve(run->sysfs, &path, "%s", run->path);
	if (r == -ENOENT)
		return run_fail(run, -ENODEV, "%s of %s is gone", target->decoder, target->memdev);
	if (r < 0)
		return trouble_read(&run->trouble, r, run->path);
	slash = strrchr(path, '/');
	if (slash)
		*slash = '\0';
	run_at(run, "%s/uport/serial", path);
	r = region_read_u64(run, &serial);
	if (r == 0 && serial != target->serial)
		r = run_fail(run, -ENODEV,
			     "%s belongs to another memory device now (serial 0x%" PRIx64
			     ", not 0x%" PRIx64 ")",
			     target->decoder, serial, target->serial);
	run_at(run, CXL_DEVICES "/%s/dpa_size", target->decoder);
	return r;
}

static int take_mode(struct run *run, const struct region_target *target)
{
	_cleanup_free_ char *mode = NULL;
	int r;

	run_at(run, CXL_DEVICES "/%s/mode", target->decoder);
	r = sysfs_read_string(run->sysfs, &mode, "%s", run->path);
	if (r < 0)
		return trouble_read(&run->trouble, r, run->path);
	return strcmp(mode, "ram") == 0 ? 0 : region_put(run, REGION_WRITE_MODE, "ram");
}

int decoder_is_free(struct run *run, const struct region_target *target)
{
	uint64_t held = 0;
	int r;

	r = decoder_check(run, target);
	if (r == 0)
		r = region_read_u64(run, &held);
	return r < 0 ? r : held == 0;
}

int decoder_take(struct run *run, const struct region_target *target)
{
	int r;

	r = take_mode(run, target);
	if (r < 0)
		return r;
	run_at(run, CXL_DEVICES "/%s/dpa_size", target->decoder);
	r = region_put_u64(run, REGION_WRITE_DPA_SIZE, target->size);
	return r < 0 ? r : region_check_u64(run, target->size);
}

/* What somebody else has taken since, in another size or for another region, is theirs. */
static int check_ours(struct run *run, const struct region_target *target, uint64_t held)
{
	_cleanup_free_ char *region = NULL;
	int r;

	if (held != target->size)
		return run_fail(run, -EAGAIN,
				"%s of %s holds %" PRIu64 " bytes, and not the %" PRIu64
				" of before: somebody else has changed it",
				target->decoder, target->memdev, held, target->size);
	run_at(run, CXL_DEVICES "/%s/region", target->decoder);
	r = sysfs_read_string(run->sysfs, &region, "%s", run->path);
	if (r < 0)
		return trouble_read(&run->trouble, r, run->path);
	if (region[0])
		return run_fail(run, -EAGAIN, "%s of %s is a target of %s", target->decoder,
				target->memdev, region);
	return 0;
}

int decoder_free(struct run *run, const struct region_target *target)
{
	uint64_t held = 0;
	int r;

	r = decoder_check(run, target);
	if (r == 0)
		r = region_read_u64(run, &held);
	if (r < 0)
		return r;
	if (held == 0)
		return RUN_SKIPPED;
	r = check_ours(run, target, held);
	if (r < 0)
		return r;
	run_at(run, CXL_DEVICES "/%s/dpa_size", target->decoder);
	r = region_put(run, REGION_WRITE_FREE_DPA, "0");
	return r < 0 ? r : region_check_u64(run, 0);
}
