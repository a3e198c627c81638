/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "released.h"

#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "policy/policy.h"
#include "state-file.h"

#define FILE_NAME "released"

DEFINE_CLEANUP(struct json_object *, json_object_put);

/* What decides whether a region is made of a memdev. Owned by the caller; NULL: out of memory. */
static char *regions_fingerprint(const struct config *config)
{
	char *text = NULL;
	size_t size;
	FILE *f;

	f = open_memstream(&text, &size);
	if (!f)
		return NULL;
	fprintf(f, "create=%d ways=%u granularity=%llu", config->create_regions,
		config->interleave_ways, (unsigned long long)config->interleave_granularity);
	for (size_t i = 0; i < config->regions_only.n; i++)
		fprintf(f, " only=%llu", (unsigned long long)config->regions_only.items[i]);
	for (size_t i = 0; i < config->regions_never.n; i++)
		fprintf(f, " never=%llu", (unsigned long long)config->regions_never.items[i]);
	if (fclose(f) == 0) /* which may move the text a last time */
		return text;
	free(text);
	return NULL;
}

static char *device_fingerprint(const struct config *config, const struct dax_device *device)
{
	return rule_fingerprint(policy_match(config, device));
}

static int device_to_json(const struct dax_device *device, const struct config *config,
			  struct json_object **ret)
{
	_cleanup_(json_object_putp) struct json_object *object = json_object_new_object();
	_cleanup_free_ char *rule = device_fingerprint(config, device);

	if (!object || !rule ||
	    state_add(object, "Device", json_object_new_string(device->name)) < 0 ||
	    state_add(object, "Path", json_object_new_string(device->path ?: "")) < 0 ||
	    state_add(object, "Size", json_object_new_uint64(device->size)) < 0 ||
	    state_add_numbers(object, "Serials", device->serials, device->n_serials) < 0 ||
	    state_add(object, "Rule", json_object_new_string(rule)) < 0)
		return -ENOMEM;
	*ret = TAKE_PTR(object);
	return 0;
}

static int memdev_to_json(const struct cxl_memdev *memdev, const struct config *config,
			  struct json_object **ret)
{
	_cleanup_(json_object_putp) struct json_object *object = json_object_new_object();
	_cleanup_free_ char *rule = regions_fingerprint(config);

	if (!object || !rule ||
	    state_add(object, "Memdev", json_object_new_string(memdev->name)) < 0 ||
	    state_add(object, "Serial", json_object_new_uint64(memdev->serial)) < 0 ||
	    state_add(object, "Rule", json_object_new_string(rule)) < 0)
		return -ENOMEM;
	*ret = TAKE_PTR(object);
	return 0;
}

static bool is_released(const struct history *history, const char *name)
{
	const struct device_history *own = history_find(history, name);

	return own && own->released;
}

static int add_since(struct json_object *object, const struct history *history, const char *name)
{
	return state_add(object, "Since",
			 json_object_new_uint64(history_find(history, name)->released_usec));
}

static int append(struct json_object *list, struct json_object *object)
{
	if (json_object_array_add(list, object) == 0)
		return 0;
	json_object_put(object);
	return -ENOMEM;
}

struct json_object *released_to_json(const struct facts *facts, const struct config *config,
				     const struct history *history)
{
	_cleanup_(json_object_putp) struct json_object *list = json_object_new_array();
	struct json_object *object;

	if (!list)
		return NULL;
	for (size_t i = 0; i < facts->n_devices; i++)
		if (is_released(history, facts->devices[i].name) &&
		    (device_to_json(&facts->devices[i], config, &object) < 0 ||
		     append(list, object) < 0))
			return NULL;
	for (size_t i = 0; i < facts->cxl.n_memdevs; i++)
		if (is_released(history, facts->cxl.memdevs[i].name) &&
		    (memdev_to_json(&facts->cxl.memdevs[i], config, &object) < 0 ||
		     append(list, object) < 0 ||
		     add_since(object, history, facts->cxl.memdevs[i].name) < 0))
			return NULL;
	return TAKE_PTR(list);
}

/* 1, 0; takes over object. */
static int list_has(struct json_object *list, struct json_object *object)
{
	int found = 0;

	for (size_t i = 0; i < json_object_array_length(list) && !found; i++)
		found = json_object_equal(json_object_array_get_idx(list, i), object);
	json_object_put(object);
	return found;
}

int released_has_device(struct json_object *list, const struct config *config,
			const struct dax_device *device)
{
	struct json_object *object;
	int r;

	if (json_object_array_length(list) == 0)
		return 0;
	r = device_to_json(device, config, &object);
	return r < 0 ? r : list_has(list, object);
}

int released_has_memdev(struct json_object *list, const struct config *config,
			const struct cxl_memdev *memdev, uint64_t *ret_usec)
{
	int found = 0;

	for (size_t i = 0; i < json_object_array_length(list) && !found; i++) {
		struct json_object *entry = json_object_array_get_idx(list, i), *object, *since;
		int r;

		if (!json_object_object_get_ex(entry, "Since", &since))
			continue;
		r = memdev_to_json(memdev, config, &object);
		if (r < 0)
			return r;
		r = json_object_object_add(object, "Since", json_object_get(since));
		found = r == 0 && json_object_equal(entry, object);
		json_object_put(object);
		if (r < 0)
			return -ENOMEM;
		if (found)
			*ret_usec = json_object_get_uint64(since);
	}
	return found;
}

/* Takes over both texts. 1: they differ. */
static int differ(char *a, char *b)
{
	_cleanup_free_ char *before = a, *now = b;

	if (!before || !now)
		return -ENOMEM;
	return strcmp(before, now) != 0;
}

static int revise(struct history *history, const char *name, int changed)
{
	if (changed > 0)
		history_get(history, name)->released = false; /* it is there: nothing is made */
	return changed < 0 ? changed : 0;
}

int released_revise(const struct facts *facts, const struct config *before,
		    const struct config *now, struct history *history)
{
	int r = 0;

	for (size_t i = 0; i < facts->n_devices && r == 0; i++) {
		const struct dax_device *device = &facts->devices[i];

		if (is_released(history, device->name))
			r = revise(history, device->name,
				   differ(device_fingerprint(before, device),
					  device_fingerprint(now, device)));
	}
	for (size_t i = 0; i < facts->cxl.n_memdevs && r == 0; i++) {
		const char *name = facts->cxl.memdevs[i].name;

		if (is_released(history, name))
			r = revise(history, name,
				   differ(regions_fingerprint(before), regions_fingerprint(now)));
	}
	return r;
}

int released_read(const char *run_dir, struct json_object **ret)
{
	return state_file_read(run_dir, FILE_NAME, ret);
}

int released_write(const char *run_dir, struct json_object *list)
{
	return state_file_write(run_dir, FILE_NAME, list);
}
