/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_TESTS_FAKE_KERNEL_H
#define DAXTIER_TESTS_FAKE_KERNEL_H

/*
 * A model of what the kernel does behind the attributes of dax devices and memory blocks, on a
 * plain directory tree: a write is checked as the kernel checks it, answered with the kernel's
 * errno, and has the kernel's effects, those of Linux 6.12 unless an option says otherwise.
 *
 * The whole state is in the tree (what sysfs would not show is below .fake-kernel/), under a lock,
 * so that any number of processes can share one host: a test, the daemon and its workers. A test
 * program goes through fake_kernel_ops; an unmodified one through the preloaded library
 * libfake-kernel-preload.so with FAKE_KERNEL_ROOT in its environment (see fake-kernel-preload.c).
 *
 * All functions take the root of the tree first, and abort when the tree itself is unusable.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FAKE_KERNEL_MIB ((uint64_t)1 << 20)
#define FAKE_KERNEL_GIB ((uint64_t)1 << 30)

/* What firmware knows of a NUMA node: an entry of the SRAT with the node's row of the SLIT. */
struct fake_kernel_affinity {
	uint64_t base, size;
	unsigned distance; /* from node 0 */
};

/* Zero in every field is a stock Debian 6.12: knob there, boot parameter on, kmem loaded. */
struct fake_kernel_host {
	uint64_t block_size;	  /* 0: 128 MiB */
	uint64_t dram;		  /* of node 0, the only one with CPUs; 0: 4 GiB */
	const char *memmap_param; /* NULL: "Y"; "N", "force"; "": not built in */
	const char *auto_online;  /* NULL: "online" */
	const char *release;	  /* NULL: "6.12.107+deb13-amd64" */
	bool no_knob;		  /* before 6.8: no memmap_on_memory */
	bool has_state;		  /* 7.3: daxX.Y/state while bound to kmem */
	bool match_always;	  /* before 6.3: device_dax takes every device, kmem only by id */
	bool no_kmem;		  /* the module is not loaded: see fake_kernel_load_kmem() */
	bool no_dax;		  /* nor is the bus: it comes with the first device */
	/* Nodes 1, 2, … as firmware lists them; NULL: there are no tables. */
	const struct fake_kernel_affinity *affinities;
	size_t n_affinities;
};

struct fake_kernel_range {
	uint64_t start, size;
};

enum fake_kernel_kind {
	FAKE_KERNEL_CXL,
	FAKE_KERNEL_HMEM,
	FAKE_KERNEL_PMEM,
};

#define FAKE_KERNEL_RANGES_MAX	8
#define FAKE_KERNEL_SERIALS_MAX 16

struct fake_kernel_device {
	const char *name; /* "dax0.0" */
	enum fake_kernel_kind kind;
	struct fake_kernel_range ranges[FAKE_KERNEL_RANGES_MAX]; /* up to the first of size 0 */
	int target_node;    /* below 0: the attribute is hidden */
	unsigned distance;  /* from node 0 once the node exists; 0: SLIT, or 20 */
	const char *region; /* cxl; NULL: "region0" */
	uint64_t serials[FAKE_KERNEL_SERIALS_MAX]; /* cxl; up to the first 0 */
	/* ns and MB/s, shown by the node once it exists; 0: hidden */
	unsigned read_latency, write_latency, read_bandwidth, write_bandwidth;
};

/* root must be an existing, empty directory. */
void fake_kernel_create(const char *root, const struct fake_kernel_host *host);

/* The device appears, and is bound inside its creation where autoprobe and a driver allow. */
void fake_kernel_add_device(const char *root, const struct fake_kernel_device *device);
/* It leaves, with or without notice: blocks that are online are stuck. */
void fake_kernel_remove_device(const char *root, const char *name);
/* modprobe kmem: binds what matches, where autoprobe is on. */
void fake_kernel_load_kmem(const char *root);

/* A process that has /dev/<device> open, or only mapped, until fake_kernel_end_process(). */
enum fake_kernel_use {
	FAKE_KERNEL_OPEN,
	FAKE_KERNEL_MAPPED,
};
void fake_kernel_start_process(const char *root, int pid, const char *comm, const char *device,
			       enum fake_kernel_use use);
void fake_kernel_end_process(const char *root, int pid);

/* Onlining this block fails with EHWPOISON from now on; inside a bind it silently stays offline. */
void fake_kernel_poison_block(const char *root, uint64_t block);
/* kmem's probe of the device fails with this negative errno; 0: no more. */
void fake_kernel_fail_probe(const char *root, const char *device, int error);

/*
 * A write as a process would make it, through fault injection and log: 0 or a negative errno. path
 * is below the root, without a leading slash; links are followed.
 */
int fake_kernel_write(const char *root, const char *path, const char *value);
/* To be asked before a file is read: 0, or the error that was injected. */
int fake_kernel_before_read(const char *root, const char *path);

enum fake_kernel_op {
	FAKE_KERNEL_WRITE,
	FAKE_KERNEL_READ,
};

enum fake_kernel_action {
	FAKE_KERNEL_FAIL,	 /* with .error; the operation has no effect */
	FAKE_KERNEL_FAIL_AFTER,	 /* with .error; a write has had its effect */
	FAKE_KERNEL_KILL_BEFORE, /* SIGKILL to the process itself, before the operation */
	FAKE_KERNEL_KILL_AFTER,
	FAKE_KERNEL_HANG,  /* until a signal is handled, then -EINTR without effect: as an offline
			      that  the kernel tries again and again */
	FAKE_KERNEL_STALL, /* for .stall_msec, then as usual; other processes go on */
};

struct fake_kernel_fault {
	enum fake_kernel_op op;
	enum fake_kernel_action action;
	unsigned nth;	     /* of the operations that match, counted from 1; 0: the first */
	unsigned times;	     /* so many in a row; 0: once; UINT_MAX: from then on */
	const char *pattern; /* fnmatch(3) on the path with all links resolved; '*' matches '/'
				as well; NULL: every path */
	int error;	     /* negative errno */
	unsigned stall_msec;
};

/* Adds a fault; any number may be active, the first that strikes decides. */
void fake_kernel_add_fault(const char *root, const struct fake_kernel_fault *fault);
void fake_kernel_clear_faults(const char *root);

/*
 * Every write so far, one line each: "SEQ PID PATH VALUE RESULT", RESULT "OK", a number (the
 * negative errno), "killed-before" or "killed-after". Owned by the caller, never NULL.
 */
char *fake_kernel_log(const char *root);
void fake_kernel_clear_log(const char *root);
unsigned fake_kernel_count(const char *root, enum fake_kernel_op op); /* since the last clear */

/* All of sys/ and proc/ as one sorted text, files with their content and links with their target,
 * with the names on the drivers' lists of ids: two hosts that look the same compare equal. */
char *fake_kernel_snapshot(const char *root);

#endif
