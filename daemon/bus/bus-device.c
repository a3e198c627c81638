/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bus/bus-device.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "bus/bus-properties.h"
#include "bus/bus-server.h"

#define CONST_PROPERTY(name, signature, field)                                                     \
	SD_BUS_PROPERTY(name, signature, NULL, offsetof(struct device_status, field),              \
			SD_BUS_VTABLE_PROPERTY_CONST)
#define PROPERTY(name, signature, field)                                                           \
	SD_BUS_PROPERTY(name, signature, NULL, offsetof(struct device_status, field),              \
			SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE)
#define BOOL_PROPERTY(name, field)                                                                 \
	SD_BUS_PROPERTY(name, "b", bus_get_bool, offsetof(struct device_status, field),            \
			SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE)

/*
 * Const is what the kernel fixes when it makes a dax device: where it hangs, whose memory it is,
 * its node. Its size is not: a device of a dax_region can be resized while it is unbound.
 */
const sd_bus_vtable bus_device_vtable[] = {
	SD_BUS_VTABLE_START(0),
	CONST_PROPERTY("Name", "s", name),
	CONST_PROPERTY("Kind", "s", kind),
	PROPERTY("Driver", "s", driver),
	CONST_PROPERTY("Region", "s", region),
	SD_BUS_PROPERTY("Serials", "at", bus_get_u64_array, offsetof(struct device_status, serials),
			SD_BUS_VTABLE_PROPERTY_CONST),
	PROPERTY("Size", "t", size),
	PROPERTY("UsableSize", "t", usable),
	PROPERTY("LostBytes", "t", lost),
	CONST_PROPERTY("TargetNode", "i", target_node),
	PROPERTY("InitiatorNode", "i", initiator_node),
	PROPERTY("Distance", "u", distance),
	PROPERTY("DistanceSource", "s", distance_source),
	PROPERTY("ReadLatency", "u", performance.read_latency),
	PROPERTY("WriteLatency", "u", performance.write_latency),
	PROPERTY("ReadBandwidth", "u", performance.read_bandwidth),
	PROPERTY("WriteBandwidth", "u", performance.write_bandwidth),
	PROPERTY("Tier", "i", tier),
	PROPERTY("State", "s", state),
	PROPERTY("StateDetail", "s", state_detail),
	PROPERTY("Rule", "s", rule),
	PROPERTY("Reason", "s", reason),
	BOOL_PROPERTY("MemmapWanted", memmap_wanted),
	BOOL_PROPERTY("MemmapEffective", memmap_effective),
	PROPERTY("MemmapKnob", "s", memmap_knob),
	PROPERTY("MemmapReason", "s", memmap_reason),
	PROPERTY("MemmapBytes", "t", memmap_bytes),
	PROPERTY("Zone", "s", zone),
	PROPERTY("BlocksTotal", "t", blocks_total),
	PROPERTY("BlocksOnline", "t", blocks_online),
	PROPERTY("BlocksMovable", "t", blocks_movable),
	PROPERTY("OnlineAfterUSec", "t", online_after_usec),
	PROPERTY("Holders", "s", holders),
	PROPERTY("LastError", "s", error),
	PROPERTY("LastErrorStep", "s", error_step),
	PROPERTY("LastErrorMessage", "s", error_message),
	SD_BUS_VTABLE_END,
};

struct bus_device *bus_device_free(struct bus_device *device)
{
	if (!device)
		return NULL;
	sd_bus_slot_unref(device->slot);
	sd_bus_unref(device->bus);
	device_status_done(&device->status);
	free(device->path);
	free(device);
	return NULL;
}

static void bus_device_freep(struct bus_device **device)
{
	*device = bus_device_free(*device);
}

int bus_device_new(sd_bus *bus, struct device_status *status, struct bus_device **ret)
{
	_cleanup_(bus_device_freep) struct bus_device *device = calloc(1, sizeof(*device));
	int r;

	if (!device) {
		device_status_done(status);
		return -ENOMEM;
	}
	device->bus = sd_bus_ref(bus);
	device->status = *status;
	*status = (struct device_status){};
	r = bus_properties_clean(bus_device_vtable, &device->status);
	if (r < 0)
		return r;
	r = sd_bus_path_encode(DAXTIER_BUS_DEVICE_PREFIX, device->status.name, &device->path);
	if (r < 0)
		return r;
	r = sd_bus_add_object_vtable(bus, &device->slot, device->path, DAXTIER_DEVICE_INTERFACE,
				     bus_device_vtable, &device->status);
	if (r < 0)
		return r;
	r = sd_bus_emit_object_added(bus, device->path);
	if (r < 0)
		return r;
	*ret = TAKE_PTR(device);
	return 0;
}

static void bus_changes_done(struct bus_changes *changes)
{
	strv_done(&changes->names);
}

int bus_device_update(struct bus_device *device, struct device_status *status)
{
	_cleanup_(bus_changes_done) struct bus_changes changes = {};
	int r;

	r = bus_properties_clean(bus_device_vtable, status);
	if (r < 0) {
		device_status_done(status);
		return r;
	}
	r = bus_properties_diff(bus_device_vtable, &device->status, status, &changes);
	if (r >= 0 && changes.identity)
		return -ESTALE;
	/* Also without memory for the signal: what is true is what Get must answer. */
	device_status_done(&device->status);
	device->status = *status;
	*status = (struct device_status){};
	if (r < 0 || changes.names.n == 0)
		return r;
	r = sd_bus_emit_properties_changed_strv(device->bus, device->path, DAXTIER_DEVICE_INTERFACE,
						changes.names.items);
	return r < 0 ? r : 0;
}

int bus_device_remove(struct bus_device *device)
{
	/* While the interfaces are still there, which is how sd-bus knows what to list. */
	int r = sd_bus_emit_object_removed(device->bus, device->path);

	bus_device_free(device);
	return r < 0 ? r : 0;
}
