/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_TESTS_HOST_WAIT_H
#define DAXTIER_TESTS_HOST_WAIT_H

/* What the daemon does in its own time, of which the bus does not tell: within 30 s, or the test
 * fails. */

#include "test-host.h"

/* A property of a device that is on the bus. */
void host_wait_like(struct test_host *host, const char *device, const char *property,
		    const char *part);
void host_wait_logged(struct test_host *host, const char *part);
/* A path below the host's root is there, or is not there any more. */
void host_wait_path(struct test_host *host, const char *path);
void host_wait_no_path(struct test_host *host, const char *path);
/* So many writes to the modelled kernel since its log was cleared. */
void host_wait_writes(struct test_host *host, unsigned n);

#endif
