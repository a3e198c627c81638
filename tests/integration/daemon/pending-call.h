/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_TESTS_PENDING_CALL_H
#define DAXTIER_TESTS_PENDING_CALL_H

/* A call of Release or Apply whose answer comes when the work has ended. */

#include <stdbool.h>

#include "test-host.h"

struct pending_call {
	struct test_host *host;
	sd_bus_slot *slot;
	bool answered;
	char *error, *message;	     /* NULL without */
	struct json_object *failure; /* what stands behind the message */
};

/* The call is made, and not waited for; it must stay where it is until its answer. */
void pending_release(struct pending_call *call, struct test_host *host, const char *device,
		     bool eject, uint64_t deadline_usec);
void pending_apply(struct pending_call *call, struct test_host *host, const char *device,
		   bool force);

/* Wait for the answer, within 10 s, and release what the call holds. error: of org.daxtier1.Error;
 * part: of the message. */
void pending_assert_done(struct pending_call *call);
void pending_assert_failed(struct pending_call *call, const char *error, const char *part);

/* What the error that will be, or is, the answer tells programs: "EBUSY", and a part of the path.
 */
void pending_assert_told(struct pending_call *call, const char *error, const char *step,
			 const char *path);

/* Nobody is left who could answer. */
void pending_drop(struct pending_call *call);

#endif
