/* SPDX-License-Identifier: GPL-2.0-or-later */
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

/* {"Serial", "Memdev"}, which is null for one that has left. */
static struct json_object *make_card(struct json_object *now, struct json_object *serial)
{
	struct json_object *memdev = find_memdev(now, json_object_get_uint64(serial));
	_cleanup_json_ struct json_object *card = json_object_new_object();

	if (!card || json_put(card, "Serial", json_object_get(serial)) < 0 ||
	    json_object_object_add(card, "Memdev", json_object_get(memdev)) < 0)
		return NULL;
	return TAKE_PTR(card);
}

/* What else is on the cards behind a device, which is as it was before the release. */
static struct json_object *make_cards(struct json_object *now, struct json_object *device)
{
	_cleanup_json_ struct json_object *cards = json_object_new_array();
	struct json_object *serials = get_array(device, "Serials");

	for (size_t i = 0; cards && i < json_length(serials); i++) {
		struct json_object *card = make_card(now, json_object_array_get_idx(serials, i));

		if (!card || json_object_array_add(cards, card) < 0) {
			json_object_put(card);
			return NULL;
		}
	}
	return TAKE_PTR(cards);
}

/* {"Device", "Ejected", "Region"}; "Cards" is the caller's to add. */
static struct json_object *make_released(const struct request *request, const char *name,
					 struct json_object *device)
{
	_cleanup_json_ struct json_object *released = json_object_new_object();
	const char *region = request->eject ? get_text(device, "Region") : "";

	if (!released || json_put(released, "Device", json_object_new_string(name)) < 0 ||
	    json_put(released, "Ejected", json_object_new_boolean(request->eject)) < 0 ||
	    json_put(released, "Region", json_object_new_string(region)) < 0)
		return NULL;
	return TAKE_PTR(released);
}

/* Asks anew, for it may have changed while the release lasted. */
static enum exit_status add_cards(struct client *client, struct json_object *device,
				  struct json_object *released)
{
	_cleanup_json_ struct json_object *now = NULL;
	int r;

	r = client_get_status(client, &now);
	if (r >= 0)
		r = json_clean(now);
	if (r >= 0)
		return json_put(released, "Cards", make_cards(now, device)) < 0 ? complain_oom()
										: STATUS_OK;
	complain("what else is on its memory devices could not be asked; do not pull them before "
		 "\"daxtierctl status\" has told");
	client->format = JSON_OFF; /* one document is enough */
	return json_object_object_add(released, "Cards", NULL) < 0 ? complain_oom()
								   : client_failed(client, r);
}

/* device: as it was before. The release is done, whatever comes of this. */
static enum exit_status tell_outcome(const struct request *request, struct client *client,
				     const char *name, struct json_object *device)
{
	_cleanup_json_ struct json_object *document = json_new_document();
	struct json_object *released = make_released(request, name, device);
	enum exit_status status = STATUS_OK;

	if (!document) {
		json_object_put(released);
		return complain_oom();
	}
	if (json_put(document, "Released", released) < 0)
		return complain_oom();
	if (request->eject)
		status = add_cards(client, device, released);
	else if (json_put(released, "Cards", json_object_new_array()) < 0)
		return complain_oom();
	if (request->format != JSON_OFF)
		json_print(document, request->format);
	else
		view_released(stdout, released);
	return status;
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
	r = client_allow_questions(client, request);
	if (r >= 0)
		r = client_new_release(client, name, request->eject, request->deadline_usec, &call);
	if (r < 0)
		return client_failed(client, r);
	return work_wait(client, call, &work, status);
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
	return tell_outcome(request, client, name,
			    json_find(get_array(status, "Devices"), "Name", name));
}

enum exit_status verb_release(const struct request *request)
{
	const char *name = device_name(request->argument);
	_cleanup_client_ struct client client = {};
	int r;

	r = client_open(&client, request);
	if (r < 0)
		return client_failed(&client, r);
	return request->dry_run ? rehearse(request, &client, name)
				: release(request, &client, name);
}
