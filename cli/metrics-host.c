/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "cli/metrics.h"

static struct json_object *item(struct json_object *array, size_t i)
{
	return json_object_array_get_idx(array, i);
}

static void put_daemon(struct metric_writer *writer, struct json_object *host)
{
	metric_begin(writer, &(const struct metric_family){
				     .name = "daxtier_daemon",
				     .type = METRIC_INFO,
				     .help = "The daemon and the kernel it runs on.",
			     });
	if (host)
		metric_sample(writer,
			      METRIC_LABELS({"version", get_text(host, "Version")},
					    {"kernel", get_text(host, "KernelRelease")}),
			      1, 0);
	metric_begin(writer, &(const struct metric_family){
				     .name = "daxtier_claimed",
				     .help = "1 while new dax devices wait for the daemon.",
			     });
	if (host)
		metric_sample(writer, NULL, get_bool(host, "Claimed"), 0);
	metric_begin(writer,
		     &(const struct metric_family){
			     .name = "daxtier_config_errors",
			     .help = "Errors in the configuration on disk, which was not taken.",
		     });
	if (host)
		metric_sample(writer, NULL, json_length(get_array(host, "ConfigErrors")), 0);
	metric_begin(writer, &(const struct metric_family){
				     .name = "daxtier_problems",
				     .help = "What could not be read of the host, or be trusted.",
			     });
	if (host)
		metric_sample(writer, NULL, json_length(get_array(host, "Problems")), 0);
}

static void put_failures(struct metric_writer *writer, struct json_object *failures)
{
	metric_begin(writer, &(const struct metric_family){
				     .name = "daxtier_step_failures",
				     .type = METRIC_COUNTER,
				     .help = "Steps of plans that failed since the daemon started, "
					     "by the kernel's error.",
			     });
	for (size_t i = 0; i < json_length(failures); i++)
		metric_sample(writer,
			      METRIC_LABELS({"step", get_text(item(failures, i), "Step")},
					    {"error", get_text(item(failures, i), "Error")}),
			      get_u64(item(failures, i), "Count"), 0);
}

static void put_memory(struct metric_writer *writer, struct json_object *host)
{
	metric_begin(writer, &(const struct metric_family){
				     .name = "daxtier_dram_bytes",
				     .unit = "bytes",
				     .help = "Memory of all NUMA nodes with CPUs.",
			     });
	if (host)
		metric_sample(writer, NULL, get_u64(host, "DramTotal"), 0);
	metric_begin(writer, &(const struct metric_family){
				     .name = "daxtier_dram_memmap_budget_bytes",
				     .unit = "bytes",
				     .help = "DRAM that memmaps of dax devices may take.",
			     });
	if (host)
		metric_sample(writer, NULL, get_u64(host, "DramMemmapBudget"), 0);
	metric_begin(writer,
		     &(const struct metric_family){
			     .name = "daxtier_movable_max_ratio",
			     .help = "How many times the kernel zones ZONE_MOVABLE may become.",
		     });
	/* 0 is no guard. */
	if (get_u64(host, "MovableMaxRatio") > 0)
		metric_sample(writer, NULL, get_u64(host, "MovableMaxRatio"), 0);
}

static void put_node_info(struct metric_writer *writer, struct json_object *node)
{
	char id[24], tier[24] = "";

	snprintf(id, sizeof(id), "%" PRId64, get_int(node, "Node"));
	if (get_int(node, "Tier") >= 0)
		snprintf(tier, sizeof(tier), "%" PRId64, get_int(node, "Tier"));
	metric_sample(writer,
		      METRIC_LABELS({"node", id},
				    {"has_cpu", get_bool(node, "HasCpu") ? "true" : "false"},
				    {"tier", tier}),
		      1, 0);
}

static void put_node_memory(struct metric_writer *writer, struct json_object *node)
{
	char id[24];

	snprintf(id, sizeof(id), "%" PRId64, get_int(node, "Node"));
	metric_sample(writer, METRIC_LABELS({"node", id}, {"zone", "kernel"}),
		      get_u64(node, "Kernel"), 0);
	metric_sample(writer, METRIC_LABELS({"node", id}, {"zone", "movable"}),
		      get_u64(node, "Movable"), 0);
}

static void put_nodes(struct metric_writer *writer, struct json_object *nodes)
{
	metric_begin(writer, &(const struct metric_family){
				     .name = "daxtier_node",
				     .type = METRIC_INFO,
				     .help = "NUMA nodes, and the memory tiers that they are in.",
			     });
	for (size_t i = 0; i < json_length(nodes); i++)
		put_node_info(writer, item(nodes, i));
	metric_begin(writer, &(const struct metric_family){
				     .name = "daxtier_node_memory_bytes",
				     .unit = "bytes",
				     .help = "Memory online by NUMA node, in ZONE_MOVABLE and in "
					     "all zones of the kernel.",
			     });
	for (size_t i = 0; i < json_length(nodes); i++)
		put_node_memory(writer, item(nodes, i));
}

static void put_memdevs(struct metric_writer *writer, struct json_object *memdevs)
{
	metric_begin(writer, &(const struct metric_family){
				     .name = "daxtier_memdev",
				     .type = METRIC_INFO,
				     .help = "CXL memory devices; region is empty where they are "
					     "in none.",
			     });
	for (size_t i = 0; i < json_length(memdevs); i++)
		metric_sample(writer,
			      METRIC_LABELS({"memdev", get_text(item(memdevs, i), "Name")},
					    {"region", get_text(item(memdevs, i), "Region")}),
			      1, 0);
	metric_begin(writer, &(const struct metric_family){
				     .name = "daxtier_memdev_capacity_bytes",
				     .unit = "bytes",
				     .help = "Capacity of CXL memory devices.",
			     });
	for (size_t i = 0; i < json_length(memdevs); i++) {
		struct json_object *memdev = item(memdevs, i);
		const char *name = get_text(memdev, "Name");

		metric_sample(writer, METRIC_LABELS({"memdev", name}, {"kind", "volatile"}),
			      get_u64(memdev, "Ram"), 0);
		metric_sample(writer, METRIC_LABELS({"memdev", name}, {"kind", "persistent"}),
			      get_u64(memdev, "Pmem"), 0);
	}
}

void metrics_host(struct metric_writer *writer, struct json_object *host)
{
	put_daemon(writer, host);
	put_failures(writer, get_array(host, "Failures"));
	put_memory(writer, host);
	put_nodes(writer, get_array(host, "Nodes"));
	put_memdevs(writer, get_array(host, "Memdevs"));
}

static uint64_t memmap_on_devices(struct json_object *devices)
{
	uint64_t bytes = 0;

	for (size_t i = 0; i < json_length(devices); i++)
		if (strcmp(get_text(item(devices, i), "Driver"), "kmem") == 0 &&
		    get_bool(item(devices, i), "MemmapEffective"))
			bytes += get_u64(item(devices, i), "MemmapBytes");
	return bytes;
}

void metrics_memmap(struct metric_writer *writer, struct json_object *document)
{
	struct json_object *host;

	metric_begin(writer, &(const struct metric_family){
				     .name = "daxtier_memmap_bytes",
				     .unit = "bytes",
				     .help = "Memmaps of all dax devices, by where they are.",
			     });
	if (!json_object_object_get_ex(document, "Host", &host))
		return;
	metric_sample(writer, METRIC_LABELS({"place", "dram"}), get_u64(host, "DramMemmap"), 0);
	metric_sample(writer, METRIC_LABELS({"place", "device"}),
		      memmap_on_devices(get_array(document, "Devices")), 0);
}
