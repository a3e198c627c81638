/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <string.h>

#include "cli/local.h"
#include "cli/view.h"
#include "config/config-json.h"
#include "variant/json-clean.h"

/* {"Version", "Valid", and "Config" or "Errors"}. Takes over value. */
static enum exit_status print_json(bool valid, const char *key, struct json_object *value,
				   enum json_format format)
{
	_cleanup_json_ struct json_object *document = json_new_document();

	if (!document || json_put(document, "Valid", json_object_new_boolean(valid)) < 0) {
		json_object_put(value);
		return complain_oom();
	}
	if (json_put(document, key, value) < 0)
		return complain_oom();
	json_print(document, format);
	return STATUS_OK;
}

static enum exit_status tell_errors(const struct request *request,
				    const struct config_errors *errors)
{
	struct json_object *array;
	enum exit_status status;

	if (request->format == JSON_OFF) {
		local_config_complain(errors);
		return STATUS_CONFIG_INVALID;
	}
	if (config_errors_to_json(errors, &array) < 0)
		return complain_oom();
	status = print_json(false, "Errors", array, request->format);
	return status == STATUS_OK ? STATUS_CONFIG_INVALID : status;
}

static enum exit_status tell_config(const struct request *request, const struct config *config)
{
	_cleanup_json_ struct json_object *object = NULL;

	if (config_to_json(config, &object) < 0)
		return complain_oom();
	if (request->format != JSON_OFF)
		return print_json(true, "Config", TAKE_PTR(object), request->format);
	if (json_clean(object) < 0)
		return complain_oom();
	view_config(stdout, &request->style, object);
	return STATUS_OK;
}

enum exit_status verb_check_config(const struct request *request)
{
	_cleanup_(config_errors_done) struct config_errors errors = {};
	_cleanup_(config_freep) struct config *config = NULL;
	_cleanup_(local_host_done) struct local_host host = {};
	enum exit_status status;
	int r;

	status = local_host_open(request->root, &host);
	if (status != STATUS_OK)
		return status;
	r = config_load_named(local_host_path(&host), local_host_name(&host), request->argument,
			      &config, &errors);
	local_host_done(&host);
	if (r == -EINVAL)
		return tell_errors(request, &errors);
	if (r < 0) {
		complain("cannot load the configuration: %s", strerror(-r));
		return STATUS_FAILURE;
	}
	return tell_config(request, config);
}
