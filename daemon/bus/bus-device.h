/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_BUS_BUS_DEVICE_H
#define DAXTIER_BUS_BUS_DEVICE_H

/* One object below /org/daxtier1/device. */

#include <systemd/sd-bus.h>

#include "model/status.h"

struct bus_device {
	sd_bus *bus;
	char *path;
	sd_bus_slot *slot;
	struct device_status status;
};

/* Takes over *status (also on failure) and leaves it zeroed. The object appears. */
int bus_device_new(sd_bus *bus, struct device_status *status, struct bus_device **ret);

/*
 * Takes over *status (also on failure) and leaves it zeroed, and says what changed. status->name
 * is this device's name; -ESTALE, with nothing changed or said and *status left as it is, when it
 * describes another device of that name.
 */
int bus_device_update(struct bus_device *device, struct device_status *status);

/* The object disappears, and device is freed. */
int bus_device_remove(struct bus_device *device);

/* Frees it without a word, as when the whole connection ends. Returns NULL. */
struct bus_device *bus_device_free(struct bus_device *device);

#endif
