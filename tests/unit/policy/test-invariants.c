/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <check.h>
#include <inttypes.h>
#include <string.h>

#include "dice.h"
#include "suites.h"

/* What holds of every plan, whatever the host, the policy and the past. */

#define ROUNDS 2000

struct subject {
	unsigned round;
	const struct bench *bench;
	const struct dax_device *device;
	const struct device_plan *plan;
	const struct rule *rule;
	const struct device_history *history;
	struct block_counts blocks;
};

#define assert_holds(subject, condition)                                                           \
	ck_assert_msg(condition, "round %u, %s (%s, %s): %s, steps: %s", (subject)->round,         \
		      (subject)->device->name, device_state_to_string((subject)->plan->state),     \
		      (subject)->plan->reason, #condition, bench_steps((subject)->plan))

static size_t find_step(const struct device_plan *plan, enum step_kind kind, size_t from)
{
	while (from < plan->n_steps && plan->steps[from].kind != kind)
		from++;
	return from;
}

static bool is_driver(const struct dax_device *device, const char *driver)
{
	return device->driver && strcmp(device->driver, driver) == 0;
}

static size_t blocks_in_use(const struct dax_device *device)
{
	size_t n = 0;

	for (size_t i = 0; i < device->n_blocks; i++)
		n += device->blocks[i].state == BLOCK_ONLINE ||
		     device->blocks[i].state == BLOCK_GOING_OFFLINE;
	return n;
}

static void check_words(const struct subject *s)
{
	assert_holds(s, s->plan->reason && s->plan->reason[0]);
	assert_holds(s, !s->plan->managed || s->plan->memmap.reason);
	assert_holds(s, s->plan->managed == (s->rule && s->rule->mode != RULE_MODE_IGNORE));
	assert_holds(s, s->rule ? strcmp(s->plan->rule, s->rule->name) == 0 : !s->plan->rule);
	assert_holds(s, !s->plan->memmap.effective || s->plan->managed);
	assert_holds(s, s->plan->n_steps == 0 || s->plan->state == DEVICE_PENDING);
}

/* What may hold data is bound to kmem only for a rule that names its kind. */
static void check_data(const struct subject *s)
{
	if (!bench_has_step(s->plan, STEP_BIND_KMEM))
		return;
	assert_holds(s, s->device->kind != DAX_KIND_UNKNOWN);
	if (s->device->kind == DAX_KIND_PMEM)
		assert_holds(s, s->rule->match_kinds & (1U << DAX_KIND_PMEM));
}

static bool is_offlining(const struct plan_step *step)
{
	return step->kind == STEP_OFFLINE_BLOCKS || step->kind == STEP_UNPLUG;
}

static bool offlined_before(const struct device_plan *plan, size_t step)
{
	for (size_t i = 0; i < step; i++)
		if (is_offlining(&plan->steps[i]))
			return true;
	return false;
}

/* Memory that is online goes offline only by leave: of the configuration, or of an operator. */
static void check_offline(const struct subject *s)
{
	const struct device_plan *plan = s->plan;
	enum device_request request = s->history->request;
	enum convert_mode convert = s->bench->config.convert;
	bool may = convert == CONVERT_ALWAYS || request == REQUEST_FORCE ||
		   (convert == CONVERT_HOT_ADDED && s->history->hot_added);
	size_t n = 0;

	for (size_t i = 0; i < plan->n_steps; i++) {
		if (!is_offlining(&plan->steps[i]))
			continue;
		n++;
		assert_holds(s, may || plan->purpose == PLAN_RELEASE);
		assert_holds(s, is_driver(s->device, "kmem"));
		assert_holds(s, blocks_in_use(s->device) > 0);
		assert_holds(s, plan->steps[i].kind == STEP_OFFLINE_BLOCKS || s->device->state);
		assert_holds(s, i + 1 < plan->n_steps);
		assert_holds(s, plan->steps[i + 1].kind == STEP_UNBIND_DRIVER ||
					plan->steps[i + 1].kind == STEP_ONLINE_BLOCKS);
	}
	assert_holds(s, n <= 1);
}

static void check_release(const struct subject *s)
{
	const struct device_plan *plan = s->plan;
	enum device_request request = s->history->request;
	bool asked = request == REQUEST_RELEASE || request == REQUEST_EJECT;

	assert_holds(s, (plan->purpose == PLAN_RELEASE) == asked);
	assert_holds(s, plan->deadline_usec == (asked ? s->history->deadline_usec : 0));
	if (asked || (s->history->released && request == REQUEST_NONE)) {
		assert_holds(s, !bench_has_step(plan, STEP_BIND_KMEM));
		assert_holds(s, !bench_has_step(plan, STEP_BIND_DEVDAX));
		assert_holds(s, !bench_has_step(plan, STEP_ONLINE_BLOCKS));
		assert_holds(s, asked || plan->n_steps == 0);
	}
	/* Without CXL facts there is no region that anybody could make again. */
	assert_holds(s, request != REQUEST_EJECT || plan->n_steps == 0);
}

static void check_what_is_never_touched(const struct subject *s)
{
	const struct device_plan *plan = s->plan;
	size_t unbind = find_step(plan, STEP_UNBIND_DRIVER, 0);

	if (s->device->n_holders > 0 || is_driver(s->device, "fsdev_dax"))
		assert_holds(s, plan->n_steps == 0);
	if (plan->state == DEVICE_HELD_BACK || plan->state == DEVICE_FAILED)
		assert_holds(s, plan->n_steps == 0);
	if (unbind < plan->n_steps) {
		assert_holds(s, plan->managed || plan->purpose == PLAN_RELEASE);
		assert_holds(s, is_driver(s->device, plan->steps[unbind].value));
		assert_holds(s, blocks_in_use(s->device) == 0 || offlined_before(plan, unbind));
	}
	if (s->blocks.online > 0)
		assert_holds(s, plan->state != DEVICE_HELD_BACK);
	if (!plan->managed)
		assert_holds(s, plan->n_steps == 0 || plan->purpose == PLAN_RELEASE ||
					(plan->n_steps == 1 && !s->device->driver &&
					 plan->steps[0].kind == STEP_PROBE_DEFAULT));
}

static void check_knob(const struct subject *s)
{
	const struct device_plan *plan = s->plan;
	size_t bind = find_step(plan, STEP_BIND_KMEM, 0);
	size_t set = find_step(plan, STEP_SET_MEMMAP, 0);
	bool can = memmap_can_be_effective(&s->bench->facts.host, s->device);
	bool on = s->device->knob == MEMMAP_KNOB_ON;

	assert_holds(s, !plan->memmap.effective || can);
	if (bind < plan->n_steps && s->device->knob != MEMMAP_KNOB_ABSENT &&
	    on != plan->memmap.wanted && (can || !plan->memmap.wanted))
		assert_holds(s, set < bind);
	if (set == plan->n_steps)
		return;
	assert_holds(s, s->device->knob != MEMMAP_KNOB_ABSENT);
	assert_holds(s, set < bind && bind < plan->n_steps);
	assert_holds(s, strcmp(plan->steps[set].value, plan->memmap.wanted ? "1" : "0") == 0);
	assert_holds(s, can || strcmp(plan->steps[set].value, "0") == 0);
	if (s->device->driver)
		assert_holds(s, find_step(plan, STEP_UNBIND_DRIVER, 0) < set);
}

/* Every hold is followed by one bind, that by its restore, and nothing else is in between. */
static void check_hold(const struct subject *s)
{
	const struct device_plan *plan = s->plan;
	size_t hold = find_step(plan, STEP_HOLD_AUTO_ONLINE, 0);
	size_t bind = find_step(plan, STEP_BIND_KMEM, 0);
	bool has_policy = s->bench->facts.host.auto_online != ONLINE_POLICY_UNKNOWN;

	assert_holds(s, find_step(plan, STEP_BIND_KMEM, bind + 1) >= plan->n_steps);
	assert_holds(s, (bind < plan->n_steps && has_policy) == (hold < plan->n_steps));
	if (hold < plan->n_steps) {
		assert_holds(s, bind == hold + 1);
		assert_holds(s, find_step(plan, STEP_RESTORE_AUTO_ONLINE, 0) == bind + 1);
	} else {
		assert_holds(s, !bench_has_step(plan, STEP_RESTORE_AUTO_ONLINE));
	}
	if (bind < plan->n_steps && !s->bench->facts.host.kmem_loaded)
		assert_holds(s, plan->steps[0].kind == STEP_LOAD_MODULE);
}

static void check_new_id(const struct subject *s)
{
	if (s->device->kind == DAX_KIND_CXL || s->device->kind == DAX_KIND_HMEM ||
	    !bench_has_step(s->plan, STEP_BIND_KMEM))
		return;
	for (size_t i = 0; i < s->bench->facts.n_devices; i++) {
		const struct dax_device *other = &s->bench->devices[i];

		assert_holds(s, other->driver || (other->kind != DAX_KIND_CXL &&
						  other->kind != DAX_KIND_HMEM));
	}
}

/* All that is planned to go online at once is within the guard. */
static void check_ratio(const struct bench *bench, unsigned round)
{
	uint64_t movable = facts_movable_total(&bench->facts);
	uint64_t kernel = facts_kernel_total(&bench->facts);
	bool grows = false;

	for (size_t i = 0; i < bench->plan->n_devices; i++) {
		const struct dax_device *device = &bench->devices[i];
		const struct device_plan *plan = &bench->plan->devices[i];
		struct block_counts blocks = dax_device_count_blocks(device);
		uint64_t more = device->usable - blocks.online * bench->facts.host.block_size;

		if (!bench_has_step(plan, STEP_BIND_KMEM) &&
		    !bench_has_step(plan, STEP_ONLINE_BLOCKS))
			continue;
		if (plan->zone == TARGET_ZONE_KERNEL) {
			kernel += more;
			continue;
		}
		movable += more;
		grows |= blocks.online == 0;
	}
	/* What was half online already is finished in any case, and may exceed it. */
	for (size_t i = 0; i < bench->plan->n_devices; i++)
		if (dax_device_count_blocks(&bench->devices[i]).online > 0)
			return;
	ck_assert_msg(!grows || bench->config.movable_max_ratio == 0 ||
			      movable <= kernel * bench->config.movable_max_ratio,
		      "round %u: %" PRIu64 " movable beside %" PRIu64, round, movable, kernel);
}

START_TEST(any_plan)
{
	static const struct device_history nothing;
	struct dice dice = {.state = 0x5eed0001};

	for (unsigned round = 0; round < ROUNDS; round++) {
		struct bench bench;

		bench_init(&bench);
		dice_arrange(&dice, &bench);
		for (size_t i = 0; i < bench.facts.n_devices; i++) {
			const struct dax_device *device = &bench.devices[i];
			struct subject s = {
				.round = round,
				.bench = &bench,
				.device = device,
				.plan = bench_plan(&bench, device),
				.rule = policy_match(&bench.config, device),
				.history = history_find(&bench.history, device->name) ?: &nothing,
				.blocks = dax_device_count_blocks(device),
			};

			check_words(&s);
			check_data(&s);
			check_what_is_never_touched(&s);
			check_offline(&s);
			check_release(&s);
			check_knob(&s);
			check_hold(&s);
			check_new_id(&s);
		}
		check_ratio(&bench, round);
		bench_done(&bench);
	}
}
END_TEST

TCase *invariants_tests(void)
{
	TCase *tests = tcase_create("invariants");

	tcase_set_timeout(tests, 60);
	tcase_add_test(tests, any_plan);
	return tests;
}
