/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "worker-protocol.h"

#include <json-c/json.h>
#include <string.h>

#include "base/cleanup.h"

/* MAX_ERRNO of the kernel's include/linux/err.h. */
#define ERRNO_MAX 4095

static const char *const event_names[] = {
	[APPLY_STEP_BEGIN] = "begin",
	[APPLY_STEP_DONE] = "done",
	[APPLY_STEP_SKIPPED] = "skipped",
	[APPLY_BLOCKS] = "blocks",
	[APPLY_UNDO] = "undo",
	[APPLY_UNDO_FAILED] = "undo-failed",
};

static int add(struct json_object *object, const char *key, struct json_object *value)
{
	if (!value)
		return -ENOMEM;
	return json_object_object_add(object, key, value) < 0 ? -ENOMEM : 0;
}

static int add_string(struct json_object *object, const char *key, const char *value)
{
	return value ? add(object, key, json_object_new_string(value)) : 0;
}

struct json_object *worker_report_to_json(const struct apply_report *report)
{
	struct json_object *object = json_object_new_object();

	if (!object)
		return NULL;
	if (add_string(object, "Event", event_names[report->event]) < 0 ||
	    add_string(object, "Step", step_kind_to_string(report->step)) < 0 ||
	    add_string(object, "Path", report->path) < 0 ||
	    add_string(object, "Value", report->value) < 0 ||
	    add_string(object, "Message", report->message) < 0 ||
	    add_string(object, "Device", report->device) < 0 ||
	    add(object, "Error", json_object_new_int(report->error)) < 0 ||
	    add(object, "BlocksDone", json_object_new_uint64(report->blocks_done)) < 0 ||
	    add(object, "BlocksTotal", json_object_new_uint64(report->blocks_total)) < 0) {
		json_object_put(object);
		return NULL;
	}
	return object;
}

struct json_object *worker_result_to_json(const struct worker_result *result)
{
	struct json_object *object = json_object_new_object();

	if (!object)
		return NULL;
	if (add_string(object, "Event", "result") < 0 ||
	    add_string(object, "Step", step_kind_to_string(result->step)) < 0 ||
	    add_string(object, "Path", result->path) < 0 ||
	    add_string(object, "Message", result->message) < 0 ||
	    add(object, "Error", json_object_new_int(result->error)) < 0 ||
	    add(object, "Undone", json_object_new_boolean(result->undone)) < 0 ||
	    add(object, "Reads", json_object_new_uint64(result->n_reads)) < 0 ||
	    add(object, "Writes", json_object_new_uint64(result->n_writes)) < 0) {
		json_object_put(object);
		return NULL;
	}
	return object;
}

/* Where there is none, NULL. */
static int read_string(struct json_object *line, const char *key, const char **ret)
{
	struct json_object *value;

	if (!json_object_object_get_ex(line, key, &value)) {
		*ret = NULL;
		return 0;
	}
	if (!json_object_is_type(value, json_type_string))
		return -EBADMSG;
	*ret = json_object_get_string(value);
	return 0;
}

static int read_word(struct json_object *line, const char *key, const char **ret)
{
	int r = read_string(line, key, ret);

	return r < 0 ? r : *ret ? 0 : -EBADMSG;
}

static int read_step(struct json_object *line, enum step_kind *ret)
{
	const char *name;
	int r;

	r = read_word(line, "Step", &name);
	if (r < 0)
		return r;
	r = step_kind_from_string(name);
	if (r < 0)
		return -EBADMSG;
	*ret = r;
	return 0;
}

static int read_count(struct json_object *line, const char *key, uint64_t *ret)
{
	struct json_object *value;

	if (!json_object_object_get_ex(line, key, &value) ||
	    !json_object_is_type(value, json_type_int) || json_object_get_int64(value) < 0)
		return -EBADMSG;
	*ret = json_object_get_uint64(value);
	return 0;
}

/* 0, or a negative errno. A line without it must not pass for a success. */
static int read_error(struct json_object *line, int *ret)
{
	struct json_object *value;
	int64_t error;

	if (!json_object_object_get_ex(line, "Error", &value) ||
	    !json_object_is_type(value, json_type_int))
		return -EBADMSG;
	error = json_object_get_int64(value);
	if (error > 0 || error < -ERRNO_MAX)
		return -EBADMSG;
	*ret = (int)error;
	return 0;
}

static int read_flag(struct json_object *line, const char *key, bool *ret)
{
	struct json_object *value;

	if (!json_object_object_get_ex(line, key, &value) ||
	    !json_object_is_type(value, json_type_boolean))
		return -EBADMSG;
	*ret = json_object_get_boolean(value);
	return 0;
}

static int parse_result(struct json_object *line, struct worker_result *ret)
{
	struct worker_result result;

	if (read_step(line, &result.step) < 0 || read_error(line, &result.error) < 0 ||
	    read_string(line, "Path", &result.path) < 0 ||
	    read_string(line, "Message", &result.message) < 0 ||
	    read_flag(line, "Undone", &result.undone) < 0 ||
	    read_count(line, "Reads", &result.n_reads) < 0 ||
	    read_count(line, "Writes", &result.n_writes) < 0)
		return -EBADMSG;
	*ret = result;
	return WORKER_LINE_RESULT;
}

static int parse_report(struct json_object *line, enum apply_event event, struct apply_report *ret)
{
	struct apply_report report = {.event = event};
	uint64_t done, total;

	if (read_step(line, &report.step) < 0 || read_error(line, &report.error) < 0 ||
	    read_string(line, "Path", &report.path) < 0 ||
	    read_string(line, "Value", &report.value) < 0 ||
	    read_string(line, "Message", &report.message) < 0 ||
	    read_string(line, "Device", &report.device) < 0 ||
	    read_count(line, "BlocksDone", &done) < 0 ||
	    read_count(line, "BlocksTotal", &total) < 0)
		return -EBADMSG;
	report.blocks_done = done;
	report.blocks_total = total;
	*ret = report;
	return WORKER_LINE_REPORT;
}

int worker_line_parse(struct json_object *line, struct apply_report *ret_report,
		      struct worker_result *ret_result)
{
	const char *event;
	int r;

	r = read_word(line, "Event", &event);
	if (r < 0)
		return r;
	if (!strcmp(event, "result"))
		return parse_result(line, ret_result);
	for (size_t i = 0; i < ARRAY_SIZE(event_names); i++)
		if (!strcmp(event, event_names[i]))
			return parse_report(line, i, ret_report);
	return -EBADMSG;
}
