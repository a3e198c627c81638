/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_CLI_JSON_H
#define DAXTIER_CLI_JSON_H

/*
 * Reading members of what came from the bus or from a plan. A member that is missing or of
 * another type reads as "", 0 or false: an older daemon may not have it yet.
 */

#include <inttypes.h>
#include <json-c/json.h>
#include <stdbool.h>

#include "base/cleanup.h"

DEFINE_CLEANUP(struct json_object *, json_object_put);
#define _cleanup_json_ _cleanup_(json_object_putp)

/* The version of what --json prints; org.daxtier1's own is in its name. */
#define JSON_SCHEMA_VERSION 1

const char *get_text(struct json_object *object, const char *key);
uint64_t get_u64(struct json_object *object, const char *key);
int64_t get_int(struct json_object *object, const char *key);
bool get_bool(struct json_object *object, const char *key);
/* NULL when there is no array. Borrowed. json_object_array_length(NULL) must not be called, so: */
struct json_object *get_array(struct json_object *object, const char *key);
size_t json_length(struct json_object *array); /* 0 for NULL */
/* The first object in it whose member key is this text, borrowed; NULL: none. */
struct json_object *json_find(struct json_object *array, const char *key, const char *text);

/* Adds value, which it takes over (also on failure); NULL is out of memory. 0 or -ENOMEM. */
int json_put(struct json_object *object, const char *key, struct json_object *value);

/* {"Version": …}. NULL on out of memory. */
struct json_object *json_new_document(void);

enum json_format {
	JSON_OFF, /* text for people */
	JSON_PRETTY,
	JSON_SHORT,
};

void json_print(struct json_object *value, enum json_format format);

#endif
