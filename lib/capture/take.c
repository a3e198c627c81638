/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "capture/take.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "capture/recorder.h"
#include "capture/take-config.h"
#include "doctor/evidence-initramfs.h"
#include "model/facts.h"
#include "observe/observe.h"

/* What is not read through sysfs/, or not in every state of the host. */
static const char *const patterns[] = {
	/* hwloc's and libnuma's own reading: as much as they need to place nodes. */
	"sys/devices/system/cpu/online",
	"sys/devices/system/cpu/possible",
	"sys/devices/system/cpu/cpu*/online",
	"sys/devices/system/cpu/cpu*/topology/core_cpus",
	"sys/devices/system/cpu/cpu*/topology/package_cpus",
	"sys/devices/system/node/online",
	"sys/devices/system/node/possible",
	"sys/devices/system/node/has_cpu",
	"sys/devices/system/node/has_memory",
	"sys/devices/system/node/node*/cpumap",
	"sys/devices/system/node/node*/distance",
	"sys/devices/system/node/node*/meminfo",
	"sys/devices/system/node/node*/access0/initiators/read_*",
	"sys/devices/system/node/node*/access0/initiators/write_*",
	/* The whole CXL bus, also what no device of this moment needs. */
	"sys/bus/cxl/drivers/*",
	"sys/bus/cxl/devices/*/driver",
	"sys/bus/cxl/devices/decoder*/start",
	"sys/bus/cxl/devices/decoder*/size",
	"sys/bus/cxl/devices/decoder*/locked",
	"sys/bus/cxl/devices/decoder*/mode",
	"sys/bus/cxl/devices/decoder*/region",
	"sys/bus/cxl/devices/decoder*/dpa_size",
	"sys/bus/cxl/devices/decoder*/dpa_resource",
	"sys/bus/cxl/devices/decoder*/cap_*",
	"sys/bus/cxl/devices/decoder*/interleave_*",
	"sys/bus/cxl/devices/decoder*/qos_class",
	"sys/bus/cxl/devices/decoder*/target_list",
	"sys/bus/cxl/devices/decoder*/target_type",
	"sys/bus/cxl/devices/endpoint*/uport",
	"sys/bus/cxl/devices/endpoint*/parent_dport",
	"sys/bus/cxl/devices/port*/uport",
	"sys/bus/cxl/devices/port*/dport*",
	"sys/bus/cxl/devices/root*/dport*",
	"sys/bus/cxl/devices/mem*/numa_node",
	"sys/bus/cxl/devices/mem*/serial",
	"sys/bus/cxl/devices/mem*/ram/*",
	"sys/bus/cxl/devices/mem*/pmem/*",
	"sys/bus/cxl/devices/region*/mode",
	"sys/bus/cxl/devices/region*/size",
	"sys/bus/cxl/devices/region*/resource",
	"sys/bus/cxl/devices/region*/interleave_*",
	"sys/bus/cxl/devices/region*/commit",
	"sys/bus/cxl/devices/region*/target*",
	"sys/bus/cxl/devices/region*/access0/*",
	/* The host's memory as a whole. */
	"sys/firmware/acpi/tables/SRAT",
	"sys/firmware/acpi/tables/SLIT",
	"sys/firmware/acpi/tables/HMAT",
	"sys/firmware/acpi/tables/CEDT",
	"sys/kernel/mm/numa/demotion_enabled",
	"proc/vmstat",
	"proc/zoneinfo",
	"proc/swaps",
	/* Where the host is itself a captured one. */
	"capture/page_size",
};

/*
 * The root of the cpuset tree: which nodes a process may use, and so which ones hwloc lists there.
 * The line of the mount is made up, for the others are nobody's business.
 */
static int take_cpuset(struct sysfs *sysfs, struct image *image)
{
	static const char mount[] = "cgroup2 /sys/fs/cgroup cgroup2 rw 0 0\n";
	_cleanup_free_ char *mounts = NULL;
	size_t size;
	int r;

	r = sysfs_real_ops.read(NULL, sysfs->root_fd, "proc/mounts", &mounts, &size);
	if (r < 0 || !strstr(mounts, " /sys/fs/cgroup cgroup2 "))
		return r == -ENOMEM ? r : 0;
	r = image_put_file(image, "proc/mounts", mount, strlen(mount));
	if (r == 0)
		r = image_put_file(image, "proc/self/cpuset", "/\n", 2);
	if (r == 0)
		r = recorder_keep(sysfs, "sys/fs/cgroup/cgroup.controllers");
	return r < 0 ? r : recorder_keep(sysfs, "sys/fs/cgroup/cpuset.*.effective");
}

static int put_format(struct image *image, const char *content, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
static int put_format(struct image *image, const char *content, const char *format, ...)
{
	_cleanup_free_ char *path = NULL;
	va_list ap;
	int r;

	va_start(ap, format);
	r = vasprintf(&path, format, ap);
	va_end(ap);
	if (r < 0) {
		path = NULL;
		return -ENOMEM;
	}
	return image_append(image, path, content);
}

/* n: which of the process' descriptors it is to be; the real number is of no interest. */
static int take_holder(struct image *image, const struct dax_device *device,
		       const struct holder *holder, size_t n)
{
	_cleanup_free_ char *path = NULL, *device_path = NULL, *text = NULL;
	int pid = (int)holder->pid, r;

	if (asprintf(&path, "proc/%d/comm", pid) < 0) {
		path = NULL;
		return -ENOMEM;
	}
	if (asprintf(&text, "%s\n", holder->comm) < 0) {
		text = NULL;
		return -ENOMEM;
	}
	r = image_put_file(image, path, text, strlen(text));
	free(TAKE_PTR(path));
	free(TAKE_PTR(text));
	if (r < 0)
		return r;
	/* Where a process maps a device, at which addresses, is left out. */
	if (asprintf(&text, "0-0 rw-s 00000000 00:00 0 /dev/%s\n", device->name) < 0) {
		text = NULL;
		return -ENOMEM;
	}
	r = put_format(image, holder->mapped ? text : "", "proc/%d/maps", pid);
	if (r < 0)
		return r;
	if (asprintf(&path, "proc/%d/fd", pid) < 0) {
		path = NULL;
		return -ENOMEM;
	}
	if (holder->mapped)
		return image_put_directory(image, path);
	free(TAKE_PTR(path));
	if (asprintf(&path, "proc/%d/fd/%zu", pid, n) < 0) {
		path = NULL;
		return -ENOMEM;
	}
	if (asprintf(&device_path, "/dev/%s", device->name) < 0) {
		device_path = NULL;
		return -ENOMEM;
	}
	return image_put_link(image, path, device_path);
}

static int take_holders(struct image *image, const struct facts *facts)
{
	int r = 0;

	for (size_t i = 0; i < facts->n_devices; i++) {
		const struct dax_device *device = &facts->devices[i];

		for (size_t k = 0; r == 0 && k < device->n_holders; k++)
			r = take_holder(image, device, &device->holders[k], i);
	}
	return r;
}

/* An image is too large to be kept; what the doctor wants of it is not. */
static int take_initramfs(struct image *image, const struct evidence_initramfs *initramfs)
{
	_cleanup_free_ char *text = NULL;

	if (!initramfs->file)
		return 0;
	text = evidence_initramfs_to_string(initramfs);
	return text ? image_put_file(image, EVIDENCE_INITRAMFS_PATH, text, strlen(text)) : -ENOMEM;
}

static bool always(void *userdata)
{
	return true;
}

/* What the daemon and the doctor read, by doing it. */
static int take_facts(struct sysfs *sysfs, struct image *image)
{
	static const struct observe_options options = {.wants_competitors = always};
	_cleanup_(observer_freep) struct observer *observer = NULL;
	_cleanup_(evidence_done) struct evidence evidence = {};
	_cleanup_(facts_freep) struct facts *facts = NULL;
	char page_size[32];
	int r;

	r = observer_new(sysfs, &options, &observer);
	if (r == 0)
		r = observe(observer, &facts);
	if (r == 0)
		r = evidence_look(sysfs, facts, &evidence);
	if (r == 0)
		r = take_initramfs(image, &evidence.initramfs);
	if (r < 0)
		return r;
	snprintf(page_size, sizeof(page_size), "%" PRIu64 "\n", facts->host.page_size);
	r = image_put_file(image, "capture/page_size", page_size, strlen(page_size));
	return r < 0 ? r : take_holders(image, facts);
}

static int take_manifest(struct recorder *recorder, struct manifest *manifest)
{
	_cleanup_free_ char *text = NULL;

	manifest->format = MANIFEST_FORMAT;
	strv_sort(&recorder->unreadable);
	strv_done(&manifest->unreadable);
	manifest->unreadable = recorder->unreadable;
	recorder->unreadable = (struct strv){};
	text = manifest_to_string(manifest);
	if (!text)
		return -ENOMEM;
	return image_put_file(recorder->image, MANIFEST_PATH, text, strlen(text));
}

int capture_take(const char *root, struct manifest *manifest, struct image **ret)
{
	_cleanup_(sysfs_close) struct sysfs sysfs = {.root_fd = -EBADF};
	_cleanup_(image_freep) struct image *image = image_new();
	_cleanup_(recorder_done) struct recorder recorder = {.image = image,
							     .mask = manifest->masked};
	int r;

	if (!image)
		return -ENOMEM;
	r = sysfs_open(&sysfs, root, &recorder_ops, &recorder);
	if (r == 0)
		r = take_facts(&sysfs, image);
	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(patterns); i++)
		r = recorder_keep(&sysfs, patterns[i]);
	if (r == 0)
		r = take_cpuset(&sysfs, image);
	/* After the devices, so that theirs are the first of the masked numbers. */
	if (r == 0)
		r = take_config(&sysfs, &recorder);
	if (r == 0)
		r = take_manifest(&recorder, manifest);
	if (r < 0)
		return r;
	*ret = TAKE_PTR(image);
	return 0;
}
