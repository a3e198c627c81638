/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_DAEMON_REQUEST_LIST_H
#define DAXTIER_DAEMON_REQUEST_LIST_H

/* What request.c, where calls come in, and request-end.c, where they are answered, share. */

#include "bus/bus-call.h"
#include "manager.h"

struct request {
	struct request *next;
	char *device; /* "": an Apply of all */
	bool release;
	/* Of a release: its deadline. Of an Apply: how long the device may go on waiting for
	 * something before that is the answer. 0: for ever, or none has begun. */
	uint64_t until_usec;
	struct bus_call *call; /* NULL once its sender has left: the work goes on without him */
	/* Of an Apply of all: the first that happened, in words, and what it was. */
	char *failure, *failed_path;
	struct bus_failure failed;
};

/* device "": an Apply of all. NULL: none waits. */
struct request *request_find(struct manager *manager, const char *device, bool release);

/*
 * The only end of a request: the policy is told no more of it, and its call is answered; failure
 * NULL: it was carried out. The request is gone then.
 */
void request_end(struct manager *manager, struct request *request,
		 const struct bus_failure *failure, const char *message);
void request_endf(struct manager *manager, struct request *request,
		  const struct bus_failure *failure, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
/* The same with one of DAXTIER_ERROR_*, where no step failed. */
void request_refuse(struct manager *manager, struct request *request, const char *error,
		    const char *format, ...) __attribute__((format(printf, 4, 5)));

/* The device's plan, or that of the region which is to be made of the memdev. NULL: none. */
const struct device_plan *request_find_plan(const struct manager *manager, const char *name);

struct request *request_free(struct request *request);

static inline bool request_is_release(enum device_request request)
{
	return request == REQUEST_RELEASE || request == REQUEST_EJECT;
}

#endif
