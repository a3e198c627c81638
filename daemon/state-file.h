/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_DAEMON_STATE_FILE_H
#define DAXTIER_DAEMON_STATE_FILE_H

/*
 * What the next daemon has to know: a list as JSON in a file of the run directory, so until the
 * next boot; there is none while the list is empty.
 */

#include <json-c/json.h>
#include <stddef.h>
#include <stdint.h>

/* Takes over value; NULL, where it could not be made, is -ENOMEM. 0 or that. */
int state_add(struct json_object *object, const char *key, struct json_object *value);
int state_add_numbers(struct json_object *object, const char *key, const uint64_t *numbers,
		      size_t n);

/* *ret: an array, a new reference; an empty one where there is no file. 0 or a negative errno. */
int state_file_read(const char *run_dir, const char *name, struct json_object **ret);
/* As a whole or not at all. */
int state_file_write(const char *run_dir, const char *name, struct json_object *list);

#endif
