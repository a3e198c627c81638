/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <check.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "model/rehearsal.h"

static void assert_json(const struct rehearsal *rehearsal, const char *expected)
{
	struct json_object *object = rehearsal_to_json(rehearsal);

	ck_assert_ptr_nonnull(object);
	ck_assert_str_eq(json_object_to_json_string_ext(object, JSON_C_TO_STRING_PLAIN), expected);
	json_object_put(object);
}

START_TEST(every_key_is_always_there)
{
	struct rehearsal empty = {.node = -1};

	assert_json(&empty,
		    "{\"Device\":\"\",\"Possible\":false,\"Reason\":\"\",\"Memory\":0,\"Node\":-1,"
		    "\"Used\":0,\"UsedHere\":0,\"Elsewhere\":0,\"Fits\":false,\"BlocksOnline\":0,"
		    "\"Region\":\"\",\"Unmovable\":[]}");
	rehearsal_done(&empty);
}
END_TEST

START_TEST(what_it_says)
{
	struct rehearsal rehearsal = {
		.device = strdup("dax0.0"),
		.possible = true,
		.reason = strdup("why"),
		.memory = UINT64_MAX,
		.node = 2,
		.used = 7,
		.used_here = 6,
		.elsewhere = 5,
		.fits = true,
		.blocks_online = 4,
		.unmovable = calloc(2, sizeof(struct rehearsal_block)),
		.n_unmovable = 2,
		.region = strdup("region0"),
	};

	rehearsal.unmovable[0] = (struct rehearsal_block){32, ZONE_NORMAL, strdup("a")};
	rehearsal.unmovable[1] = (struct rehearsal_block){33, ZONE_NONE, strdup("b")};
	assert_json(&rehearsal,
		    "{\"Device\":\"dax0.0\",\"Possible\":true,\"Reason\":\"why\","
		    "\"Memory\":18446744073709551615,\"Node\":2,\"Used\":7,\"UsedHere\":6,"
		    "\"Elsewhere\":5,\"Fits\":true,\"BlocksOnline\":4,\"Region\":\"region0\","
		    "\"Unmovable\":[{\"Block\":32,\"Zone\":\"Normal\",\"Why\":\"a\"},"
		    "{\"Block\":33,\"Zone\":\"none\",\"Why\":\"b\"}]}");
	rehearsal_done(&rehearsal);
	/* Empty afterwards, so that it can be done twice. */
	ck_assert_ptr_null(rehearsal.unmovable);
	ck_assert_uint_eq(rehearsal.n_unmovable, 0);
	rehearsal_done(&rehearsal);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("rehearsal");
	TCase *tests = tcase_create("rehearsal");
	SRunner *runner;
	int failed;

	tcase_add_test(tests, every_key_is_always_there);
	tcase_add_test(tests, what_it_says);
	suite_add_tcase(suite, tests);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
