/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "model/cxl.h"
#include "model/facts.h"

static struct cxl_facts cxl;

/* mem0 with decoder5.0 and .1, mem10 with decoder4.0: as they are sorted, and numbers do not pair.
 */
static void setup(void)
{
	static const struct {
		const char *name, *decoders[2];
	} memdevs[] = {{"mem0", {"decoder5.0", "decoder5.1"}}, {"mem10", {"decoder4.0", NULL}}};

	cxl = (struct cxl_facts){};
	cxl.memdevs = calloc(2, sizeof(*cxl.memdevs));
	for (size_t i = 0; i < 2; i++) {
		struct cxl_memdev *memdev = &cxl.memdevs[cxl.n_memdevs++];

		memdev->name = strdup(memdevs[i].name);
		memdev->endpoint = strdup("endpoint5");
		memdev->bridge = strdup("sys/devices/pci0000:0c");
		memdev->decoders = calloc(2, sizeof(*memdev->decoders));
		for (size_t k = 0; k < 2 && memdevs[i].decoders[k]; k++) {
			memdev->decoders[k].name = strdup(memdevs[i].decoders[k]);
			memdev->decoders[k].region = strdup("region0");
			memdev->n_decoders++;
		}
	}
	cxl.windows = calloc(2, sizeof(*cxl.windows));
	cxl.n_windows = 2;
	cxl.windows[0].name = strdup("decoder0.0");
	cxl.windows[1].name = strdup("decoder0.10");
	strv_add(&cxl.windows[1].bridges, "sys/devices/pci0000:0c");
	cxl.regions = calloc(2, sizeof(*cxl.regions));
	cxl.n_regions = 2;
	cxl.regions[0].name = strdup("region1");
	cxl.regions[1].name = strdup("region11");
	cxl.regions[1].window = strdup("decoder0.10");
	strv_add(&cxl.regions[1].targets, "decoder5.0");
}

static void teardown(void)
{
	cxl_facts_done(&cxl);
}

/* By the whole name, and not by how it begins. */
START_TEST(find)
{
	ck_assert_ptr_eq(cxl_find_memdev(&cxl, "mem0"), &cxl.memdevs[0]);
	ck_assert_ptr_eq(cxl_find_memdev(&cxl, "mem10"), &cxl.memdevs[1]);
	ck_assert_ptr_null(cxl_find_memdev(&cxl, "mem1"));
	ck_assert_ptr_eq(cxl_find_window(&cxl, "decoder0.10"), &cxl.windows[1]);
	ck_assert_ptr_null(cxl_find_window(&cxl, "decoder0.1"));
	ck_assert_ptr_eq(cxl_find_region(&cxl, "region1"), &cxl.regions[0]);
	ck_assert_ptr_eq(cxl_find_region(&cxl, "region11"), &cxl.regions[1]);
	ck_assert_ptr_null(cxl_find_region(&cxl, "region"));
}
END_TEST

START_TEST(memdev_of_decoder)
{
	ck_assert_ptr_eq(cxl_memdev_of_decoder(&cxl, "decoder5.1"), &cxl.memdevs[0]);
	ck_assert_ptr_eq(cxl_memdev_of_decoder(&cxl, "decoder4.0"), &cxl.memdevs[1]);
	ck_assert_ptr_null(cxl_memdev_of_decoder(&cxl, "decoder4.1"));
	ck_assert_ptr_null(cxl_memdev_of_decoder(&cxl, "decoder0.0")); /* a window */
}
END_TEST

START_TEST(nothing)
{
	struct cxl_facts none = {};

	ck_assert_ptr_null(cxl_find_memdev(&none, "mem0"));
	ck_assert_ptr_null(cxl_find_window(&none, "decoder0.0"));
	ck_assert_ptr_null(cxl_find_region(&none, "region0"));
	ck_assert_ptr_null(cxl_memdev_of_decoder(&none, "decoder5.0"));
	cxl_facts_done(&none);
}
END_TEST

/* Everything is released, once: zeroed afterwards, and with the facts that hold it. */
START_TEST(done)
{
	struct facts *facts = calloc(1, sizeof(*facts));

	facts->cxl = cxl;
	cxl = (struct cxl_facts){};
	ck_assert_ptr_null(facts_free(facts));

	setup();
	cxl_memdev_done(&cxl.memdevs[1]);
	ck_assert_ptr_null(cxl.memdevs[1].decoders);
	ck_assert_uint_eq(cxl.memdevs[1].n_decoders, 0);
	cxl_memdev_done(&cxl.memdevs[1]);
	cxl_window_done(&cxl.windows[1]);
	ck_assert_ptr_null(cxl.windows[1].name);
	ck_assert_uint_eq(cxl.windows[1].bridges.n, 0);
	cxl_region_done(&cxl.regions[1]);
	ck_assert_ptr_null(cxl.regions[1].window);
	cxl_facts_done(&cxl);
	ck_assert_ptr_null(cxl.memdevs);
	ck_assert_uint_eq(cxl.n_windows + cxl.n_regions + cxl.n_memdevs, 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("model-cxl");
	TCase *tcase = tcase_create("cxl");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, find);
	tcase_add_test(tcase, memdev_of_decoder);
	tcase_add_test(tcase, nothing);
	tcase_add_test(tcase, done);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
