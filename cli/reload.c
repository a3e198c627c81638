/* SPDX-License-Identifier: GPL-2.0-or-later */
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

/* What is decided otherwise now than before; the reload is done, whatever comes of this. */
static void show_changes(struct client *client, const struct style *style,
			 struct json_object *before)
{
	_cleanup_json_ struct json_object *after = NULL;

	if (!before || get_plans(client, &after) < 0) {
		complain("the new configuration is in force, but what it changes could not be "
			 "asked; see: daxtierctl plan");
		return;
	}
	if (view_changes(stdout, style, before, after) < 0)
		complain_oom();
}

enum exit_status verb_reload(const struct request *request)
{
	_cleanup_client_ struct client client = {};
	_cleanup_json_ struct json_object *before = NULL;
	int r;

	r = client_open(&client);
	if (r < 0)
		return client_failed(&client, r);
	r = get_plans(&client, &before);
	if (r < 0 && client_is_absent(&client))
		return client_failed(&client, r);
	r = client_reload(&client);
	if (r < 0)
		return client_failed(&client, r);
	show_changes(&client, &request->style, before);
	return STATUS_OK;
}
