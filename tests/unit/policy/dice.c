/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dice.h"

#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

/* xorshift64* (Marsaglia, Vigna). */
unsigned dice_below(struct dice *dice, unsigned n)
{
	dice->state ^= dice->state >> 12;
	dice->state ^= dice->state << 25;
	dice->state ^= dice->state >> 27;
	return (unsigned)((dice->state * UINT64_C(0x2545f4914f6cdd1d)) >> 33) % n;
}

bool dice_once_in(struct dice *dice, unsigned n)
{
	return dice_below(dice, n) == 0;
}

unsigned dice_distance(struct dice *dice)
{
	static const unsigned distances[] = {10, 12, 20, 21, 25, 31, 40, 41, 60, 255};

	return distances[dice_below(dice, ARRAY_SIZE(distances))];
}

static uint64_t dice_size(struct dice *dice)
{
	static const uint64_t sizes[] = {64 * MIB, 128 * MIB, GIB,	GIB + 2 * MIB,
					 4 * GIB,  16 * GIB,  16 * GIB, 32 * GIB};

	return sizes[dice_below(dice, ARRAY_SIZE(sizes))];
}

static void arrange_host(struct dice *dice, struct bench *bench)
{
	struct host *host = &bench->facts.host;

	host->auto_online = (enum online_policy)dice_below(dice, ONLINE_POLICY_MAX);
	host->memmap_param = dice_once_in(dice, 3)
				     ? (enum memmap_param)dice_below(dice, MEMMAP_PARAM_MAX)
				     : MEMMAP_PARAM_ON;
	host->dax_autoprobe = dice_once_in(dice, 4) ? (int)dice_below(dice, 3) - 1 : 0;
	host->kmem_loaded = !dice_once_in(dice, 4);
	host->device_dax_loaded = !dice_once_in(dice, 8);
	if (dice_once_in(dice, 50))
		host->block_size = 0;
	bench->nodes[0].total = bench->nodes[0].kernel = (UINT64_C(4) << dice_below(dice, 5)) * GIB;
	if (dice_once_in(dice, 30))
		bench->nodes[0].total = 0;
	if (dice_once_in(dice, 10))
		bench->nodes[0].movable = 16 * GIB;
}

static void arrange_settings(struct dice *dice, struct config *config)
{
	config->claim = !dice_once_in(dice, 8);
	config->convert = (enum convert_mode)dice_below(dice, CONVERT_MAX);
	config->memmap_min_size = (UINT64_C(1) << dice_below(dice, 7)) * GIB;
	config->memmap_max_distance = dice_distance(dice);
	config->memmap_dram_budget = dice_below(dice, 600);
	config->movable_max_ratio = dice_below(dice, 6);
}

static void arrange_rule(struct dice *dice, struct bench *bench)
{
	struct rule *rule = bench_add_rule(bench, "a");

	rule->name[0] = (char)('a' + (int)bench->config.n_rules - 1);
	if (dice_once_in(dice, 3))
		rule->match_kinds = 1 + dice_below(dice, 15);
	if (dice_once_in(dice, 4))
		ck_assert_int_eq(strv_add(&rule->match_devices, "dax[02].*"), 0);
	if (dice_once_in(dice, 2)) {
		rule->match_distance_set = true;
		rule->match_distance.min = dice_distance(dice);
		rule->match_distance.max =
			dice_once_in(dice, 2) ? UINT64_MAX
					      : rule->match_distance.min + dice_below(dice, 30);
	}
	if (dice_once_in(dice, 4)) {
		rule->match_size_set = true;
		rule->match_size = (struct u64_span){GIB, dice_size(dice) + GIB};
	}
	rule->mode = dice_once_in(dice, 3) ? (enum rule_mode)dice_below(dice, RULE_MODE_MAX)
					   : RULE_MODE_SYSTEM_RAM;
	rule->memmap = dice_once_in(dice, 3)
			       ? (enum memmap_choice)dice_below(dice, MEMMAP_CHOICE_MAX)
			       : MEMMAP_CHOICE_AUTO;
	rule->zone = dice_once_in(dice, 4) ? TARGET_ZONE_KERNEL : TARGET_ZONE_MOVABLE;
}

/* Bound to kmem, in any of the conditions in which others may have left it. */
static void arrange_blocks(struct dice *dice, struct dax_device *device)
{
	static const enum zone zones[] = {ZONE_MOVABLE, ZONE_MOVABLE, ZONE_NORMAL, ZONE_NONE};
	size_t n = device->n_blocks;

	bench_bind_kmem(device, BLOCK_OFFLINE, ZONE_NONE);
	if (dice_once_in(dice, 3))
		device->state = strdup("online_movable");
	switch (dice_below(dice, 6)) {
	case 0:
		break;
	case 1:
		bench_set_blocks(device, n, BLOCK_ABSENT, ZONE_NONE);
		if (device->state) {
			free(device->state);
			device->state = strdup("unplugged");
		}
		break;
	case 2:
		bench_set_blocks(device, n / 2, BLOCK_ONLINE, zones[dice_below(dice, 4)]);
		bench_set_blocks(device, n / 4, BLOCK_ABSENT, ZONE_NONE);
		break;
	case 3:
		bench_set_blocks(device, n, BLOCK_ONLINE, ZONE_MOVABLE);
		bench_set_blocks(device, n > 0, BLOCK_GOING_OFFLINE, ZONE_NONE);
		break;
	case 4:
		bench_set_blocks(device, n / 2, BLOCK_ONLINE, zones[dice_below(dice, 4)]);
		break;
	case 5:
		bench_set_blocks(device, n, BLOCK_ONLINE, zones[dice_below(dice, 4)]);
		break;
	}
}

/* What is online counts on the host. */
static void account_blocks(struct bench *bench, const struct dax_device *device)
{
	struct block_counts counts = dax_device_count_blocks(device);

	bench->nodes[1].movable += counts.movable * bench->facts.host.block_size;
	bench->nodes[1].kernel += (counts.online - counts.movable) * bench->facts.host.block_size;
}

static void arrange_device(struct dice *dice, struct bench *bench)
{
	struct dax_device *device = bench_add_device(
		bench, (enum dax_kind)dice_below(dice, DAX_KIND_MAX), dice_size(dice));

	if (dice_once_in(dice, 20))
		device->target_node = -1;
	device->knob = dice_once_in(dice, 3) ? (enum memmap_knob)dice_below(dice, MEMMAP_KNOB_MAX)
					     : device->knob;
	bench_set_distance(device, dice_distance(dice),
			   dice_once_in(dice, 2) ? DISTANCE_DEFAULT : DISTANCE_SLIT);
	if (dice_once_in(dice, 10))
		bench_set_distance(device, 0, DISTANCE_UNKNOWN);

	if (dice_once_in(dice, 12))
		device->unknown = 1 + dice_below(dice, (1U << DEVICE_FACT_MAX) - 1);

	switch (dice_below(dice, 6)) {
	case 0:
	case 1:
	case 2:
		break;
	case 3:
		bench_set_driver(device, "device_dax");
		if (dice_once_in(dice, 3))
			bench_add_holder(device, 42, "user", dice_once_in(dice, 2));
		break;
	case 4:
		bench_set_driver(device, dice_once_in(dice, 4) ? "fsdev_dax" : "device_dax");
		break;
	case 5:
		arrange_blocks(dice, device);
		bench_set_distance(device, dice_distance(dice), DISTANCE_LIBNUMA);
		break;
	}
	account_blocks(bench, device);
}

static void arrange_history(struct dice *dice, struct bench *bench, const struct dax_device *device)
{
	struct device_history *history = bench_history(bench, device);

	history->hot_added = dice_once_in(dice, 2);
	history->unprobed = dice_once_in(dice, 2);
	history->handed_over = dice_once_in(dice, 4);
	history->rebinds = dice_once_in(dice, 4);
	history->released = dice_once_in(dice, 10);
	if (dice_once_in(dice, 4)) {
		history->request = (enum device_request)dice_below(dice, REQUEST_MAX);
		history->deadline_usec = 5;
	}
	if (dice_once_in(dice, 6)) {
		history->failures = 1 + dice_below(dice, 5);
		history->error = -EBUSY;
		history->step = dice_once_in(dice, 2) ? STEP_BIND_KMEM : STEP_OFFLINE_BLOCKS;
		history->retry_at_usec = dice_once_in(dice, 2) ? UINT64_MAX : dice_below(dice, 5);
	}
}

void dice_arrange(struct dice *dice, struct bench *bench)
{
	unsigned rules = dice_below(dice, 5), devices = 1 + dice_below(dice, 5);

	arrange_host(dice, bench);
	arrange_settings(dice, &bench->config);
	for (unsigned i = 0; i < rules; i++)
		arrange_rule(dice, bench);
	for (unsigned i = 0; i < devices; i++) {
		arrange_device(dice, bench);
		if (dice_once_in(dice, 2))
			arrange_history(dice, bench, &bench->devices[i]);
	}
	bench->now_usec = 3;
}
