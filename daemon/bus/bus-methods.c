/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bus/bus-methods.h"

#include <ctype.h>
#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/errno-util.h"
#include "base/format.h"
#include "bus/bus-error.h"
#include "bus/bus-manager.h"
#include "variant/json-clean.h"
#include "variant/variant.h"

DEFINE_CLEANUP(struct json_object *, json_object_put);

/* Of a name; the kernel's are far shorter, and a call is kept with what is in it. */
#define NAME_LENGTH_MAX 64

/* sd-bus hands to methods what it reads properties from. */
static struct bus_manager *manager_of(void *status)
{
	return (struct bus_manager *)((char *)status - offsetof(struct bus_manager, status));
}

/*
 * daxR.D, decimal, as drivers/dax/bus.c names them; one that has left, with its name taken by
 * another, has an address behind it.
 */
static bool device_name_is_valid(const char *s)
{
	if (strlen(s) > NAME_LENGTH_MAX || strncmp(s, "dax", 3) != 0 ||
	    !isdigit((unsigned char)s[3]))
		return false;
	s += 3;
	s += strspn(s, "0123456789");
	if (s[0] != '.' || !isdigit((unsigned char)s[1]))
		return false;
	s++;
	s += strspn(s, "0123456789");
	if (s[0] == '@' && s[1])
		s += 1 + strspn(s + 1, "0123456789abcdef");
	return s[0] == '\0';
}

/* memN, as drivers/cxl/core/memdev.c names them. */
static bool memdev_name_is_valid(const char *s)
{
	return strlen(s) <= NAME_LENGTH_MAX && strncmp(s, "mem", 3) == 0 && s[3] &&
	       s[3 + strspn(s + 3, "0123456789")] == '\0';
}

static int refuse_name(sd_bus_error *error, const char *name)
{
	return sd_bus_error_setf(error, SD_BUS_ERROR_INVALID_ARGS,
				 memdev_name_is_valid(name)
					 ? "\"%s\" is a CXL memory device; give the dax device "
					   "that is made of it, such as \"dax0.0\""
					 : "\"%s\" is not the name of a dax device; give one such "
					   "as \"dax0.0\"",
				 name);
}

/* Answers a call whose device is not there, or that failed otherwise: what, in words. */
static int reply_failed(sd_bus_message *call, const char *device, int error, const char *what)
{
	struct bus_failure failure = {.name = DAXTIER_ERROR_NO_SUCH_DEVICE};
	int r;

	if (error == -ENODEV && device[0]) {
		r = bus_error_replyf(call, &failure,
				     memdev_name_is_valid(device)
					     ? "There is no CXL memory device %s without a region"
					     : "There is no dax device %s",
				     device);
	} else {
		failure = (struct bus_failure){.name = DAXTIER_ERROR_FAILED, .error = error};
		r = bus_error_replyf(call, &failure, "%s: %s (%s)", what, strerror(-error),
				     errno_name(error));
	}
	return r < 0 ? r : 1;
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

int bus_method_plan(sd_bus_message *call, void *userdata, sd_bus_error *error)
{
	struct bus_manager *manager = manager_of(userdata);
	_cleanup_(json_object_putp) struct json_object *plans = NULL;
	const char *device;
	int r;

	r = sd_bus_message_read(call, "s", &device);
	if (r < 0)
		return r;
	if (device[0] && !device_name_is_valid(device) && !memdev_name_is_valid(device))
		return sd_bus_error_setf(error, SD_BUS_ERROR_INVALID_ARGS,
					 "\"%s\" is not the name of a dax device; give one such as "
					 "\"dax0.0\", or \"\" for all",
					 device);
	r = manager->handlers->plan(manager->userdata, device, &plans);
	if (r >= 0)
		r = reply_with_plans(call, plans);
	return r < 0 ? reply_failed(call, device, r, "Cannot make a plan") : 1;
}

/* One per line: the client shows them as check-config does. */
static int reply_config_invalid(sd_bus_message *call, const struct strv *errors)
{
	const struct bus_failure failure = {.name = DAXTIER_ERROR_CONFIG_INVALID};
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
	return bus_error_reply(call, &failure, text);
}

static void reload_granted(struct bus_call *call, void *userdata)
{
	_cleanup_(bus_call_freep) struct bus_call *own = call;
	_cleanup_(strv_done) struct strv errors = {};
	struct bus_manager *manager = userdata;
	int r;

	r = manager->handlers->reload(manager->userdata, &errors);
	if (r >= 0)
		bus_call_answer(own);
	else if (r != -EINVAL || reply_config_invalid(own->message, &errors) < 0)
		reply_failed(own->message, "", r,
			     "Cannot reload the configuration, and the old one stays in force");
}

int bus_method_reload(sd_bus_message *call, void *userdata, sd_bus_error *error)
{
	struct bus_manager *manager = manager_of(userdata);

	return bus_access_check(&manager->access, call, "", reload_granted, manager);
}

/* What was read and found good before the sender was asked for. */
static void apply_granted(struct bus_call *call, void *userdata)
{
	_cleanup_(bus_call_freep) struct bus_call *own = call;
	struct bus_manager *manager = userdata;
	const char *device = "";
	int force, r;

	r = sd_bus_message_rewind(own->message, 1);
	if (r >= 0)
		r = sd_bus_message_read(own->message, "sb", &device, &force);
	if (r >= 0)
		r = manager->handlers->apply(manager->userdata, own, device, force);
	if (r >= 0)
		TAKE_PTR(own);
	else
		reply_failed(own->message, device, r, "Cannot apply the policy");
}

int bus_method_apply(sd_bus_message *call, void *userdata, sd_bus_error *error)
{
	struct bus_manager *manager = manager_of(userdata);
	const char *device;
	int force, r;

	r = sd_bus_message_read(call, "sb", &device, &force);
	if (r < 0)
		return r;
	if (!device[0] && force)
		return sd_bus_error_set(error, SD_BUS_ERROR_INVALID_ARGS,
					"Only one device at a time can be forced: that takes "
					"memory offline");
	if (device[0] && !device_name_is_valid(device) && !memdev_name_is_valid(device))
		return refuse_name(error, device);
	return bus_access_check(&manager->access, call, device, apply_granted, manager);
}

static void release_granted(struct bus_call *call, void *userdata)
{
	_cleanup_(bus_call_freep) struct bus_call *own = call;
	struct bus_manager *manager = userdata;
	const char *device = "";
	uint64_t deadline;
	int eject, r;

	r = sd_bus_message_rewind(own->message, 1);
	if (r >= 0)
		r = sd_bus_message_read(own->message, "sbt", &device, &eject, &deadline);
	if (r >= 0)
		r = manager->handlers->release(manager->userdata, own, device, eject, deadline);
	if (r >= 0)
		TAKE_PTR(own);
	else
		reply_failed(own->message, device, r, "Cannot release the device");
}

int bus_method_release(sd_bus_message *call, void *userdata, sd_bus_error *error)
{
	struct bus_manager *manager = manager_of(userdata);
	uint64_t deadline;
	const char *device;
	int eject, r;

	r = sd_bus_message_read(call, "sbt", &device, &eject, &deadline);
	if (r < 0)
		return r;
	if (!device_name_is_valid(device))
		return refuse_name(error, device);
	return bus_access_check(&manager->access, call, device, release_granted, manager);
}

static int reply_with_object(sd_bus_message *call, struct json_object *object)
{
	_cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
	int r;

	r = json_clean(object);
	if (r < 0)
		return r;
	r = sd_bus_message_new_method_return(call, &reply);
	if (r < 0)
		return r;
	r = variant_append_object(reply, object);
	if (r < 0)
		return r;
	return sd_bus_message_send(reply);
}

int bus_method_rehearse(sd_bus_message *call, void *userdata, sd_bus_error *error)
{
	struct bus_manager *manager = manager_of(userdata);
	_cleanup_(json_object_putp) struct json_object *rehearsal = NULL;
	const char *device;
	int eject, r;

	r = sd_bus_message_read(call, "sb", &device, &eject);
	if (r < 0)
		return r;
	if (!device_name_is_valid(device))
		return refuse_name(error, device);
	r = manager->handlers->rehearse(manager->userdata, device, eject, &rehearsal);
	if (r >= 0)
		r = reply_with_object(call, rehearsal);
	return r < 0 ? reply_failed(call, device, r, "Cannot rehearse the release") : 1;
}
