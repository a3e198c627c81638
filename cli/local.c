/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/local.h"

#include <errno.h>
#include <string.h>

#include "base/format.h"
#include "cli/device-name.h"
#include "cli/signals.h"
#include "observe/observe.h"
#include "policy/policy.h"
#include "sysfs/sysfs.h"

void local_config_complain(const struct config_errors *errors)
{
	for (size_t i = 0; i < errors->n; i++) {
		_cleanup_free_ char *text = config_error_to_string(&errors->items[i]);
		_cleanup_free_ char *clean = text ? text_clean(text) : NULL;

		fprintf(stderr, "%s\n", clean ?: "(out of memory)");
	}
	complain("%zu error%s in the configuration", errors->n, errors->n == 1 ? "" : "s");
}

const char *local_host_path(const struct local_host *host)
{
	return host->root.path ?: "/";
}

const char *local_host_name(const struct local_host *host)
{
	return host->name ?: "/";
}

enum exit_status local_config(const struct local_host *host, const char *file, struct config **ret)
{
	static const struct local_host this_host;
	_cleanup_(config_errors_done) struct config_errors errors = {};
	int r;

	host = host ?: &this_host;
	r = config_load_named(local_host_path(host), local_host_name(host), file, ret, &errors);
	if (r >= 0)
		return STATUS_OK;
	if (r == -EINVAL) {
		local_config_complain(&errors);
		return STATUS_CONFIG_INVALID;
	}
	complain("cannot load the configuration: %s", strerror(-r));
	return STATUS_FAILURE;
}

enum exit_status local_host_open(const char *root, struct local_host *ret)
{
	struct local_host host = {.name = root};
	_cleanup_free_ char *why = NULL;
	int r;

	if (!root) {
		*ret = host;
		return STATUS_OK;
	}
	signals_hold(&host.signals);
	r = capture_root_open(root, &host.root, &why);
	if (r < 0)
		complain("cannot open %s: %s", root, why ?: strerror(-r));
	host.holds_signals = r >= 0 && host.root.temporary;
	if (!host.holds_signals)
		signals_release(&host.signals);
	if (r < 0)
		return STATUS_FAILURE;
	*ret = host;
	return STATUS_OK;
}

void local_host_done(struct local_host *host)
{
	bool held = host->holds_signals;
	sigset_t signals = host->signals;

	facts_free(host->facts);
	capture_root_done(&host->root);
	*host = (struct local_host){};
	/* One that has come meanwhile ends the program here. */
	if (held)
		signals_release(&signals);
}

enum exit_status local_host_look(struct local_host *host)
{
	_cleanup_(sysfs_close) struct sysfs sysfs = {.root_fd = -EBADF};
	_cleanup_(observer_freep) struct observer *observer = NULL;
	const char *name = local_host_name(host);
	int r;

	r = sysfs_open(&sysfs, local_host_path(host), NULL, NULL);
	if (r < 0) {
		complain("cannot open %s: %s", name, strerror(-r));
		return STATUS_FAILURE;
	}
	r = observer_new(&sysfs, NULL, &observer);
	if (r >= 0)
		r = observe(observer, &host->facts);
	if (r == -ENOENT)
		complain("there is no host in %s: it has no sys/devices", name);
	else if (r < 0)
		complain("cannot look at the host in %s: %s", name, strerror(-r));
	return r < 0 ? STATUS_FAILURE : STATUS_OK;
}

static int add_text(struct json_object *array, const char *text)
{
	struct json_object *string = json_object_new_string(text);

	if (!string)
		return -ENOMEM;
	if (json_object_array_add(array, string) == 0)
		return 0;
	json_object_put(string);
	return -ENOMEM;
}

static int add_closed(struct json_object *array, const char *path)
{
	_cleanup_free_ char *text = NULL;

	if (asprintf(&text, "%s was closed to who captured the host", path) < 0) {
		text = NULL;
		return -ENOMEM;
	}
	return add_text(array, text);
}

struct json_object *local_host_problems(const struct local_host *host)
{
	_cleanup_json_ struct json_object *array = json_object_new_array();
	const struct strv *closed = &host->root.manifest.unreadable;

	if (!array)
		return NULL;
	for (size_t i = 0; i < host->facts->problems.n; i++)
		if (add_text(array, host->facts->problems.items[i]) < 0)
			return NULL;
	for (size_t i = 0; i < closed->n; i++)
		if (add_closed(array, closed->items[i]) < 0)
			return NULL;
	return TAKE_PTR(array);
}

/* A region that would be made of several memory devices is about each of them. */
static bool is_about(const struct device_plan *plan, const char *device)
{
	if (strcmp(plan->device, device) == 0)
		return true;
	for (size_t i = 0; i < plan->region.n_targets; i++)
		if (plan->purpose == PLAN_CREATE_REGION &&
		    strcmp(plan->region.targets[i].memdev, device) == 0)
			return true;
	return false;
}

static int append_plans(struct json_object *array, const struct device_plan *plans, size_t n,
			const char *device)
{
	for (size_t i = 0; i < n; i++) {
		struct json_object *object;

		if (device && !is_about(&plans[i], device))
			continue;
		object = device_plan_to_json(&plans[i]);
		if (!object)
			return -ENOMEM;
		if (json_object_array_add(array, object) < 0) {
			json_object_put(object);
			return -ENOMEM;
		}
	}
	return 0;
}

/* Of device, or of all for NULL. */
static struct json_object *plans_to_json(const struct plan *plan, const char *device)
{
	_cleanup_json_ struct json_object *array = json_object_new_array();

	if (!array || append_plans(array, plan->devices, plan->n_devices, device) < 0 ||
	    append_plans(array, plan->regions, plan->n_regions, device) < 0)
		return NULL;
	return TAKE_PTR(array);
}

enum exit_status local_host_plans(const struct local_host *host, const struct config *config,
				  const char *device, struct json_object **ret)
{
	_cleanup_(plan_freep) struct plan *plan = NULL;
	_cleanup_json_ struct json_object *plans = NULL;

	/* The time is compared with a history's retry times only, and there is no history. */
	if (policy_plan(host->facts, config, NULL, 0, &plan) < 0)
		return complain_oom();
	plans = plans_to_json(plan, device);
	if (!plans)
		return complain_oom();
	*ret = TAKE_PTR(plans);
	return STATUS_OK;
}

static enum exit_status make_document(const struct local_host *host, struct json_object *plans,
				      struct json_object **ret)
{
	_cleanup_json_ struct json_object *document = json_new_document();

	if (!document || json_put(document, "Source", json_object_new_string("local")) < 0 ||
	    json_put(document, "Problems", local_host_problems(host)) < 0 ||
	    json_put(document, "Plans", json_object_get(plans)) < 0)
		return complain_oom();
	*ret = TAKE_PTR(document);
	return STATUS_OK;
}

static enum exit_status no_such_device(const struct request *request)
{
	complain("there is no %s%s%s%s",
		 device_is_memdev(request->argument) ? "CXL memory device without a region called "
						     : "dax device ",
		 request->argument, request->root ? " in " : "", request->root ?: "");
	return STATUS_NO_DEVICE;
}

enum exit_status local_plan(const struct request *request, struct json_object **ret)
{
	_cleanup_(local_host_done) struct local_host host = {};
	_cleanup_(config_freep) struct config *config = NULL;
	_cleanup_json_ struct json_object *plans = NULL;
	enum exit_status status;

	status = local_host_open(request->root, &host);
	if (status == STATUS_OK)
		status = local_config(&host, request->config, &config);
	if (status == STATUS_OK)
		status = local_host_look(&host);
	if (status == STATUS_OK)
		status = local_host_plans(&host, config, request->argument, &plans);
	if (status != STATUS_OK)
		return status;
	if (request->argument && json_length(plans) == 0)
		return no_such_device(request);
	return make_document(&host, plans, ret);
}
