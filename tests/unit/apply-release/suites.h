/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TEST_APPLY_RELEASE_SUITES_H
#define TEST_APPLY_RELEASE_SUITES_H

#include <stdlib.h>

#include "bench.h"
#include "fake-kernel-offline.h"

TCase *offline_tests(void);
TCase *put_back_tests(void);
TCase *stop_tests(void);
TCase *unplug_tests(void);

/* bench_cxl bound to kmem, all of it online by this word; the log is empty. */
void host_online(struct fake_kernel_host host, const char *how);

/* Its plan to be released: this step, then unbind. */
int release(enum step_kind how);

/* "memory35 memory34 …": the blocks in the order in which they were written to with this value. */
char *blocks_written(const char *value);

#endif
