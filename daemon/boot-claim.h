/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_DAEMON_BOOT_CLAIM_H
#define DAXTIER_DAEMON_BOOT_CLAIM_H

/*
 * The initial RAM disk (contrib/initramfs) claims the dax bus before any driver can bind: it leaves
 * the record that the daemon's own claim would leave, which that resumes, and beside it a mark. As
 * long as the mark is there no daemon has looked after the devices, and whatever has no driver
 * lacks it because of the claim, not because somebody has unbound it.
 */

#include "sysfs/sysfs.h"

/* 1: the mark is there; 0: it is not; or a negative errno. */
int boot_claim_is_new(const char *run_dir);

/* A daemon has entered all devices, and looks after them from now on. */
void boot_claim_adopt(const char *run_dir);

/*
 * No daemon has come to that, and the claim is over: gives every device that has no driver the one
 * that it would have had. Nothing is done without the mark.
 */
void boot_claim_end(struct sysfs *sysfs, const char *run_dir);

#endif
