/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "worker-protocol.h"

#include <json-c/json.h>
#include <string.h>

#include "base/cleanup.h"

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

static const char *get_string(struct json_object *object, const char *key)
{
	struct json_object *value;

	if (!json_object_object_get_ex(object, key, &value) ||
	    !json_object_is_type(value, json_type_string))
		return NULL;
	return json_object_get_string(value);
}

static uint64_t get_u64(struct json_object *object, const char *key)
{
	struct json_object *value;

	return json_object_object_get_ex(object, key, &value) ? json_object_get_uint64(value) : 0;
}

static int get_int(struct json_object *object, const char *key)
{
	struct json_object *value;

	return json_object_object_get_ex(object, key, &value) ? json_object_get_int(value) : 0;
}

int worker_line_parse(struct json_object *line, struct apply_report *ret_report,
		      struct worker_result *ret_result)
{
	const char *event = get_string(line, "Event"), *name = get_string(line, "Step");
	int step;

	if (!event || !name)
		return -EBADMSG;
	step = step_kind_from_string(name);
	if (step < 0)
		return -EBADMSG;
	if (!strcmp(event, "result")) {
		*ret_result = (struct worker_result){
			.error = get_int(line, "Error"),
			.step = step,
			.path = get_string(line, "Path"),
			.message = get_string(line, "Message"),
			.undone = get_int(line, "Undone"),
			.n_reads = get_u64(line, "Reads"),
			.n_writes = get_u64(line, "Writes"),
		};
		return WORKER_LINE_RESULT;
	}
	for (size_t i = 0; i < ARRAY_SIZE(event_names); i++)
		if (!strcmp(event, event_names[i])) {
			*ret_report = (struct apply_report){
				.event = i,
				.step = step,
				.path = get_string(line, "Path"),
				.value = get_string(line, "Value"),
				.error = get_int(line, "Error"),
				.blocks_done = get_u64(line, "BlocksDone"),
				.blocks_total = get_u64(line, "BlocksTotal"),
			};
			return WORKER_LINE_REPORT;
		}
	return -EBADMSG;
}
