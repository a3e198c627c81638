/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_CLI_WORK_H
#define DAXTIER_CLI_WORK_H

/* A call that lasts as long as the work it asks for: what is seen of it, and how it ends. */

#include "cli/client.h"

struct work {
	const char *device;	 /* whose progress is shown; NULL: that of all */
	const char *not_done;	 /* "was not released": what to say before why */
	const char *hint;	 /* what helps when it took too long; NULL: nothing known */
	const char *while_going; /* what to say to who stops waiting, as the work goes on */
};

/*
 * Sends the call, shows progress on standard error until it is answered, unless JSON was asked for,
 * and complains when that is an error. That takes as long as it takes, with the wait for its turn
 * and what is put back; a daemon that ends without an answer leaves the bus, which says so. status
 * is what client_get_status() said before. Whoever interrupts it ends this process by the same
 * signal, after a word, and the daemon goes on.
 */
enum exit_status work_wait(struct client *client, sd_bus_message *call, const struct work *work,
			   struct json_object *status);

#endif
