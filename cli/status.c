/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/client.h"
#include "cli/local-status.h"
#include "cli/memory.h"
#include "cli/view.h"
#include "variant/json-clean.h"

static enum exit_status ask_daemon(const struct request *request, struct json_object **ret)
{
	_cleanup_client_ struct client client = {};
	int r;

	r = client_open(&client, request);
	if (r >= 0)
		r = client_get_status(&client, ret);
	if (r < 0) {
		enum exit_status status = client_failed(&client, r);

		if (client_is_absent(&client))
			complain("\"daxtierctl status --root=/\" looks at this host without it");
		return status;
	}
	return memory_add(*ret, "/") < 0 ? complain_oom() : STATUS_OK;
}

enum exit_status verb_status(const struct request *request)
{
	_cleanup_json_ struct json_object *document = NULL;
	enum exit_status status;

	status = request->root ? local_status(request, &document) : ask_daemon(request, &document);
	if (status != STATUS_OK)
		return status;
	if (request->format != JSON_OFF) {
		json_print(document, request->format);
		return STATUS_OK;
	}
	if (json_clean(document) < 0 || view_status(stdout, &request->style, document) < 0)
		return complain_oom();
	return STATUS_OK;
}
