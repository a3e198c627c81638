/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "apply/new-id.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "apply/attribute.h"
#include "apply/name.h"
#include "apply/record.h"
#include "base/cleanup.h"
#include "base/errno-util.h"
#include "sysfs/block.h"

#define RECORD_NAME "dax-new-id"
#define LOCK_NAME   "dax-new-id.lock"
#define PATH_SIZE   128

enum {
	FIELD_DRIVER,
	FIELD_DEVICE,
};

static const char *const record_keys[RECORD_FIELDS] = {
	[FIELD_DRIVER] = "driver",
	[FIELD_DEVICE] = "device",
};

/* An open run directory with the lock taken. One process at a time is between new_id and
 * remove_id, so that what a record names is never somebody else's work in progress. */
struct id_lock {
	const char *run_dir;
	int dir_fd, fd;
};

static void id_lock_done(struct id_lock *lock)
{
	close_keep_errno(lock->fd);
	close_keep_errno(lock->dir_fd);
}

static int record_failed(const struct id_lock *lock, int error, const char *verb,
			 struct trouble *trouble)
{
	_cleanup_free_ char *text = NULL;
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/" RECORD_NAME, lock->run_dir);
	if (error != -EBADMSG)
		return trouble_set(trouble, error, path, "cannot %s the record %s: %s (%s)", verb,
				   path, trouble_words(error), errno_name(error));
	text = record_text(lock->dir_fd, RECORD_NAME);
	return trouble_set(trouble, error, path,
			   "the record %s of a name on a driver's list of ids makes no sense: it "
			   "contains \"%s\"; remove the record",
			   path, text ?: "");
}

/* The id is off the list: also when the driver is gone, and its list with it. */
static int remove_id(struct sysfs *sysfs, const char *driver, const char *device,
		     struct trouble *trouble)
{
	char path[PATH_SIZE];
	int r;

	snprintf(path, sizeof(path), "sys/bus/dax/drivers/%s/remove_id", driver);
	r = attribute_write(sysfs, path, device);
	if (r < 0 && r != -ENOENT)
		return trouble_set(trouble, r, path,
				   "cannot take %s off the ids of driver %s: %s (%s); until it is, "
				   "%s binds any device of that name",
				   device, driver, trouble_words(r), errno_name(r), driver);
	return 0;
}

/* What a process that was killed left. 1, 0: nothing, negative errno. */
static int recover(struct sysfs *sysfs, const struct id_lock *lock, struct trouble *trouble)
{
	_cleanup_(record_done) struct record record = {};
	int r;

	r = record_read(lock->dir_fd, RECORD_NAME, record_keys, &record);
	if (r == 0)
		return 0;
	if (r > 0 && (!is_driver_name(record.values[FIELD_DRIVER]) ||
		      !is_device_name(record.values[FIELD_DEVICE])))
		r = -EBADMSG;
	if (r < 0)
		return record_failed(lock, r, "read", trouble);
	r = remove_id(sysfs, record.values[FIELD_DRIVER], record.values[FIELD_DEVICE], trouble);
	if (r < 0)
		return r;
	r = record_remove(lock->dir_fd, RECORD_NAME);
	return r < 0 ? record_failed(lock, r, "remove", trouble) : 1;
}

static int lock_failed(const char *run_dir, int error, struct trouble *trouble)
{
	return trouble_set(trouble, error, run_dir, "cannot use %s: %s (%s)", run_dir,
			   trouble_words(error), errno_name(error));
}

int new_id_restore(struct sysfs *sysfs, const char *run_dir, struct trouble *trouble)
{
	_cleanup_(id_lock_done) struct id_lock lock = {run_dir, -EBADF, -EBADF};
	int r;

	r = run_dir_open(run_dir, &lock.dir_fd);
	if (r == -ENOENT)
		return 0;
	if (r == 0)
		r = run_dir_lock(lock.dir_fd, LOCK_NAME, &lock.fd);
	if (r < 0)
		return lock_failed(run_dir, r, trouble);
	return recover(sysfs, &lock, trouble);
}

/*
 * Whether new_id of the driver would bind a device as well: driver_attach() tries every one that
 * has no driver, and matches it by its type (dax_bus_match() in drivers/dax/bus.c), for which the
 * path stands here. Whoever needs new_id of device_dax is on a kernel that keeps the devices of CXL
 * and hmem for kmem; else bind would have done. What is of no known kind counts for either driver.
 */
static bool is_matched_by_type(const char *driver, const char *path)
{
	if (strstr(path, "/ndbus"))
		return strcmp(driver, "kmem") != 0;
	return strcmp(driver, "kmem") == 0 ||
	       !(strstr(path, "/dax_region") || strstr(path, "/hmem."));
}

static int would_be_bound(struct sysfs *sysfs, const char *driver, const char *other)
{
	_cleanup_free_ char *bound = NULL, *path = NULL;
	int r;

	r = dax_driver_read(sysfs, other, &bound);
	if (r == -ENODEV) /* left meanwhile */
		return 0;
	if (r < 0)
		return r;
	if (bound)
		return 0;
	r = sysfs_resolve(sysfs, &path, "sys/bus/dax/devices/%s", other);
	if (r == -ENOENT)
		return 0;
	return r < 0 ? r : is_matched_by_type(driver, path);
}

/* Names the devices that would be bound along. */
static int check_bystanders(struct sysfs *sysfs, const char *device, const char *driver,
			    struct trouble *trouble)
{
	static const char dir[] = "sys/bus/dax/devices";
	_cleanup_(strv_done) struct strv names = {};
	_cleanup_free_ char *list = NULL;
	int r;

	r = sysfs_list(sysfs, &names, dir);
	if (r < 0)
		return trouble_read(trouble, r, dir);
	for (size_t i = 0; i < names.n; i++) {
		char *longer;

		if (strcmp(names.items[i], device) == 0)
			continue;
		r = would_be_bound(sysfs, driver, names.items[i]);
		if (r < 0)
			return trouble_read(trouble, r, dir);
		if (r == 0)
			continue;
		if (asprintf(&longer, "%s%s%s", list ?: "", list ? ", " : "", names.items[i]) < 0)
			return -ENOMEM;
		free(list);
		list = longer;
	}
	if (!list)
		return 0;
	return trouble_set(trouble, -EBUSY, dir,
			   "%s can only be bound to %s through its new_id, which would bind %s as "
			   "well, without a driver so far; wait until they are configured",
			   device, driver, list);
}

/*
 * new_id does not report a failed probe. When the device is still unbound after it, its name is on
 * the list, so that a plain bind tells why.
 */
static int add_and_bind(struct sysfs *sysfs, const char *device, const char *driver,
			struct trouble *trouble)
{
	_cleanup_free_ char *bound = NULL;
	char path[PATH_SIZE];
	int r;

	snprintf(path, sizeof(path), "sys/bus/dax/drivers/%s/new_id", driver);
	r = attribute_write(sysfs, path, device);
	if (r < 0)
		return trouble_set(trouble, r, path,
				   "cannot put %s on the ids of driver %s: %s (%s)", device, driver,
				   trouble_words(r), errno_name(r));
	r = dax_driver_read(sysfs, device, &bound);
	if (r < 0)
		return trouble_read(trouble, r, "sys/bus/dax/devices");
	if (bound)
		return 0;
	snprintf(path, sizeof(path), "sys/bus/dax/drivers/%s/bind", driver);
	return attribute_write(sysfs, path, device);
}

/* Between the record and its removal; the record stays while the id may be on the list. */
static int bind_recorded(struct sysfs *sysfs, const struct id_lock *lock, const char *device,
			 const char *driver, struct trouble *trouble)
{
	_cleanup_(trouble_done) struct trouble ignored = {};
	int r, q;

	r = add_and_bind(sysfs, device, driver, trouble);
	q = remove_id(sysfs, driver, device, r < 0 ? &ignored : trouble);
	if (q == 0) {
		q = record_remove(lock->dir_fd, RECORD_NAME);
		if (q < 0 && r == 0)
			record_failed(lock, q, "remove", trouble);
	}
	return r;
}

int new_id_bind(struct sysfs *sysfs, const char *run_dir, const char *device, const char *driver,
		struct trouble *trouble)
{
	_cleanup_(id_lock_done) struct id_lock lock = {run_dir, -EBADF, -EBADF};
	const char *values[RECORD_FIELDS] = {
		[FIELD_DRIVER] = driver,
		[FIELD_DEVICE] = device,
	};
	int r;

	r = run_dir_make(run_dir, &lock.dir_fd);
	if (r == 0)
		r = run_dir_lock(lock.dir_fd, LOCK_NAME, &lock.fd);
	if (r < 0)
		return lock_failed(run_dir, r == -ENOENT ? -ENOTDIR : r, trouble);
	r = recover(sysfs, &lock, trouble);
	if (r >= 0)
		r = check_bystanders(sysfs, device, driver, trouble);
	if (r < 0)
		return r;
	r = record_write(lock.dir_fd, RECORD_NAME, record_keys, values);
	if (r < 0)
		return record_failed(&lock, r, "write", trouble);
	return bind_recorded(sysfs, &lock, device, driver, trouble);
}
