/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bus/bus-manager.h"

#include <ctype.h>
#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/errno-util.h"
#include "base/format.h"
#include "bus/bus-properties.h"
#include "variant/json-clean.h"
#include "variant/variant.h"

DEFINE_CLEANUP(struct json_object *, json_object_put);

/* sd-bus hands to methods what it reads properties from. */
static struct bus_manager *manager_of(void *status)
{
	return (struct bus_manager *)((char *)status - offsetof(struct bus_manager, status));
}

/* daxR.D, decimal, as drivers/dax/bus.c names them. */
static bool device_name_is_valid(const char *s)
{
	if (strncmp(s, "dax", 3) != 0 || !isdigit((unsigned char)s[3]))
		return false;
	s += 3;
	s += strspn(s, "0123456789");
	if (s[0] != '.' || !isdigit((unsigned char)s[1]))
		return false;
	s++;
	return s[strspn(s, "0123456789")] == '\0';
}

static int reply_with_plans(sd_bus_message *call, struct json_object *plans)
{
	_cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
	size_t n = json_object_array_length(plans);
	int r;

	r = json_clean(plans);
	if (r < 0)
		return r;
	r = sd_bus_message_new_method_return(call, &reply);
	if (r < 0)
		return r;
	r = sd_bus_message_open_container(reply, 'a', "a{sv}");
	if (r < 0)
		return r;
	for (size_t i = 0; i < n; i++) {
		r = variant_append_object(reply, json_object_array_get_idx(plans, i));
		if (r < 0)
			return r;
	}
	r = sd_bus_message_close_container(reply);
	if (r < 0)
		return r;
	return sd_bus_message_send(reply);
}

static int method_plan(sd_bus_message *call, void *userdata, sd_bus_error *error)
{
	struct bus_manager *manager = manager_of(userdata);
	_cleanup_(json_object_putp) struct json_object *plans = NULL;
	const char *device;
	int r;

	r = sd_bus_message_read(call, "s", &device);
	if (r < 0)
		return r;
	if (device[0] && !device_name_is_valid(device))
		return sd_bus_error_setf(error, SD_BUS_ERROR_INVALID_ARGS,
					 "\"%s\" is not the name of a dax device; give one such as "
					 "\"dax0.0\", or \"\" for all",
					 device);
	r = manager->handlers->plan(manager->userdata, device, &plans);
	if (r == -ENODEV && device[0])
		return sd_bus_error_setf(error, DAXTIER_ERROR_NO_SUCH_DEVICE,
					 "There is no dax device %s", device);
	if (r >= 0)
		r = reply_with_plans(call, plans);
	if (r < 0)
		return sd_bus_error_setf(error, DAXTIER_ERROR_FAILED, "Cannot make a plan: %s (%s)",
					 strerror(-r), errno_name(r));
	return 1;
}

/* One per line: the client shows them as check-config does. */
static int reply_config_invalid(const struct strv *errors, sd_bus_error *error)
{
	_cleanup_free_ char *text = NULL;
	_cleanup_fclose_ FILE *f = NULL;
	size_t size;

	f = open_memstream(&text, &size);
	if (!f)
		return -ENOMEM;
	for (size_t i = 0; i < errors->n; i++) {
		_cleanup_free_ char *line = text_clean(errors->items[i]);

		if (!line)
			return -ENOMEM;
		fprintf(f, "%s%s", i ? "\n" : "", line);
	}
	if (fflush(f) != 0)
		return -ENOMEM;
	return sd_bus_error_set(error, DAXTIER_ERROR_CONFIG_INVALID, text);
}

static int reload_granted(sd_bus_message *call, void *userdata, sd_bus_error *error)
{
	struct bus_manager *manager = userdata;
	_cleanup_(strv_done) struct strv errors = {};
	int r;

	r = manager->handlers->reload(manager->userdata, &errors);
	if (r == -EINVAL)
		return reply_config_invalid(&errors, error);
	if (r < 0)
		return sd_bus_error_setf(error, DAXTIER_ERROR_FAILED,
					 "Cannot reload the configuration: %s (%s); the old one "
					 "stays in force",
					 strerror(-r), errno_name(r));
	return sd_bus_reply_method_return(call, NULL);
}

static int method_reload(sd_bus_message *call, void *userdata, sd_bus_error *error)
{
	struct bus_manager *manager = manager_of(userdata);
	int r = bus_access_check(&manager->access, call, reload_granted, manager);

	return r < 0 ? r : 1; /* answered later */
}

#define CONST_PROPERTY(name, signature, field)                                                     \
	SD_BUS_PROPERTY(name, signature, NULL, offsetof(struct host_status, field),                \
			SD_BUS_VTABLE_PROPERTY_CONST)
#define PROPERTY(name, signature, field)                                                           \
	SD_BUS_PROPERTY(name, signature, NULL, offsetof(struct host_status, field),                \
			SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE)
#define BOOL_PROPERTY(name, field)                                                                 \
	SD_BUS_PROPERTY(name, "b", bus_get_bool, offsetof(struct host_status, field),              \
			SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE)

/* Both methods are open to all as far as sd-bus is concerned; see bus-access.h for why. */
const sd_bus_vtable bus_manager_vtable[] = {
	SD_BUS_VTABLE_START(0),
	SD_BUS_METHOD_WITH_ARGS("Plan", SD_BUS_ARGS("s", device), SD_BUS_RESULT("aa{sv}", plans),
				method_plan, SD_BUS_VTABLE_UNPRIVILEGED),
	SD_BUS_METHOD_WITH_ARGS("Reload", SD_BUS_NO_ARGS, SD_BUS_NO_RESULT, method_reload,
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
	PROPERTY("ConfigFiles", "as", config_files.items),
	PROPERTY("ConfigErrors", "as", config_errors.items),
	PROPERTY("Problems", "as", problems.items),
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
