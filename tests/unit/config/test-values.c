/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Good and bad values of every key, the bad ones with the whole message. */

#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "config/config-key.h"
#include "outcome.h"
#include "suites.h"

#define K (UINT64_C(1) << 10)
#define G (UINT64_C(1) << 30)
#define E (UINT64_C(1) << 60)

/* A file in which the key has this value, and nothing else is wrong. Owned by the caller. */
static char *file_with(const char *section, const char *key, const char *value)
{
	bool rule = strcmp(section, "rule") == 0;
	/* Every rule needs a mode. */
	const char *more = rule && strcmp(key, "mode") != 0 ? "mode = system-ram\n" : "";
	char *text;

	ck_assert_int_gt(
		asprintf(&text, "[%s%s]\n%s = %s\n%s", section, rule ? " r" : "", key, value, more),
		0);
	return text;
}

/* A number in the configuration or in its only rule, of a type of 1, 4 or 8 bytes. */
#define IN_CONFIG(member) offsetof(struct config, member), sizeof(((struct config *)NULL)->member)
#define IN_RULE(member)	  offsetof(struct rule, member), sizeof(((struct rule *)NULL)->member)

static const struct {
	const char *section, *key;
	size_t offset, size;
	const char *value;
	uint64_t expected;
} numbers[] = {
	{"daemon", "claim", IN_CONFIG(claim), "yes", true},
	{"daemon", "claim", IN_CONFIG(claim), "no", false},
	{"daemon", "claim", IN_CONFIG(claim), "False", false},
	{"daemon", "claim", IN_CONFIG(claim), "0", false},
	{"daemon", "claim", IN_CONFIG(claim), "on", true},
	{"daemon", "settle", IN_CONFIG(settle_usec), "0", 0},
	{"daemon", "settle", IN_CONFIG(settle_usec), "1", 1000000},
	{"daemon", "settle", IN_CONFIG(settle_usec), "250us", 250},
	{"daemon", "settle", IN_CONFIG(settle_usec), "50ms", 50000},
	{"daemon", "settle", IN_CONFIG(settle_usec), "10s", 10000000},
	{"daemon", "convert", IN_CONFIG(convert), "never", CONVERT_NEVER},
	{"daemon", "convert", IN_CONFIG(convert), "hot-added", CONVERT_HOT_ADDED},
	{"daemon", "convert", IN_CONFIG(convert), "always", CONVERT_ALWAYS},
	{"regions", "create-regions", IN_CONFIG(create_regions), "yes", true},
	{"regions", "create-regions", IN_CONFIG(create_regions), "no", false},
	{"regions", "interleave", IN_CONFIG(interleave_ways), "none", 0},
	{"regions", "interleave", IN_CONFIG(interleave_ways), "2", 2},
	{"regions", "interleave", IN_CONFIG(interleave_ways), "8", 8},
	{"regions", "interleave", IN_CONFIG(interleave_ways), "16", 16},
	{"regions", "granularity", IN_CONFIG(interleave_granularity), "auto", 0},
	{"regions", "granularity", IN_CONFIG(interleave_granularity), "256", 256},
	{"regions", "granularity", IN_CONFIG(interleave_granularity), "16K", 16 * K},
	{"regions", "gather", IN_CONFIG(interleave_gather_usec), "10s", 10000000},
	{"regions", "gather", IN_CONFIG(interleave_gather_usec), "600", 600000000},
	{"memmap", "min-size", IN_CONFIG(memmap_min_size), "0", 0},
	{"memmap", "min-size", IN_CONFIG(memmap_min_size), "4096", 4096},
	{"memmap", "min-size", IN_CONFIG(memmap_min_size), "3K", 3 * K},
	{"memmap", "min-size", IN_CONFIG(memmap_min_size), "128GiB", 128 * G},
	{"memmap", "min-size", IN_CONFIG(memmap_min_size), "15E", 15 * E},
	{"memmap", "min-size", IN_CONFIG(memmap_min_size), "18446744073709551615", UINT64_MAX},
	{"memmap", "max-distance", IN_CONFIG(memmap_max_distance), "10", 10},
	{"memmap", "max-distance", IN_CONFIG(memmap_max_distance), "255", 255},
	{"memmap", "dram-budget", IN_CONFIG(memmap_dram_budget), "0%", 0},
	{"memmap", "dram-budget", IN_CONFIG(memmap_dram_budget), "0.25%", 25},
	{"memmap", "dram-budget", IN_CONFIG(memmap_dram_budget), "12.5%", 1250},
	{"memmap", "dram-budget", IN_CONFIG(memmap_dram_budget), "100%", 10000},
	{"movable", "max-ratio", IN_CONFIG(movable_max_ratio), "1", 1},
	{"movable", "max-ratio", IN_CONFIG(movable_max_ratio), "1000", 1000},
	{"movable", "max-ratio", IN_CONFIG(movable_max_ratio), "none", 0},
	{"rule", "match-kind", IN_RULE(match_kinds), "cxl", 1 << DAX_KIND_CXL},
	{"rule", "match-kind", IN_RULE(match_kinds), "hmem , pmem",
	 1 << DAX_KIND_HMEM | 1 << DAX_KIND_PMEM},
	{"rule", "match-kind", IN_RULE(match_kinds), "cxl,cxl", 1 << DAX_KIND_CXL},
	{"rule", "match-size", IN_RULE(match_size.min), "64G..", 64 * G},
	{"rule", "match-size", IN_RULE(match_size.max), "64G..", UINT64_MAX},
	{"rule", "match-size", IN_RULE(match_size.min), "..64G", 0},
	{"rule", "match-size", IN_RULE(match_size.max), "..64G", 64 * G},
	{"rule", "match-size", IN_RULE(match_size.min), "1G..2G", G},
	{"rule", "match-size", IN_RULE(match_size.max), "1G..2G", 2 * G},
	{"rule", "match-size", IN_RULE(match_size.min), "1073741824", G},
	{"rule", "match-size", IN_RULE(match_size.max), "1073741824", G},
	{"rule", "match-size", IN_RULE(match_size.max), "..15E", 15 * E},
	{"rule", "match-size", IN_RULE(match_size_set), "1G", true},
	{"rule", "match-distance", IN_RULE(match_distance.min), "20..40", 20},
	{"rule", "match-distance", IN_RULE(match_distance.max), "20..40", 40},
	{"rule", "match-distance", IN_RULE(match_distance.min), "41..", 41},
	{"rule", "match-distance", IN_RULE(match_distance.max), "41..", UINT64_MAX},
	{"rule", "match-distance", IN_RULE(match_distance.max), "..255", 255},
	{"rule", "match-distance", IN_RULE(match_distance_set), "21", true},
	{"rule", "match-distance", IN_RULE(match_size_set), "21", false},
	{"rule", "mode", IN_RULE(mode), "system-ram", RULE_MODE_SYSTEM_RAM},
	{"rule", "mode", IN_RULE(mode), "devdax", RULE_MODE_DEVDAX},
	{"rule", "mode", IN_RULE(mode), "ignore", RULE_MODE_IGNORE},
	{"rule", "memmap-on-memory", IN_RULE(memmap), "auto", MEMMAP_CHOICE_AUTO},
	{"rule", "memmap-on-memory", IN_RULE(memmap), "yes", MEMMAP_CHOICE_YES},
	{"rule", "memmap-on-memory", IN_RULE(memmap), "no", MEMMAP_CHOICE_NO},
	{"rule", "zone", IN_RULE(zone), "movable", TARGET_ZONE_MOVABLE},
	{"rule", "zone", IN_RULE(zone), "kernel", TARGET_ZONE_KERNEL},
};

static uint64_t read_number(const void *object, size_t offset, size_t size)
{
	const char *at = (const char *)object + offset;
	bool b;
	unsigned u;
	uint64_t v;

	if (size == sizeof(b))
		return *(const bool *)at;
	if (size == sizeof(u)) {
		memcpy(&u, at, sizeof(u));
		return u;
	}
	ck_assert_uint_eq(size, sizeof(v));
	memcpy(&v, at, sizeof(v));
	return v;
}

START_TEST(good_numbers_and_words)
{
	_cleanup_(outcome_done) struct outcome outcome = {0};
	_cleanup_free_ char *text =
		file_with(numbers[_i].section, numbers[_i].key, numbers[_i].value);
	bool rule = strcmp(numbers[_i].section, "rule") == 0;
	const struct config *config;

	outcome = read_text(text);
	config = assert_config(&outcome);
	ck_assert_uint_eq(config->n_rules, rule);
	ck_assert_uint_eq(read_number(rule ? (const void *)config->rules : (const void *)config,
				      numbers[_i].offset, numbers[_i].size),
			  numbers[_i].expected);
}
END_TEST

static const struct {
	const char *key, *value;
	size_t offset;
	uint64_t expected[4];
	size_t n;
	bool setting; /* of the section regions, not of a rule */
} number_lists[] = {
	{"match-serial", "0xABC1", offsetof(struct rule, match_serials), {0xabc1}, 1, false},
	{"match-serial",
	 "0,0xffffffffffffffff,12",
	 offsetof(struct rule, match_serials),
	 {0, UINT64_MAX, 12},
	 3,
	 false},
	{"match-target-node",
	 "2 ,3,\t1023",
	 offsetof(struct rule, match_target_nodes),
	 {2, 3, 1023},
	 3,
	 false},
	{"match-initiator-node", "0", offsetof(struct rule, match_initiator_nodes), {0}, 1, false},
	{"only", "0xabc1, 2", offsetof(struct config, regions_only), {0xabc1, 2}, 2, true},
	{"never", "0", offsetof(struct config, regions_never), {0}, 1, true},
};

START_TEST(good_lists_of_numbers)
{
	_cleanup_(outcome_done) struct outcome outcome = {0};
	_cleanup_free_ char *text = file_with(number_lists[_i].setting ? "regions" : "rule",
					      number_lists[_i].key, number_lists[_i].value);
	const struct config *config;
	const struct u64_list *list;

	outcome = read_text(text);
	config = assert_config(&outcome);
	list = (const struct u64_list *)((number_lists[_i].setting ? (const char *)config
								   : (const char *)config->rules) +
					 number_lists[_i].offset);
	ck_assert_uint_eq(list->n, number_lists[_i].n);
	for (size_t i = 0; i < list->n; i++)
		ck_assert_uint_eq(list->items[i], number_lists[_i].expected[i]);
}
END_TEST

static const struct {
	const char *key, *value;
	size_t offset;
	const char *expected[3];
	size_t n;
} pattern_lists[] = {
	{"match-device", "dax0.*", offsetof(struct rule, match_devices), {"dax0.*"}, 1},
	{"match-device",
	 "dax[!0-3].?, dax[]a].0 ,dax[!]].0",
	 offsetof(struct rule, match_devices),
	 {"dax[!0-3].?", "dax[]a].0", "dax[!]].0"},
	 3},
	/* Neither is a comment: nothing blank precedes it. */
	{"match-region",
	 "region#,r;*",
	 offsetof(struct rule, match_regions),
	 {"region#", "r;*"},
	 2},
};

START_TEST(good_lists_of_patterns)
{
	_cleanup_(outcome_done) struct outcome outcome = {0};
	_cleanup_free_ char *text =
		file_with("rule", pattern_lists[_i].key, pattern_lists[_i].value);
	const struct strv *list;

	outcome = read_text(text);
	list = (const struct strv *)((const char *)assert_config(&outcome)->rules +
				     pattern_lists[_i].offset);
	ck_assert_uint_eq(list->n, pattern_lists[_i].n);
	for (size_t i = 0; i < list->n; i++)
		ck_assert_str_eq(list->items[i], pattern_lists[_i].expected[i]);
}
END_TEST

#define BOOL	" is neither yes nor no; use yes or no"
#define SETTLE	"; use a number with us, ms or s (alone: seconds), at most 10s, as in 200ms"
#define CONVERT " is not known; use never, hot-added or always"
#define THREE_BRIDGES                                                                              \
	" needs memory devices below three host bridges, and only those below one go together"
#define WAYS	    "; use 2, 4, 8 or 16, or none"
#define GRANULARITY "; use a power of two from 256 to 16K, or auto, as in 256"
#define SIZE	    "; use bytes, or K, M, G, T, P or E, as in 64G"
#define DIST	    "; use a NUMA distance from 10 (local) to 255"
#define PERCENT	    "; use a percentage from 0% to 100% with at most two decimals, as in 5%"
#define RATIO	    "; use a whole number from 1 to 1000, or none"
#define KINDS	    "; use cxl, hmem or pmem, or several of them with commas, as in cxl,hmem"
#define DEVICES	    "; use shell patterns for names, with commas, as in dax0.*"
#define REGIONS	    "; use shell patterns for names, with commas, as in region0"
#define SERIALS                                                                                    \
	"; use serial numbers, decimal or hexadecimal with 0x, with commas, as in 0xabc1,0xabc2"
#define TARGETS	   "; use node numbers from 0 to 1023 with commas, as in 2,3"
#define INITIATORS "; use node numbers from 0 to 1023 with commas, as in 0,1"
#define SIZES	   "; use A..B, A.., ..B or A in bytes, or with K, M, G, T, P or E, as in 64G.."
#define DISTS	   "; use A..B, A.., ..B or A with NUMA distances up to 255, as in 20..40"

static const struct {
	const char *section, *key, *value, *message;
} bad[] = {
	{"daemon", "claim", "maybe", "\"maybe\"" BOOL},
	{"daemon", "claim", "2", "\"2\"" BOOL},
	{"daemon", "claim", "", "has no value; use yes or no"},
	{"daemon", "settle", "soon", "\"soon\" is not a time span" SETTLE},
	{"daemon", "settle", "-1s", "\"-1s\" is not a time span" SETTLE},
	{"daemon", "settle", "200 ms", "\"200 ms\" is not a time span" SETTLE},
	{"daemon", "settle", "200", "\"200\" is out of range" SETTLE},
	{"daemon", "settle", "10001ms", "\"10001ms\" is out of range" SETTLE},
	{"daemon", "settle", "99999999999999999999s",
	 "\"99999999999999999999s\" is out of range" SETTLE},
	{"daemon", "settle", "", "has no value" SETTLE},
	{"daemon", "convert", "yes", "\"yes\"" CONVERT},
	{"daemon", "convert", "Never", "\"Never\"" CONVERT},
	{"memmap", "min-size", "12Q", "\"12Q\" is not a size" SIZE},
	{"memmap", "min-size", "1.5G", "\"1.5G\" is not a size" SIZE},
	{"memmap", "min-size", "\"64G\"", "\"\"64G\"\" is not a size" SIZE},
	{"memmap", "min-size", "-1", "\"-1\" is not a size" SIZE},
	{"memmap", "min-size", "16E", "\"16E\" is out of range" SIZE},
	{"memmap", "min-size", "", "has no value" SIZE},
	{"regions", "create-regions", "auto", "\"auto\" is neither yes nor no; use yes or no"},
	{"regions", "only", "abc1", "\"abc1\" is not a number" SERIALS},
	{"regions", "never", "1,,2",
	 "\"1,,2\" has an empty item; use serial numbers, decimal or "
	 "hexadecimal with 0x, with commas, as in 0xabc3"},
	{"regions", "interleave", "1", "\"1\" is out of range" WAYS},
	{"regions", "interleave", "3", "\"3\"" THREE_BRIDGES WAYS},
	{"regions", "interleave", "6", "\"6\"" THREE_BRIDGES WAYS},
	{"regions", "interleave", "12", "\"12\"" THREE_BRIDGES WAYS},
	{"regions", "interleave", "5", "\"5\" is not a number of ways" WAYS},
	{"regions", "interleave", "9", "\"9\" is not a number of ways" WAYS},
	{"regions", "interleave", "all", "\"all\" is not a number of ways" WAYS},
	{"regions", "granularity", "128", "\"128\" is out of range" GRANULARITY},
	{"regions", "granularity", "768", "\"768\" is not a power of two" GRANULARITY},
	{"regions", "granularity", "fine", "\"fine\" is not a granularity" GRANULARITY},
	{"regions", "gather", "601",
	 "\"601\" is out of range; use a number with us, ms or s "
	 "(alone: seconds), at most 600s, as in 5s"},
	{"memmap", "max-distance", "far", "\"far\" is not a number" DIST},
	{"memmap", "max-distance", "9", "\"9\" is out of range" DIST},
	{"memmap", "max-distance", "256", "\"256\" is out of range" DIST},
	{"memmap", "dram-budget", "5", "\"5\" is not a percentage" PERCENT},
	{"memmap", "dram-budget", "0.125%", "\"0.125%\" is not a percentage" PERCENT},
	{"memmap", "dram-budget", "101%", "\"101%\" is out of range" PERCENT},
	{"movable", "max-ratio", "3.5", "\"3.5\" is not a ratio" RATIO},
	{"movable", "max-ratio", "4:1", "\"4:1\" is not a ratio" RATIO},
	/* Could be meant as "none at all" or as "no guard". */
	{"movable", "max-ratio", "0", "\"0\" is out of range" RATIO},
	{"movable", "max-ratio", "1001", "\"1001\" is out of range" RATIO},
	{"rule", "match-kind", "xpm", "\"xpm\" is not a kind of device" KINDS},
	{"rule", "match-kind", "unknown", "\"unknown\" is not a kind of device" KINDS},
	{"rule", "match-kind", "cxl, xpm,pmem",
	 "\"xpm\" in \"cxl, xpm,pmem\" is not a kind of device" KINDS},
	{"rule", "match-kind", "cxl,", "\"cxl,\" has an empty item" KINDS},
	{"rule", "match-kind", ",", "\",\" has an empty item" KINDS},
	{"rule", "match-kind", "cxl pmem", "\"cxl pmem\" is not a kind of device" KINDS},
	{"rule", "match-device", "/dev/dax0.0", "\"/dev/dax0.0\" is a path" DEVICES},
	{"rule", "match-device", "dax[0,1].0",
	 "\"dax[0\" in \"dax[0,1].0\" has a bracket without its end" DEVICES},
	{"rule", "match-device", "dax[]", "\"dax[]\" has a bracket without its end" DEVICES},
	{"rule", "match-device", "dax[!", "\"dax[!\" has a bracket without its end" DEVICES},
	{"rule", "match-device", "dax[!]", "\"dax[!]\" has a bracket without its end" DEVICES},
	{"rule", "match-device", "dax[0][", "\"dax[0][\" has a bracket without its end" DEVICES},
	{"rule", "match-device", "dax0.0,,dax1.0", "\"dax0.0,,dax1.0\" has an empty item" DEVICES},
	{"rule", "match-region", "a/b", "\"a/b\" is a path" REGIONS},
	{"rule", "match-region", "", "has no value" REGIONS},
	{"rule", "match-serial", "abc1", "\"abc1\" is not a number" SERIALS},
	{"rule", "match-serial", "1, 0x", "\"0x\" in \"1, 0x\" is not a number" SERIALS},
	{"rule", "match-serial", "0x10000000000000000",
	 "\"0x10000000000000000\" is out of range" SERIALS},
	{"rule", "match-target-node", "1024", "\"1024\" is out of range" TARGETS},
	{"rule", "match-target-node", "2-3", "\"2-3\" is not a number" TARGETS},
	{"rule", "match-target-node", "0,-1", "\"-1\" in \"0,-1\" is not a number" TARGETS},
	{"rule", "match-initiator-node", "node0", "\"node0\" is not a number" INITIATORS},
	{"rule", "match-initiator-node", "0;1", "\"0;1\" is not a number" INITIATORS},
	{"rule", "match-size", "64G..1G", "\"64G..1G\" ends before it begins" SIZES},
	{"rule", "match-size", "..", "\"..\" is not a range of sizes" SIZES},
	{"rule", "match-size", "big..", "\"big..\" is not a range of sizes" SIZES},
	{"rule", "match-size", "1G-2G", "\"1G-2G\" is not a range of sizes" SIZES},
	{"rule", "match-size", "1G...2G", "\"1G...2G\" is not a range of sizes" SIZES},
	{"rule", "match-size", "1G..16E", "\"1G..16E\" is out of range" SIZES},
	{"rule", "match-distance", "40..20", "\"40..20\" ends before it begins" DISTS},
	{"rule", "match-distance", "256..", "\"256..\" is out of range" DISTS},
	{"rule", "match-distance", "20..256", "\"20..256\" is out of range" DISTS},
	{"rule", "match-distance", "near", "\"near\" is not a range" DISTS},
	{"rule", "mode", "ram", "\"ram\" is not known; use system-ram, devdax or ignore"},
	{"rule", "mode", "", "has no value; use system-ram, devdax or ignore"},
	{"rule", "memmap-on-memory", "1", "\"1\" is not known; use auto, yes or no"},
	{"rule", "zone", "Movable", "\"Movable\" is not known; use movable or kernel"},
	{"rule", "zone", "normal", "\"normal\" is not known; use movable or kernel"},
};

START_TEST(bad_values)
{
	_cleanup_(outcome_done) struct outcome outcome = {0};
	_cleanup_free_ char *text = file_with(bad[_i].section, bad[_i].key, bad[_i].value);
	_cleanup_free_ char *expected = NULL;
	bool rule = strcmp(bad[_i].section, "rule") == 0;

	ck_assert_int_gt(asprintf(&expected, "t:2: [%s] %s: %s", rule ? "rule r" : bad[_i].section,
				  bad[_i].key, bad[_i].message),
			 0);
	outcome = read_text(text);
	assert_errors(&outcome, expected);
}
END_TEST

START_TEST(every_key_has_good_and_bad_values)
{
	for (size_t i = 0; i < config_n_keys; i++) {
		const char *key = config_keys[i].name;
		size_t n_good = 0, n_bad = 0;

		for (size_t j = 0; j < ARRAY_SIZE(numbers); j++)
			n_good += strcmp(numbers[j].key, key) == 0;
		for (size_t j = 0; j < ARRAY_SIZE(number_lists); j++)
			n_good += strcmp(number_lists[j].key, key) == 0;
		for (size_t j = 0; j < ARRAY_SIZE(pattern_lists); j++)
			n_good += strcmp(pattern_lists[j].key, key) == 0;
		for (size_t j = 0; j < ARRAY_SIZE(bad); j++)
			n_bad += strcmp(bad[j].key, key) == 0;
		ck_assert_msg(n_good && n_bad, "%s: %zu good values, %zu bad ones", key, n_good,
			      n_bad);
	}
}
END_TEST

TCase *values_tests(void)
{
	TCase *tcase = tcase_create("values");

	tcase_add_loop_test(tcase, good_numbers_and_words, 0, ARRAY_SIZE(numbers));
	tcase_add_loop_test(tcase, good_lists_of_numbers, 0, ARRAY_SIZE(number_lists));
	tcase_add_loop_test(tcase, good_lists_of_patterns, 0, ARRAY_SIZE(pattern_lists));
	tcase_add_loop_test(tcase, bad_values, 0, ARRAY_SIZE(bad));
	tcase_add_test(tcase, every_key_has_good_and_bad_values);
	return tcase;
}
