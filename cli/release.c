/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "cli/device-name.h"
#include "cli/view.h"
#include "cli/work.h"
#include "variant/json-clean.h"

/* What the daemon may take beyond the deadline, to put back what it did. */
#define PUT_BACK_USEC (UINT64_C(60) * 1000000)

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

/* "dax0.0: released; region0 is gone, and the card with serial number 0xabc1 can be pulled" */
static void tell_outcome(const char *name, struct json_object *device, bool eject)
{
	struct json_object *serials = get_array(device, "Serials");
	size_t n = json_length(serials);

	printf("%s: released", name);
	if (!eject) {
		printf("; \"daxtierctl apply %s\" takes it up again\n", name);
		return;
	}
	printf("; %s is gone",
	       get_text(device, "Region")[0] ? get_text(device, "Region") : "its CXL region");
	for (size_t i = 0; i < n; i++)
		printf("%s0x%" PRIx64,
		       i > 0	? ", "
		       : n == 1 ? ", and the card with serial number "
				: ", and the cards with serial numbers ",
		       json_object_get_uint64(json_object_array_get_idx(serials, i)));
	printf("%s\n", n > 0 ? " can be pulled" : "");
}

static uint64_t timeout_of(uint64_t deadline_usec)
{
	if (deadline_usec == 0 || deadline_usec > UINT64_MAX - PUT_BACK_USEC)
		return UINT64_MAX;
	return deadline_usec + PUT_BACK_USEC;
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
		.timeout_usec = timeout_of(request->deadline_usec),
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
	if (outcome == STATUS_OK)
		tell_outcome(name, find_device(status, name), request->eject);
	return outcome;
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
