/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/device-name.h"
#include "cli/view.h"
#include "cli/work.h"
#include "model/names.h"
#include "variant/json-clean.h"

/* Whether the policy has its way, or is about to. */
static bool is_as_it_should_be(struct json_object *object)
{
	int state = device_state_from_string(get_text(object, "State"));

	switch (state) {
	case DEVICE_PARTIAL:
	case DEVICE_MISMATCH:
	case DEVICE_HELD_BACK:
	case DEVICE_FAILED:
	case DEVICE_STUCK:
		return false;
	}
	return true;
}

static void print_outcome(const struct style *style, struct json_object *object)
{
	const char *state = get_text(object, "State"), *reason = get_text(object, "Reason");
	enum tone tone = view_state_tone(state);

	if (get_text(object, "Region")[0] && !state[0]) {
		printf("%s: in %s\n", get_text(object, "Name"), get_text(object, "Region"));
		return;
	}
	printf("%s: %s%s%s%s%s\n", get_text(object, "Name"), style_begin(style, tone), state,
	       style_end(style, tone), reason[0] ? "; " : "", reason);
}

/* {"Version", "Devices", "Memdevs"}: those that were applied, as they are now. Takes over both. */
static enum exit_status print_json(const struct request *request, struct json_object *devices,
				   struct json_object *memdevs)
{
	_cleanup_json_ struct json_object *document = json_new_document();

	if (!document) {
		json_object_put(devices);
		json_object_put(memdevs);
		return complain_oom();
	}
	if (json_put(document, "Devices", devices) < 0) {
		json_object_put(memdevs);
		return complain_oom();
	}
	if (json_put(document, "Memdevs", memdevs) < 0)
		return complain_oom();
	json_print(document, request->format);
	return STATUS_OK;
}

/* object, which may be NULL, as an array. */
static struct json_object *array_of(struct json_object *object)
{
	_cleanup_json_ struct json_object *array = json_object_new_array();

	if (!array)
		return NULL;
	if (object && json_object_array_add(array, json_object_get(object)) < 0) {
		json_object_put(object);
		return NULL;
	}
	return TAKE_PTR(array);
}

static enum exit_status tell_all(const struct request *request, struct json_object *devices,
				 struct json_object *memdevs)
{
	if (request->format != JSON_OFF)
		return print_json(request, json_object_get(devices), json_object_get(memdevs));
	for (size_t i = 0; i < json_length(devices); i++)
		print_outcome(&request->style, json_object_array_get_idx(devices, i));
	return STATUS_OK;
}

/* What has become of the device, or of all. */
static enum exit_status tell_outcome(const struct request *request, const char *name,
				     struct json_object *status)
{
	struct json_object *devices = get_array(status, "Devices"), *memdevs = NULL, *host;
	struct json_object *device, *memdev;
	enum exit_status told = STATUS_OK;

	if (json_object_object_get_ex(status, "Host", &host))
		memdevs = get_array(host, "Memdevs");
	if (!name)
		return tell_all(request, devices, memdevs);
	device = json_find(devices, "Name", name);
	memdev = device ? NULL : json_find(memdevs, "Name", name);
	if (request->format != JSON_OFF)
		told = print_json(request, array_of(device), array_of(memdev));
	else if (device || memdev)
		print_outcome(&request->style, device ?: memdev);
	if (told != STATUS_OK)
		return told;
	if (!device && !memdev) {
		complain("%s left in the meantime", name);
		return STATUS_NO_DEVICE;
	}
	if (is_as_it_should_be(device ?: memdev))
		return STATUS_OK;
	complain("what can be done: daxtierctl %s%s", device ? "show " : "status",
		 device ? name : "");
	return STATUS_NOT_DONE;
}

static int get_status(struct client *client, struct json_object **ret)
{
	int r = client_get_status(client, ret);

	return r < 0 ? r : json_clean(*ret);
}

enum exit_status verb_apply(const struct request *request)
{
	const char *device = device_name(request->argument);
	const struct work work = {
		.device = device,
		.not_done = "was not applied",
		.while_going = "\"daxtierctl status\" shows how far it is",
	};
	_cleanup_json_ struct json_object *before = NULL, *after = NULL;
	_cleanup_(sd_bus_message_unrefp) sd_bus_message *call = NULL;
	_cleanup_client_ struct client client = {};
	enum exit_status status;
	int r;

	r = client_open(&client, request);
	if (r >= 0)
		r = get_status(&client, &before);
	if (r >= 0)
		r = client_allow_questions(&client, request);
	if (r >= 0)
		r = client_new_apply(&client, device ?: "", request->force, &call);
	if (r < 0)
		return client_failed(&client, r);
	status = work_wait(&client, call, &work, before);
	if (status != STATUS_OK)
		return status;
	r = get_status(&client, &after);
	if (r < 0)
		return client_failed(&client, r);
	return tell_outcome(request, device, after);
}
