/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>

#include "cli/client.h"
#include "cli/device-name.h"
#include "cli/local.h"
#include "cli/view.h"
#include "variant/json-clean.h"

/* {"Version", "Source": "daemon", "Problems", "Plans"} */
static int ask_daemon(struct client *client, const char *device, struct json_object **ret)
{
	_cleanup_json_ struct json_object *document = json_new_document(), *host = NULL;
	struct json_object *plans, *problems;
	int r;

	if (!document || json_put(document, "Source", json_object_new_string("daemon")) < 0)
		return -ENOMEM;
	/* First, so that the problems are those of the look that the plan is made from. */
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

	r = client_open(&client);
	if (r >= 0)
		r = ask_daemon(&client, request->argument, ret);
	if (r >= 0)
		return STATUS_OK;
	if (!client_is_absent(&client))
		return client_failed(&client, r);
	complain("daxtierd is not running; this is what it would do if it were started now");
	return local_plan(request, ret);
}

enum exit_status verb_plan(const struct request *request)
{
	_cleanup_json_ struct json_object *document = NULL;
	struct request named = *request;
	enum exit_status status;

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
