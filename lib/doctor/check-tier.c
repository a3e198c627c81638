/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What moves pages between tiers, and what happens when one is full. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/format.h"
#include "base/parse.h"
#include "doctor/check.h"
#include "doctor/evidence-line.h"

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

struct swap {
	uint64_t size, used; /* in bytes */
};

static uint64_t add_kib(uint64_t bytes, const char *word)
{
	uint64_t kib;

	if (!word || parse_u64(word, &kib) < 0 || kib > (UINT64_MAX - bytes) / 1024)
		return bytes;
	return bytes + kib * 1024;
}

/* Of all areas; a header, then a line for each, with size and used in its third and fourth column.
 * 0 or -ENOMEM. */
static int parse_swaps(const char *swaps, struct swap *ret)
{
	_cleanup_free_ char *copy = strdup(swaps);
	char *cursor = copy, *line;
	struct swap swap = {};

	if (!copy)
		return -ENOMEM;
	line_next(&cursor);
	while ((line = line_next(&cursor))) {
		word_next(&line);
		word_next(&line);
		swap.size = add_kib(swap.size, word_next(&line));
		swap.used = add_kib(swap.used, word_next(&line));
	}
	*ret = swap;
	return 0;
}

static const struct numa_node *find_full_node(const struct facts *facts)
{
	for (size_t i = 0; i < facts->n_nodes; i++)
		if (!facts->nodes[i].has_cpu && is_full(&facts->nodes[i]))
			return &facts->nodes[i];
	return NULL;
}

static int add_without_swap(const struct numa_node *slow, bool full, struct findings *findings)
{
	char size[FORMAT_SIZE_MAX];

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

static int add_full_swap(const struct numa_node *full, const struct swap *swap,
			 struct findings *findings)
{
	char used[FORMAT_SIZE_MAX], size[FORMAT_SIZE_MAX], left[FORMAT_SIZE_MAX];

	format_size(swap->used, used);
	format_size(swap->size, size);
	format_size(full->free, left);
	return findings_add(
		findings,
		(struct finding){
			.severity = FINDING_WARNING,
			.about = ABOUT_TIER,
			.what = finding_text("Node %d is nearly full, and so is the swap: nothing "
					     "can leave it, and the kernel will kill processes",
					     full->id),
			.file = finding_text("/proc/swaps"),
			.value = finding_text("%s of %s used; node %d has %s free", used, size,
					      full->id, left),
			.where = FIX_IN_SHELL,
			.fix = finding_text("fallocate -l 8G /swapfile-2 && chmod 600 "
					    "/swapfile-2 && mkswap /swapfile-2 && swapon "
					    "/swapfile-2"),
		});
}

static int check_swap(const struct facts *facts, const struct evidence *evidence,
		      const struct numa_node *slow, struct findings *findings)
{
	const struct numa_node *full = find_full_node(facts);
	struct swap swap = {};
	int r;

	if (!evidence->swaps)
		return 0;
	r = parse_swaps(evidence->swaps, &swap);
	if (r < 0)
		return r;
	if (swap.size == 0)
		return add_without_swap(full ?: slow, full != NULL, findings);
	if (full && swap.used >= swap.size - swap.size / 100 * FULL_BELOW_PERCENT)
		return add_full_swap(full, &swap, findings);
	return 0;
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
