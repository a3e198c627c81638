/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/changes.h"
#include "cli/client.h"
#include "cli/view.h"
#include "variant/json-clean.h"

static int get_plans(struct client *client, struct json_object **ret)
{
	_cleanup_json_ struct json_object *plans = NULL;
	int r;

	r = client_plan(client, "", &plans);
	if (r >= 0)
		r = json_clean(plans);
	if (r < 0)
		return r;
	*ret = TAKE_PTR(plans);
	return 0;
}

/*
 * {"Version", "Changes"}: what is decided otherwise now than before, null when that could not be
 * asked. The reload is done, whatever comes of this.
 */
static struct json_object *make_document(struct client *client, struct json_object *before)
{
	_cleanup_json_ struct json_object *document = json_new_document(), *after = NULL;
	struct json_object *changes = NULL;

	if (!document)
		return NULL;
	if (before && get_plans(client, &after) >= 0) {
		changes = changes_find(before, after, changes_same_decision);
		if (!changes)
			return NULL;
	}
	if (json_object_object_add(document, "Changes", changes) < 0) {
		json_object_put(changes);
		return NULL;
	}
	return TAKE_PTR(document);
}

static enum exit_status tell_changes(const struct request *request, struct json_object *document)
{
	struct json_object *changes = get_array(document, "Changes");

	if (!changes)
		complain("the new configuration is in force, but what it changes could not be "
			 "asked; see: daxtierctl plan");
	if (request->format != JSON_OFF)
		json_print(document, request->format);
	else if (changes && view_changes(stdout, &request->style, changes) < 0)
		return complain_oom();
	return STATUS_OK;
}

enum exit_status verb_reload(const struct request *request)
{
	_cleanup_client_ struct client client = {};
	_cleanup_json_ struct json_object *before = NULL, *document = NULL;
	int r;

	r = client_open(&client, request);
	if (r < 0)
		return client_failed(&client, r);
	r = get_plans(&client, &before);
	if (r < 0 && client_is_absent(&client))
		return client_failed(&client, r);
	r = client_allow_questions(&client, request);
	if (r >= 0)
		r = client_reload(&client);
	if (r < 0)
		return client_failed(&client, r);
	document = make_document(&client, before);
	return document ? tell_changes(request, document) : complain_oom();
}
