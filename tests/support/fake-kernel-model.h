/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_TESTS_FAKE_KERNEL_MODEL_H
#define DAXTIER_TESTS_FAKE_KERNEL_MODEL_H

/*
 * The inside of the fake kernel. fk_* functions expect the host's lock to be
 * held. No part of it uses the code under test: it has to come to its answers
 * on its own.
 */

#include <limits.h>
#include <stdarg.h>
#include <stdio.h>

#include "fake-kernel.h"
#include "tree.h"

#define FK_STATE  ".fake-kernel"
#define FK_MEMORY "sys/devices/system/memory"
#define FK_NODES  "sys/devices/system/node"

/* fake-kernel.c */
int fk_lock(const char *root); /* returns what fk_unlock() takes */
void fk_unlock(int lock);
char *fk_path(const char *format, ...) TREE_FORMAT(1); /* owned by the caller; aborts */
char *fk_get(const char *root, const char *path);      /* without the newline, "" if absent */
uint64_t fk_host_u64(const char *root, const char *key);
int fk_host_flag(const char *root, const char *key);
int fk_word_is(const char *value, const char *word); /* sysfs_streq() */

/* What a device is made of, as .fake-kernel/devices/NAME keeps it. */
struct fk_device {
	char name[32];
	char path[PATH_MAX]; /* of its directory below the root */
	int kmem_type;	     /* made for kmem (cxl, hmem), not for device_dax */
	int target_node;
	unsigned distance;
	unsigned performance[4];
	int probe_error;
	struct fake_kernel_range ranges[FAKE_KERNEL_RANGES_MAX];
	size_t n_ranges;
};

/* fake-kernel-host.c */
void fk_bus_register(const char *root);

/* fake-kernel-device.c */
int fk_device_load(const char *root, const char *name, struct fk_device *ret); /* 0, -ENODEV */
void fk_device_save(const char *root, const struct fk_device *device);
/* The device appears below the directory parent, and is bound where autoprobe
 * and a driver allow. */
void fk_device_show(const char *root, const struct fake_kernel_device *wanted, const char *parent);
/* It leaves, with the directory that it stands in. */
/*
 * An object leaves: its directory, or the one that the link leads to, is taken out of what is seen.
 * It is kept, so that nothing that comes gets its inode number: sysfs gives none twice.
 */
void fk_bury(const char *root, const char *path);
void fk_device_hide(const char *root, const struct fk_device *device);
/* One attribute in a directory, with a newline; a link on a bus. */
void fk_put(const char *root, const char *directory, const char *name, const char *format, ...)
	TREE_FORMAT(4);
void fk_link_on_bus(const char *root, const char *bus, const char *path);

/* fake-kernel-cxl.c */
#define FK_CXL_ROOT "sys/devices/platform/ACPI0017:00/root0"
struct fk_decoder { /* of an endpoint, as .fake-kernel/decoders/NAME keeps it */
	char name[32];
	char path[PATH_MAX];
	char memdev[PATH_MAX];
	unsigned bridge, id;
};
int fk_decoder_load(const char *root, const char *name, struct fk_decoder *ret); /* 0, -ENODEV */
uint64_t fk_cxl_u64(const char *root, const char *directory, const char *name);	 /* 0 if absent */
char *fk_cxl_get(const char *root, const char *directory, const char *name);
/* The first decoder of the memdev with this serial, which is made when new.
 * Owned by the caller. */
char *fk_memdev_of_serial(const char *root, uint64_t serial);
void fk_window_ensure(const char *root, int target_node);
/* Takes the next free number for regions of the window whose directory this is.
 */
void fk_window_reserve(const char *root, const char *window);
unsigned fk_window_bridge(const char *root, const char *window, unsigned position);
int fk_store_decoder(const char *root, const char *path, const char *value);

/* fake-kernel-region.c */
int fk_store_region(const char *root, const char *path, const char *value);
int fk_store_region_driver(const char *root, const char *path, const char *value);
/* The region of a device that is there already, as firmware makes it; its
 * directory. */
char *fk_region_assume(const char *root, const struct fake_kernel_device *wanted, uint64_t start,
		       uint64_t size);
void fk_region_forget(const char *root, const char *name); /* with all that it holds */
void fk_region_lose_target(const char *root, const char *name, const char *decoder);

/* fake-kernel-driver.c */
void fk_driver_register(const char *root, const char *driver);
char *fk_driver_of(const char *root, const struct fk_device *device); /* NULL: unbound */
void fk_attach(const char *root, const struct fk_device *device);     /* to whichever matches */
void fk_detach(const char *root, const struct fk_device *device);
int fk_store_driver(const char *root, const char *driver, const char *attribute, const char *value);
int fk_store_drivers_probe(const char *root, const char *value);

/* fake-kernel-node.c */
enum fk_zone {
	FK_ZONE_NONE,
	FK_ZONE_NORMAL,
	FK_ZONE_MOVABLE,
};
struct fk_node {
	int id;
	int has_cpu;
	unsigned distance;	  /* from node 0 */
	uint64_t normal, movable; /* managed bytes */
	uint64_t memmap;	  /* taken from what is free by memmaps of hot-plugged memory */
	uint64_t blocks;	  /* hot-plugged ones */
	unsigned performance[4];  /* read and write latency, read and write bandwidth */
};
int fk_node_load(const char *root, int id, struct fk_node *ret); /* 0, -ENOENT */
void fk_node_save(const char *root, const struct fk_node *node); /* and shows it */
void fk_node_remove(const char *root, int id);
uint64_t fk_node_free(const struct fk_node *node);

/* fake-kernel-block.c */
/* What .fake-kernel/blocks/N remembers of a hot-plugged block. */
struct fk_block {
	uint64_t number;
	int node;
	int memmap_on_memory;
	int poisoned;
};
int fk_block_load(const char *root, uint64_t number, struct fk_block *ret); /* 0, -ENOENT */
char *fk_block_path(uint64_t number, const char *attribute); /* NULL: its directory */
enum fk_zone fk_block_zone(const char *root, uint64_t number);
void fk_block_change_zone(const char *root, const struct fk_block *block, enum fk_zone zone);
void fk_block_show(const char *root, const struct fk_block *block); /* appears, offline */
void fk_block_hide(const char *root, const struct fk_block *block);
int fk_store_block_state(const char *root, uint64_t number, const char *value);
int fk_parse_how(const char *value, enum fk_zone *ret); /* "online_movable" and so on */
uint64_t fk_memmap_bytes(uint64_t bytes);

/* fake-kernel-memory.c */
int fk_plug(const char *root, const struct fk_device *device, const char *how);
void fk_unplug(const char *root, const struct fk_device *device);
int fk_store_device_state(const char *root, const struct fk_device *device, const char *value);

/* fake-kernel-fault.c */
struct fk_verdict {
	int strikes;
	enum fake_kernel_action action;
	int error;
	unsigned stall_msec;
};
struct fk_verdict fk_judge(const char *root, enum fake_kernel_op op, const char *path);
void fk_log_write(const char *root, const char *path, const char *value, const char *result);

#endif
