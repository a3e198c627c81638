/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_MODEL_STATUS_H
#define DAXTIER_MODEL_STATUS_H

/*
 * What a person is told of one device: facts, decision and progress in one flat value, so that two
 * of them can be compared field by field. The bus properties of org.daxtier1.Device are these
 * fields.
 */

#include "model/config.h"
#include "model/facts.h"
#include "model/history.h"
#include "model/plan.h"
#include "model/step-failure.h"

/* How far a running plan is. */
struct progress {
	bool running;
	enum plan_purpose purpose;
	enum step_kind step;
	size_t blocks_done, blocks_total;
};

struct device_status {
	char *name;
	char *kind;
	char *driver; /* "" when unbound */
	char *region; /* "" for none */
	uint64_t *serials;
	size_t n_serials;

	uint64_t size, usable, lost;
	int target_node, initiator_node;
	unsigned distance;
	char *distance_source;
	struct access_performance performance;
	int tier;

	char *state;
	char *state_detail; /* "58 of 125 blocks", or ""  */
	char *rule;	    /* "" for none */
	char *reason;

	bool memmap_wanted;
	bool memmap_effective;
	char *memmap_knob; /* "absent", "0", "1" */
	char *memmap_reason;
	uint64_t memmap_bytes;

	char *zone; /* "Movable", "Normal", "mixed", "none" */
	uint64_t blocks_total, blocks_online, blocks_movable;

	/* From when it was first seen until a plan had brought it online; 0: none has, as where it
	 * was online already. However long it waited or failed in between. */
	uint64_t online_after_usec;

	char *holders; /* "1234 (postgres), 77 (qemu)" or "" */

	char *error;	     /* symbolic errno, "" for none */
	char *error_step;    /* "" for none */
	char *error_message; /* "" for none */
};

/*
 * device is required; plan, history and progress may be NULL. All of ret is owned by the caller:
 * device_status_done(). 0 or -ENOMEM.
 */
int device_status_make(const struct host *host, const struct dax_device *device,
		       const struct device_plan *plan, const struct device_history *history,
		       const struct progress *progress, struct device_status *ret);
void device_status_done(struct device_status *status);

/* A NUMA node with memory or CPUs: one line of the tier picture. Bytes. */
struct node_status {
	int id;
	bool has_cpu;
	uint64_t total, movable, kernel;
	int tier; /* -1: none */
};

/* A CXL memory device, and what becomes of it where it is in no region. Bytes. */
struct memdev_status {
	char *name; /* "mem0" */
	uint64_t serial;
	uint64_t ram, pmem;
	char *region; /* "" for none */
	/* What its decoders hold, "region0 (decoder2.0), 1 GiB in no region (decoder2.1)"; "" when
	 * they are all known to hold nothing, so that it may be pulled */
	char *holds;
	/* "" where it is in a region, or has no volatile capacity that one could be made of */
	char *state, *reason;
};

/* What a person is told of the host; the properties of org.daxtier1.Manager. Bytes throughout. */
struct host_status {
	char *version; /* of the daemon */
	char *kernel_release;
	uint64_t block_size;
	bool knob_supported; /* a dax device with the attribute was seen; false without any device
			      */
	char *memmap_param;  /* "absent", "N", "Y", "force" */
	char *auto_online;   /* the kernel's policy as now in force */
	bool claimed;	     /* drivers_autoprobe is held at 0 by the daemon */
	uint64_t dram_total, dram_memmap, dram_memmap_budget;
	uint64_t movable_total, kernel_total;
	unsigned movable_max_ratio; /* 0: no guard */
	struct node_status *nodes;  /* by id */
	size_t n_nodes;
	struct memdev_status *memdevs; /* in the order of the facts */
	size_t n_memdevs;
	struct strv config_files;
	struct strv config_errors; /* of the last reload that failed; empty when the files are in
				      force */
	struct strv problems;	   /* of the last look at the host */
	/* Since the daemon started, of all devices; host_status_make() leaves it empty. */
	struct step_failures failures;
};

/* plan, version and config_errors may be NULL. 0 or -ENOMEM. */
int host_status_make(const struct facts *facts, const struct config *config,
		     const struct plan *plan, const char *version, bool claimed,
		     const struct strv *config_errors, struct host_status *ret);
/* The memdevs of a plan that is being carried out: those that its region is made of. 0 or -ENOMEM.
 */
int host_status_set_applying(struct host_status *status, const struct device_plan *plan);
void host_status_done(struct host_status *status);

#endif
