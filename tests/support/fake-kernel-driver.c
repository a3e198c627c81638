/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Drivers of the dax bus: which device matches, and what binding does. */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "fake-kernel-model.h"

#define DRIVERS "sys/bus/dax/drivers"

static const char *const drivers[] = {"device_dax", "kmem"};
#define N_DRIVERS (sizeof(drivers) / sizeof(drivers[0]))

static int driver_is_there(const char *root, const char *driver)
{
	char *path = fk_path(DRIVERS "/%s", driver);
	int there = tree_has(root, path);

	free(path);
	return there;
}

char *fk_driver_of(const char *root, const struct fk_device *device)
{
	for (size_t i = 0; i < N_DRIVERS; i++) {
		char *path = fk_path(DRIVERS "/%s/%s", drivers[i], device->name);
		int bound = tree_has(root, path);

		free(path);
		if (bound)
			return fk_path("%s", drivers[i]);
	}
	return NULL;
}

static char *id_path(const char *driver, const char *device)
{
	return fk_path(FK_STATE "/ids/%s/%s", driver, device);
}

/* dax_bus_match() in drivers/dax/bus.c: by type, or by name on the driver's list. */
static int matches(const char *root, const char *driver, const struct fk_device *device)
{
	char *id = id_path(driver, device->name);
	int listed = tree_has(root, id), is_kmem = strcmp(driver, "kmem") == 0;

	free(id);
	if (!driver_is_there(root, driver))
		return 0;
	if (listed)
		return 1;
	if (fk_host_flag(root, "match_always"))
		return !is_kmem;
	return is_kmem == device->kmem_type;
}

/* From a directory at path up to the root: one step for each component. */
static char *to_top(const char *path)
{
	char *up = fk_path("../"), *longer;

	for (const char *p = strchr(path, '/'); p; p = strchr(p + 1, '/')) {
		longer = fk_path("%s../", up);
		free(up);
		up = longer;
	}
	return up;
}

static void link_driver(const char *root, const char *driver, const struct fk_device *device)
{
	char *up = to_top(device->path), *path, *target;

	path = fk_path("%s/driver", device->path);
	target = fk_path("%s" DRIVERS "/%s", up, driver);
	tree_link(root, path, target);
	free(path);
	free(target);
	path = fk_path(DRIVERS "/%s/%s", driver, device->name);
	target = fk_path("../../../../../%s", device->path);
	tree_link(root, path, target);
	free(path);
	free(target);
	free(up);
}

static void unlink_driver(const char *root, const char *driver, const struct fk_device *device)
{
	char *path = fk_path("%s/driver", device->path);

	tree_delete(root, path);
	free(path);
	path = fk_path(DRIVERS "/%s/%s", driver, device->name);
	tree_delete(root, path);
	free(path);
}

static int probe_kmem(const char *root, const struct fk_device *device)
{
	char *how = fk_get(root, FK_MEMORY "/auto_online_blocks"), *path;
	int r = fk_plug(root, device, how);

	if (r == 0 && fk_host_flag(root, "has_state")) {
		path = fk_path("%s/state", device->path);
		tree_putf(root, path, "%s\n", how);
		free(path);
	}
	free(how);
	return r;
}

/* __driver_probe_device() */
static int probe(const char *root, const char *driver, const struct fk_device *device)
{
	char *bound = fk_driver_of(root, device);
	int r = 0;

	if (bound) {
		free(bound);
		return -EBUSY;
	}
	if (strcmp(driver, "kmem") == 0)
		r = probe_kmem(root, device);
	if (r == 0)
		link_driver(root, driver, device);
	return r;
}

/* device_attach(): the first driver that matches and probes; nobody hears of a failure. */
void fk_attach(const char *root, const struct fk_device *device)
{
	for (size_t i = 0; i < N_DRIVERS; i++)
		if (matches(root, drivers[i], device) && probe(root, drivers[i], device) == 0)
			return;
}

void fk_detach(const char *root, const struct fk_device *device)
{
	char *driver = fk_driver_of(root, device), *path;

	if (!driver)
		return;
	unlink_driver(root, driver, device);
	if (strcmp(driver, "kmem") == 0) {
		path = fk_path("%s/state", device->path);
		tree_delete(root, path);
		free(path);
		fk_unplug(root, device);
	}
	free(driver);
}

/* driver_attach(): every device without a driver that matches; failures are not reported. */
static void attach_all(const char *root, const char *driver)
{
	char *path = fk_path("%s/" FK_STATE "/devices", root);
	struct dirent **entries;
	struct fk_device device;
	int n = scandir(path, &entries, NULL, alphasort);

	for (int i = 0; i < n; i++) {
		if (entries[i]->d_name[0] != '.' &&
		    fk_device_load(root, entries[i]->d_name, &device) == 0 &&
		    matches(root, driver, &device))
			probe(root, driver, &device);
		free(entries[i]);
	}
	if (n >= 0)
		free(entries);
	free(path);
}

static void copy_name(const char *value, char name[static 32])
{
	snprintf(name, 32, "%.*s", (int)strcspn(value, "\n"), value);
}

static int store_bind(const char *root, const char *driver, const char *value)
{
	struct fk_device device;
	char name[32];

	copy_name(value, name);
	if (fk_device_load(root, name, &device) < 0 || !matches(root, driver, &device))
		return -ENODEV;
	return probe(root, driver, &device);
}

static int store_unbind(const char *root, const char *driver, const char *value)
{
	struct fk_device device;
	char name[32], *bound;
	int r = -ENODEV;

	copy_name(value, name);
	if (fk_device_load(root, name, &device) < 0)
		return -ENODEV;
	bound = fk_driver_of(root, &device);
	if (bound && strcmp(bound, driver) == 0) {
		fk_detach(root, &device);
		r = 0;
	}
	free(bound);
	return r;
}

/* do_id_store() in drivers/dax/bus.c; taking off what is not on the list is fine. */
static int store_id(const char *root, const char *driver, const char *attribute, const char *value)
{
	unsigned region, id;
	char name[32], *path;

	copy_name(value, name);
	if (sscanf(name, "dax%u.%u", &region, &id) != 2)
		return -EINVAL;
	path = id_path(driver, name);
	if (strcmp(attribute, "new_id") == 0) {
		tree_put(root, path, "");
		attach_all(root, driver);
	} else {
		tree_delete(root, path);
	}
	free(path);
	return 0;
}

int fk_store_driver(const char *root, const char *driver, const char *attribute, const char *value)
{
	if (strcmp(attribute, "bind") == 0)
		return store_bind(root, driver, value);
	if (strcmp(attribute, "unbind") == 0)
		return store_unbind(root, driver, value);
	return store_id(root, driver, attribute, value);
}

int fk_store_drivers_probe(const char *root, const char *value)
{
	struct fk_device device;
	char name[32], *bound;

	copy_name(value, name);
	if (fk_device_load(root, name, &device) < 0)
		return -ENODEV;
	bound = fk_driver_of(root, &device);
	if (!bound)
		fk_attach(root, &device);
	free(bound);
	return 0;
}

void fk_driver_register(const char *root, const char *driver)
{
	static const char *const attributes[] = {"bind", "unbind", "new_id", "remove_id"};
	char *autoprobe;

	for (size_t i = 0; i < sizeof(attributes) / sizeof(attributes[0]); i++) {
		char *path = fk_path(DRIVERS "/%s/%s", driver, attributes[i]);

		tree_put(root, path, "");
		free(path);
	}
	autoprobe = fk_get(root, "sys/bus/dax/drivers_autoprobe");
	if (strcmp(autoprobe, "1") == 0)
		attach_all(root, driver);
	free(autoprobe);
}
