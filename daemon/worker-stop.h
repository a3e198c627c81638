/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_DAEMON_WORKER_STOP_H
#define DAXTIER_DAEMON_WORKER_STOP_H

/*
 * How a worker learns that it is to end early: by SIGTERM, or because its deadline has passed. An
 * offline can last for ever inside one write(2), and only a signal ends it.
 */

#include <stdint.h>

#include "model/plan.h"

/*
 * The plan's own, if it has one. Memory that the policy itself takes offline, to bring it back in
 * another way, has a minute and a second for each GiB: other devices wait for their turn. 0: none.
 */
uint64_t worker_stop_deadline(const struct device_plan *plan);

/*
 * From now on both signals are heard; a deadline of 0 never passes. SIGTERM and SIGALRM may be
 * blocked until here, so that none is lost before. 0 or a negative errno.
 */
int worker_stop_install(uint64_t deadline_usec);

/* For struct applier's stop; userdata is not used. */
int worker_stop_ask(void *userdata);

#endif
