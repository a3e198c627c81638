/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/client.h"
#include "cli/view.h"
#include "variant/json-clean.h"

enum exit_status verb_status(const struct request *request)
{
	_cleanup_client_ struct client client = {};
	_cleanup_json_ struct json_object *document = NULL;
	int r;

	r = client_open(&client);
	if (r >= 0)
		r = client_get_status(&client, &document);
	if (r < 0)
		return client_failed(&client, r);
	if (request->format != JSON_OFF) {
		json_print(document, request->format);
		return STATUS_OK;
	}
	if (json_clean(document) < 0 || view_status(stdout, &request->style, document) < 0)
		return complain_oom();
	return STATUS_OK;
}
