/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <check.h>
#include <errno.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "worker-protocol.h"

static struct json_object *line;
static struct apply_report report;
static struct worker_result result;

static void teardown(void)
{
	json_object_put(line);
	line = NULL;
}

/* What the other side makes of what one side wrote, as a line of text. */
static int send_line(struct json_object *object)
{
	ck_assert_ptr_nonnull(object);
	json_object_put(line);
	line = json_tokener_parse(json_object_to_json_string_ext(object, JSON_C_TO_STRING_PLAIN));
	json_object_put(object);
	ck_assert_ptr_nonnull(line);
	return worker_line_parse(line, &report, &result);
}

static void assert_text(const char *text, const char *expected)
{
	if (expected)
		ck_assert_str_eq(text, expected);
	else
		ck_assert_ptr_null(text);
}

static void assert_report(const struct apply_report *expected)
{
	ck_assert_int_eq(send_line(worker_report_to_json(expected)), WORKER_LINE_REPORT);
	ck_assert_int_eq(report.event, expected->event);
	ck_assert_int_eq(report.step, expected->step);
	ck_assert_int_eq(report.error, expected->error);
	ck_assert_uint_eq(report.blocks_done, expected->blocks_done);
	ck_assert_uint_eq(report.blocks_total, expected->blocks_total);
	assert_text(report.path, expected->path);
	assert_text(report.value, expected->value);
	assert_text(report.message, expected->message);
	assert_text(report.device, expected->device);
}

START_TEST(every_event_arrives)
{
	for (enum step_kind step = 0; step < STEP_MAX; step++) {
		assert_report(&(struct apply_report){.event = _i, .step = step});
		assert_report(&(struct apply_report){
			.event = _i,
			.step = step,
			.path = "/sys/bus/dax/drivers/kmem/bind",
			.value = "dax0.0",
			.error = -EHWPOISON,
			.message = "a line\nand \"another\"",
			.device = "mem0",
			.blocks_done = 58,
			.blocks_total = SIZE_MAX / 2,
		});
	}
}
END_TEST

static void assert_result(const struct worker_result *expected)
{
	ck_assert_int_eq(send_line(worker_result_to_json(expected)), WORKER_LINE_RESULT);
	ck_assert_int_eq(result.error, expected->error);
	ck_assert_int_eq(result.step, expected->step);
	ck_assert_int_eq(result.undone, expected->undone);
	ck_assert_uint_eq(result.n_reads, expected->n_reads);
	ck_assert_uint_eq(result.n_writes, expected->n_writes);
	assert_text(result.path, expected->path);
	assert_text(result.message, expected->message);
}

START_TEST(the_result_arrives)
{
	assert_result(&(struct worker_result){.n_reads = 1234, .n_writes = 4});
	assert_result(&(struct worker_result){
		.error = -EBUSY,
		.step = STEP_SET_MEMMAP,
		.path = "/sys/bus/dax/devices/dax0.0/memmap_on_memory",
		.message = "it is bound",
		.undone = true,
		.n_reads = UINT64_MAX,
	});
}
END_TEST

/* One key of a good line replaced, or with NULL taken away. */
static const struct {
	bool result;
	const char *key, *value;
} mistakes[] = {
	{false, "Event", NULL},
	{false, "Event", "1"},
	{false, "Event", "null"},
	{false, "Event", "\"end\""},
	{false, "Step", NULL},
	{false, "Step", "7"},
	{false, "Step", "\"dance\""},
	{false, "Path", "1"},
	{false, "Value", "[]"},
	{false, "Message", "true"},
	{false, "Error", NULL},
	{false, "Error", "\"EBUSY\""},
	{false, "Error", "16"},
	{false, "Error", "-4096"},
	{false, "BlocksDone", NULL},
	{false, "BlocksDone", "-1"},
	{false, "BlocksTotal", "\"8\""},
	{false, "BlocksTotal", "1.5"},
	{true, "Step", NULL},
	{true, "Step", "\"\""},
	{true, "Path", "{}"},
	{true, "Message", "null"},
	{true, "Error", NULL}, /* not a success */
	{true, "Error", "false"},
	{true, "Error", "-4294967296"}, /* 0 in 32 bits */
	{true, "Undone", NULL},
	{true, "Undone", "1"},
	{true, "Reads", NULL},
	{true, "Writes", "-1"},
	/* A result is one by its event, and has not what a report has. */
	{true, "Event", "\"done\""},
	{false, "Event", "\"result\""},
};

START_TEST(a_mistake_is_refused)
{
	static const struct apply_report good_report = {.event = APPLY_BLOCKS,
							.step = STEP_ONLINE_BLOCKS};
	static const struct worker_result good_result = {.step = STEP_VERIFY};
	struct json_object *object = mistakes[_i].result ? worker_result_to_json(&good_result)
							 : worker_report_to_json(&good_report);

	if (!mistakes[_i].value)
		json_object_object_del(object, mistakes[_i].key);
	else
		json_object_object_add(object, mistakes[_i].key,
				       json_tokener_parse(mistakes[_i].value));
	report = (struct apply_report){.error = 77};
	result = (struct worker_result){.error = 77};
	ck_assert_int_eq(send_line(object), -EBADMSG);
	ck_assert_int_eq(report.error, 77);
	ck_assert_int_eq(result.error, 77);
}
END_TEST

START_TEST(what_is_no_object_is_refused)
{
	static const char *const texts[] = {"[]", "17", "\"result\"", "true", "{}"};

	ck_assert_int_eq(send_line(json_tokener_parse(texts[_i])), -EBADMSG);
}
END_TEST

/* Nobody asked for it, and it does no harm. */
START_TEST(what_is_unknown_is_passed_over)
{
	struct json_object *object =
		worker_result_to_json(&(struct worker_result){.step = STEP_VERIFY});

	json_object_object_add(object, "Mood", json_object_new_string("fine"));
	ck_assert_int_eq(send_line(object), WORKER_LINE_RESULT);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("worker-protocol");
	TCase *tcase = tcase_create("line");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(tcase, NULL, teardown);
	tcase_add_loop_test(tcase, every_event_arrives, 0, APPLY_UNDO_FAILED + 1);
	tcase_add_test(tcase, the_result_arrives);
	tcase_add_loop_test(tcase, a_mistake_is_refused, 0, ARRAY_SIZE(mistakes));
	tcase_add_loop_test(tcase, what_is_no_object_is_refused, 0, 5);
	tcase_add_test(tcase, what_is_unknown_is_passed_over);
	suite_add_tcase(suite, tcase);

	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
