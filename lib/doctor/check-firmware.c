/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ACPI tables against each other, and against the nodes that the kernel made of them. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/parse.h"
#include "doctor/check.h"
#include "doctor/evidence-line.h"

#define SRAT "/sys/firmware/acpi/tables/SRAT"
#define SLIT "/sys/firmware/acpi/tables/SLIT"
#define NODE "/sys/devices/system/node/node%d/distance"

/* Nobody but the vendor can mend a table; what a person can do is to tell them which one. */
#define FIX_BY_VENDOR                                                                              \
	"update the firmware, and report this to its vendor if that does not help; until then "    \
	"distances and tiers are not to be trusted"

/* NR_NODE_MEMBLKS with the 1024 nodes of distributions' kernels */
#define MEMBLKS_MAX 2048

/* A table that is wrong throughout is told of often enough by then. */
#define FINDINGS_MAX 32

int firmware_add(struct findings *findings, enum finding_severity severity, char *what, char *file,
		 char *value)
{
	struct finding finding = {
		.severity = severity,
		.about = ABOUT_FIRMWARE,
		.what = what,
		.file = file,
		.value = value,
		.where = FIX_IN_SETUP,
		.fix = finding_text(FIX_BY_VENDOR),
	};
	size_t n = 0;

	for (size_t i = 0; i < findings->n; i++)
		n += findings->items[i].about == ABOUT_FIRMWARE;
	if (n < FINDINGS_MAX)
		return findings_add(findings, finding);
	finding_done(&finding);
	return 1;
}

static int check_refusals(const struct evidence *evidence, struct findings *findings)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < evidence->n_refusals; i++) {
		const struct evidence_refusal *refusal = &evidence->refusals[i];
		const char *name = strrchr(refusal->file, '/') + 1;

		r = firmware_add(
			findings, FINDING_ERROR,
			finding_text("The ACPI table %s is malformed, so nothing of it is used",
				     name),
			finding_text("%s", refusal->file),
			finding_text("at byte %zu, %s", refusal->refusal.offset,
				     refusal->refusal.what));
	}
	return r;
}

static bool overlap(const struct acpi_affinity *a, const struct acpi_affinity *b)
{
	/* The parser has seen to it that no end wraps around. */
	return a->kind == ACPI_AFFINITY_MEMORY && b->kind == ACPI_AFFINITY_MEMORY &&
	       a->base < b->base + b->length && b->base < a->base + a->length;
}

/*
 * conflicting_memblks() in arch/x86/mm/numa.c: the kernel then drops the whole SRAT. As it does
 * with more than NR_NODE_MEMBLKS, so that as many are compared.
 */
static int check_overlaps(const struct acpi_srat *srat, struct findings *findings)
{
	size_t n = 0;
	int r = 0;

	for (size_t i = 0; r == 0 && n < MEMBLKS_MAX && i < srat->n; i++) {
		const struct acpi_affinity *a = &srat->items[i];

		if (a->kind != ACPI_AFFINITY_MEMORY)
			continue;
		n++;
		for (size_t k = i + 1; r == 0 && k < srat->n; k++) {
			const struct acpi_affinity *b = &srat->items[k];

			if (a->domain == b->domain || !overlap(a, b))
				continue;
			r = firmware_add(
				findings, FINDING_ERROR,
				finding_text(
					"The SRAT has memory in two proximity domains, %" PRIu32
					" and %" PRIu32,
					a->domain, b->domain),
				finding_text(SRAT),
				finding_text("0x%" PRIx64 " of 0x%" PRIx64 " bytes, and 0x%" PRIx64
					     " of 0x%" PRIx64 " bytes",
					     a->base, a->length, b->base, b->length));
		}
	}
	return r;
}

static int check_localities(const struct proximity *proximity, struct findings *findings)
{
	int r = 0;

	for (size_t i = 0; proximity->slit.n > 0 && r == 0 && i < proximity->n_domains; i++) {
		uint32_t domain = proximity->domains[i];

		if (domain < proximity->slit.n)
			continue;
		r = firmware_add(
			findings, FINDING_WARNING,
			finding_text("The SLIT has no distances of proximity domain %" PRIu32
				     ", which the SRAT lists: the kernel takes 20",
				     domain),
			finding_text(SLIT),
			finding_text("%" PRIu64 " localities", proximity->slit.n));
	}
	return r;
}

static int check_symmetry(const struct proximity *proximity, struct findings *findings)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < proximity->n_domains; i++) {
		if (proximity->domains[i] >= proximity->slit.n)
			continue;
		for (size_t k = i + 1; r == 0 && k < proximity->n_domains; k++) {
			uint32_t a = proximity->domains[i], b = proximity->domains[k];
			unsigned there, back;

			if (!acpi_slit_get(&proximity->slit, a, b, &there) ||
			    !acpi_slit_get(&proximity->slit, b, a, &back) || there == back)
				continue;
			r = firmware_add(
				findings, FINDING_NOTE,
				finding_text("The SLIT has two distances between proximity domains "
					     "%" PRIu32 " and %" PRIu32,
					     a, b),
				finding_text(SLIT), finding_text("%u there, %u back", there, back));
		}
	}
	return r;
}

/* A domain with CPUs that the kernel made no node of: it threw the SRAT away, or has too few. */
static int check_nodes(const struct facts *facts, const struct proximity *proximity,
		       struct findings *findings)
{
	int r = 0;

	for (size_t i = 0; facts->n_nodes > 0 && r == 0 && i < proximity->n_domains; i++) {
		uint32_t domain = proximity->domains[i];

		if (!proximity_has_cpu(proximity, domain) || facts_find_node(facts, (int)i))
			continue;
		r = firmware_add(findings, FINDING_WARNING,
				 finding_text("The SRAT has CPUs in proximity domain %" PRIu32
					      ", but the kernel made no node %zu of it",
					      domain, i),
				 finding_text("/sys/devices/system/node/online"),
				 finding_text("%zu nodes online", facts->n_nodes));
	}
	return r;
}

/* One row of nodeN/distance, whose columns are the nodes that are online. */
static int check_row(const struct facts *facts, const struct proximity *proximity, size_t row,
		     const char *text, struct findings *findings)
{
	_cleanup_free_ char *copy = strdup(text);
	int from = facts->nodes[row].id, r = 0;
	char *cursor = copy, *word;

	if (!copy)
		return -ENOMEM;
	for (size_t i = 0; r == 0 && i < facts->n_nodes && (word = word_next(&cursor)); i++) {
		int to = facts->nodes[i].id;
		uint32_t a, b;
		unsigned firmware;
		uint64_t kernel;

		if (parse_u64(word, &kernel) < 0 ||
		    !proximity_domain_of_node(proximity, from, &a) ||
		    !proximity_domain_of_node(proximity, to, &b) ||
		    !acpi_slit_get(&proximity->slit, a, b, &firmware) || kernel == firmware)
			continue;
		r = firmware_add(
			findings, FINDING_WARNING,
			finding_text("From node %d to node %d the SLIT says %u, and the kernel "
				     "uses %" PRIu64,
				     from, to, firmware, kernel),
			finding_text(NODE, from), finding_text("%s", text));
	}
	return r;
}

static int check_distances(const struct facts *facts, const struct evidence *evidence,
			   struct findings *findings)
{
	int r = 0;

	/* They would not be in the same order. */
	if (evidence->distances.n != facts->n_nodes)
		return 0;
	for (size_t i = 0; r == 0 && i < facts->n_nodes; i++)
		r = check_row(facts, &evidence->proximity, i, evidence->distances.items[i],
			      findings);
	return r;
}

/* The node that the kernel gave to a device, and that of its addresses by the SRAT. */
static int check_targets(const struct facts *facts, const struct proximity *proximity,
			 struct findings *findings)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < facts->n_devices; i++) {
		const struct dax_device *device = &facts->devices[i];
		uint32_t domain;
		int node;

		if (device->gone || device->n_ranges == 0 || device->target_node < 0 ||
		    !proximity_domain_of_address(proximity, device->ranges[0].start, &domain))
			continue;
		node = proximity_node(proximity, domain);
		if (node == device->target_node)
			continue;
		r = firmware_add(
			findings, FINDING_WARNING,
			finding_text("%s will be node %d, but the SRAT has its addresses in "
				     "proximity domain %" PRIu32 ", which is node %d",
				     device->name, device->target_node, domain, node),
			finding_text("/sys/bus/dax/devices/%s/target_node", device->name),
			finding_text("%d, with memory from 0x%" PRIx64, device->target_node,
				     device->ranges[0].start));
	}
	return r;
}

bool nodes_follow_srat(const struct evidence *evidence)
{
	const char *cmdline = evidence->cmdline;

	return !cmdline || (!strstr(cmdline, "numa=") && !strstr(cmdline, "acpi=off"));
}

int check_firmware(const struct facts *facts, const struct evidence *evidence,
		   struct findings *findings)
{
	const struct proximity *proximity = &evidence->proximity;
	int r;

	r = check_refusals(evidence, findings);
	if (r == 0)
		r = check_overlaps(&proximity->srat, findings);
	if (r == 0)
		r = check_localities(proximity, findings);
	if (r == 0)
		r = check_symmetry(proximity, findings);
	if (r < 0 || !nodes_follow_srat(evidence))
		return r;
	r = check_nodes(facts, proximity, findings);
	if (r == 0)
		r = check_distances(facts, evidence, findings);
	return r < 0 ? r : check_targets(facts, proximity, findings);
}
