/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_DAEMON_UEVENT_H
#define DAXTIER_DAEMON_UEVENT_H

/*
 * Hints that something about dax devices, or the CXL memory behind them, may have changed: which
 * device, and whether it is there, only a look at the host tells. Events come late, are lost when
 * the socket overflows, and anybody may have them repeated ("udevadm trigger"). The filter is in
 * the kernel: an event of another subsystem does not wake the process. For memory blocks, which
 * emit thousands, see memory-watch.h.
 */

#include <systemd/sd-event.h>

enum uevent_kind {
	UEVENT_CHANGE, /* something came, left or changed, or may have */
	UEVENT_BUS,    /* the dax bus itself came or went */
};

typedef void (*uevent_fn)(enum uevent_kind kind, void *userdata);

struct uevent_monitor;

int uevent_monitor_new(sd_event *event, uevent_fn fn, void *userdata, struct uevent_monitor **ret);
struct uevent_monitor *uevent_monitor_free(struct uevent_monitor *monitor);

static inline void uevent_monitor_freep(struct uevent_monitor **monitor)
{
	*monitor = uevent_monitor_free(*monitor);
}

#endif
