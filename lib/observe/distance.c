/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "observe/distance.h"

#include <errno.h>
#include <inttypes.h>

/* LOCAL_DISTANCE and REMOTE_DISTANCE of include/linux/topology.h */
#define LOCAL_DISTANCE	10
#define REMOTE_DISTANCE 20

static bool node_has_cpu(const struct facts *facts, int id)
{
	const struct numa_node *node = facts_find_node(facts, id);

	return node && node->has_cpu;
}

/* The node with CPUs that is nearest to a node, the lowest of equals; -1 when no source knows. */
static int nearest_with_cpus(const struct distance_table *table, const struct facts *facts, int to)
{
	struct node_distance best = {};
	int nearest = -1;

	for (size_t i = 0; i < facts->n_nodes; i++) {
		struct node_distance d;

		if (!facts->nodes[i].has_cpu)
			continue;
		d = distance_table_get(table, facts->nodes[i].id, to);
		if (d.source == DISTANCE_UNKNOWN || (nearest >= 0 && d.value >= best.value))
			continue;
		best = d;
		nearest = facts->nodes[i].id;
	}
	return nearest;
}

static int only_with_cpus(const struct facts *facts)
{
	int only = -1;

	for (size_t i = 0; i < facts->n_nodes; i++) {
		if (!facts->nodes[i].has_cpu)
			continue;
		if (only >= 0)
			return -1;
		only = facts->nodes[i].id;
	}
	return only;
}

/*
 * Where the links of sysfs lead to a node with CPUs, that is the initiator. They may lead to a node
 * without (a host bridge described as part of a memory-only domain) or nowhere.
 */
static int find_initiator(const struct distance_table *table, const struct facts *facts,
			  const struct dax_device *device)
{
	int nearest = -1;

	if (node_has_cpu(facts, device->initiator_node))
		return device->initiator_node;
	if (device->initiator_node >= 0)
		nearest = nearest_with_cpus(table, facts, device->initiator_node);
	if (nearest < 0 && device->target_node >= 0)
		nearest = nearest_with_cpus(table, facts, device->target_node);
	return nearest >= 0 ? nearest : only_with_cpus(facts);
}

/*
 * Whether the kernel numbered its nodes after the SRAT as proximity_node() supposes: then every
 * node that has CPUs is that of a domain with CPUs. numa=off and numa=fake break that.
 */
static bool numbering_holds(const struct proximity *proximity, const struct facts *facts)
{
	uint32_t domain;

	for (size_t i = 0; i < facts->n_nodes; i++)
		if (facts->nodes[i].has_cpu &&
		    (!proximity_domain_of_node(proximity, facts->nodes[i].id, &domain) ||
		     !proximity_has_cpu(proximity, domain)))
			return false;
	return true;
}

/*
 * The domain of a device: that of the memory the SRAT lists at its address. The kernel extends a
 * domain that covers part of a CXL window to all of it (acpi_parse_cfmws()), so an address that is
 * not listed may still be in a domain: the one of its target node.
 */
static bool find_domain(const struct proximity *proximity, const struct dax_device *device,
			bool numbered, uint32_t *ret)
{
	if (device->n_ranges > 0 &&
	    proximity_domain_of_address(proximity, device->ranges[0].start, ret))
		return true;
	return numbered && proximity_domain_of_node(proximity, device->target_node, ret);
}

/* The domain with CPUs that the SLIT has nearest to another; false when it lists none. */
static bool nearest_domain(const struct proximity *proximity, uint32_t to, uint32_t *ret,
			   unsigned *ret_distance)
{
	bool found = false;
	unsigned distance;

	for (size_t i = 0; i < proximity->n_domains; i++) {
		uint32_t from = proximity->domains[i];

		if (!proximity_has_cpu(proximity, from) ||
		    !acpi_slit_get(&proximity->slit, from, to, &distance) ||
		    (found && distance >= *ret_distance))
			continue;
		*ret = from;
		*ret_distance = distance;
		found = true;
	}
	return found;
}

/* From firmware, as long as the device's node does not exist. Leaves the source unknown without. */
static int firmware_look(struct look *look, struct proximity *proximity, const struct facts *facts,
			 struct dax_device *device)
{
	uint32_t domain, from;
	bool numbered;
	unsigned value;
	int r, node;

	r = proximity_load(proximity, look);
	if (r < 0)
		return r;
	numbered = numbering_holds(proximity, facts);
	if (!find_domain(proximity, device, numbered, &domain))
		return 0;
	node = proximity_node(proximity, domain);
	if (device->target_node >= 0 && node != device->target_node) {
		numbered = false;
		r = look_problem(look,
				 "ACPI SRAT has %s in proximity domain %" PRIu32 ", node %d, but "
				 "the kernel announces node %d: distances from firmware may not be "
				 "those that the kernel will use",
				 device->name, domain, node, device->target_node);
		if (r < 0)
			return r;
	}
	if (!numbered || !proximity_domain_of_node(proximity, device->initiator_node, &from) ||
	    !acpi_slit_get(&proximity->slit, from, domain, &value)) {
		if (!nearest_domain(proximity, domain, &from, &value))
			return 0;
		if (numbered && device->initiator_node < 0)
			device->initiator_node = proximity_node(proximity, from);
	}
	device->distance = (struct node_distance){value, DISTANCE_SLIT};
	return 0;
}

/* What the kernel takes for nodes that no table lists. Without a target there is no distance. */
static struct node_distance default_distance(const struct facts *facts,
					     const struct dax_device *device)
{
	if (device->target_node < 0)
		return (struct node_distance){0, DISTANCE_UNKNOWN};
	if (node_has_cpu(facts, device->target_node))
		return (struct node_distance){LOCAL_DISTANCE, DISTANCE_DEFAULT};
	return (struct node_distance){REMOTE_DISTANCE, DISTANCE_DEFAULT};
}

/*
 * A distance is one between two nodes: not to be relied on when one of them, or the table, could
 * not be read. Where one node has all the CPUs, that is the initiator whatever else is unknown.
 */
static void note_unknown(const struct distance_table *table, const struct facts *facts,
			 struct dax_device *device)
{
	if (only_with_cpus(facts) >= 0)
		device->unknown &= ~(1U << DEVICE_FACT_INITIATOR_NODE);
	if (table->incomplete || !dax_device_knows(device, DEVICE_FACT_TARGET_NODE) ||
	    !dax_device_knows(device, DEVICE_FACT_INITIATOR_NODE))
		device->unknown |= 1U << DEVICE_FACT_DISTANCE;
}

int distance_look(struct look *look, struct distance_sources *sources, const struct facts *facts,
		  const char *generation, struct dax_device *device)
{
	int r;

	r = distance_table_refresh(&sources->table, look, facts, generation);
	if (r < 0)
		return r;
	note_unknown(&sources->table, facts, device);
	device->initiator_node = find_initiator(&sources->table, facts, device);
	device->distance =
		distance_table_get(&sources->table, device->initiator_node, device->target_node);
	if (device->distance.source == DISTANCE_UNKNOWN) {
		r = firmware_look(look, &sources->proximity, facts, device);
		if (r < 0)
			return r;
	}
	if (device->distance.source == DISTANCE_UNKNOWN)
		device->distance = default_distance(facts, device);
	return 0;
}

void distance_sources_done(struct distance_sources *sources)
{
	distance_table_done(&sources->table);
	proximity_done(&sources->proximity);
}
