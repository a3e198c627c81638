/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/local-status.h"

#include <errno.h>

#include "cli/memory.h"
#include "cli/status-json.h"
#include "model/status.h"
#include "policy/policy.h"

/* dax_autoprobe 0 is what a daemon that holds the bus leaves in a capture. */
static int make_host(const struct local_host *host, const struct config *config,
		     const struct plan *plan, struct json_object **ret)
{
	_cleanup_(host_status_done) struct host_status status = {};
	struct json_object *object;

	if (host_status_make(host->facts, config, plan, PROJECT_VERSION,
			     host->facts->host.dax_autoprobe == 0, NULL, &status) < 0)
		return -ENOMEM;
	object = host_status_to_json(&status);
	if (!object)
		return -ENOMEM;
	*ret = object;
	return 0;
}

static int add_device(struct json_object *devices, const struct facts *facts,
		      const struct dax_device *device, const struct device_plan *plan)
{
	_cleanup_(device_status_done) struct device_status status = {};
	struct json_object *object;

	if (device_status_make(&facts->host, device, plan, NULL, NULL, &status) < 0)
		return -ENOMEM;
	object = device_status_to_json(&status);
	if (object && json_object_array_add(devices, object) == 0)
		return 0;
	json_object_put(object);
	return -ENOMEM;
}

static int make_devices(const struct facts *facts, const struct plan *plan,
			struct json_object **ret)
{
	_cleanup_json_ struct json_object *devices = json_object_new_array();

	if (!devices)
		return -ENOMEM;
	for (size_t i = 0; i < facts->n_devices; i++)
		if (add_device(devices, facts, &facts->devices[i],
			       plan_find(plan, facts->devices[i].name)) < 0)
			return -ENOMEM;
	*ret = TAKE_PTR(devices);
	return 0;
}

static int make_document(const struct local_host *host, const struct config *config,
			 struct json_object **ret)
{
	_cleanup_(plan_freep) struct plan *plan = NULL;
	_cleanup_json_ struct json_object *document = json_new_document();
	struct json_object *part;

	if (!document || policy_plan(host->facts, config, NULL, 0, &plan) < 0)
		return -ENOMEM;
	if (make_host(host, config, plan, &part) < 0 || json_put(document, "Host", part) < 0)
		return -ENOMEM;
	/* With what was closed to who captured it. */
	if (json_put(part, "Problems", local_host_problems(host)) < 0)
		return -ENOMEM;
	if (make_devices(host->facts, plan, &part) < 0 || json_put(document, "Devices", part) < 0)
		return -ENOMEM;
	if (memory_add(document, local_host_path(host)) < 0)
		return -ENOMEM;
	*ret = TAKE_PTR(document);
	return 0;
}

enum exit_status local_status(const struct request *request, struct json_object **ret)
{
	_cleanup_(local_host_done) struct local_host host = {};
	_cleanup_(config_freep) struct config *config = NULL;
	enum exit_status status;

	status = local_host_open(request->root, &host);
	if (status == STATUS_OK)
		status = local_config(&host, NULL, &config);
	if (status == STATUS_OK)
		status = local_host_look(&host);
	if (status != STATUS_OK)
		return status;
	return make_document(&host, config, ret) < 0 ? complain_oom() : STATUS_OK;
}
