/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From documents to text, compared with files that were read by a person. */
#include <stdlib.h>

#include "capture.h"
#include "cli/changes.h"
#include "cli/view.h"
#include "golden.h"
#include "suites.h"
#include "variant/json-clean.h"

static const struct style pipe_style = {.utf8 = true};
static const struct style ascii_style = {};
static const struct style terminal_style = {.utf8 = true, .color = true, .columns = 80};

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

static void assert_status(const char *name, const struct style *style, const char *golden)
{
	struct json_object *object = document(name);
	struct capture capture;

	ck_assert_int_eq(view_status(capture_begin(&capture), style, object), 0);
	golden_assert(golden, capture_end(&capture));
	free(capture.text);
	json_object_put(object);
}

START_TEST(test_status_in_a_pipe)
{
	assert_status("bus/online.json", &pipe_style, "cli/status-online.txt");
	assert_status("bus/trouble.json", &pipe_style, "cli/status-trouble.txt");
	assert_status("bus/empty.json", &pipe_style, "cli/status-empty.txt");
	/* The picture in README.md. */
	assert_status("bus/readme.json", &pipe_style, "cli/status-readme.txt");
}
END_TEST

START_TEST(test_status_in_ascii)
{
	assert_status("bus/online.json", &ascii_style, "cli/status-online-ascii.txt");
}
END_TEST

START_TEST(test_status_on_a_terminal)
{
	assert_status("bus/trouble.json", &terminal_style, "cli/status-trouble-terminal.txt");
}
END_TEST

/* Columns that a line takes on a terminal: escape sequences take none. */
static size_t columns_of(const char *line, size_t n)
{
	size_t columns = 0;

	for (size_t i = 0; i < n; i++) {
		if (line[i] == '\033') {
			while (i < n && line[i] != 'm')
				i++;
			continue;
		}
		columns += ((unsigned char)line[i] & 0xc0) != 0x80;
	}
	return columns;
}

/* The tables, the wrapped texts and the tiers alike. */
START_TEST(test_no_line_is_wider_than_80_columns)
{
	static const char *const names[] = {"bus/online.json", "bus/trouble.json",
					    "bus/empty.json"};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		struct json_object *object = document(names[i]);
		struct capture capture;
		const char *line;

		view_status(capture_begin(&capture), &terminal_style, object);
		line = capture_end(&capture);
		while (*line) {
			size_t n = strcspn(line, "\n");

			ck_assert_msg(columns_of(line, n) <= 80, "%.*s", (int)n, line);
			line += n + 1;
		}
		free(capture.text);
		json_object_put(object);
	}
}
END_TEST

START_TEST(test_nothing_but_tones_is_escaped)
{
	struct json_object *object = document("bus/trouble.json");
	struct capture capture;

	view_status(capture_begin(&capture), &pipe_style, object);
	for (const char *c = capture_end(&capture); *c; c++)
		ck_assert((unsigned char)*c >= ' ' || *c == '\n');
	free(capture.text);
	json_object_put(object);
}
END_TEST

static void assert_devices(const char *name, const char *golden)
{
	struct json_object *object = document(name), *devices = get_array(object, "Devices");
	struct capture capture;
	FILE *f = capture_begin(&capture);

	for (size_t i = 0; i < json_length(devices); i++) {
		view_device(f, &pipe_style, json_object_array_get_idx(devices, i));
		fprintf(f, "----\n");
	}
	golden_assert(golden, capture_end(&capture));
	free(capture.text);
	json_object_put(object);
}

START_TEST(test_show)
{
	assert_devices("bus/online.json", "cli/show-online.txt");
	assert_devices("bus/trouble.json", "cli/show-trouble.txt");
}
END_TEST

START_TEST(test_plan)
{
	struct json_object *object = document("cli/plan.json");
	struct capture capture;

	view_plan(capture_begin(&capture), &pipe_style, object);
	golden_assert("cli/plan.txt", capture_end(&capture));
	free(capture.text);
	json_object_put(object);
}
END_TEST

START_TEST(test_plan_of_regions)
{
	struct json_object *object = document("cli/plan-regions.json");
	struct capture capture;

	view_plan(capture_begin(&capture), &pipe_style, object);
	golden_assert("cli/plan-regions.txt", capture_end(&capture));
	free(capture.text);
	json_object_put(object);
}
END_TEST

/* The plans of two documents as those before and after a reload. */
static void assert_changes(struct json_object *before, struct json_object *after,
			   const char *wanted)
{
	struct json_object *changes = changes_find(before, after, changes_same_decision);
	struct capture capture;

	ck_assert_int_eq(view_changes(capture_begin(&capture), &pipe_style, changes), 0);
	ck_assert_str_eq(capture_end(&capture), wanted);
	free(capture.text);
	json_object_put(changes);
}

static struct json_object *plans(const char *text)
{
	struct json_object *object = json_tokener_parse(text);

	ck_assert_ptr_nonnull(object);
	return object;
}

#define NOTHING_CHANGES "The new configuration is in force. It changes nothing for any device.\n"

/* Figures and times in reasons are others at every look. */
START_TEST(test_changes_nothing)
{
	struct json_object *none = plans("[]");
	struct json_object *before = plans("[{\"Device\":\"dax0.0\",\"State\":\"failed\","
					   "\"Reason\":\"the next try is in 8 s\"}]");
	struct json_object *after = plans("[{\"Device\":\"dax0.0\",\"State\":\"failed\","
					  "\"Reason\":\"the next try is in 7 s\"}]");

	assert_changes(none, none, NOTHING_CHANGES);
	assert_changes(before, before, NOTHING_CHANGES);
	assert_changes(before, after, NOTHING_CHANGES);
	json_object_put(none);
	json_object_put(before);
	json_object_put(after);
}
END_TEST

/* What the daemon has done since is no change of what is decided, and hides none. */
START_TEST(test_changes_beside_work)
{
	struct json_object *pending =
		plans("[{\"Device\":\"dax0.0\",\"State\":\"pending\",\"Rule\":\"cxl\","
		      "\"Zone\":\"movable\",\"Steps\":[{\"Step\":\"bind-kmem\"}]}]");
	struct json_object *done = plans("[{\"Device\":\"dax0.0\",\"State\":\"online\","
					 "\"Rule\":\"cxl\",\"Zone\":\"movable\"}]");
	struct json_object *otherwise = plans(
		"[{\"Device\":\"dax0.0\",\"State\":\"online\",\"Rule\":\"cxl\",\"Managed\":true,"
		"\"Zone\":\"kernel\",\"MemmapReason\":\"in DRAM\",\"Reason\":\"so it is\"}]");
	struct json_object *devdax = plans("[{\"Device\":\"dax0.0\",\"State\":\"devdax\","
					   "\"Rule\":\"cxl\",\"Zone\":\"movable\","
					   "\"Reason\":\"as it says\"}]");
	struct json_object *to_devdax =
		plans("[{\"Device\":\"dax0.0\",\"State\":\"pending\",\"Rule\":\"cxl\","
		      "\"Zone\":\"movable\",\"Steps\":[{\"Step\":\"bind-devdax\"}]}]");

	assert_changes(pending, done, NOTHING_CHANGES);
	assert_changes(to_devdax, devdax, NOTHING_CHANGES);
	assert_changes(pending, otherwise,
		       "The new configuration is in force. What it changes:\n"
		       "\n"
		       "dax0.0: online, nothing to do\n"
		       "  Was                pending with 1 step to do, by rule cxl\n"
		       "  Reason             so it is\n"
		       "  Rule               cxl\n"
		       "  Zone               kernel\n"
		       "  Memmap             0 B: in DRAM\n");
	assert_changes(done, devdax,
		       "The new configuration is in force. What it changes:\n"
		       "\n"
		       "dax0.0: devdax, nothing to do\n"
		       "  Was                online, by rule cxl\n"
		       "  Reason             as it says\n"
		       "  Rule               cxl\n");
	json_object_put(pending);
	json_object_put(done);
	json_object_put(otherwise);
	json_object_put(devdax);
	json_object_put(to_devdax);
}
END_TEST

START_TEST(test_changes)
{
	struct json_object *before = plans(
		"[{\"Device\":\"dax0.0\",\"State\":\"online\",\"Managed\":true,\"Rule\":\"cxl\","
		"\"Zone\":\"movable\",\"MemmapReason\":\"it is small\",\"Reason\":\"all is well\"},"
		"{\"Device\":\"dax1.0\",\"State\":\"unmanaged\"},"
		"{\"Device\":\"dax2.0\",\"State\":\"pending\",\"Rule\":\"cxl\","
		"\"Steps\":[{\"Step\":\"verify\"}]},"
		"{\"Device\":\"dax3.0\",\"State\":\"online\"}]");
	struct json_object *after = plans(
		"[{\"Device\":\"dax0.0\",\"State\":\"mismatch\",\"Managed\":true,\"Rule\":\"far\","
		"\"Zone\":\"kernel\",\"MemmapReason\":\"in DRAM\",\"Reason\":\"left alone\"},"
		"{\"Device\":\"dax1.0\",\"State\":\"unmanaged\"},"
		"{\"Device\":\"dax2.0\",\"State\":\"pending\",\"Rule\":\"cxl\","
		"\"Steps\":[{\"Step\":\"bind-devdax\"}],\"Reason\":\"a rule\"},"
		"{\"Device\":\"mem0\",\"State\":\"pending\",\"Reason\":\"it is new\"}]");

	assert_changes(before, after,
		       "The new configuration is in force. What it changes:\n"
		       "\n"
		       "dax0.0: mismatch, nothing to do\n"
		       "  Was                online, by rule cxl, zone movable, memmap in DRAM\n"
		       "  Reason             left alone\n"
		       "  Rule               far\n"
		       "  Zone               kernel\n"
		       "  Memmap             0 B: in DRAM\n"
		       "\n"
		       "dax2.0: 1 step\n"
		       "  Was                pending with 1 step to do, by rule cxl\n"
		       "  Reason             a rule\n"
		       "  Rule               cxl\n"
		       "   1. bind-devdax         make the device a character device below /dev\n"
		       "\n"
		       "mem0: pending, nothing to do\n"
		       "  Was                not there\n"
		       "  Reason             it is new\n"
		       "\n"
		       "dax3.0: left in the meantime\n");
	json_object_put(before);
	json_object_put(after);
}
END_TEST

START_TEST(test_plan_of_nothing)
{
	struct json_object *object = json_tokener_parse("{\"Plans\":[],\"Problems\":[]}");
	struct capture capture;

	view_plan(capture_begin(&capture), &pipe_style, object);
	ck_assert_str_eq(capture_end(&capture),
			 "There is no dax device, so there is nothing to do.\n");
	free(capture.text);
	json_object_put(object);
}
END_TEST

START_TEST(test_config)
{
	struct json_object *object = document("cli/config.json");
	struct capture capture;

	view_config(capture_begin(&capture), &pipe_style, object);
	golden_assert("cli/config.txt", capture_end(&capture));
	free(capture.text);
	json_object_put(object);
}
END_TEST

START_TEST(test_rehearsal)
{
	struct json_object *object = document("cli/rehearsal.json");
	struct json_object *rehearsals = get_array(object, "Rehearsals");
	struct capture capture;
	FILE *f = capture_begin(&capture);

	for (size_t i = 0; i < json_length(rehearsals); i++) {
		view_rehearsal(f, &pipe_style, json_object_array_get_idx(rehearsals, i));
		fprintf(f, "----\n");
	}
	golden_assert("cli/rehearsal.txt", capture_end(&capture));
	free(capture.text);
	json_object_put(object);
}
END_TEST

/* Of an older daemon, that does not know half of it. */
START_TEST(test_missing_members)
{
	struct json_object *object = json_tokener_parse("{\"Devices\":[{\"Name\":\"dax0.0\"},{}]}");
	struct json_object *devices = get_array(object, "Devices");
	struct capture capture;

	ck_assert_int_eq(view_status(capture_begin(&capture), &pipe_style, object), 0);
	ck_assert_ptr_nonnull(strstr(capture_end(&capture), "dax0.0"));
	free(capture.text);
	view_device(capture_begin(&capture), &pipe_style, json_object_array_get_idx(devices, 0));
	ck_assert_ptr_nonnull(strstr(capture_end(&capture), "dax0.0"));
	free(capture.text);
	json_object_put(object);
	object = json_object_new_object();
	ck_assert_int_eq(view_status(capture_begin(&capture), &pipe_style, object), 0);
	capture_end(&capture);
	free(capture.text);
	json_object_put(object);
}
END_TEST

Suite *view_suite(void)
{
	Suite *suite = suite_create("view");
	TCase *tcase = tcase_create("view");

	tcase_add_test(tcase, test_status_in_a_pipe);
	tcase_add_test(tcase, test_status_in_ascii);
	tcase_add_test(tcase, test_status_on_a_terminal);
	tcase_add_test(tcase, test_no_line_is_wider_than_80_columns);
	tcase_add_test(tcase, test_nothing_but_tones_is_escaped);
	tcase_add_test(tcase, test_show);
	tcase_add_test(tcase, test_plan);
	tcase_add_test(tcase, test_plan_of_nothing);
	tcase_add_test(tcase, test_plan_of_regions);
	tcase_add_test(tcase, test_changes_nothing);
	tcase_add_test(tcase, test_changes_beside_work);
	tcase_add_test(tcase, test_changes);
	tcase_add_test(tcase, test_config);
	tcase_add_test(tcase, test_rehearsal);
	tcase_add_test(tcase, test_missing_members);
	suite_add_tcase(suite, tcase);
	return suite;
}
