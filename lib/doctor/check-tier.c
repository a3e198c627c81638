/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What moves pages between tiers, and what happens when one is full. */
#include <inttypes.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/format.h"
#include "base/parse.h"
#include "doctor/check.h"

#define DEMOTION  "/sys/kernel/mm/numa/demotion_enabled"
#define BALANCING "/proc/sys/kernel/numa_balancing"

/* NUMA_BALANCING_MEMORY_TIERING in include/linux/sched/sysctl.h */
#define BALANCING_TIERING 2

/* A tier with less than this share of it free is about to be full, in percent. */
#define FULL_BELOW_PERCENT 5

/* Memory without CPUs is what everything here is about. */
static const struct numa_node *find_slow_node(const struct facts *facts)
{
	for (size_t i = 0; i < facts->n_nodes; i++)
		if (!facts->nodes[i].has_cpu && facts->nodes[i].total > 0)
			return &facts->nodes[i];
	return NULL;
}

static bool is_full(const struct numa_node *node)
{
	return node->total > 0 &&
	       node->free + node->reclaimable < node->total / 100 * FULL_BELOW_PERCENT;
}

static int check_demotion(const struct evidence *evidence, const struct numa_node *slow,
			  struct findings *findings)
{
	bool on;

	if (!evidence->demotion || parse_bool(evidence->demotion, &on) < 0 || on)
		return 0;
	return findings_add(
		findings,
		(struct finding){
			.severity = FINDING_WARNING,
			.about = ABOUT_TIER,
			.what = finding_text("Demotion is off: when DRAM is full, its pages are "
					     "swapped out or dropped, and do not move to node %d",
					     slow->id),
			.file = finding_text(DEMOTION),
			.value = finding_text("%s", evidence->demotion),
			.where = "in /etc/tmpfiles.d/demotion.conf",
			.fix = finding_text("w " DEMOTION " - - - - 1"),
		});
}

static int check_balancing(const struct evidence *evidence, struct findings *findings)
{
	uint64_t mode;

	if (!evidence->balancing || parse_u64(evidence->balancing, &mode) < 0 ||
	    mode & BALANCING_TIERING)
		return 0;
	return findings_add(
		findings,
		(struct finding){
			.severity = FINDING_NOTE,
			.about = ABOUT_TIER,
			.what = finding_text("Promotion is off: pages that are used much stay "
					     "where they are when they are in slow memory"),
			.file = finding_text(BALANCING),
			.value = finding_text("%s", evidence->balancing),
			.where = "in /etc/sysctl.d/numa-balancing.conf",
			.fix = finding_text("kernel.numa_balancing = %d", BALANCING_TIERING),
		});
}

/* A header, then a line for each area. */
static bool has_swap(const char *swaps)
{
	const char *end = strchr(swaps, '\n');

	return end && end[1] != '\0';
}

static int check_swap(const struct facts *facts, const struct evidence *evidence,
		      const struct numa_node *slow, struct findings *findings)
{
	char size[FORMAT_SIZE_MAX];
	bool full = false;

	if (!evidence->swaps || has_swap(evidence->swaps))
		return 0;
	for (size_t i = 0; i < facts->n_nodes; i++) {
		const struct numa_node *node = &facts->nodes[i];

		if (node->has_cpu || !is_full(node))
			continue;
		full = true;
		slow = node;
	}
	format_size(slow->free, size);
	return findings_add(
		findings,
		(struct finding){
			.severity = full ? FINDING_WARNING : FINDING_NOTE,
			.about = ABOUT_TIER,
			.what = full ? finding_text("Node %d is nearly full, and there is no swap: "
						    "nothing can leave it, and the kernel will "
						    "kill processes",
						    slow->id)
				     : finding_text("There is no swap: when the slowest tier is "
						    "full as well, the kernel kills processes"),
			.file = finding_text("/proc/swaps"),
			.value = finding_text("no area; node %d has %s free", slow->id, size),
			.where = FIX_IN_SHELL,
			.fix = finding_text("fallocate -l 8G /swapfile && chmod 600 "
					    "/swapfile && mkswap /swapfile && swapon "
					    "/swapfile"),
		});
}

int check_tiers(const struct facts *facts, const struct evidence *evidence,
		struct findings *findings)
{
	const struct numa_node *slow = find_slow_node(facts);
	int r;

	if (!slow)
		return 0;
	r = check_demotion(evidence, slow, findings);
	if (r == 0)
		r = check_balancing(evidence, findings);
	return r < 0 ? r : check_swap(facts, evidence, slow, findings);
}
