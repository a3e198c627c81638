/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bus/bus-properties.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/errno-util.h"
#include "base/format.h"

/* Serials and n_serials of struct device_status, as the property "at" finds them. */
struct u64_array {
	uint64_t *items;
	size_t n;
};
_Static_assert(offsetof(struct device_status, n_serials) ==
		       offsetof(struct device_status, serials) + offsetof(struct u64_array, n),
	       "the count of serials stands right behind them");

/* nodes and n_nodes of struct host_status, as the property "aa{sv}" finds them. */
struct node_array {
	struct node_status *items;
	size_t n;
};
_Static_assert(offsetof(struct host_status, n_nodes) ==
		       offsetof(struct host_status, nodes) + offsetof(struct node_array, n),
	       "the count of nodes stands right behind them");

/* memdevs and n_memdevs of struct host_status, likewise. */
struct memdev_array {
	struct memdev_status *items;
	size_t n;
};
_Static_assert(offsetof(struct host_status, n_memdevs) ==
		       offsetof(struct host_status, memdevs) + offsetof(struct memdev_array, n),
	       "the count of memdevs stands right behind them");

int bus_get_bool(sd_bus *bus, const char *path, const char *interface, const char *property,
		 sd_bus_message *reply, void *userdata, sd_bus_error *ret_error)
{
	/* A D-Bus boolean is an int to sd-bus, which would read beyond our one byte. */
	return sd_bus_message_append(reply, "b", (int)*(const bool *)userdata);
}

int bus_get_u64_array(sd_bus *bus, const char *path, const char *interface, const char *property,
		      sd_bus_message *reply, void *userdata, sd_bus_error *ret_error)
{
	const struct u64_array *array = userdata;

	return sd_bus_message_append_array(reply, 't', array->items,
					   array->n * sizeof(*array->items));
}

static int append_node(sd_bus_message *reply, const struct node_status *node)
{
	return sd_bus_message_append(reply, "a{sv}", 6, "Node", "i", node->id, "HasCpu", "b",
				     (int)node->has_cpu, "Total", "t", node->total, "Movable", "t",
				     node->movable, "Kernel", "t", node->kernel, "Tier", "i",
				     node->tier);
}

int bus_get_nodes(sd_bus *bus, const char *path, const char *interface, const char *property,
		  sd_bus_message *reply, void *userdata, sd_bus_error *ret_error)
{
	const struct node_array *array = userdata;
	int r;

	r = sd_bus_message_open_container(reply, 'a', "a{sv}");
	for (size_t i = 0; i < array->n && r >= 0; i++)
		r = append_node(reply, &array->items[i]);
	return r < 0 ? r : sd_bus_message_close_container(reply);
}

static int append_memdev(sd_bus_message *reply, const struct memdev_status *memdev)
{
	return sd_bus_message_append(
		reply, "a{sv}", 8, "Name", "s", memdev->name, "Serial", "t", memdev->serial, "Ram",
		"t", memdev->ram, "Pmem", "t", memdev->pmem, "Region", "s", memdev->region, "Holds",
		"s", memdev->holds, "State", "s", memdev->state, "Reason", "s", memdev->reason);
}

int bus_get_memdevs(sd_bus *bus, const char *path, const char *interface, const char *property,
		    sd_bus_message *reply, void *userdata, sd_bus_error *ret_error)
{
	const struct memdev_array *array = userdata;
	int r;

	r = sd_bus_message_open_container(reply, 'a', "a{sv}");
	for (size_t i = 0; i < array->n && r >= 0; i++)
		r = append_memdev(reply, &array->items[i]);
	return r < 0 ? r : sd_bus_message_close_container(reply);
}

static int append_failure(sd_bus_message *reply, const struct step_failure *failure)
{
	return sd_bus_message_append(reply, "a{sv}", 3, "Step", "s",
				     step_kind_to_string(failure->step), "Error", "s",
				     errno_name(failure->error), "Count", "t", failure->count);
}

int bus_get_failures(sd_bus *bus, const char *path, const char *interface, const char *property,
		     sd_bus_message *reply, void *userdata, sd_bus_error *ret_error)
{
	const struct step_failures *failures = userdata;
	int r;

	r = sd_bus_message_open_container(reply, 'a', "a{sv}");
	for (size_t i = 0; i < failures->n && r >= 0; i++)
		r = append_failure(reply, &failures->items[i]);
	return r < 0 ? r : sd_bus_message_close_container(reply);
}

static const char *text_or_empty(const char *s)
{
	return s ?: "";
}

static bool strv_equal(const struct strv *a, const struct strv *b)
{
	if (a->n != b->n)
		return false;
	for (size_t i = 0; i < a->n; i++)
		if (strcmp(a->items[i], b->items[i]) != 0)
			return false;
	return true;
}

static bool u64_array_equal(const struct u64_array *a, const struct u64_array *b)
{
	return a->n == b->n &&
	       (a->n == 0 || memcmp(a->items, b->items, a->n * sizeof(*a->items)) == 0);
}

static bool node_array_equal(const struct node_array *a, const struct node_array *b)
{
	if (a->n != b->n)
		return false;
	for (size_t i = 0; i < a->n; i++) {
		const struct node_status *x = &a->items[i], *y = &b->items[i];

		if (x->id != y->id || x->has_cpu != y->has_cpu || x->total != y->total ||
		    x->movable != y->movable || x->kernel != y->kernel || x->tier != y->tier)
			return false;
	}
	return true;
}

static bool memdev_array_equal(const struct memdev_array *a, const struct memdev_array *b)
{
	if (a->n != b->n)
		return false;
	for (size_t i = 0; i < a->n; i++) {
		const struct memdev_status *x = &a->items[i], *y = &b->items[i];

		if (strcmp(x->name, y->name) != 0 || x->serial != y->serial || x->ram != y->ram ||
		    x->pmem != y->pmem || strcmp(x->region, y->region) != 0 ||
		    strcmp(x->holds, y->holds) != 0 || strcmp(x->state, y->state) != 0 ||
		    strcmp(x->reason, y->reason) != 0)
			return false;
	}
	return true;
}

static bool failures_equal(const struct step_failures *a, const struct step_failures *b)
{
	if (a->n != b->n)
		return false;
	for (size_t i = 0; i < a->n; i++) {
		const struct step_failure *x = &a->items[i], *y = &b->items[i];

		if (x->step != y->step || x->error != y->error || x->count != y->count)
			return false;
	}
	return true;
}

static bool value_equal(const sd_bus_vtable *v, const void *a, const void *b)
{
	const char *signature = v->x.property.signature;

	if (strcmp(signature, "as") == 0)
		return strv_equal(a, b);
	if (strcmp(signature, "at") == 0)
		return u64_array_equal(a, b);
	if (v->x.property.get == bus_get_memdevs)
		return memdev_array_equal(a, b);
	if (v->x.property.get == bus_get_failures)
		return failures_equal(a, b);
	if (strcmp(signature, "aa{sv}") == 0)
		return node_array_equal(a, b);

	switch (signature[0]) {
	case 's':
		return strcmp(text_or_empty(*(char *const *)a), text_or_empty(*(char *const *)b)) ==
		       0;
	case 'b':
		return *(const bool *)a == *(const bool *)b;
	case 'i':
		return *(const int *)a == *(const int *)b;
	case 'u':
		return *(const unsigned *)a == *(const unsigned *)b;
	case 't':
		return *(const uint64_t *)a == *(const uint64_t *)b;
	}
	assert(!"a property has a signature that cannot be compared");
	return false;
}

int bus_properties_diff(const sd_bus_vtable *vtable, const void *before, const void *after,
			struct bus_changes *changes)
{
	for (const sd_bus_vtable *v = vtable; v->type != _SD_BUS_VTABLE_END; v++) {
		const char *a, *b;
		int r;

		if (v->type != _SD_BUS_VTABLE_PROPERTY)
			continue;
		a = (const char *)before + v->x.property.offset;
		b = (const char *)after + v->x.property.offset;
		if (value_equal(v, a, b))
			continue;
		if (v->flags & SD_BUS_VTABLE_PROPERTY_CONST) {
			changes->identity = true;
			continue;
		}
		r = strv_add(&changes->names, v->x.property.member);
		if (r < 0)
			return r;
	}
	return 0;
}

static int clean_text(char **text)
{
	char *clean;

	if (!*text)
		return 0;
	clean = text_clean(*text);
	if (!clean)
		return -ENOMEM;
	free(*text);
	*text = clean;
	return 0;
}

static int clean_memdevs(struct memdev_array *array)
{
	for (size_t i = 0; i < array->n; i++) {
		struct memdev_status *memdev = &array->items[i];

		if (clean_text(&memdev->name) < 0 || clean_text(&memdev->region) < 0 ||
		    clean_text(&memdev->holds) < 0 || clean_text(&memdev->state) < 0 ||
		    clean_text(&memdev->reason) < 0)
			return -ENOMEM;
	}
	return 0;
}

int bus_properties_clean(const sd_bus_vtable *vtable, void *status)
{
	int r = 0;

	for (const sd_bus_vtable *v = vtable; v->type != _SD_BUS_VTABLE_END && r >= 0; v++) {
		void *field;

		if (v->type != _SD_BUS_VTABLE_PROPERTY)
			continue;
		field = (char *)status + v->x.property.offset;
		if (strcmp(v->x.property.signature, "s") == 0) {
			r = clean_text(field);
		} else if (strcmp(v->x.property.signature, "as") == 0) {
			struct strv *list = field;

			for (size_t i = 0; i < list->n && r >= 0; i++)
				r = clean_text(&list->items[i]);
		} else if (v->x.property.get == bus_get_memdevs) {
			r = clean_memdevs(field);
		}
	}
	return r;
}
