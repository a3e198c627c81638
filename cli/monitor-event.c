/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/monitor-event.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#include "variant/bus-name.h"
#include "variant/variant.h"

int known_init(struct known *known)
{
	*known = (struct known){.devices = json_object_new_object()};
	return known->devices ? 0 : -ENOMEM;
}

void known_done(struct known *known)
{
	json_object_put(known->host);
	json_object_put(known->devices);
	*known = (struct known){};
}

/* "2026-11-22T20:14:03.123456Z" */
static struct json_object *time_to_json(void)
{
	char seconds[32], text[64];
	struct timespec now;
	struct tm tm;

	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &tm);
	strftime(seconds, sizeof(seconds), "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(text, sizeof(text), "%s.%06ldZ", seconds, now.tv_nsec / 1000);
	return json_object_new_string(text);
}

/* device NULL: it is about none. NULL on out of memory. */
static struct json_object *event_new(const char *what, const char *device)
{
	_cleanup_json_ struct json_object *event = json_new_document();

	if (!event || json_put(event, "Time", time_to_json()) < 0 ||
	    json_put(event, "Event", json_object_new_string(what)) < 0)
		return NULL;
	if (device && json_put(event, "Device", json_object_new_string(device)) < 0)
		return NULL;
	return TAKE_PTR(event);
}

/* What of told is another value than in properties, and what stood there before; then takes it over
 * there. 0 or -ENOMEM. */
static int learn(struct json_object *properties, struct json_object *told,
		 struct json_object *changed, struct json_object *before)
{
	struct json_object_iter iter;

	json_object_object_foreachC(told, iter)
	{
		struct json_object *old;
		bool known = json_object_object_get_ex(properties, iter.key, &old);

		if (known && json_object_equal(old, iter.val))
			continue;
		if ((known && json_put(before, iter.key, json_object_get(old)) < 0) ||
		    json_put(changed, iter.key, json_object_get(iter.val)) < 0 ||
		    json_put(properties, iter.key, json_object_get(iter.val)) < 0)
			return -ENOMEM;
	}
	return 0;
}

static struct json_object *state_of(struct json_object *properties)
{
	return json_object_new_string(get_text(properties, "State"));
}

static int event_of_change(struct json_object *properties, const char *what, const char *device,
			   struct json_object *told, struct json_object **ret)
{
	_cleanup_json_ struct json_object *changed = json_object_new_object();
	_cleanup_json_ struct json_object *before = json_object_new_object(), *event = NULL;

	if (!changed || !before || learn(properties, told, changed, before) < 0)
		return -ENOMEM;
	if (json_object_object_length(changed) == 0)
		return 0;
	event = event_new(what, device);
	/* Of a device, what it is in the end: a detail of its state may be all that changed. */
	if (event && device && json_put(event, "State", state_of(properties)) < 0)
		return -ENOMEM;
	if (!event || json_put(event, "Changed", TAKE_PTR(changed)) < 0 ||
	    json_put(event, "Before", TAKE_PTR(before)) < 0)
		return -ENOMEM;
	*ret = TAKE_PTR(event);
	return 1;
}

/* What is known of a device, a new place for it if need be; NULL on out of memory. */
static struct json_object *known_device(struct known *known, const char *device)
{
	struct json_object *properties;

	if (json_object_object_get_ex(known->devices, device, &properties))
		return properties;
	properties = json_object_new_object();
	return json_put(known->devices, device, properties) < 0 ? NULL : properties;
}

/* The name of the device at path, owned by the caller; NULL for another object. */
static char *device_at(const char *path)
{
	char *device;

	return sd_bus_path_decode(path, DAXTIER_BUS_DEVICE_PREFIX, &device) > 0 ? device : NULL;
}

static int event_of_properties(struct known *known, sd_bus_message *signal,
			       struct json_object **ret)
{
	_cleanup_free_ char *device = device_at(sd_bus_message_get_path(signal));
	_cleanup_json_ struct json_object *told = NULL;
	const char *interface;

	if (sd_bus_message_read(signal, "s", &interface) < 0 || variant_read(signal, &told) <= 0)
		return 0;
	if (device && strcmp(interface, DAXTIER_DEVICE_INTERFACE) == 0) {
		struct json_object *properties = known_device(known, device);

		if (!properties)
			return -ENOMEM;
		return event_of_change(properties, "device-changed", device, told, ret);
	}
	if (strcmp(interface, DAXTIER_MANAGER_INTERFACE) != 0)
		return 0;
	if (!known->host && !(known->host = json_object_new_object()))
		return -ENOMEM;
	return event_of_change(known->host, "host-changed", NULL, told, ret);
}

static int event_of_added(struct known *known, sd_bus_message *signal, struct json_object **ret)
{
	_cleanup_json_ struct json_object *interfaces = NULL, *event = NULL;
	_cleanup_free_ char *device = NULL;
	struct json_object *properties;
	const char *path;

	if (sd_bus_message_read(signal, "o", &path) < 0 || variant_read(signal, &interfaces) <= 0 ||
	    !json_object_object_get_ex(interfaces, DAXTIER_DEVICE_INTERFACE, &properties))
		return 0;
	device = device_at(path);
	if (!device)
		return 0;
	event = event_new("device-added", device);
	if (!event || json_put(event, "Properties", json_object_get(properties)) < 0 ||
	    json_put(known->devices, device, json_object_get(properties)) < 0)
		return -ENOMEM;
	*ret = TAKE_PTR(event);
	return 1;
}

static int event_of_removed(struct known *known, sd_bus_message *signal, struct json_object **ret)
{
	_cleanup_free_ char *device = NULL;
	struct json_object *event;
	const char *path;

	if (sd_bus_message_read(signal, "o", &path) < 0)
		return 0;
	device = device_at(path);
	if (!device)
		return 0;
	json_object_object_del(known->devices, device);
	event = event_new("device-removed", device);
	if (!event)
		return -ENOMEM;
	*ret = event;
	return 1;
}

bool signal_is_of_host(sd_bus_message *signal)
{
	return sd_bus_message_is_signal(signal, "org.freedesktop.DBus.Properties",
					"PropertiesChanged") > 0 &&
	       strcmp(sd_bus_message_get_path(signal), DAXTIER_BUS_PATH) == 0;
}

int event_of_signal(struct known *known, sd_bus_message *signal, struct json_object **ret)
{
	static const char manager[] = "org.freedesktop.DBus.ObjectManager";

	if (sd_bus_message_is_signal(signal, "org.freedesktop.DBus.Properties",
				     "PropertiesChanged") > 0)
		return event_of_properties(known, signal, ret);
	if (sd_bus_message_is_signal(signal, manager, "InterfacesAdded") > 0)
		return event_of_added(known, signal, ret);
	if (sd_bus_message_is_signal(signal, manager, "InterfacesRemoved") > 0)
		return event_of_removed(known, signal, ret);
	return 0;
}

static int learn_all(struct known *known, struct json_object *host, struct json_object *devices)
{
	known_done(known);
	if (known_init(known) < 0)
		return -ENOMEM;
	for (size_t i = 0; i < json_length(devices); i++) {
		struct json_object *device = json_object_array_get_idx(devices, i);

		if (json_put(known->devices, get_text(device, "Name"), json_object_get(device)) < 0)
			return -ENOMEM;
	}
	known->host = json_object_get(host);
	return 0;
}

int event_of_presence(struct known *known, struct json_object *host, struct json_object *devices,
		      struct json_object **ret)
{
	_cleanup_json_ struct json_object *our_host = host, *our_devices = devices;
	_cleanup_json_ struct json_object *event = event_new("daemon-present", NULL);

	if (!event || learn_all(known, our_host, our_devices) < 0 ||
	    json_put(event, "Host", json_object_get(our_host)) < 0 ||
	    json_put(event, "Devices", json_object_get(our_devices)) < 0)
		return -ENOMEM;
	*ret = TAKE_PTR(event);
	return 1;
}

int event_of_absence(struct known *known, struct json_object **ret)
{
	struct json_object *event = event_new("daemon-absent", NULL);

	if (!event)
		return -ENOMEM;
	known_done(known);
	if (known_init(known) < 0) {
		json_object_put(event);
		return -ENOMEM;
	}
	*ret = event;
	return 1;
}
