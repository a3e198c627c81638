/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What stays released over a restart, and what does not. */
#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "failing-alloc.h"
#include "released.h"
#include "tree.h"

#define GIB UINT64_C(1073741824)

static uint64_t serials[] = {0xabc1, UINT64_MAX};
static struct dax_device devices[2];
static struct cxl_memdev memdevs[2];
static struct facts facts;
static struct rule rules[2];
static struct config config;
static struct history history;
static char *root;

static void release(const char *name)
{
	struct device_history *own = history_get(&history, name);

	ck_assert_ptr_nonnull(own);
	own->released = true;
}

static void setup(void)
{
	devices[0] = (struct dax_device){
		.name = (char *)"dax0.0",
		.path = (char *)"sys/devices/a/dax0.0",
		.kind = DAX_KIND_CXL,
		.size = GIB,
		.serials = serials,
		.n_serials = 2,
	};
	devices[1] = devices[0];
	devices[1].name = (char *)"dax1.0";
	memdevs[0] = (struct cxl_memdev){.name = (char *)"mem0", .serial = 0xabc1};
	memdevs[1] = (struct cxl_memdev){.name = (char *)"mem1", .serial = 0xabc1};
	facts = (struct facts){
		.devices = devices,
		.n_devices = 2,
		.cxl = {.memdevs = memdevs, .n_memdevs = 2},
	};
	rules[0] = (struct rule){.name = (char *)"cxl", .match_kinds = 1U << DAX_KIND_CXL};
	rules[1] = (struct rule){.name = (char *)"rest", .mode = RULE_MODE_DEVDAX};
	config = (struct config){.rules = rules, .n_rules = 2, .create_regions = true};
	history = (struct history){};
	root = tree_new();
}

static void teardown(void)
{
	history_done(&history);
	root = tree_remove(root);
}

static struct json_object *list_of_now(void)
{
	struct json_object *list = released_to_json(&facts, &config, &history);

	ck_assert_ptr_nonnull(list);
	return list;
}

/* Through the file, as the next daemon finds it. */
static struct json_object *list_of_next(void)
{
	struct json_object *list = list_of_now(), *read;

	ck_assert_int_eq(released_write(root, list), 0);
	json_object_put(list);
	ck_assert_int_eq(released_read(root, &read), 0);
	return read;
}

START_TEST(test_what_is_released_is_found_again)
{
	struct json_object *list;
	uint64_t usec = 0;

	history_get(&history, "dax1.0");
	release("dax0.0");
	release("mem1");
	history_get(&history, "mem1")->released_usec = UINT64_C(1) << 40;
	list = list_of_next();
	ck_assert_uint_eq(json_object_array_length(list), 2);
	ck_assert_int_eq(released_has_device(list, &config, &devices[0]), 1);
	ck_assert_int_eq(released_has_device(list, &config, &devices[1]), 0);
	ck_assert_int_eq(released_has_memdev(list, &config, &memdevs[0], &usec), 0);
	ck_assert_uint_eq(usec, 0);
	ck_assert_int_eq(released_has_memdev(list, &config, &memdevs[1], &usec), 1);
	ck_assert_uint_eq(usec, UINT64_C(1) << 40);
	json_object_put(list);
}
END_TEST

/* Each makes another device of it, or another rule. */
static void change(int i)
{
	static uint64_t other_serials[] = {0xabc1, 7};

	switch (i) {
	case 0:
		devices[0].name = (char *)"dax0.1";
		break;
	case 1:
		devices[0].path = (char *)"sys/devices/b/dax0.0";
		break;
	case 2:
		devices[0].size = 2 * GIB;
		break;
	case 3:
		devices[0].serials = other_serials;
		break;
	case 4:
		devices[0].n_serials = 1;
		break;
	case 5: /* falls under the other one */
		devices[0].kind = DAX_KIND_HMEM;
		break;
	case 6:
		rules[0].zone = TARGET_ZONE_KERNEL;
		break;
	case 7:
		config.n_rules = 0;
		break;
	}
}

START_TEST(test_another_device_is_not_meant)
{
	struct json_object *list;

	release("dax0.0");
	list = list_of_next();
	ck_assert_int_eq(released_has_device(list, &config, &devices[0]), 1);
	change(_i);
	ck_assert_int_eq(released_has_device(list, &config, &devices[0]), 0);
	json_object_put(list);
}
END_TEST

static uint64_t numbers[] = {7};

static void change_regions(int i)
{
	switch (i) {
	case 0:
		config.create_regions = false;
		break;
	case 1:
		config.regions_only = (struct u64_list){.items = numbers, .n = 1};
		break;
	case 2:
		config.regions_never = (struct u64_list){.items = numbers, .n = 1};
		break;
	case 3:
		config.interleave_ways = 2;
		break;
	case 4:
		config.interleave_granularity = 4096;
		break;
	case 5:
		memdevs[0].serial++;
		break;
	}
}

START_TEST(test_another_memdev_is_not_meant)
{
	struct json_object *list;
	uint64_t usec;

	release("mem0");
	list = list_of_next();
	change_regions(_i);
	ck_assert_int_eq(released_has_memdev(list, &config, &memdevs[0], &usec), 0);
	json_object_put(list);
}
END_TEST

START_TEST(test_a_reload_that_changes_its_rule)
{
	struct config before = config;
	struct rule old[2] = {rules[0], rules[1]};

	before.rules = old;
	release("dax0.0");
	release("mem0");
	ck_assert_int_eq(released_revise(&facts, &before, &config, &history), 0);
	ck_assert(history_find(&history, "dax0.0")->released);
	ck_assert(history_find(&history, "mem0")->released);

	rules[1].zone = TARGET_ZONE_KERNEL; /* not its own */
	ck_assert_int_eq(released_revise(&facts, &before, &config, &history), 0);
	ck_assert(history_find(&history, "dax0.0")->released);
	rules[0].zone = TARGET_ZONE_KERNEL;
	ck_assert_int_eq(released_revise(&facts, &before, &config, &history), 0);
	ck_assert(!history_find(&history, "dax0.0")->released);
	ck_assert(history_find(&history, "mem0")->released);

	config.interleave_ways = 2;
	ck_assert_int_eq(released_revise(&facts, &before, &config, &history), 0);
	ck_assert(!history_find(&history, "mem0")->released);
}
END_TEST

START_TEST(test_the_file_goes_with_the_last_one)
{
	json_object_put(list_of_next());
	ck_assert(!tree_has(root, "released"));
	release("dax0.0");
	json_object_put(list_of_next());
	ck_assert(tree_has(root, "released"));
	ck_assert(!tree_has(root, "released.new"));
	history_get(&history, "dax0.0")->released = false;
	json_object_put(list_of_next());
	ck_assert(!tree_has(root, "released"));
}
END_TEST

/* The old list stays where the new one cannot be written. */
START_TEST(test_no_place_for_the_file)
{
	_cleanup_free_ char *before = NULL, *after = NULL;
	struct json_object *list;

	release("dax0.0");
	json_object_put(list_of_next());
	before = tree_get(root, "released");
	tree_dir(root, "released.new");
	release("mem0");
	list = list_of_now();
	ck_assert_int_eq(released_write(root, list), -EISDIR);
	after = tree_get(root, "released");
	ck_assert_str_eq(before, after);
	ck_assert_int_eq(released_write("/nowhere", list), -ENOENT);
	json_object_put(list);
}
END_TEST

static const struct {
	const char *text;
	int result;
} damaged[] = {
	{"", -EBADMSG}, {"{}", -EBADMSG}, {"[", -EBADMSG}, {"[7,null,{}]", 0}, {"[]", 0},
};

START_TEST(test_damaged_file)
{
	struct json_object *list;

	tree_put(root, "released", damaged[_i].text);
	ck_assert_int_eq(released_read(root, &list), damaged[_i].result);
	if (damaged[_i].result < 0)
		return;
	ck_assert_int_eq(released_has_device(list, &config, &devices[0]), 0);
	json_object_put(list);
}
END_TEST

START_TEST(test_out_of_memory)
{
	struct json_object *list, *made;
	bool reached = true;
	uint64_t usec;
	int r;

	release("dax0.0");
	release("mem0");
	list = list_of_now();
	for (unsigned n = 1; reached; n++) {
		failing_alloc_arm(n);
		made = released_to_json(&facts, &config, &history);
		reached = failing_alloc_disarm();
		ck_assert_int_eq(made == NULL, reached);
		json_object_put(made);
	}
	for (unsigned n = reached = 1; reached; n++) {
		failing_alloc_arm(n);
		r = released_has_device(list, &config, &devices[0]);
		reached = failing_alloc_disarm();
		ck_assert_int_eq(r, reached ? -ENOMEM : 1);
	}
	for (unsigned n = reached = 1; reached; n++) {
		failing_alloc_arm(n);
		r = released_has_memdev(list, &config, &memdevs[0], &usec);
		reached = failing_alloc_disarm();
		ck_assert_int_eq(r, reached ? -ENOMEM : 1);
	}
	json_object_put(list);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("released");
	TCase *tcase = tcase_create("released");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, test_what_is_released_is_found_again);
	tcase_add_loop_test(tcase, test_another_device_is_not_meant, 0, 8);
	tcase_add_loop_test(tcase, test_another_memdev_is_not_meant, 0, 6);
	tcase_add_test(tcase, test_a_reload_that_changes_its_rule);
	tcase_add_test(tcase, test_the_file_goes_with_the_last_one);
	tcase_add_test(tcase, test_no_place_for_the_file);
	tcase_add_loop_test(tcase, test_damaged_file, 0, ARRAY_SIZE(damaged));
	tcase_add_test(tcase, test_out_of_memory);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
