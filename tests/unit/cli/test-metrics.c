/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From documents to metrics, compared with files that promtool reads as well. */
#include <stdlib.h>
#include <string.h>

#include "capture.h"
#include "cli/metrics.h"
#include "golden.h"
#include "suites.h"
#include "variant/json-clean.h"

static struct json_object *document(const char *name)
{
	_cleanup_free_ char *path = NULL;
	struct json_object *object;

	ck_assert_int_gt(asprintf(&path, FIXTURES "/%s", name), 0);
	object = json_object_from_file(path);
	ck_assert_msg(object != NULL, "%s", path);
	ck_assert_int_eq(json_clean(object), 0);
	return object;
}

#define VMSTAT                                                                                     \
	"{\"pgpromote_success\":1234,\"pgpromote_candidate\":5678,\"pgdemote_kswapd\":90,"         \
	"\"pgdemote_direct\":0,\"pgdemote_khugepaged\":12}"

static void assert_metrics(struct json_object *object, enum metric_format format,
			   const char *golden)
{
	struct capture capture;

	metrics_print(capture_begin(&capture), format, object);
	golden_assert(golden, capture_end(&capture));
	free(capture.text);
}

START_TEST(test_all_is_well)
{
	struct json_object *object = document("bus/online.json");

	ck_assert_int_eq(json_put(object, "Vmstat", json_tokener_parse(VMSTAT)), 0);
	assert_metrics(object, METRIC_OPENMETRICS, "cli/metrics-online.openmetrics");
	assert_metrics(object, METRIC_PROMETHEUS, "cli/metrics-online.prom");
	json_object_put(object);
}
END_TEST

START_TEST(test_trouble)
{
	struct json_object *object = document("bus/trouble.json");

	ck_assert_int_eq(json_put(object, "Vmstat", json_tokener_parse(VMSTAT)), 0);
	assert_metrics(object, METRIC_OPENMETRICS, "cli/metrics-trouble.openmetrics");
	assert_metrics(object, METRIC_PROMETHEUS, "cli/metrics-trouble.prom");
	json_object_put(object);
}
END_TEST

/* Only what is known then; the families are described all the same. */
START_TEST(test_no_daemon)
{
	struct json_object *object = json_new_document();

	ck_assert_int_eq(json_put(object, "Vmstat", json_tokener_parse(VMSTAT)), 0);
	assert_metrics(object, METRIC_OPENMETRICS, "cli/metrics-down.openmetrics");
	assert_metrics(object, METRIC_PROMETHEUS, "cli/metrics-down.prom");
	json_object_put(object);
}
END_TEST

/* A family's name ends in its unit, and is described once. */
START_TEST(test_units)
{
	_cleanup_free_ char *text = NULL;
	struct json_object *object = json_new_document();
	struct capture capture;
	char *save = NULL;
	unsigned n = 0;

	metrics_print(capture_begin(&capture), METRIC_OPENMETRICS, object);
	capture_end(&capture);
	text = strdup(capture.text);
	for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		char name[128], unit[32], wanted[160];

		if (sscanf(line, "# UNIT %127s %31s", name, unit) == 2) {
			snprintf(wanted, sizeof(wanted), "_%s", unit);
			ck_assert_str_eq(name + strlen(name) - strlen(wanted), wanted);
			n++;
		}
		if (sscanf(line, "# TYPE %127s", name) == 1) {
			snprintf(wanted, sizeof(wanted), "# TYPE %s ", name);
			ck_assert_ptr_null(strstr(strstr(capture.text, wanted) + 1, wanted));
		}
	}
	ck_assert_uint_gt(n, 5);
	free(capture.text);
	json_object_put(object);
}
END_TEST

Suite *metrics_suite(void)
{
	Suite *suite = suite_create("metrics");
	TCase *tcase = tcase_create("metrics");

	tcase_add_test(tcase, test_all_is_well);
	tcase_add_test(tcase, test_trouble);
	tcase_add_test(tcase, test_no_daemon);
	tcase_add_test(tcase, test_units);
	suite_add_tcase(suite, tcase);
	return suite;
}
