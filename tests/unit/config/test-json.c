/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "config/config-json.h"
#include "config/config-key.h"
#include "outcome.h"
#include "suites.h"

DEFINE_CLEANUP(struct json_object *, json_object_put);

static void assert_json(struct json_object *object, const char *expected)
{
	ck_assert_str_eq(json_object_to_json_string_ext(
				 object, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE),
			 expected);
}

START_TEST(defaults_as_json)
{
	_cleanup_(json_object_putp) struct json_object *object = NULL;
	_cleanup_(config_freep) struct config *config = NULL;

	ck_assert_int_eq(config_new_default(&config), 0);
	ck_assert_int_eq(config_to_json(config, &object), 0);
	assert_json(object,
		    "{\"Files\":[],"
		    "\"Daemon\":{\"Claim\":true,\"SettleUSec\":200000,\"Convert\":\"hot-added\"},"
		    "\"Memmap\":{\"MinSizeBytes\":68719476736,\"MaxDistance\":40,"
		    "\"DramBudgetBasisPoints\":500},"
		    "\"Regions\":{\"CreateRegions\":false,\"Only\":[],\"Never\":[],"
		    "\"Interleave\":0,\"GranularityBytes\":0,\"GatherUSec\":5000000},"
		    "\"Movable\":{\"MaxRatio\":4},"
		    "\"Rules\":[]}");
}
END_TEST

START_TEST(rules_as_json)
{
	_cleanup_(json_object_putp) struct json_object *object = NULL;
	_cleanup_(outcome_done) struct outcome outcome =
		read_text("[movable]\nmax-ratio = none\n"
			  "[rule all]\n"
			  "match-kind = pmem, cxl\n"
			  "match-device = dax0.*\n"
			  "match-region = region0, region1\n"
			  "match-serial = 0xffffffffffffffff, 1\n"
			  "match-target-node = 2\n"
			  "match-initiator-node = 0,1\n"
			  "match-size = 1G..2G\n"
			  "match-distance = 21..\n"
			  "mode = system-ram\n"
			  "memmap-on-memory = no\n"
			  "zone = kernel\n"
			  "[rule none]\n"
			  "mode = devdax\n");
	struct json_object *rules;

	ck_assert_int_eq(config_to_json(assert_config(&outcome), &object), 0);
	ck_assert(json_object_object_get_ex(object, "Rules", &rules));
	assert_json(rules, "[{\"Name\":\"all\",\"File\":\"t\",\"Line\":3,"
			   "\"MatchKinds\":[\"cxl\",\"pmem\"],\"MatchDevices\":[\"dax0.*\"],"
			   "\"MatchRegions\":[\"region0\",\"region1\"],"
			   "\"MatchSerials\":[18446744073709551615,1],\"MatchTargetNodes\":[2],"
			   "\"MatchInitiatorNodes\":[0,1],"
			   "\"MatchSizeMinBytes\":1073741824,\"MatchSizeMaxBytes\":2147483648,"
			   "\"MatchDistanceMin\":21,"
			   "\"Mode\":\"system-ram\",\"MemmapOnMemory\":\"no\",\"Zone\":\"kernel\"},"
			   "{\"Name\":\"none\",\"File\":\"t\",\"Line\":15,\"Mode\":\"devdax\"}]");
	ck_assert(json_object_object_get_ex(object, "Movable", &rules));
	assert_json(rules, "{\"MaxRatio\":0}");
}
END_TEST

/* "match-kind" to "MatchKind" */
static char *camel(const char *name)
{
	char *s = strdup(name), *to = s;
	int up = 1;

	ck_assert_ptr_nonnull(s);
	for (; *name; name++) {
		if (*name == '-') {
			up = 1;
			continue;
		}
		*to++ = (char)(up ? *name - 'a' + 'A' : *name);
		up = 0;
	}
	*to = '\0';
	return s;
}

static size_t count_with_prefix(struct json_object *object, const char *prefix)
{
	size_t n = 0;

	json_object_object_foreach(object, key, value)
	{
		n += value && strncmp(key, prefix, strlen(prefix)) == 0;
	}
	return n;
}

/* A new key that is forgotten here would be missing from what check-config shows. */
START_TEST(no_key_is_left_out)
{
	_cleanup_(json_object_putp) struct json_object *object = NULL;
	_cleanup_(outcome_done) struct outcome outcome = {0};
	_cleanup_free_ char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	fputs("[rule r]\n", f);
	for (size_t i = 0; i < config_n_keys; i++)
		if (strcmp(config_keys[i].section, "rule") == 0)
			fprintf(f, "%s = %s\n", config_keys[i].name,
				config_keys[i].example ?: config_keys[i].fallback);
	ck_assert_int_eq(fclose(f), 0);
	outcome = read_text(text);
	ck_assert_int_eq(config_to_json(assert_config(&outcome), &object), 0);

	for (size_t i = 0; i < config_n_keys; i++) {
		_cleanup_free_ char *section = camel(config_keys[i].section);
		_cleanup_free_ char *key = camel(config_keys[i].name);
		struct json_object *in;

		if (strcmp(section, "Rule") == 0) {
			ck_assert(json_object_object_get_ex(object, "Rules", &in));
			in = json_object_array_get_idx(in, 0);
		} else {
			ck_assert(json_object_object_get_ex(object, section, &in));
		}
		ck_assert_msg(count_with_prefix(in, key) > 0, "%s is not in the JSON", key);
	}
}
END_TEST

START_TEST(errors_as_json)
{
	_cleanup_(json_object_putp) struct json_object *object = NULL, *other = NULL;
	_cleanup_(outcome_done) struct outcome lines = read_text("x\n[daemon]\nclaim = \"\n");
	_cleanup_(outcome_done) struct outcome file = read_root("/", "/nonexistent");

	ck_assert_int_eq(config_errors_to_json(&lines.errors, &object), 0);
	assert_json(
		object,
		"[{\"File\":\"t\",\"Line\":1,\"Message\":\"the line is neither [section] nor "
		"key = value\",\"Text\":\"t:1: the line is neither [section] nor key = "
		"value\"},"
		"{\"File\":\"t\",\"Line\":3,\"Section\":\"daemon\",\"Key\":\"claim\","
		"\"Message\":\"\\\"\\\"\\\" is neither yes nor no; use yes or no\","
		"\"Text\":\"t:3: [daemon] claim: \\\"\\\"\\\" is neither yes nor no; use yes or "
		"no\"}]");
	ck_assert_int_eq(config_errors_to_json(&file.errors, &other), 0);
	assert_json(other, "[{\"File\":\"/nonexistent\",\"Message\":\"there is no such file\","
			   "\"Text\":\"/nonexistent: there is no such file\"}]");
}
END_TEST

TCase *json_tests(void)
{
	TCase *tcase = tcase_create("json");

	tcase_add_test(tcase, defaults_as_json);
	tcase_add_test(tcase, rules_as_json);
	tcase_add_test(tcase, no_key_is_left_out);
	tcase_add_test(tcase, errors_as_json);
	return tcase;
}
