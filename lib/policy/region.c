/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "policy/region.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/format.h"
#include "policy/reason.h"
#include "policy/region-gather.h"
#include "policy/region-window.h"
#include "policy/retry.h"

#define USEC_PER_MSEC UINT64_C(1000)
#define USEC_PER_SEC  UINT64_C(1000000)

static struct device_plan *add_entry(struct plan *plan, const struct cxl_memdev *memdev)
{
	struct device_plan *regions;
	char *name = strdup(memdev->name);

	if (!name)
		return NULL;
	regions = reallocarray(plan->regions, plan->n_regions + 1, sizeof(*regions));
	if (!regions) {
		free(name);
		return NULL;
	}
	plan->regions = regions;
	regions[plan->n_regions] = (struct device_plan){
		.device = name,
		.purpose = PLAN_CREATE_REGION,
		.rank = UINT_MAX,
		.state = DEVICE_UNMANAGED,
		.target_node = -1,
		.size = memdev->ram_size,
	};
	return &regions[plan->n_regions++];
}

static int explain_no_capacity(const struct cxl_memdev *memdev, char **reason)
{
	char size[FORMAT_SIZE_MAX];

	if (memdev->ram_size > 0)
		return reason_set(reason,
				  "its %s of volatile capacity are less than the 256 MiB that a "
				  "decoder maps at least",
				  format_size(memdev->ram_size, size));
	return reason_set(reason, "it has no volatile capacity, only %s of persistent",
			  format_size(memdev->pmem_size, size));
}

static int explain_in_use(const struct cxl_memdev *memdev, char **reason)
{
	char size[FORMAT_SIZE_MAX];

	for (size_t i = 0; i < memdev->n_decoders; i++)
		if (memdev->decoders[i].dpa_size > 0)
			return reason_set(reason,
					  "%s of it holds %s for somebody else already; it is left "
					  "alone",
					  memdev->decoders[i].name,
					  format_size(memdev->decoders[i].dpa_size, size));
	return 0;
}

/* Of a memdev that is no candidate. */
static int explain_verdict(enum gather_verdict verdict, const struct cxl_memdev *memdev,
			   struct device_plan *entry)
{
	char **reason = &entry->reason;

	switch (verdict) {
	case GATHER_CANDIDATE:
		break;
	case GATHER_NO_CAPACITY:
		return explain_no_capacity(memdev, reason);
	case GATHER_OFF:
		return reason_set(reason,
				  "it is in no region, and [regions] says create-regions = no");
	case GATHER_NEVER:
		return reason_set(reason, "[regions] never has its serial, 0x%" PRIx64,
				  memdev->serial);
	case GATHER_NOT_ONLY:
		return reason_set(reason, "[regions] only does not have its serial, 0x%" PRIx64,
				  memdev->serial);
	case GATHER_INCOMPLETE:
		return reason_set(reason, "not all of it could be read, so it is left alone");
	case GATHER_NOT_ENABLED:
		return reason_set(reason, "the kernel has not enabled it (yet): it has no endpoint "
					  "port; the kernel's log may say why");
	case GATHER_NO_DECODER:
		return reason_set(reason, "its endpoint has no decoder that the kernel can use");
	case GATHER_IN_USE:
		return explain_in_use(memdev, reason);
	case GATHER_RELEASED:
		entry->state = DEVICE_RELEASED;
		return reason_set(reason, "given up by request; it stays so until it is applied or "
					  "plugged anew");
	}
	return 0;
}

/* Not a time that is left, which would be another at each look. */
static int add_span(char **reason, uint64_t usec)
{
	if (usec % USEC_PER_SEC == 0)
		return reason_add(reason, "%" PRIu64 " s", usec / USEC_PER_SEC);
	return reason_add(reason, "%" PRIu64 " ms", usec / USEC_PER_MSEC);
}

static int explain_few(const struct gather_group *group, const struct config *config,
		       struct device_plan *entry)
{
	bool waiting = group->outcome == GATHER_WAITING;
	int r;

	entry->state = waiting ? DEVICE_PENDING : DEVICE_FAILED;
	if (waiting)
		r = reason_set(&entry->reason,
			       "waiting for %zu more of %u memory devices like it behind its host "
			       "bridge, to come within ",
			       group->wanted - group->n, group->wanted);
	else
		r = reason_set(&entry->reason,
			       "only %zu of %u memory devices like it behind its host bridge came "
			       "within ",
			       group->n, group->wanted);
	if (r == 0)
		r = add_span(&entry->reason, config->interleave_gather_usec);
	if (r == 0 && !waiting)
		r = reason_add(&entry->reason,
			       "; it is not put into a smaller region on its own, apply it when "
			       "all are there");
	return r;
}

static int explain_region(const struct gather_group *group, const struct window_choice *choice,
			  struct device_plan *entry)
{
	const struct cxl_memdev *first = group->memdevs[0];
	uint64_t lost = first->ram_size - gather_share(first);
	char size[FORMAT_SIZE_MAX];
	int r;

	r = reason_set(&entry->reason, "in no region; becomes one of %s in %s",
		       format_size(choice->size, size), choice->window->name);
	for (size_t i = 0; r == 0 && group->n > 1 && i < group->n; i++)
		r = reason_add(&entry->reason, "%s%s", i == 0 ? ", interleaved over " : ", ",
			       group->memdevs[i]->name);
	if (r == 0 && lost > 0)
		r = reason_add(&entry->reason,
			       "; %s of each device are lost, as decoders map in units of 256 MiB",
			       format_size(lost, size));
	if (r == 0 && first->ram_qos_class >= 0 && choice->window->qos_class >= 0 &&
	    first->ram_qos_class != choice->window->qos_class)
		r = reason_add(&entry->reason,
			       "; the window's QoS class is %d and the device's %d, of which no "
			       "window will do",
			       choice->window->qos_class, first->ram_qos_class);
	return r;
}

static int add_targets(const struct gather_group *group, struct device_plan *entry)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < group->n; i++) {
		const struct cxl_memdev *memdev = group->memdevs[i];

		r = device_plan_add_target(entry, &(struct region_target){
							  .memdev = memdev->name,
							  .serial = memdev->serial,
							  .decoder = memdev->decoders[0].name,
							  .size = gather_share(memdev),
						  });
	}
	return r;
}

static int add_steps(struct device_plan *entry)
{
	const struct region_plan *region = &entry->region;
	int r = 0;

	for (size_t i = 0; r == 0 && i < region->n_targets; i++)
		r = device_plan_add_step(entry, STEP_SET_DPA, region->targets[i].decoder);
	if (r == 0)
		r = device_plan_add_step(entry, STEP_CREATE_REGION, region->window);
	if (r == 0)
		r = device_plan_add_step(entry, STEP_COMMIT_REGION, NULL);
	if (r == 0)
		r = device_plan_add_step(entry, STEP_ENABLE_REGION, NULL);
	return r;
}

static int propose(const struct gather_group *group, const struct window_choice *choice,
		   struct device_plan *entry)
{
	int r;

	entry->managed = true;
	entry->size = choice->size;
	if (!choice->window) {
		entry->state = DEVICE_FAILED;
		return reason_set(&entry->reason, "no window will do: %s", choice->reason);
	}
	entry->state = DEVICE_PENDING;
	entry->region.window = strdup(choice->window->name);
	if (!entry->region.window)
		return -ENOMEM;
	entry->region.ways = (unsigned)group->n;
	entry->region.granularity = choice->granularity;
	r = add_targets(group, entry);
	if (r == 0)
		r = explain_region(group, choice, entry);
	return r < 0 ? r : add_steps(entry);
}

static int plan_group(const struct gather_group *group, const struct window_choice *choice,
		      const struct config *config, const struct history *history, uint64_t now_usec,
		      struct plan *plan)
{
	const char *name = group->memdevs[0]->name;
	const struct device_history *past = history ? history_find(history, name) : NULL;
	struct device_plan *entry = add_entry(plan, group->memdevs[0]);
	int r;

	if (!entry)
		return -ENOMEM;
	r = group->outcome == GATHER_COMPLETE ? propose(group, choice, entry)
					      : explain_few(group, config, entry);
	return r < 0 || !past ? r : retry_hold(entry, past, now_usec);
}

/* The group that this memdev is the first of; NULL: it goes with another, or with none. */
static const struct gather_group *find_group(const struct gather *gather,
					     const struct cxl_memdev *memdev, size_t *ret_at)
{
	for (size_t i = 0; i < gather->n; i++)
		if (gather->groups[i].memdevs[0] == memdev) {
			*ret_at = i;
			return &gather->groups[i];
		}
	return NULL;
}

static int plan_memdev(const struct cxl_memdev *memdev, const struct gather *gather,
		       const struct window_choice *choices, const struct config *config,
		       const struct history *history, uint64_t now_usec, struct plan *plan)
{
	enum gather_verdict verdict = gather_judge(config, history, memdev);
	const struct gather_group *group;
	struct device_plan *entry;
	size_t at;

	if (verdict == GATHER_CANDIDATE) {
		group = find_group(gather, memdev, &at);
		return group ? plan_group(group, &choices[at], config, history, now_usec, plan) : 0;
	}
	entry = add_entry(plan, memdev);
	return entry ? explain_verdict(verdict, memdev, entry) : -ENOMEM;
}

/*
 * Room is promised in the order in which memdevs were seen, so that one that comes later takes
 * nothing from those before it.
 */
static int choose_windows(const struct facts *facts, const struct config *config,
			  const struct gather *gather, struct window_choice *choices)
{
	_cleanup_(window_space_done) struct window_space space = {};
	int r;

	r = window_space_init(&space, facts);
	for (size_t i = 0; r == 0 && i < gather->n; i++)
		if (gather->groups[i].outcome == GATHER_COMPLETE)
			r = window_choose(&space, config, &gather->groups[i], &choices[i]);
	return r;
}

int regions_plan(const struct facts *facts, const struct config *config,
		 const struct history *history, uint64_t now_usec, struct plan *plan)
{
	_cleanup_(gather_done) struct gather gather = {};
	struct window_choice *choices;
	int r;

	if (facts->cxl.n_memdevs == 0)
		return 0;
	r = gather_all(facts, config, history, now_usec, &gather);
	if (r < 0)
		return r;
	choices = calloc(gather.n ?: 1, sizeof(*choices));
	if (!choices)
		return -ENOMEM;
	r = choose_windows(facts, config, &gather, choices);
	for (size_t i = 0; r == 0 && i < facts->cxl.n_memdevs; i++)
		if (!gather_is_in_region(&facts->cxl.memdevs[i]))
			r = plan_memdev(&facts->cxl.memdevs[i], &gather, choices, config, history,
					now_usec, plan);
	for (size_t i = 0; i < gather.n; i++)
		free(choices[i].reason);
	free(choices);
	return r;
}
