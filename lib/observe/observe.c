/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "observe/observe.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "observe/competitor.h"
#include "observe/cxl-host.h"
#include "observe/device.h"
#include "observe/distance.h"
#include "observe/ghost.h"
#include "observe/host.h"
#include "observe/look.h"
#include "observe/node.h"
#include "sysfs/holder.h"

struct observer {
	struct sysfs *sysfs;
	struct observe_options options;
	struct distance_sources distances;
};

int observer_new(struct sysfs *sysfs, const struct observe_options *options, struct observer **ret)
{
	struct observer *observer;

	observer = calloc(1, sizeof(*observer));
	if (!observer)
		return -ENOMEM;
	observer->sysfs = sysfs;
	if (options)
		observer->options = *options;
	*ret = observer;
	return 0;
}

struct observer *observer_free(struct observer *observer)
{
	if (!observer)
		return NULL;
	distance_sources_done(&observer->distances);
	free(observer);
	return NULL;
}

static int devices_look(struct look *look, struct facts *facts)
{
	_cleanup_(strv_done) struct strv names = {};
	int r;

	r = look_list(look, &names, "sys/bus/dax/devices");
	if (r < 0 || names.n == 0)
		return r;
	facts->devices = calloc(names.n, sizeof(*facts->devices));
	if (!facts->devices)
		return -ENOMEM;
	for (size_t i = 0; i < names.n; i++) {
		r = device_look(look, facts, names.items[i], &facts->devices[facts->n_devices]);
		if (r == -ENODEV)
			continue;
		if (r < 0)
			return r;
		facts->n_devices++;
	}
	return 0;
}

static int ghosts_look(struct look *look, const struct observe_options *options,
		       struct facts *facts)
{
	const struct dax_device *device;
	int r = 0;

	if (!options->left)
		return 0;
	for (size_t i = 0; r == 0 && (device = options->left(i, options->userdata)); i++)
		r = ghost_look(look, device, facts);
	return r;
}

static bool wants_holders(const struct observe_options *options, const struct dax_device *device)
{
	if (!device->driver || strcmp(device->driver, "device_dax") != 0)
		return false;
	return !options->wants_holders || options->wants_holders(device, options->userdata);
}

/* Gives a query's answer to the device that it is about. */
static int holders_take(struct look *look, struct facts *facts, struct dax_holder_query *query)
{
	for (size_t i = 0; i < facts->n_devices; i++) {
		struct dax_device *device = &facts->devices[i];

		if (device->name != query->device)
			continue;
		device->holders = query->holders;
		device->n_holders = query->n;
	}
	return query->error < 0
		       ? look_failed(look, query->error, "who has /dev/%s open", query->device)
		       : 0;
}

static int holders_look(struct look *look, const struct observe_options *options,
			struct facts *facts)
{
	_cleanup_free_ struct dax_holder_query *queries = NULL;
	size_t n = 0;
	int r;

	queries = calloc(facts->n_devices ?: 1, sizeof(*queries));
	if (!queries)
		return -ENOMEM;
	for (size_t i = 0; i < facts->n_devices; i++)
		if (wants_holders(options, &facts->devices[i]))
			queries[n++].device = facts->devices[i].name;
	if (n == 0)
		return 0;
	r = dax_holders_read_all(look->sysfs, queries, n);
	if (r < 0)
		return look_failed(look, r, "who has dax devices open");
	for (size_t i = 0; i < n; i++) {
		int q = holders_take(look, facts, &queries[i]);

		r = r < 0 ? r : q;
	}
	return r;
}

/* A root without sysfs is a wrong path, or a container: facts about it would all be absences. */
static int check_root(struct sysfs *sysfs)
{
	int r;

	r = sysfs_exists(sysfs, "sys/devices");
	return r == 0 ? -ENOENT : r < 0 ? r : 0;
}

int observe(struct observer *observer, struct facts **ret)
{
	_cleanup_(facts_freep) struct facts *facts = NULL;
	_cleanup_free_ char *generation = NULL;
	bool nodes_complete;
	struct look look;
	int r;

	r = check_root(observer->sysfs);
	if (r < 0)
		return r;
	facts = calloc(1, sizeof(*facts));
	if (!facts)
		return -ENOMEM;
	look = (struct look){.sysfs = observer->sysfs, .problems = &facts->problems};
	r = host_look(&look, &facts->host);
	if (r < 0)
		return r;
	if (observer->options.wants_competitors &&
	    observer->options.wants_competitors(observer->options.userdata))
		r = competitors_look(&look, &facts->host);
	if (r < 0)
		return r;
	r = nodes_look(&look, facts, &generation, &nodes_complete);
	if (r < 0)
		return r;
	r = devices_look(&look, facts);
	if (r < 0)
		return r;
	for (size_t i = 0; i < facts->n_devices; i++) {
		struct dax_device *device = &facts->devices[i];

		if (!nodes_complete)
			device->unknown |= 1U << DEVICE_FACT_INITIATOR_NODE;
		r = distance_look(&look, &observer->distances, facts, generation, device);
		if (r < 0)
			return r;
	}
	r = ghosts_look(&look, &observer->options, facts);
	if (r < 0)
		return r;
	r = cxl_host_look(&look, &facts->cxl);
	if (r < 0)
		return r;
	r = holders_look(&look, &observer->options, facts);
	if (r < 0)
		return r;
	*ret = TAKE_PTR(facts);
	return 0;
}
