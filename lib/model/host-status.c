/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/format.h"
#include "model/status.h"

static int set(char **field, const char *s)
{
	*field = strdup(s ? s : "");
	return *field ? 0 : -ENOMEM;
}

static bool any_device_has_knob(const struct facts *facts)
{
	for (size_t i = 0; i < facts->n_devices; i++)
		if (facts->devices[i].knob != MEMMAP_KNOB_ABSENT)
			return true;
	return false;
}

/* value * basis_points / 10000 without the product, which could wrap on a very large host. */
static uint64_t share_of(uint64_t value, unsigned basis_points)
{
	return value / 10000 * basis_points + value % 10000 * basis_points / 10000;
}

static int make_texts(const struct facts *facts, const struct config *config, const char *version,
		      const struct strv *config_errors, struct host_status *status)
{
	const struct host *host = &facts->host;

	if (set(&status->version, version) < 0 ||
	    set(&status->kernel_release, host->kernel_release) < 0 ||
	    set(&status->memmap_param, memmap_param_to_string(host->memmap_param)) < 0 ||
	    set(&status->auto_online, online_policy_to_string(host->auto_online)) < 0)
		return -ENOMEM;
	if (strv_copy(&status->config_files, &config->files) < 0 ||
	    (config_errors && strv_copy(&status->config_errors, config_errors) < 0) ||
	    strv_copy(&status->problems, &facts->problems) < 0)
		return -ENOMEM;
	return 0;
}

static int make_nodes(const struct facts *facts, struct host_status *status)
{
	if (facts->n_nodes == 0)
		return 0;
	status->nodes = calloc(facts->n_nodes, sizeof(*status->nodes));
	if (!status->nodes)
		return -ENOMEM;
	for (size_t i = 0; i < facts->n_nodes; i++) {
		const struct numa_node *node = &facts->nodes[i];

		status->nodes[i] = (struct node_status){
			.id = node->id,
			.has_cpu = node->has_cpu,
			.total = node->total,
			.movable = node->movable,
			.kernel = node->kernel,
			.tier = node->tier,
		};
	}
	status->n_nodes = facts->n_nodes;
	return 0;
}

/* The region that one of its decoders is a target of; NULL: none. */
static const char *region_of(const struct cxl_memdev *memdev)
{
	for (size_t i = 0; i < memdev->n_decoders; i++)
		if (memdev->decoders[i].region)
			return memdev->decoders[i].region;
	return NULL;
}

static void print_held(FILE *f, const struct cxl_endpoint_decoder *decoder)
{
	char size[FORMAT_SIZE_MAX];

	if (decoder->region)
		fprintf(f, "%s (%s)", decoder->region, decoder->name);
	else
		fprintf(f, "%s in no region (%s)", format_size(decoder->dpa_size, size),
			decoder->name);
}

static int make_holds(const struct cxl_memdev *memdev, char **ret)
{
	_cleanup_free_ char *text = NULL; /* before f, whose closing still writes to it */
	_cleanup_fclose_ FILE *f = NULL;
	size_t size;

	f = open_memstream(&text, &size);
	if (!f)
		return -ENOMEM;
	for (size_t i = 0; i < memdev->n_decoders; i++) {
		const struct cxl_endpoint_decoder *decoder = &memdev->decoders[i];

		if (decoder->dpa_size == 0 && !decoder->region)
			continue;
		if (ftell(f) > 0)
			fprintf(f, ", ");
		print_held(f, decoder);
	}
	if (memdev->incomplete || memdev->n_decoders == 0)
		fprintf(f, "%swhat could not be read", ftell(f) > 0 ? ", " : "");
	if (fflush(f) != 0)
		return -ENOMEM;
	return set(ret, text);
}

static bool plan_takes(const struct device_plan *plan, const char *memdev)
{
	if (strcmp(plan->device, memdev) == 0)
		return true;
	for (size_t i = 0; i < plan->region.n_targets; i++)
		if (strcmp(plan->region.targets[i].memdev, memdev) == 0)
			return true;
	return false;
}

static const struct device_plan *find_region_plan(const struct plan *plan, const char *memdev)
{
	for (size_t i = 0; plan && i < plan->n_regions; i++)
		if (plan_takes(&plan->regions[i], memdev))
			return &plan->regions[i];
	return NULL;
}

static int make_memdev(const struct cxl_memdev *memdev, const struct plan *plan,
		       struct memdev_status *status)
{
	const char *region = region_of(memdev);
	const struct device_plan *own = region ? NULL : find_region_plan(plan, memdev->name);
	const char *state = NULL;

	if (own)
		state = device_state_to_string(own->n_steps > 0 ? DEVICE_PENDING : own->state);
	status->serial = memdev->serial;
	status->ram = memdev->ram_size;
	status->pmem = memdev->pmem_size;
	if (set(&status->name, memdev->name) < 0 || set(&status->region, region) < 0 ||
	    make_holds(memdev, &status->holds) < 0 || set(&status->state, state) < 0 ||
	    set(&status->reason, own ? own->reason : NULL) < 0)
		return -ENOMEM;
	return 0;
}

static int make_memdevs(const struct facts *facts, const struct plan *plan,
			struct host_status *status)
{
	const struct cxl_facts *cxl = &facts->cxl;

	if (cxl->n_memdevs == 0)
		return 0;
	status->memdevs = calloc(cxl->n_memdevs, sizeof(*status->memdevs));
	if (!status->memdevs)
		return -ENOMEM;
	status->n_memdevs = cxl->n_memdevs;
	for (size_t i = 0; i < cxl->n_memdevs; i++)
		if (make_memdev(&cxl->memdevs[i], plan, &status->memdevs[i]) < 0)
			return -ENOMEM;
	return 0;
}

int host_status_set_applying(struct host_status *status, const struct device_plan *plan)
{
	for (size_t i = 0; i < status->n_memdevs; i++) {
		struct memdev_status *memdev = &status->memdevs[i];
		char *state;

		if (!plan_takes(plan, memdev->name))
			continue;
		if (set(&state, device_state_to_string(DEVICE_APPLYING)) < 0)
			return -ENOMEM;
		free(memdev->state);
		memdev->state = state;
	}
	return 0;
}

int host_status_make(const struct facts *facts, const struct config *config,
		     const struct plan *plan, const char *version, bool claimed,
		     const struct strv *config_errors, struct host_status *ret)
{
	_cleanup_(host_status_done) struct host_status status = {
		.block_size = facts->host.block_size,
		.knob_supported = any_device_has_knob(facts),
		.claimed = claimed,
		.dram_total = facts_dram_total(facts),
		.dram_memmap = facts_dram_memmap(facts),
		.movable_total = facts_movable_total(facts),
		.kernel_total = facts_kernel_total(facts),
		.movable_max_ratio = config->movable_max_ratio,
	};

	status.dram_memmap_budget = share_of(status.dram_total, config->memmap_dram_budget);
	if (make_texts(facts, config, version, config_errors, &status) < 0 ||
	    make_nodes(facts, &status) < 0 || make_memdevs(facts, plan, &status) < 0)
		return -ENOMEM;
	*ret = status;
	status = (struct host_status){};
	return 0;
}

static void memdev_status_done(struct memdev_status *memdev)
{
	free(memdev->name);
	free(memdev->region);
	free(memdev->holds);
	free(memdev->state);
	free(memdev->reason);
}

void host_status_done(struct host_status *status)
{
	free(status->version);
	free(status->kernel_release);
	free(status->memmap_param);
	free(status->auto_online);
	free(status->nodes);
	for (size_t i = 0; i < status->n_memdevs; i++)
		memdev_status_done(&status->memdevs[i]);
	free(status->memdevs);
	strv_done(&status->config_files);
	strv_done(&status->config_errors);
	strv_done(&status->problems);
	step_failures_done(&status->failures);
	*status = (struct host_status){};
}
