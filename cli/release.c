/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "cli/device-name.h"
#include "cli/view.h"
#include "cli/work.h"
#include "variant/json-clean.h"

/* {"Version", "Rehearsal": …} */
static enum exit_status print_json(struct json_object *rehearsal, enum json_format format)
{
	_cleanup_json_ struct json_object *document = json_new_document();

	if (!document || json_put(document, "Rehearsal", json_object_get(rehearsal)) < 0)
		return complain_oom();
	json_print(document, format);
	return STATUS_OK;
}

static enum exit_status rehearse(const struct request *request, struct client *client,
				 const char *device)
{
	_cleanup_json_ struct json_object *rehearsal = NULL;
	enum exit_status status = STATUS_OK;
	int r;

	r = client_rehearse(client, device, request->eject, &rehearsal);
	if (r < 0)
		return client_failed(client, r);
	if (request->format != JSON_OFF) {
		status = print_json(rehearsal, request->format);
	} else {
		if (json_clean(rehearsal) < 0)
			return complain_oom();
		view_rehearsal(stdout, &request->style, rehearsal);
	}
	if (status != STATUS_OK)
		return status;
	return get_bool(rehearsal, "Possible") ? STATUS_OK : STATUS_NOT_DONE;
}

static struct json_object *find_device(struct json_object *status, const char *name)
{
	struct json_object *devices = get_array(status, "Devices");

	for (size_t i = 0; i < json_length(devices); i++) {
		struct json_object *device = json_object_array_get_idx(devices, i);

		if (strcmp(get_text(device, "Name"), name) == 0)
			return device;
	}
	return NULL;
}

static struct json_object *find_memdev(struct json_object *status, uint64_t serial)
{
	struct json_object *host, *memdevs;

	if (!json_object_object_get_ex(status, "Host", &host))
		return NULL;
	memdevs = get_array(host, "Memdevs");
	for (size_t i = 0; i < json_length(memdevs); i++) {
		struct json_object *memdev = json_object_array_get_idx(memdevs, i);

		if (get_u64(memdev, "Serial") == serial)
			return memdev;
	}
	return NULL;
}

/* Another region may be on it, or what others have put there. */
static void tell_card(struct json_object *memdev, uint64_t serial)
{
	struct json_object *holds;

	if (!memdev) {
		printf("the memory device with serial number 0x%" PRIx64 " has left already\n",
		       serial);
		return;
	}
	printf("%s, serial number 0x%" PRIx64 ": ", get_text(memdev, "Name"), serial);
	if (!json_object_object_get_ex(memdev, "Holds", &holds))
		printf("whether anything else is on it is not known; do not pull it unseen\n");
	else if (get_text(memdev, "Holds")[0])
		printf("not to be pulled yet, its decoders still hold %s\n",
		       get_text(memdev, "Holds"));
	else
		printf("nothing else is on it, and the card can be pulled\n");
}

/* device: as it was before the release. */
static enum exit_status tell_ejected(struct client *client, struct json_object *device)
{
	_cleanup_json_ struct json_object *now = NULL;
	struct json_object *serials = get_array(device, "Serials");
	int r;

	r = client_get_status(client, &now);
	if (r >= 0)
		r = json_clean(now);
	if (r < 0) {
		complain("what else is on its memory devices could not be asked; do not pull them "
			 "before \"daxtierctl status\" has told");
		return client_failed(client, r);
	}
	for (size_t i = 0; i < json_length(serials); i++) {
		uint64_t serial = json_object_get_uint64(json_object_array_get_idx(serials, i));

		tell_card(find_memdev(now, serial), serial);
	}
	return STATUS_OK;
}

/* "dax0.0: released, and region0 is gone", and what that means for each card */
static enum exit_status tell_outcome(struct client *client, const char *name,
				     struct json_object *device, bool eject)
{
	const char *region = get_text(device, "Region");

	if (!eject) {
		printf("%s: released; \"daxtierctl apply %s\" takes it up again\n", name, name);
		return STATUS_OK;
	}
	printf("%s: released, and %s is gone\n", name, region[0] ? region : "its CXL region");
	return tell_ejected(client, device);
}

/* Sends the call and waits. status: before it. */
static enum exit_status release_wait(const struct request *request, struct client *client,
				     const char *name, struct json_object *status)
{
	_cleanup_(sd_bus_message_unrefp) sd_bus_message *call = NULL;
	_cleanup_free_ char *hint = NULL, *while_going = NULL;
	struct work work = {
		.device = name,
		.not_done = "was not released",
	};
	int r;

	if (asprintf(&hint,
		     "a longer --deadline may help; \"daxtierctl release --dry-run %s\" tells what "
		     "is known to be in the way",
		     name) < 0) {
		hint = NULL;
		return complain_oom();
	}
	if (asprintf(&while_going, "\"daxtierctl apply %s\" ends the release", name) < 0) {
		while_going = NULL;
		return complain_oom();
	}
	work.hint = hint;
	work.while_going = while_going;
	r = client_new_release(client, name, request->eject, request->deadline_usec, &call);
	if (r < 0)
		return client_failed(client, r);
	return work_wait(client, call, &work, &request->style, status);
}

static enum exit_status release(const struct request *request, struct client *client,
				const char *name)
{
	_cleanup_json_ struct json_object *status = NULL;
	enum exit_status outcome;
	int r;

	r = client_get_status(client, &status);
	if (r >= 0)
		r = json_clean(status);
	if (r < 0)
		return client_failed(client, r);
	outcome = release_wait(request, client, name, status);
	if (outcome != STATUS_OK)
		return outcome;
	return tell_outcome(client, name, find_device(status, name), request->eject);
}

enum exit_status verb_release(const struct request *request)
{
	const char *name = device_name(request->argument);
	_cleanup_client_ struct client client = {};
	int r;

	r = client_open(&client);
	if (r < 0)
		return client_failed(&client, r);
	return request->dry_run ? rehearse(request, &client, name)
				: release(request, &client, name);
}
