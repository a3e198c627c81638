/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "policy/region-gather.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "policy/region.h"

#define REGION_UNIT (UINT64_C(256) << 20)
#define RETRY_USEC  UINT64_C(1000000)

static bool list_has(const struct u64_list *list, uint64_t serial)
{
	for (size_t i = 0; i < list->n; i++)
		if (list->items[i] == serial)
			return true;
	return false;
}

bool gather_is_in_region(const struct cxl_memdev *memdev)
{
	for (size_t i = 0; i < memdev->n_decoders; i++)
		if (memdev->decoders[i].region)
			return true;
	return false;
}

static bool is_in_use(const struct cxl_memdev *memdev)
{
	for (size_t i = 0; i < memdev->n_decoders; i++)
		if (memdev->decoders[i].dpa_size > 0)
			return true;
	return false;
}

uint64_t gather_share(const struct cxl_memdev *memdev)
{
	return memdev->ram_size - memdev->ram_size % REGION_UNIT;
}

enum gather_verdict gather_judge(const struct config *config, const struct history *history,
				 const struct cxl_memdev *memdev)
{
	const struct device_history *past = history ? history_find(history, memdev->name) : NULL;

	if (past && past->released)
		return GATHER_RELEASED;
	/* Of what could not be read it is not known whether there is any. */
	if (gather_share(memdev) == 0 && !memdev->incomplete)
		return GATHER_NO_CAPACITY;
	if (!config->create_regions)
		return GATHER_OFF;
	if (memdev->incomplete)
		return GATHER_INCOMPLETE;
	if (list_has(&config->regions_never, memdev->serial))
		return GATHER_NEVER;
	if (config->regions_only.n > 0 && !list_has(&config->regions_only, memdev->serial))
		return GATHER_NOT_ONLY;
	if (!memdev->endpoint)
		return GATHER_NOT_ENABLED;
	if (memdev->n_decoders == 0)
		return GATHER_NO_DECODER;
	return is_in_use(memdev) ? GATHER_IN_USE : GATHER_CANDIDATE;
}

struct candidate_memdev {
	const struct cxl_memdev *memdev;
	uint64_t seen_usec;
	bool taken;
};

/* By time, then by what stays the same over a boot; the order of the facts is the last word. */
static int compare(const void *a, const void *b)
{
	const struct candidate_memdev *x = a, *y = b;

	if (x->seen_usec != y->seen_usec)
		return x->seen_usec < y->seen_usec ? -1 : 1;
	if (x->memdev->serial != y->memdev->serial)
		return x->memdev->serial < y->memdev->serial ? -1 : 1;
	return (x->memdev > y->memdev) - (x->memdev < y->memdev);
}

static bool string_equal(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

static bool go_together(const struct cxl_memdev *a, const struct cxl_memdev *b)
{
	return string_equal(a->bridge, b->bridge) && a->ram_size == b->ram_size;
}

static size_t find_candidates(const struct facts *facts, const struct config *config,
			      const struct history *history, struct candidate_memdev *candidates)
{
	size_t n = 0;

	for (size_t i = 0; i < facts->cxl.n_memdevs; i++) {
		const struct cxl_memdev *memdev = &facts->cxl.memdevs[i];
		const struct device_history *past =
			history ? history_find(history, memdev->name) : NULL;

		if (gather_is_in_region(memdev) ||
		    gather_judge(config, history, memdev) != GATHER_CANDIDATE)
			continue;
		candidates[n++] = (struct candidate_memdev){
			.memdev = memdev,
			.seen_usec = past ? past->first_seen_usec : 0,
		};
	}
	return n;
}

static uint64_t end_of_wait(uint64_t seen_usec, uint64_t gather_usec)
{
	return gather_usec > UINT64_MAX - seen_usec ? UINT64_MAX : seen_usec + gather_usec;
}

/* What the first of the list, with those behind it, comes to; takes whom it needs. */
static struct gather_group form_group(struct candidate_memdev *candidates, size_t n,
				      const struct config *config, uint64_t now_usec)
{
	struct candidate_memdev *members[GATHER_WAYS_MAX] = {&candidates[0]};
	struct gather_group group = {
		.n = 1,
		.wanted = config->interleave_ways ?: 1,
		.until_usec = end_of_wait(candidates[0].seen_usec, config->interleave_gather_usec),
	};

	for (size_t i = 1; i < n && group.n < group.wanted; i++)
		if (!candidates[i].taken && candidates[i].seen_usec <= group.until_usec &&
		    go_together(candidates[i].memdev, candidates[0].memdev))
			members[group.n++] = &candidates[i];
	if (group.n == group.wanted)
		group.outcome = GATHER_COMPLETE;
	else
		group.outcome = now_usec < group.until_usec ? GATHER_WAITING : GATHER_TOO_FEW;
	/* Too few for the first may be enough for the second, whose time began later. */
	for (size_t i = 0; i < group.n; i++) {
		group.memdevs[i] = members[i]->memdev;
		members[i]->taken = group.outcome == GATHER_COMPLETE || i == 0;
	}
	return group;
}

void gather_done(struct gather *gather)
{
	free(gather->groups);
	*gather = (struct gather){};
}

int gather_all(const struct facts *facts, const struct config *config,
	       const struct history *history, uint64_t now_usec, struct gather *ret)
{
	_cleanup_free_ struct candidate_memdev *candidates =
		calloc(facts->cxl.n_memdevs ?: 1, sizeof(*candidates));
	struct gather gather = {};
	size_t n;

	if (!candidates)
		return -ENOMEM;
	n = find_candidates(facts, config, history, candidates);
	qsort(candidates, n, sizeof(*candidates), compare);
	gather.groups = calloc(n ?: 1, sizeof(*gather.groups));
	if (!gather.groups)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++)
		if (!candidates[i].taken)
			gather.groups[gather.n++] =
				form_group(&candidates[i], n - i, config, now_usec);
	*ret = gather;
	return 0;
}

uint64_t regions_next_usec(const struct facts *facts, const struct config *config,
			   const struct history *history, uint64_t now_usec)
{
	_cleanup_(gather_done) struct gather gather = {};
	uint64_t next = UINT64_MAX;

	/* Out of memory: a look a second later is no harm, one that never comes would be. */
	if (gather_all(facts, config, history, now_usec, &gather) < 0)
		return now_usec + RETRY_USEC;
	for (size_t i = 0; i < gather.n; i++)
		if (gather.groups[i].outcome == GATHER_WAITING &&
		    gather.groups[i].until_usec < next)
			next = gather.groups[i].until_usec;
	return next;
}

static void regather(const struct cxl_memdev *memdev, uint64_t now_usec, struct history *history)
{
	struct device_history *past;

	if (gather_is_in_region(memdev) || !history_find(history, memdev->name))
		return;
	past = history_get(history, memdev->name); /* it is there: nothing is made */
	if (!past->released)
		past->first_seen_usec = now_usec;
}

/* Whether both were given up, by one release. */
static bool were_together(const struct device_history *a, const struct device_history *b)
{
	return a && b && a->released && b->released && a->released_usec == b->released_usec;
}

void regions_regather(const struct facts *facts, const char *memdev, uint64_t now_usec,
		      struct history *history)
{
	const struct cxl_memdev *first = memdev ? cxl_find_memdev(&facts->cxl, memdev) : NULL;

	if (memdev && !first)
		return;
	for (size_t i = 0; i < facts->cxl.n_memdevs; i++) {
		const struct cxl_memdev *other = &facts->cxl.memdevs[i];

		if (first && first != other && go_together(first, other) &&
		    were_together(history_find(history, first->name),
				  history_find(history, other->name)))
			history_get(history, other->name)->released = false;
	}
	if (first && history_find(history, first->name))
		history_get(history, first->name)->released = false;
	for (size_t i = 0; i < facts->cxl.n_memdevs; i++)
		if (!first || go_together(first, &facts->cxl.memdevs[i]))
			regather(&facts->cxl.memdevs[i], now_usec, history);
}
