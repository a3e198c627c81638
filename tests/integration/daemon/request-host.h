/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_TESTS_REQUEST_HOST_H
#define DAXTIER_TESTS_REQUEST_HOST_H

/* A host with one device, dax0.0, that is asked to be released or applied. */

#include <check.h>
#include <stdint.h>

#include "fake-kernel-offline.h"
#include "pending-call.h"
#include "test-host.h"

#define FIRST_BLOCK 512 /* of test_device("dax0.0"), at 64 GiB */
#define LAST_BLOCK  519
#define SECOND	    UINT64_C(1000000)

#define BLOCK(n)	 "sys/devices/system/memory/memory" n "/state"
#define UNBIND		 "sys/bus/dax/drivers/kmem/unbind"
#define N_RELEASE_WRITES 9 /* of a plain release: eight blocks, and the unbind */

/* The daemon runs, and dax0.0 is online; nothing is in the log of writes. */
void request_start_online(struct test_host *host, const char *policy);

/* As the policy says, and nothing is left of a release. */
void request_assert_online(struct test_host *host);
void request_assert_released(struct test_host *host);

/* Calls that are carried out. */
void request_release_it(struct test_host *host);
void request_apply_it(struct test_host *host, const char *device);

/* Writes to these paths last until a signal is handled, as an offline may. */
void request_hang_at(struct test_host *host, const char *pattern);
/* These writes take so long. */
void request_stall_at(struct test_host *host, const char *pattern, unsigned msec);

/* A write that hangs is not over, so it is not counted. */
void request_wait_for_writes(struct test_host *host, unsigned n);

TCase *request_add_case(Suite *suite, const char *name);

#endif
