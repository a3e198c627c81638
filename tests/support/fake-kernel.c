/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The entry to the fake kernel: the lock, and where a write goes. */
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <inttypes.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "fake-kernel-model.h"

static void __attribute__((noreturn)) die(const char *what)
{
	fprintf(stderr, "fake kernel: %s: %m\n", what);
	abort();
}

char *fk_path(const char *format, ...)
{
	char *path;
	va_list ap;

	va_start(ap, format);
	if (vasprintf(&path, format, ap) < 0)
		die("out of memory");
	va_end(ap);
	return path;
}

int fk_lock(const char *root)
{
	char *path = fk_path("%s/" FK_STATE "/lock", root);
	int fd;

	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		die(path);
	while (flock(fd, LOCK_EX) < 0)
		if (errno != EINTR)
			die(path);
	free(path);
	return fd;
}

void fk_unlock(int lock)
{
	close(lock);
}

char *fk_get(const char *root, const char *path)
{
	char *text = tree_get(root, path);

	if (!text)
		text = fk_path("%s", "");
	text[strcspn(text, "\n")] = '\0';
	return text;
}

uint64_t fk_host_u64(const char *root, const char *key)
{
	char *path = fk_path(FK_STATE "/host/%s", key), *text = fk_get(root, path);
	uint64_t value = strtoull(text, NULL, 0);

	free(text);
	free(path);
	return value;
}

int fk_host_flag(const char *root, const char *key)
{
	return fk_host_u64(root, key) != 0;
}

int fk_word_is(const char *value, const char *word)
{
	size_t n = strlen(word);

	return strncmp(value, word, n) == 0 && (value[n] == '\0' || strcmp(value + n, "\n") == 0);
}

/* drivers_autoprobe_store() in drivers/base/bus.c looks at the first character only. */
static int store_autoprobe(const char *root, const char *path, const char *value)
{
	tree_put(root, path, value[0] == '0' ? "0\n" : "1\n");
	return 0;
}

static int store_auto_online(const char *root, const char *path, const char *value)
{
	static const char *const words[] = {"offline", "online", "online_kernel", "online_movable"};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (fk_word_is(value, words[i])) {
			tree_putf(root, path, "%s\n", words[i]);
			return 0;
		}
	return -EINVAL;
}

static int store_drivers_probe(const char *root, const char *path, const char *value)
{
	return fk_store_drivers_probe(root, value);
}

static int store_driver(const char *root, const char *path, const char *value)
{
	char driver[64], attribute[64];

	if (sscanf(path, "sys/bus/dax/drivers/%63[^/]/%63s", driver, attribute) != 2)
		return -EACCES;
	return fk_store_driver(root, driver, attribute, value);
}

static int store_block_state(const char *root, const char *path, const char *value)
{
	uint64_t block;

	if (sscanf(path, FK_MEMORY "/memory%" SCNu64 "/state", &block) != 1)
		return -EACCES;
	return fk_store_block_state(root, block, value);
}

/* The device a path like ".../dax0.0/attribute" belongs to. */
static int load_owner(const char *root, const char *path, struct fk_device *ret)
{
	char *copy = fk_path("%s", path), *name;
	int r;

	*strrchr(copy, '/') = '\0';
	name = strrchr(copy, '/') + 1;
	r = fk_device_load(root, name, ret);
	free(copy);
	return r;
}

/* memmap_on_memory_store() in drivers/dax/bus.c */
static int store_knob(const char *root, const char *path, const char *value)
{
	struct fk_device device;
	char *now, *driver, *param;
	int r, wanted;

	if (fk_word_is(value, "1"))
		wanted = 1;
	else if (fk_word_is(value, "0"))
		wanted = 0;
	else
		return -EINVAL;
	r = load_owner(root, path, &device);
	if (r < 0)
		return r;
	param = fk_get(root, "sys/module/memory_hotplug/parameters/memmap_on_memory");
	now = fk_get(root, path);
	driver = fk_driver_of(root, &device);
	if (wanted && strcmp(param, "Y") != 0 && strcmp(param, "force") != 0)
		r = -EOPNOTSUPP;
	else if (wanted != atoi(now) && driver && strcmp(driver, "kmem") == 0)
		r = -EBUSY;
	else
		tree_putf(root, path, "%d\n", wanted);
	free(param);
	free(now);
	free(driver);
	return r;
}

static int store_device_state(const char *root, const char *path, const char *value)
{
	struct fk_device device;
	int r = load_owner(root, path, &device);

	return r < 0 ? r : fk_store_device_state(root, &device, value);
}

static const struct {
	const char *pattern;
	int (*store)(const char *root, const char *path, const char *value);
} stores[] = {
	{"sys/bus/dax/drivers_autoprobe", store_autoprobe},
	{"sys/bus/dax/drivers_probe", store_drivers_probe},
	{"sys/bus/dax/drivers/*/*bind", store_driver},
	{"sys/bus/dax/drivers/*/*_id", store_driver},
	{FK_MEMORY "/auto_online_blocks", store_auto_online},
	{FK_MEMORY "/memory*/state", store_block_state},
	{"sys/devices/*/dax*.*/memmap_on_memory", store_knob},
	{"sys/devices/*/dax*.*/state", store_device_state},
	{FK_CXL_ROOT "/decoder*/region*/*", fk_store_region},
	{FK_CXL_ROOT "/*/decoder*/*", fk_store_decoder},
	{FK_CXL_ROOT "/decoder*/*_region", fk_store_region_driver},
	{"sys/bus/cxl/drivers/cxl_region/*bind", fk_store_region_driver},
};

/* Any other attribute is one that cannot be written (kernfs_fop_open()). */
static int store(const char *root, const char *path, const char *value)
{
	for (size_t i = 0; i < sizeof(stores) / sizeof(stores[0]); i++)
		if (fnmatch(stores[i].pattern, path, 0) == 0)
			return stores[i].store(root, path, value);
	return -EACCES;
}

/* Where a path leads, as the kernel of this machine tells it: far fewer calls than realpath(3). */
static char *resolve(const char *path)
{
	int fd = open(path, O_PATH | O_CLOEXEC);
	char link[64], target[PATH_MAX];
	ssize_t n;

	if (fd < 0)
		return NULL;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, target, sizeof(target) - 1);
	close(fd);
	if (n < 0)
		return NULL;
	target[n] = '\0';
	return fk_path("%s", target);
}

static char *below(const char *top, const char *target)
{
	size_t n = strlen(top);

	return strncmp(target, top, n) == 0 && target[n] == '/' ? fk_path("%s", target + n + 1)
								: NULL;
}

/* The path below the root with every link resolved; NULL when there is no such file. */
static char *canonical(const char *root, const char *path)
{
	char *full = fk_path("%s/%s", root, path), *target, *top, *ret = NULL;

	target = resolve(full);
	if (target)
		ret = below(root, target);
	if (target && !ret) { /* the root itself was named through a link */
		top = resolve(root);
		ret = top ? below(top, target) : NULL;
		free(top);
	}
	free(target);
	free(full);
	return ret;
}

static void __attribute__((noreturn)) die_by_signal(void)
{
	for (;;) {
		kill(getpid(), SIGKILL);
		pause();
	}
}

/* Other processes go on meanwhile, so the lock is given up. */
static int stall(const char *root, int lock, unsigned msec)
{
	struct timespec time = {.tv_sec = msec / 1000, .tv_nsec = (long)(msec % 1000) * 1000000};

	fk_unlock(lock);
	while (nanosleep(&time, &time) < 0 && errno == EINTR)
		;
	return fk_lock(root);
}

/* Other processes go on meanwhile. */
static int hang(const char *root, int lock)
{
	struct timespec time = {.tv_sec = 3600};

	fk_unlock(lock);
	nanosleep(&time, NULL);
	return fk_lock(root);
}

static int write_locked(const char *root, int *lock, const char *path, const char *value)
{
	struct fk_verdict verdict = fk_judge(root, FAKE_KERNEL_WRITE, path);
	char result[16];
	int r;

	if (verdict.strikes && verdict.action == FAKE_KERNEL_KILL_BEFORE) {
		fk_log_write(root, path, value, "killed-before");
		die_by_signal();
	}
	if (verdict.strikes && verdict.action == FAKE_KERNEL_STALL)
		*lock = stall(root, *lock, verdict.stall_msec);
	if (verdict.strikes && verdict.action == FAKE_KERNEL_HANG) {
		*lock = hang(root, *lock);
		r = -EINTR;
	} else if (verdict.strikes && verdict.action == FAKE_KERNEL_FAIL)
		r = verdict.error;
	else
		r = store(root, path, value);
	if (verdict.strikes && verdict.action == FAKE_KERNEL_KILL_AFTER) {
		fk_log_write(root, path, value, "killed-after");
		die_by_signal();
	}
	if (verdict.strikes && verdict.action == FAKE_KERNEL_FAIL_AFTER)
		r = verdict.error;
	snprintf(result, sizeof(result), "%d", r);
	fk_log_write(root, path, value, r == 0 ? "OK" : result);
	return r;
}

int fake_kernel_write(const char *root, const char *path, const char *value)
{
	int lock = fk_lock(root), r = -ENOENT;
	char *target = canonical(root, path);

	if (target)
		r = write_locked(root, &lock, target, value);
	free(target);
	fk_unlock(lock);
	return r;
}

int fake_kernel_before_read(const char *root, const char *path)
{
	struct fk_verdict verdict = {};
	char *target = canonical(root, path);
	int lock;

	if (!target)
		return 0;
	lock = fk_lock(root);
	verdict = fk_judge(root, FAKE_KERNEL_READ, target);
	free(target);
	if (verdict.strikes && verdict.action == FAKE_KERNEL_STALL)
		lock = stall(root, lock, verdict.stall_msec);
	if (verdict.strikes &&
	    (verdict.action == FAKE_KERNEL_KILL_BEFORE || verdict.action == FAKE_KERNEL_KILL_AFTER))
		die_by_signal();
	fk_unlock(lock);
	return verdict.strikes && verdict.action != FAKE_KERNEL_STALL ? verdict.error : 0;
}
