/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_BUS_BUS_CALL_H
#define DAXTIER_BUS_BUS_CALL_H

/*
 * A call that is kept until its work has ended, and answered then. Whoever made it may leave
 * earlier: that ends the wait, which is his, and never the work.
 *
 * What is kept is limited, for each connection and for all: no client can pile up calls here, nor
 * keep others from being heard.
 */

#include <stddef.h>
#include <systemd/sd-bus.h>

#include "bus/bus-error.h"

struct bus_call;

/* The connection that made the call has ended. Frees the call, which nobody can answer any more. */
typedef void (*bus_call_left_t)(struct bus_call *call, void *userdata);

/* All that are kept. Zero-initialised is empty; outlives its calls. */
struct bus_calls {
	struct bus_call *first;
};

struct bus_call {
	struct bus_calls *calls;
	struct bus_call *next;
	sd_bus_message *message;
	sd_bus_slot *watch;
	bus_call_left_t left;
	void *userdata;
};

/*
 * Asks the bus, asynchronously, to say when the caller leaves; what is asked of the bus after that
 * about the caller is answered after this is in force. -EBUSY: too many are kept; another negative
 * errno: it cannot be.
 */
int bus_call_keep(struct bus_calls *calls, sd_bus_message *message, bus_call_left_t left,
		  void *userdata, struct bus_call **ret);
/* Returns NULL. Without an answer, if there was none. */
struct bus_call *bus_call_free(struct bus_call *call);

/* Somebody else takes the call over. left NULL: it stays when its sender leaves. */
void bus_call_set_left(struct bus_call *call, bus_call_left_t left, void *userdata);

/* Nothing but that it is done. 0 or a negative errno. */
int bus_call_answer(struct bus_call *call);

/* message is made fit for the bus. 0 or a negative errno. */
int bus_call_fail(struct bus_call *call, const struct bus_failure *failure, const char *message);

static inline void bus_call_freep(struct bus_call **call)
{
	*call = bus_call_free(*call);
}

#endif
