/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_BUS_BUS_ERROR_H
#define DAXTIER_BUS_BUS_ERROR_H

/*
 * An error of org.daxtier1: its words are for people; what a program may want to tell apart stands
 * behind them, in a dictionary that is the second argument of the error message. org.daxtier1(5)
 * tells its members.
 */

#include <systemd/sd-bus.h>

struct bus_failure {
	const char *name;	 /* one of DAXTIER_ERROR_* */
	int error;		 /* the kernel's, as a negative errno; 0: it said nothing */
	const char *step, *path; /* NULL: none */
};

/* Answers the call. 0 or a negative errno. message is fit for the bus, as text_clean() makes it …
 */
int bus_error_reply(sd_bus_message *call, const struct bus_failure *failure, const char *message);
/* … and here it is made so, one line. */
int bus_error_replyf(sd_bus_message *call, const struct bus_failure *failure, const char *format,
		     ...) __attribute__((format(printf, 3, 4)));

#endif
