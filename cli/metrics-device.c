/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "cli/metrics.h"
#include "model/names.h"

static void put_counts(struct metric_writer *writer, struct json_object *devices)
{
	metric_begin(writer, &(const struct metric_family){
				     .name = "daxtier_devices",
				     .help = "Dax devices by state; see org.daxtier1(5).",
			     });
	/* All states, so that an alert sees 0 and not nothing. */
	for (int state = 0; devices && state < DEVICE_STATE_MAX; state++) {
		const char *name = device_state_to_string(state);
		uint64_t n = 0;

		for (size_t i = 0; i < json_length(devices); i++) {
			struct json_object *device = json_object_array_get_idx(devices, i);

			n += strcmp(get_text(device, "State"), name) == 0;
		}
		metric_sample(writer, METRIC_LABELS({"state", name}), n, 0);
	}
}

static void put_info(struct metric_writer *writer, struct json_object *device)
{
	char node[24] = "";

	if (get_int(device, "TargetNode") >= 0)
		snprintf(node, sizeof(node), "%" PRId64, get_int(device, "TargetNode"));
	metric_sample(writer,
		      METRIC_LABELS({"device", get_text(device, "Name")},
				    {"kind", get_text(device, "Kind")},
				    {"driver", get_text(device, "Driver")},
				    {"region", get_text(device, "Region")}, {"node", node},
				    {"rule", get_text(device, "Rule")},
				    {"zone", get_text(device, "Zone")}),
		      1, 0);
}

static void put_state(struct metric_writer *writer, struct json_object *device)
{
	for (int state = 0; state < DEVICE_STATE_MAX; state++) {
		const char *name = device_state_to_string(state);

		metric_sample(writer,
			      METRIC_LABELS({"device", get_text(device, "Name")}, {"state", name}),
			      strcmp(get_text(device, "State"), name) == 0, 0);
	}
}

static void put_sizes(struct metric_writer *writer, struct json_object *device)
{
	metric_sample(writer, METRIC_LABELS({"device", get_text(device, "Name")}),
		      get_u64(device, "Size"), 0);
}

static void put_lost(struct metric_writer *writer, struct json_object *device)
{
	metric_sample(writer, METRIC_LABELS({"device", get_text(device, "Name")}),
		      get_u64(device, "LostBytes"), 0);
}

static void put_blocks(struct metric_writer *writer, struct json_object *device)
{
	const char *name = get_text(device, "Name");
	uint64_t total = get_u64(device, "BlocksTotal"), online = get_u64(device, "BlocksOnline"),
		 movable = get_u64(device, "BlocksMovable");

	metric_sample(writer, METRIC_LABELS({"device", name}, {"state", "movable"}), movable, 0);
	/* They were counted at one moment, but come from elsewhere. */
	metric_sample(writer, METRIC_LABELS({"device", name}, {"state", "kernel"}),
		      online > movable ? online - movable : 0, 0);
	metric_sample(writer, METRIC_LABELS({"device", name}, {"state", "offline"}),
		      total > online ? total - online : 0, 0);
}

static void put_memmap(struct metric_writer *writer, struct json_object *device)
{
	/* Without kmem there is none. */
	if (strcmp(get_text(device, "Driver"), "kmem") != 0)
		return;
	metric_sample(
		writer,
		METRIC_LABELS({"device", get_text(device, "Name")},
			      {"place", get_bool(device, "MemmapEffective") ? "device" : "dram"}),
		get_u64(device, "MemmapBytes"), 0);
}

static void put_distance(struct metric_writer *writer, struct json_object *device)
{
	if (get_u64(device, "Distance") > 0)
		metric_sample(writer,
			      METRIC_LABELS({"device", get_text(device, "Name")},
					    {"source", get_text(device, "DistanceSource")}),
			      get_u64(device, "Distance"), 0);
}

static void put_access(struct metric_writer *writer, struct json_object *device, const char *access,
		       uint64_t value, unsigned decimals)
{
	/* 0 is unknown. */
	if (value > 0)
		metric_sample(
			writer,
			METRIC_LABELS({"device", get_text(device, "Name")}, {"access", access}),
			value, decimals);
}

/* In ns on the bus. */
static void put_latency(struct metric_writer *writer, struct json_object *device)
{
	put_access(writer, device, "read", get_u64(device, "ReadLatency"), 9);
	put_access(writer, device, "write", get_u64(device, "WriteLatency"), 9);
}

/* In MB/s on the bus, of 10^6 bytes as ACPI and the kernel have it. */
static void put_bandwidth(struct metric_writer *writer, struct json_object *device)
{
	put_access(writer, device, "read", get_u64(device, "ReadBandwidth") * 1000000, 0);
	put_access(writer, device, "write", get_u64(device, "WriteBandwidth") * 1000000, 0);
}

static void put_time_to_online(struct metric_writer *writer, struct json_object *device)
{
	/* 0: it was online already, or never was. */
	if (get_u64(device, "OnlineAfterUSec") > 0)
		metric_sample(writer, METRIC_LABELS({"device", get_text(device, "Name")}),
			      get_u64(device, "OnlineAfterUSec"), 6);
}

static const struct {
	struct metric_family family;
	void (*put)(struct metric_writer *writer, struct json_object *device);
} families[] = {
	{{.name = "daxtier_device",
	  .type = METRIC_INFO,
	  .help = "Dax devices: what they are, and what has become of them."},
	 put_info},
	{{.name = "daxtier_device_state", .help = "1 for the state that a device is in."},
	 put_state},
	{{.name = "daxtier_device_size_bytes", .unit = "bytes", .help = "Size of a device."},
	 put_sizes},
	{{.name = "daxtier_device_lost_bytes",
	  .unit = "bytes",
	  .help = "What is lost of a device to the alignment of memory blocks."},
	 put_lost},
	{{.name = "daxtier_device_blocks",
	  .help = "Memory blocks of a device: online in ZONE_MOVABLE, online in a zone of the "
		  "kernel, and offline or not there."},
	 put_blocks},
	{{.name = "daxtier_device_memmap_bytes",
	  .unit = "bytes",
	  .help = "Memmap of a device that is bound to kmem, and where it is."},
	 put_memmap},
	{{.name = "daxtier_device_distance",
	  .help = "NUMA distance from the nearest CPUs, where known; 10 is local."},
	 put_distance},
	{{.name = "daxtier_device_latency_seconds",
	  .unit = "seconds",
	  .help = "Latency from the nearest CPUs, where the firmware tells it."},
	 put_latency},
	{{.name = "daxtier_device_bandwidth_bytes_per_second",
	  .unit = "bytes_per_second",
	  .help = "Bandwidth from the nearest CPUs, where the firmware tells it."},
	 put_bandwidth},
	{{.name = "daxtier_device_time_to_online_seconds",
	  .unit = "seconds",
	  .help = "From when a device was first seen until the daemon had brought it online."},
	 put_time_to_online},
};

void metrics_devices(struct metric_writer *writer, struct json_object *devices)
{
	put_counts(writer, devices);
	for (size_t i = 0; i < ARRAY_SIZE(families); i++) {
		metric_begin(writer, &families[i].family);
		for (size_t k = 0; k < json_length(devices); k++)
			families[i].put(writer, json_object_array_get_idx(devices, k));
	}
}
