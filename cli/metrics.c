/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/metrics.h"

#include <errno.h>
#include <string.h>

#include "cli/client.h"
#include "cli/replace-file.h"
#include "observe/vmstat.h"
#include "variant/json-clean.h"

static int add_vmstat(struct json_object *document)
{
	_cleanup_(sysfs_close) struct sysfs sysfs = {.root_fd = -EBADF};
	_cleanup_json_ struct json_object *counters = json_object_new_object();
	struct vmstat vmstat;
	int r;

	if (!counters)
		return -ENOMEM;
	r = sysfs_open(&sysfs, "/", NULL, NULL);
	if (r >= 0)
		r = vmstat_read(&sysfs, &vmstat);
	if (r < 0)
		return r;
	for (int i = 0; i < VMSTAT_MAX; i++)
		if (vmstat.known[i] &&
		    json_put(counters, vmstat_counter_name((enum vmstat_counter)i),
			     json_object_new_uint64(vmstat.pages[i])) < 0)
			return -ENOMEM;
	return json_put(document, "Vmstat", TAKE_PTR(counters));
}

/*
 * Without the daemon there still is a document, which says so: a file that stays as it was would
 * show devices as online that may be so no longer.
 */
static enum exit_status gather(const struct request *request, struct json_object **ret)
{
	_cleanup_client_ struct client client = {};
	_cleanup_json_ struct json_object *document = NULL;
	enum exit_status status = STATUS_OK;
	int r;

	r = client_open(&client, request);
	if (r >= 0)
		r = client_get_status(&client, &document);
	if (r < 0) {
		status = client_failed(&client, r);
		if (status != STATUS_UNREACHABLE)
			return status;
		document = json_new_document();
	}
	if (!document || json_clean(document) < 0)
		return complain_oom();
	r = add_vmstat(document);
	if (r < 0) {
		complain("cannot read /proc/vmstat: %s", strerror(-r));
		return STATUS_FAILURE;
	}
	*ret = TAKE_PTR(document);
	return status;
}

static enum exit_status replace(const struct request *request, struct json_object *document)
{
	_cleanup_(replacement_done) struct replacement replacement = {};
	int r;

	r = replacement_open(&replacement, request->output);
	if (r >= 0) {
		metrics_print(replacement.f, request->metric_format, document);
		r = replacement_commit(&replacement);
	}
	if (r >= 0)
		return STATUS_OK;
	complain("cannot write %s: %s", request->output, strerror(-r));
	return STATUS_FAILURE;
}

enum exit_status verb_metrics(const struct request *request)
{
	_cleanup_json_ struct json_object *document = NULL;
	enum exit_status status = gather(request, &document);

	if (!document)
		return status;
	if (!request->output)
		metrics_print(stdout, request->metric_format, document);
	else if (replace(request, document) != STATUS_OK)
		return STATUS_FAILURE;
	return status;
}
