/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "state-file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"

int state_add(struct json_object *object, const char *key, struct json_object *value)
{
	if (value && json_object_object_add(object, key, value) == 0)
		return 0;
	json_object_put(value);
	return -ENOMEM;
}

int state_add_numbers(struct json_object *object, const char *key, const uint64_t *numbers,
		      size_t n)
{
	struct json_object *array = json_object_new_array();

	for (size_t i = 0; array && i < n; i++) {
		struct json_object *number = json_object_new_uint64(numbers[i]);

		if (!number || json_object_array_add(array, number) < 0) {
			json_object_put(number);
			json_object_put(array);
			return -ENOMEM;
		}
	}
	return state_add(object, key, array);
}

int state_file_read(const char *run_dir, const char *name, struct json_object **ret)
{
	_cleanup_free_ char *path = NULL, *text = NULL;
	_cleanup_fclose_ FILE *f = NULL;
	struct json_object *list;
	size_t room = 0;

	if (asprintf(&path, "%s/%s", run_dir, name) < 0) {
		path = NULL;
		return -ENOMEM;
	}
	f = fopen(path, "re");
	if (!f && errno != ENOENT)
		return -errno;
	errno = 0;
	if (f && getdelim(&text, &room, '\0', f) < 0)
		return errno ? -errno : -EBADMSG;
	list = f ? json_tokener_parse(text) : json_object_new_array();
	if (!list || !json_object_is_type(list, json_type_array)) {
		json_object_put(list);
		return f ? -EBADMSG : -ENOMEM;
	}
	*ret = list;
	return 0;
}

static int write_file(int dir_fd, const char *name, const char *text)
{
	_cleanup_close_ int fd =
		openat(dir_fd, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644);
	size_t size = strlen(text);
	ssize_t n;

	if (fd < 0)
		return -errno;
	n = write(fd, text, size);
	if (n < 0)
		return -errno;
	if ((size_t)n != size)
		return -EIO;
	return fsync(fd) < 0 ? -errno : 0;
}

int state_file_write(const char *run_dir, const char *name, struct json_object *list)
{
	_cleanup_close_ int dir_fd = open(run_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	_cleanup_free_ char *new_name = NULL;
	int r;

	if (dir_fd < 0)
		return -errno;
	if (json_object_array_length(list) == 0)
		return unlinkat(dir_fd, name, 0) < 0 && errno != ENOENT ? -errno : 0;
	if (asprintf(&new_name, "%s.new", name) < 0) {
		new_name = NULL;
		return -ENOMEM;
	}
	r = write_file(dir_fd, new_name,
		       json_object_to_json_string_ext(list, JSON_C_TO_STRING_PLAIN));
	if (r < 0)
		return r;
	return renameat(dir_fd, new_name, dir_fd, name) < 0 ? -errno : 0;
}
