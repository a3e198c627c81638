/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_TESTS_REGION_HOST_H
#define DAXTIER_TESTS_REGION_HOST_H

/* A host with one window, into which two cards of 1 GiB go. */

#include "fake-kernel-cxl.h"
#include "test-host.h"

#define CXL "sys/bus/cxl/devices/"
#define GIB FAKE_KERNEL_GIB

/* All with one rule for cxl. Whether regions are made; of two cards, waited for for 2 s or 300 ms.
 */
extern const char policy_yes[], policy_no[], policy_two_ways[], policy_short_wait[];

#define N_CARDS 2
extern const struct fake_kernel_memdev cards[N_CARDS];

/* The daemon is not started. */
void region_host_start(struct test_host *host, const char *policy);

void card_announce(struct test_host *host, const char *name);
void card_plug(struct test_host *host, size_t card);
void card_pull(struct test_host *host, size_t card);

/* What the manager's property Memdevs says; owned by the caller, NULL: nothing of this memdev. */
char *memdev_get(struct test_host *host, const char *memdev, const char *key);
/* Within 10 s it says so, or has this in it. */
void memdev_wait(struct test_host *host, const char *memdev, const char *key, const char *part);

/* Within 10 s nothing is recorded as half made. */
void region_wait_no_record(struct test_host *host);
void region_assert_none(struct test_host *host);
/* dax0.0 is, of this region. */
void region_assert_online(struct test_host *host, const char *region);

/* An Apply, which is carried out. */
void region_apply(struct test_host *host, const char *device);

#endif
