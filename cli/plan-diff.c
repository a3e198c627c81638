/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/plan-diff.h"

#include <errno.h>
#include <string.h>

#include "cli/local.h"

/*
 * Both plans are for the same host at the same moment, so that whatever differs in them is the
 * policy's doing. How a rule is called, and in which words it is told, changes nothing for a
 * device.
 */
static const char *const outcomes[] = {
	"Managed",     "State",	 "Zone", "MemmapWanted", "MemmapEffective",
	"MemmapBytes", "Window", "Ways", "Granularity",	 "Steps",
};

static bool same_outcome(struct json_object *a, struct json_object *b)
{
	for (size_t i = 0; i < ARRAY_SIZE(outcomes); i++) {
		struct json_object *x = NULL, *y = NULL;

		json_object_object_get_ex(a, outcomes[i], &x);
		json_object_object_get_ex(b, outcomes[i], &y);
		if (!json_object_equal(x, y))
			return false;
	}
	return true;
}

static struct json_object *find_plan(struct json_object *plans, const char *device)
{
	for (size_t i = 0; i < json_length(plans); i++) {
		struct json_object *plan = json_object_array_get_idx(plans, i);

		if (strcmp(get_text(plan, "Device"), device) == 0)
			return plan;
	}
	return NULL;
}

static int add_change(struct json_object *changes, struct json_object *before,
		      struct json_object *after)
{
	const char *device = get_text(after ?: before, "Device");
	struct json_object *change = json_object_new_object();

	/* null for a region that only one of them would make of several memory devices. */
	if (!change || json_put(change, "Device", json_object_new_string(device)) < 0 ||
	    json_object_object_add(change, "Before", json_object_get(before)) < 0 ||
	    json_object_object_add(change, "After", json_object_get(after)) < 0 ||
	    json_object_array_add(changes, change) < 0) {
		json_object_put(change);
		return -ENOMEM;
	}
	return 0;
}

/* NULL on out of memory. */
static struct json_object *find_changes(struct json_object *before, struct json_object *after)
{
	_cleanup_json_ struct json_object *changes = json_object_new_array();

	if (!changes)
		return NULL;
	for (size_t i = 0; i < json_length(after); i++) {
		struct json_object *plan = json_object_array_get_idx(after, i);
		struct json_object *old = find_plan(before, get_text(plan, "Device"));

		if ((!old || !same_outcome(old, plan)) && add_change(changes, old, plan) < 0)
			return NULL;
	}
	for (size_t i = 0; i < json_length(before); i++) {
		struct json_object *plan = json_object_array_get_idx(before, i);

		if (!find_plan(after, get_text(plan, "Device")) &&
		    add_change(changes, plan, NULL) < 0)
			return NULL;
	}
	return TAKE_PTR(changes);
}

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
	    json_put(object, "Changes", find_changes(old, new)) < 0 ||
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
