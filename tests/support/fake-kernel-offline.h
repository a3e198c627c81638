/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_TESTS_FAKE_KERNEL_OFFLINE_H
#define DAXTIER_TESTS_FAKE_KERNEL_OFFLINE_H

/* What keeps memory from going offline. As fake-kernel.h: the root of the tree first. */

#include <limits.h>
#include <stdint.h>

/*
 * A page of the block cannot be moved: so many tries to take it offline are answered EBUSY.
 * UINT_MAX: for ever; 0: not any more.
 */
void fake_kernel_pin_block(const char *root, uint64_t block, unsigned tries);

/*
 * 7.3: when a block keeps the memory of a device from being unplugged, those that went offline
 * before stay so from now on, as if what should bring them back had failed.
 */
void fake_kernel_break_rollback(const char *root);

/* For the fake kernel itself, with the lock held: one try; 0 or -EBUSY. */
int fk_try_offline(const char *root, uint64_t block);

#endif
