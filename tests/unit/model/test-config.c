/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What two rules have to differ in to be different ones. */
#include <string.h>

#include "base/cleanup.h"
#include "model/config.h"
#include "test-model.h"

static void add_text(struct strv *list, const char *text)
{
	ck_assert_int_eq(strv_add(list, text), 0);
}

static uint64_t numbers[] = {2, 3};

/* Each makes another rule of one that says nothing. */
static void change(struct rule *rule, int i)
{
	switch (i) {
	case 0:
		rule->match_kinds = 1U << DAX_KIND_CXL;
		break;
	case 1:
		add_text(&rule->match_devices, "dax0.*");
		break;
	case 2:
		add_text(&rule->match_regions, "dax0.*");
		break;
	case 3:
		rule->match_serials = (struct u64_list){.items = numbers, .n = 2};
		break;
	case 4:
		rule->match_target_nodes = (struct u64_list){.items = numbers, .n = 2};
		break;
	case 5:
		rule->match_initiator_nodes = (struct u64_list){.items = numbers, .n = 2};
		break;
	case 6:
		rule->match_size_set = true;
		break;
	case 7:
		rule->match_size_set = true;
		rule->match_size.max = 5;
		break;
	case 8:
		rule->match_distance_set = true;
		break;
	case 9:
		rule->match_distance_set = true;
		rule->match_distance.min = 5;
		break;
	case 10:
		rule->mode = RULE_MODE_DEVDAX;
		break;
	case 11:
		rule->memmap = MEMMAP_CHOICE_NO;
		break;
	case 12:
		rule->zone = TARGET_ZONE_KERNEL;
		break;
	case 13: /* one pattern, not two */
		add_text(&rule->match_devices, "dax0.* device=6:dax1.*");
		break;
	case 14:
		add_text(&rule->match_devices, "dax0.*");
		add_text(&rule->match_devices, "dax1.*");
		break;
	case 15:
		rule->match_serials = (struct u64_list){.items = numbers, .n = 1};
		break;
	}
}

#define N_CHANGES 16

static char *fingerprint(int i)
{
	struct rule rule = {.name = strdup("a"), .file = strdup("/etc/daxtier.conf"), .line = 7};
	char *text;

	change(&rule, i);
	text = rule_fingerprint(&rule);
	ck_assert_ptr_nonnull(text);
	rule.match_serials = rule.match_target_nodes = rule.match_initiator_nodes =
		(struct u64_list){};
	rule_done(&rule);
	return text;
}

START_TEST(each_criterion_and_answer_counts)
{
	for (int i = -1; i < N_CHANGES; i++)
		for (int k = -1; k < N_CHANGES; k++) {
			_cleanup_free_ char *a = fingerprint(i), *b = fingerprint(k);

			ck_assert_msg((strcmp(a, b) == 0) == (i == k), "%d, %d: %s", i, k, a);
		}
}
END_TEST

/* A rule may be moved and renamed. */
START_TEST(name_and_place_do_not_count)
{
	struct rule one = {.name = LITERAL("one"), .file = LITERAL("/a"), .line = 1},
		    other = {.name = LITERAL("other"), .file = LITERAL("/b"), .line = 2};
	_cleanup_free_ char *a = rule_fingerprint(&one), *b = rule_fingerprint(&other);

	ck_assert_str_eq(a, b);
}
END_TEST

START_TEST(no_rule_is_like_none)
{
	_cleanup_free_ char *none = rule_fingerprint(NULL),
			    *some = rule_fingerprint(&(struct rule){});

	ck_assert_str_eq(none, "");
	ck_assert_str_ne(some, "");
}
END_TEST

TCase *config_tests(void)
{
	TCase *tests = tcase_create("config");

	tcase_add_test(tests, each_criterion_and_answer_counts);
	tcase_add_test(tests, name_and_place_do_not_count);
	tcase_add_test(tests, no_rule_is_like_none);
	return tests;
}
