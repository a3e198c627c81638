/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How metrics are written, in both formats. */
#include <stdlib.h>

#include "capture.h"
#include "cli/metric.h"
#include "suites.h"

static const struct metric_family gauge = {
	.name = "a_bytes",
	.unit = "bytes",
	.help = "Of a.",
};
static const struct metric_family counter = {
	.name = "b_pages",
	.type = METRIC_COUNTER,
	.unit = "pages",
	.help = "Of b.",
};
static const struct metric_family info = {.name = "c", .type = METRIC_INFO, .help = "Of c."};

static void write_all(FILE *f, enum metric_format format)
{
	struct metric_writer writer = {.f = f, .format = format};

	metric_begin(&writer, &gauge);
	metric_sample(&writer, NULL, UINT64_MAX, 0);
	metric_begin(&writer, &counter);
	metric_sample(&writer, METRIC_LABELS({"by", "me"}), 7, 0);
	metric_begin(&writer, &info);
	metric_sample(&writer, METRIC_LABELS({"x", "1"}, {"y", ""}), 1, 0);
	metric_end(&writer);
}

START_TEST(test_openmetrics)
{
	struct capture capture;

	write_all(capture_begin(&capture), METRIC_OPENMETRICS);
	ck_assert_str_eq(capture_end(&capture), "# HELP a_bytes Of a.\n"
						"# TYPE a_bytes gauge\n"
						"# UNIT a_bytes bytes\n"
						"a_bytes 18446744073709551615\n"
						"# HELP b_pages Of b.\n"
						"# TYPE b_pages counter\n"
						"# UNIT b_pages pages\n"
						"b_pages_total{by=\"me\"} 7\n"
						"# HELP c Of c.\n"
						"# TYPE c info\n"
						"c_info{x=\"1\",y=\"\"} 1\n"
						"# EOF\n");
	free(capture.text);
}
END_TEST

START_TEST(test_prometheus)
{
	struct capture capture;

	write_all(capture_begin(&capture), METRIC_PROMETHEUS);
	ck_assert_str_eq(capture_end(&capture), "# HELP a_bytes Of a.\n"
						"# TYPE a_bytes gauge\n"
						"a_bytes 18446744073709551615\n"
						"# HELP b_pages_total Of b.\n"
						"# TYPE b_pages_total counter\n"
						"b_pages_total{by=\"me\"} 7\n"
						"# HELP c_info Of c.\n"
						"# TYPE c_info gauge\n"
						"c_info{x=\"1\",y=\"\"} 1\n");
	free(capture.text);
}
END_TEST

/* What it says of a label's value and of a number, without the family. */
static void assert_sample(const struct metric_label *labels, uint64_t value, unsigned decimals,
			  const char *wanted)
{
	struct capture capture;
	struct metric_writer writer = {.f = capture_begin(&capture), .family = &gauge};

	metric_sample(&writer, labels, value, decimals);
	ck_assert_str_eq(capture_end(&capture), wanted);
	free(capture.text);
}

START_TEST(test_labels_are_escaped)
{
	assert_sample(METRIC_LABELS({"x", "a\"b\\c\nd,}= ö"}), 1, 0,
		      "a_bytes{x=\"a\\\"b\\\\c\\nd,}= ö\"} 1\n");
}
END_TEST

START_TEST(test_decimals)
{
	assert_sample(NULL, 0, 9, "a_bytes 0.000000000\n");
	assert_sample(NULL, 85, 9, "a_bytes 0.000000085\n");
	assert_sample(NULL, 1500000, 6, "a_bytes 1.500000\n");
	assert_sample(NULL, UINT64_MAX, 6, "a_bytes 18446744073709.551615\n");
	assert_sample(METRIC_LABELS({}), 3, 0, "a_bytes 3\n");
}
END_TEST

Suite *metric_suite(void)
{
	Suite *suite = suite_create("metric");
	TCase *tcase = tcase_create("metric");

	tcase_add_test(tcase, test_openmetrics);
	tcase_add_test(tcase, test_prometheus);
	tcase_add_test(tcase, test_labels_are_escaped);
	tcase_add_test(tcase, test_decimals);
	suite_add_tcase(suite, tcase);
	return suite;
}
