/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/plan-diff.h"

#include "cli/changes.h"
#include "cli/local.h"

static enum exit_status compare_plans(const struct local_host *host, const struct config *before,
				      const struct config *after, struct json_object *object)
{
	_cleanup_json_ struct json_object *old = NULL, *new = NULL;
	enum exit_status status;

	status = local_host_plans(host, before, NULL, &old);
	if (status == STATUS_OK)
		status = local_host_plans(host, after, NULL, &new);
	if (status != STATUS_OK)
		return status;
	if (json_put(object, "Devices", json_object_new_uint64(json_length(new))) < 0 ||
	    json_put(object, "Changes", changes_find(old, new, changes_same_outcome)) < 0 ||
	    json_put(object, "Problems", local_host_problems(host)) < 0)
		return complain_oom();
	return STATUS_OK;
}

/* One host, which may fail alone: of a fleet, the others are worth knowing. */
static enum exit_status diff_host(const char *root, const struct config *before,
				  const struct config *after, struct json_object *object)
{
	_cleanup_(local_host_done) struct local_host host = {};
	enum exit_status status;

	if (json_put(object, "Host", json_object_new_string(root)) < 0)
		return complain_oom();
	status = local_host_open(root, &host);
	if (status == STATUS_OK)
		status = local_host_look(&host);
	if (status == STATUS_OK)
		return compare_plans(&host, before, after, object);
	if (json_put(object, "Error", json_object_new_string("it cannot be looked at")) < 0)
		return complain_oom();
	return status;
}

static enum exit_status diff_hosts(const struct request *request, const struct config *before,
				   const struct config *after, struct json_object *hosts)
{
	static const char *const here[] = {"/"};
	const char *const *roots = request->n_arguments > 0 ? request->arguments : here;
	size_t n = request->n_arguments > 0 ? request->n_arguments : ARRAY_SIZE(here);
	enum exit_status status = STATUS_OK;

	for (size_t i = 0; i < n; i++) {
		struct json_object *object = json_object_new_object();

		if (!object || json_object_array_add(hosts, object) < 0) {
			json_object_put(object);
			return complain_oom();
		}
		if (diff_host(roots[i], before, after, object) != STATUS_OK)
			status = STATUS_FAILURE;
	}
	return status;
}

enum exit_status plan_diff(const struct request *request, struct json_object **ret)
{
	_cleanup_(config_freep) struct config *before = NULL, *after = NULL;
	_cleanup_json_ struct json_object *document = json_new_document();
	struct json_object *hosts = json_object_new_array();
	enum exit_status status;

	if (!document ||
	    json_put(document, "Before", json_object_new_string(request->config_before)) < 0 ||
	    json_put(document, "After", json_object_new_string(request->config)) < 0 ||
	    json_put(document, "Hosts", hosts) < 0)
		return complain_oom();
	status = local_config(NULL, request->config_before, &before);
	if (status == STATUS_OK)
		status = local_config(NULL, request->config, &after);
	if (status != STATUS_OK)
		return status;
	status = diff_hosts(request, before, after, hosts);
	*ret = TAKE_PTR(document);
	return status;
}
