/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "boot-claim.h"

#include <errno.h>

#include "apply/record.h"
#include "base/cleanup.h"
#include "held.h"
#include "log.h"

/* Written by contrib/initramfs/boot-claim. */
#define MARK "boot-claim"

int boot_claim_is_new(const char *run_dir)
{
	_cleanup_close_ int dir_fd = -EBADF;
	_cleanup_free_ char *text = NULL;
	int r;

	r = run_dir_open(run_dir, &dir_fd);
	if (r < 0)
		return r == -ENOENT ? 0 : r;
	return record_read_text(dir_fd, MARK, &text);
}

void boot_claim_adopt(const char *run_dir)
{
	_cleanup_close_ int dir_fd = -EBADF;
	int r;

	r = run_dir_open(run_dir, &dir_fd);
	if (r >= 0)
		r = record_remove(dir_fd, MARK);
	if (r < 0 && r != -ENOENT)
		log_warning_errno(r, "Cannot remove %s/%s", run_dir, MARK);
}

void boot_claim_end(struct sysfs *sysfs, const char *run_dir)
{
	_cleanup_(strv_done) struct strv names = {};
	int r;

	r = boot_claim_is_new(run_dir);
	if (r > 0) {
		r = sysfs_list(sysfs, &names, "sys/bus/dax/devices");
		if (r == -ENOENT)
			r = 0;
	}
	if (r < 0) {
		log_error_errno(r, "Cannot look for devices that were kept from a driver since "
				   "boot; see /sys/bus/dax/drivers_probe");
		return;
	}
	for (size_t i = 0; i < names.n; i++)
		if (sysfs_exists(sysfs, "sys/bus/dax/devices/%s/driver", names.items[i]) == 0)
			held_hand_over(sysfs, names.items[i]);
	boot_claim_adopt(run_dir);
}
