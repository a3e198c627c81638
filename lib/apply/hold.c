/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "apply/hold.h"

#include <errno.h>
#include <string.h>

#include "apply/attribute.h"
#include "apply/record.h"
#include "base/cleanup.h"
#include "base/errno-util.h"
#include "model/names.h"

enum {
	FIELD_OLD,
	FIELD_HELD,
};

static const char *const record_keys[RECORD_FIELDS] = {
	[FIELD_OLD] = "old",
	[FIELD_HELD] = "held",
};

static bool is_online_policy(const char *value)
{
	return online_policy_from_string(value) > ONLINE_POLICY_UNKNOWN;
}

static bool is_zero_or_one(const char *value)
{
	return strcmp(value, "0") == 0 || strcmp(value, "1") == 0;
}

const struct held_attribute held_auto_online = {
	.path = "sys/devices/system/memory/auto_online_blocks",
	.record = "auto-online",
	.lock = "auto-online.lock",
	.is_valid = is_online_policy,
};

const struct held_attribute held_autoprobe = {
	.path = "sys/bus/dax/drivers_autoprobe",
	.record = "dax-autoprobe",
	.lock = "dax-autoprobe.lock",
	.is_valid = is_zero_or_one,
};

const struct held_attribute held_autoprobe_plan = {
	.path = "sys/bus/dax/drivers_autoprobe",
	.record = "dax-autoprobe-plan",
	.lock = "dax-autoprobe.lock",
	.is_valid = is_zero_or_one,
};

bool hold_is_open(const struct hold *hold)
{
	return hold->lock_fd >= 0;
}

void hold_close(struct hold *hold)
{
	hold->lock_fd = close_keep_errno(hold->lock_fd);
	hold->dir_fd = close_keep_errno(hold->dir_fd);
}

static int record_failed(const struct hold *hold, int error, const char *verb,
			 struct trouble *trouble)
{
	_cleanup_free_ char *path = NULL;

	if (asprintf(&path, "%s/%s", hold->run_dir, hold->attribute->record) < 0)
		path = NULL;
	return trouble_set(trouble, error, path ?: hold->run_dir,
			   "cannot %s the record %s of what /%s read before: %s (%s)", verb,
			   path ?: "", hold->attribute->path, trouble_words(error),
			   errno_name(error));
}

static int record_corrupt(const struct hold *hold, struct trouble *trouble)
{
	_cleanup_free_ char *text = NULL, *path = NULL;

	text = record_text(hold->dir_fd, hold->attribute->record);
	if (asprintf(&path, "%s/%s", hold->run_dir, hold->attribute->record) < 0)
		path = NULL;
	return trouble_set(trouble, -EBADMSG, path ?: hold->run_dir,
			   "the record %s of what /%s read before makes no sense: it contains "
			   "\"%s\"; set /%s by hand, then remove the record",
			   path ?: "", hold->attribute->path, text ?: "", hold->attribute->path);
}

/* 1, 0: no record, or a negative errno. */
static int read_record(const struct hold *hold, struct record *ret, struct trouble *trouble)
{
	_cleanup_(record_done) struct record record = {};
	int r;

	r = record_read(hold->dir_fd, hold->attribute->record, record_keys, &record);
	if (r == -EBADMSG)
		return record_corrupt(hold, trouble);
	if (r < 0)
		return record_failed(hold, r, "read", trouble);
	if (r == 0)
		return 0;
	if (!hold->attribute->is_valid(record.values[FIELD_OLD]) ||
	    !hold->attribute->is_valid(record.values[FIELD_HELD]))
		return record_corrupt(hold, trouble);
	*ret = record;
	record = (struct record){};
	return 1;
}

/* Writes one of the values that the kernel has words for, so that a refusal means that it cannot
 * be set at all. */
static int set(struct hold *hold, const char *value, struct trouble *trouble)
{
	const char *path = hold->attribute->path;
	int r;

	snprintf(hold->written, sizeof(hold->written), "%s", value);
	r = attribute_write(hold->sysfs, path, value);
	if (r < 0)
		return trouble_set(trouble, r, path, "cannot set /%s to \"%s\": %s (%s)%s", path,
				   value, trouble_words(r), errno_name(r),
				   r == -EACCES || r == -EPERM || r == -EROFS
					   ? "; run as root on a writable /sys"
					   : "");
	return attribute_check(hold->sysfs, path, value, trouble);
}

int hold_restore(struct hold *hold, struct trouble *trouble)
{
	_cleanup_(record_done) struct record record = {};
	_cleanup_free_ char *now = NULL;
	const char *path = hold->attribute->path;
	int r, restored = 0;

	r = read_record(hold, &record, trouble);
	if (r <= 0)
		return r;
	r = sysfs_read_string(hold->sysfs, &now, "%s", path);
	/* Its module was unloaded, and the setting with it. */
	if (r == -ENOENT)
		now = NULL;
	else if (r < 0)
		return trouble_read(trouble, r, path);

	if (now && strcmp(now, record.values[FIELD_HELD]) == 0) {
		r = set(hold, record.values[FIELD_OLD], trouble);
		if (r < 0)
			return r;
		restored = 1;
	} else if (now && strcmp(now, record.values[FIELD_OLD]) != 0) {
		trouble_set(trouble, 0, path,
			    "/%s was \"%s\", was set to \"%s\", and reads \"%s\" now: somebody "
			    "else changed it since, so it is left as it is",
			    path, record.values[FIELD_OLD], record.values[FIELD_HELD], now);
	}
	r = record_remove(hold->dir_fd, hold->attribute->record);
	if (r < 0)
		return record_failed(hold, r, "remove", trouble);
	return restored;
}

int hold_take(struct hold *hold, const char *value, struct trouble *trouble)
{
	const char *path = hold->attribute->path, *values[RECORD_FIELDS];
	_cleanup_free_ char *now = NULL;
	int r;

	if (!hold->attribute->is_valid(value))
		return trouble_set(trouble, -EINVAL, path, "\"%s\" is no value of /%s", value,
				   path);
	r = attribute_read(hold->sysfs, path, &now, trouble);
	if (r < 0)
		return r;
	if (strcmp(now, value) == 0)
		return 0;
	/* A record that could not be read back would leave the setting ours for ever. */
	if (!hold->attribute->is_valid(now))
		return trouble_set(trouble, -EBADMSG, path,
				   "/%s reads \"%s\", which daxtierd does not know and so could "
				   "not put back; it is not changed",
				   path, now);
	values[FIELD_OLD] = now;
	values[FIELD_HELD] = value;
	r = record_write(hold->dir_fd, hold->attribute->record, record_keys, values);
	if (r < 0)
		return record_failed(hold, r, "write", trouble);
	r = set(hold, value, trouble);
	return r < 0 ? r : 1;
}

int hold_resume(struct hold *hold, const char *value, struct trouble *trouble)
{
	_cleanup_(record_done) struct record record = {};
	_cleanup_free_ char *now = NULL;
	int r;

	r = read_record(hold, &record, trouble);
	if (r <= 0)
		return r;
	if (strcmp(record.values[FIELD_HELD], value) != 0)
		return record_corrupt(hold, trouble);
	r = attribute_read(hold->sysfs, hold->attribute->path, &now, trouble);
	if (r == 0 && strcmp(now, value) != 0)
		r = set(hold, value, trouble);
	return r < 0 ? r : 1;
}

static int open_failed(const struct hold *hold, int error, struct trouble *trouble)
{
	return trouble_set(trouble, error, hold->run_dir,
			   "cannot use %s, where what is held is recorded first: %s (%s)",
			   hold->run_dir, trouble_words(error), errno_name(error));
}

int hold_open_existing(struct hold *hold, struct sysfs *sysfs, const char *run_dir,
		       const struct held_attribute *attribute, struct trouble *trouble)
{
	int r;

	*hold = (struct hold){
		.sysfs = sysfs,
		.run_dir = run_dir,
		.attribute = attribute,
		.dir_fd = -EBADF,
		.lock_fd = -EBADF,
	};
	r = run_dir_open(run_dir, &hold->dir_fd);
	if (r == -ENOENT)
		return r;
	if (r == 0)
		r = run_dir_lock(hold->dir_fd, attribute->lock, &hold->lock_fd);
	if (r < 0) {
		hold_close(hold);
		/* ENOENT is the answer for "nothing recorded" only. */
		return open_failed(hold, r == -ENOENT ? -ENOTDIR : r, trouble);
	}
	return 0;
}

int hold_open(struct hold *hold, struct sysfs *sysfs, const char *run_dir,
	      const struct held_attribute *attribute, struct trouble *trouble)
{
	_cleanup_close_ int dir_fd = -EBADF;
	int r;

	r = run_dir_make(run_dir, &dir_fd);
	if (r < 0) {
		hold->run_dir = run_dir;
		return open_failed(hold, r == -ENOENT ? -ENOTDIR : r, trouble);
	}
	r = hold_open_existing(hold, sysfs, run_dir, attribute, trouble);
	if (r < 0)
		return r == -ENOENT ? open_failed(hold, -ENOTDIR, trouble) : r;
	return 0;
}
