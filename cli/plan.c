/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>

#include "cli/client.h"
#include "cli/device-name.h"
#include "cli/local.h"
#include "cli/plan-diff.h"
#include "cli/view.h"
#include "model/names.h"
#include "variant/json-clean.h"

/*
 * The daemon knows a region that would be made of several memory devices by the first one's name; a
 * person may ask for any of them. Else the daemon's own answer.
 */
static int plan_of_memdev(struct client *client, const char *memdev, struct json_object **ret)
{
	_cleanup_json_ struct json_object *plans = NULL, *found = json_object_new_array();
	int r;

	if (!found)
		return -ENOMEM;
	r = client_plan(client, "", &plans);
	if (r < 0)
		return r;
	for (size_t i = 0; i < json_object_array_length(plans); i++) {
		struct json_object *plan = json_object_array_get_idx(plans, i);

		if (plan_purpose_from_string(get_text(plan, "Purpose")) != PLAN_CREATE_REGION ||
		    !json_find(get_array(plan, "Targets"), "Memdev", memdev))
			continue;
		if (json_object_array_add(found, json_object_get(plan)) < 0)
			return -ENOMEM;
		*ret = TAKE_PTR(found);
		return 0;
	}
	return client_plan(client, memdev, ret);
}

/* {"Version", "Source": "daemon", "Problems", "Plans"} */
static int ask_daemon(struct client *client, const char *device, struct json_object **ret)
{
	_cleanup_json_ struct json_object *document = json_new_document(), *host = NULL;
	struct json_object *plans, *problems;
	int r;

	if (!document || json_put(document, "Source", json_object_new_string("daemon")) < 0)
		return -ENOMEM;
	/* First, so that the problems are those of the look that the plan is made from. */
	if (device_is_memdev(device))
		r = plan_of_memdev(client, device, &plans);
	else
		r = client_plan(client, device ?: "", &plans);
	if (r < 0)
		return r;
	if (json_put(document, "Plans", plans) < 0)
		return -ENOMEM;
	r = client_get_host(client, &host);
	if (r < 0)
		return r;
	problems = get_array(host, "Problems");
	r = json_put(document, "Problems",
		     problems ? json_object_get(problems) : json_object_new_array());
	if (r < 0)
		return r;
	*ret = TAKE_PTR(document);
	return 0;
}

/* Asks the daemon, whose history counts, and plans here when it is not running. */
static enum exit_status plan_this_host(const struct request *request, struct json_object **ret)
{
	_cleanup_client_ struct client client = {};
	int r;

	r = client_open(&client, request);
	if (r >= 0)
		r = ask_daemon(&client, request->argument, ret);
	if (r >= 0)
		return STATUS_OK;
	if (!client_is_absent(&client))
		return client_failed(&client, r);
	complain("daxtierd is not running; this is what it would do if it were started now");
	return local_plan(request, ret);
}

static enum exit_status print_diff(const struct request *request)
{
	_cleanup_json_ struct json_object *document = NULL;
	enum exit_status status;

	status = plan_diff(request, &document);
	if (!document)
		return status;
	if (request->format != JSON_OFF) {
		json_print(document, request->format);
		return status;
	}
	if (json_clean(document) < 0 || view_plan_diff(stdout, &request->style, document) < 0)
		return complain_oom();
	return status;
}

enum exit_status verb_plan(const struct request *request)
{
	_cleanup_json_ struct json_object *document = NULL;
	struct request named = *request;
	enum exit_status status;

	if (request->diff)
		return print_diff(request);
	named.argument = device_name(request->argument);
	if (request->root || request->config)
		status = local_plan(&named, &document);
	else
		status = plan_this_host(&named, &document);
	if (status != STATUS_OK)
		return status;
	if (request->format != JSON_OFF) {
		json_print(document, request->format);
		return STATUS_OK;
	}
	if (json_clean(document) < 0)
		return complain_oom();
	view_plan(stdout, &request->style, document);
	return STATUS_OK;
}
