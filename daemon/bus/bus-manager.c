/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bus/bus-manager.h"

#include <stddef.h>

#include "base/cleanup.h"
#include "bus/bus-methods.h"
#include "bus/bus-properties.h"

#define CONST_PROPERTY(name, signature, field)                                                     \
	SD_BUS_PROPERTY(name, signature, NULL, offsetof(struct host_status, field),                \
			SD_BUS_VTABLE_PROPERTY_CONST)
#define PROPERTY(name, signature, field)                                                           \
	SD_BUS_PROPERTY(name, signature, NULL, offsetof(struct host_status, field),                \
			SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE)
#define BOOL_PROPERTY(name, field)                                                                 \
	SD_BUS_PROPERTY(name, "b", bus_get_bool, offsetof(struct host_status, field),              \
			SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE)

/* All methods are open to all as far as sd-bus is concerned; see bus-access.h for why. */
const sd_bus_vtable bus_manager_vtable[] = {
	SD_BUS_VTABLE_START(0),
	SD_BUS_METHOD_WITH_ARGS("Plan", SD_BUS_ARGS("s", device), SD_BUS_RESULT("aa{sv}", plans),
				bus_method_plan, SD_BUS_VTABLE_UNPRIVILEGED),
	SD_BUS_METHOD_WITH_ARGS("Rehearse", SD_BUS_ARGS("s", device, "b", eject),
				SD_BUS_RESULT("a{sv}", rehearsal), bus_method_rehearse,
				SD_BUS_VTABLE_UNPRIVILEGED),
	SD_BUS_METHOD_WITH_ARGS("Apply", SD_BUS_ARGS("s", device, "b", force), SD_BUS_NO_RESULT,
				bus_method_apply, SD_BUS_VTABLE_UNPRIVILEGED),
	SD_BUS_METHOD_WITH_ARGS("Release", SD_BUS_ARGS("s", device, "b", eject, "t", deadline_usec),
				SD_BUS_NO_RESULT, bus_method_release, SD_BUS_VTABLE_UNPRIVILEGED),
	SD_BUS_METHOD_WITH_ARGS("Reload", SD_BUS_NO_ARGS, SD_BUS_NO_RESULT, bus_method_reload,
				SD_BUS_VTABLE_UNPRIVILEGED),
	CONST_PROPERTY("Version", "s", version),
	CONST_PROPERTY("KernelRelease", "s", kernel_release),
	CONST_PROPERTY("BlockSize", "t", block_size),
	BOOL_PROPERTY("KnobSupported", knob_supported),
	PROPERTY("MemmapParam", "s", memmap_param),
	PROPERTY("AutoOnline", "s", auto_online),
	BOOL_PROPERTY("Claimed", claimed),
	PROPERTY("DramTotal", "t", dram_total),
	PROPERTY("DramMemmap", "t", dram_memmap),
	PROPERTY("DramMemmapBudget", "t", dram_memmap_budget),
	PROPERTY("MovableTotal", "t", movable_total),
	PROPERTY("KernelTotal", "t", kernel_total),
	PROPERTY("MovableMaxRatio", "u", movable_max_ratio),
	SD_BUS_PROPERTY("Nodes", "aa{sv}", bus_get_nodes, offsetof(struct host_status, nodes),
			SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
	SD_BUS_PROPERTY("Memdevs", "aa{sv}", bus_get_memdevs, offsetof(struct host_status, memdevs),
			SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
	PROPERTY("ConfigFiles", "as", config_files.items),
	PROPERTY("ConfigErrors", "as", config_errors.items),
	PROPERTY("Problems", "as", problems.items),
	SD_BUS_PROPERTY("Failures", "aa{sv}", bus_get_failures,
			offsetof(struct host_status, failures),
			SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
	SD_BUS_VTABLE_END,
};

void bus_manager_init(struct bus_manager *manager, sd_bus *bus, const struct bus_handlers *handlers,
		      void *userdata)
{
	*manager = (struct bus_manager){
		.bus = sd_bus_ref(bus),
		.handlers = handlers,
		.userdata = userdata,
	};
}

void bus_manager_done(struct bus_manager *manager)
{
	bus_access_done(&manager->access);
	sd_bus_slot_unref(manager->slot);
	sd_bus_unref(manager->bus);
	host_status_done(&manager->status);
}

static void bus_changes_done(struct bus_changes *changes)
{
	strv_done(&changes->names);
}

int bus_manager_set(struct bus_manager *manager, struct host_status *status)
{
	_cleanup_(bus_changes_done) struct bus_changes changes = {};
	int r;

	r = bus_properties_clean(bus_manager_vtable, status);
	if (r < 0) {
		host_status_done(status);
		return r;
	}
	/* What is Const here lasts as long as the boot and this process: there is no other
	 * identity. */
	r = bus_properties_diff(bus_manager_vtable, &manager->status, status, &changes);
	/* Also without memory for the signal: what is true is what Get must answer. */
	host_status_done(&manager->status);
	manager->status = *status;
	*status = (struct host_status){};

	if (!manager->slot) { /* the first time: nobody has seen anything that could change */
		r = sd_bus_add_object_vtable(manager->bus, &manager->slot, DAXTIER_BUS_PATH,
					     DAXTIER_MANAGER_INTERFACE, bus_manager_vtable,
					     &manager->status);
		return r < 0 ? r : 0;
	}
	if (r < 0 || changes.names.n == 0)
		return r;
	r = sd_bus_emit_properties_changed_strv(manager->bus, DAXTIER_BUS_PATH,
						DAXTIER_MANAGER_INTERFACE, changes.names.items);
	return r < 0 ? r : 0;
}
