/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "status-fill.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/errno-util.h"
#include "base/strv.h"
#include "bus/bus-properties.h"
#include "model/status.h"

static struct json_object *expect(struct json_object *value, enum json_type type)
{
	if (value && !json_object_is_type(value, type))
		abort();
	return value;
}

static void fill_strv(struct strv *list, struct json_object *array)
{
	for (size_t i = 0; array && i < json_object_array_length(array); i++)
		if (strv_add(list, json_object_get_string(json_object_array_get_idx(array, i))) < 0)
			abort();
}

static void fill_serials(struct device_status *status, struct json_object *array)
{
	size_t n = array ? json_object_array_length(array) : 0;

	status->serials = calloc(n + 1, sizeof(*status->serials));
	if (!status->serials)
		abort();
	for (size_t i = 0; i < n; i++)
		status->serials[i] = json_object_get_uint64(json_object_array_get_idx(array, i));
	status->n_serials = n;
}

static void fill_nodes(struct host_status *status, struct json_object *array)
{
	size_t n = array ? json_object_array_length(array) : 0;

	status->nodes = calloc(n + 1, sizeof(*status->nodes));
	if (!status->nodes)
		abort();
	for (size_t i = 0; i < n; i++) {
		struct json_object *node = json_object_array_get_idx(array, i);

		status->nodes[i] = (struct node_status){
			.id = json_object_get_int(json_object_object_get(node, "Node")),
			.has_cpu = json_object_get_boolean(json_object_object_get(node, "HasCpu")),
			.total = json_object_get_uint64(json_object_object_get(node, "Total")),
			.movable = json_object_get_uint64(json_object_object_get(node, "Movable")),
			.kernel = json_object_get_uint64(json_object_object_get(node, "Kernel")),
			.tier = json_object_get_int(json_object_object_get(node, "Tier")),
		};
	}
	status->n_nodes = n;
}

static char *member_text(struct json_object *object, const char *key)
{
	struct json_object *value = json_object_object_get(object, key);
	char *text = strdup(value ? json_object_get_string(value) : "");

	if (!text)
		abort();
	return text;
}

static void fill_memdevs(struct host_status *status, struct json_object *array)
{
	size_t n = array ? json_object_array_length(array) : 0;

	status->memdevs = calloc(n + 1, sizeof(*status->memdevs));
	if (!status->memdevs)
		abort();
	for (size_t i = 0; i < n; i++) {
		struct json_object *memdev = json_object_array_get_idx(array, i);

		status->memdevs[i] = (struct memdev_status){
			.name = member_text(memdev, "Name"),
			.serial = json_object_get_uint64(json_object_object_get(memdev, "Serial")),
			.ram = json_object_get_uint64(json_object_object_get(memdev, "Ram")),
			.pmem = json_object_get_uint64(json_object_object_get(memdev, "Pmem")),
			.region = member_text(memdev, "Region"),
			.holds = member_text(memdev, "Holds"),
			.state = member_text(memdev, "State"),
			.reason = member_text(memdev, "Reason"),
		};
	}
	status->n_memdevs = n;
}

static void fill_failures(struct host_status *status, struct json_object *array)
{
	for (size_t i = 0; array && i < json_object_array_length(array); i++) {
		struct json_object *failure = json_object_array_get_idx(array, i);
		_cleanup_free_ char *step = member_text(failure, "Step");
		_cleanup_free_ char *error = member_text(failure, "Error");
		uint64_t count = json_object_get_uint64(json_object_object_get(failure, "Count"));

		for (uint64_t n = 0; n < count; n++)
			if (step_failures_add(&status->failures,
					      (enum step_kind)step_kind_from_string(step),
					      errno_from_name(error)) < 0)
				abort();
	}
}

static void fill_basic(const char *signature, struct json_object *value, void *field)
{
	switch (signature[0]) {
	case 's':
		*(char **)field = strdup(
			value ? json_object_get_string(expect(value, json_type_string)) : "");
		if (!*(char **)field)
			abort();
		return;
	case 'b':
		*(bool *)field = json_object_get_boolean(expect(value, json_type_boolean));
		return;
	case 'i':
		*(int *)field = json_object_get_int(expect(value, json_type_int));
		return;
	case 'u':
		*(unsigned *)field = (unsigned)json_object_get_int64(expect(value, json_type_int));
		return;
	case 't':
		*(uint64_t *)field = json_object_get_uint64(expect(value, json_type_int));
		return;
	}
	abort();
}

void status_fill(const sd_bus_vtable *vtable, struct json_object *object, void *status)
{
	for (const sd_bus_vtable *v = vtable; v->type != _SD_BUS_VTABLE_END; v++) {
		const char *signature;
		struct json_object *value;
		void *field;

		if (v->type != _SD_BUS_VTABLE_PROPERTY)
			continue;
		signature = v->x.property.signature;
		field = (char *)status + v->x.property.offset;
		value = json_object_object_get(object, v->x.property.member);
		if (strcmp(signature, "as") == 0)
			fill_strv(field, expect(value, json_type_array));
		else if (strcmp(signature, "at") == 0)
			fill_serials(status, expect(value, json_type_array));
		else if (v->x.property.get == bus_get_memdevs)
			fill_memdevs(status, expect(value, json_type_array));
		else if (v->x.property.get == bus_get_failures)
			fill_failures(status, expect(value, json_type_array));
		else if (strcmp(signature, "aa{sv}") == 0)
			fill_nodes(status, expect(value, json_type_array));
		else
			fill_basic(signature, value, field);
	}
}
