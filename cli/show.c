/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>

#include "cli/client.h"
#include "cli/device-name.h"
#include "cli/local-status.h"
#include "cli/view.h"
#include "variant/bus-name.h"
#include "variant/json-clean.h"

static enum exit_status no_such_device(struct client *client, struct json_object *devices,
				       const char *name)
{
	_cleanup_free_ char *text = NULL;
	_cleanup_fclose_ FILE *list = NULL;
	size_t size;

	list = open_memstream(&text, &size);
	if (!list)
		return complain_oom();
	for (size_t i = 0; i < json_length(devices); i++)
		fprintf(list, "%s%s", i ? ", " : "; there is ",
			get_text(json_object_array_get_idx(devices, i), "Name"));
	if (fflush(list) != 0)
		return complain_oom();
	complain("there is no dax device %s%s%s", name,
		 device_is_memdev(name)
			 ? ", for that is a CXL memory device, of which \"daxtierctl status\" tells"
			 : "",
		 text[0] ? text : ", nor any other");
	sd_bus_error_setf(&client->error, DAXTIER_ERROR_NO_SUCH_DEVICE, "There is no dax device %s",
			  name);
	return client_print_error(client, -ENODEV, STATUS_NO_DEVICE);
}

/* {"Version", "Device": …} */
static enum exit_status print_json(struct json_object *device, enum json_format format)
{
	_cleanup_json_ struct json_object *document = json_new_document();

	if (!document || json_put(document, "Device", json_object_get(device)) < 0)
		return complain_oom();
	json_print(document, format);
	return STATUS_OK;
}

static enum exit_status show(const struct request *request, struct client *client,
			     struct json_object *document)
{
	struct json_object *devices = get_array(document, "Devices"), *device;
	const char *name = device_name(request->argument);

	device = json_find(devices, "Name", name);
	if (!device)
		return no_such_device(client, devices, name);
	if (request->format != JSON_OFF)
		return print_json(device, request->format);
	if (json_clean(device) < 0)
		return complain_oom();
	view_device(stdout, &request->style, device);
	return STATUS_OK;
}

enum exit_status verb_show(const struct request *request)
{
	_cleanup_client_ struct client client = {.format = request->format};
	_cleanup_json_ struct json_object *document = NULL;
	enum exit_status status = STATUS_OK;
	int r;

	if (request->root) {
		status = local_status(request, &document);
	} else {
		r = client_open(&client, request);
		if (r >= 0)
			r = client_get_status(&client, &document);
		if (r < 0)
			return client_failed(&client, r);
	}
	return status == STATUS_OK ? show(request, &client, document) : status;
}
