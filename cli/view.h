/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_CLI_VIEW_H
#define DAXTIER_CLI_VIEW_H

/*
 * From the documents that --json prints to text for people. The texts in them must be clean: see
 * json_clean(). All return 0 or -ENOMEM.
 */

#include "cli/json.h"
#include "cli/style.h"

/* daxtierctl status: the devices, the tiers, the limits, what needs a look, and the host. */
int view_status(FILE *f, const struct style *style, struct json_object *document);

/* The host's fields and what is wrong with it, as a part of that. */
void view_host(FILE *f, const struct style *style, struct json_object *document);

/* What memmaps take of DRAM and how much memory is movable, against what the policy allows. */
void view_limits(FILE *f, const struct style *style, struct json_object *document);

/* The CXL memory devices that are in no region, and why; nothing when there is none. */
void view_memdevs(FILE *f, const struct style *style, struct json_object *document);

/* The nodes by tier: how much, how full, how far, how quick. Nothing where no node is known. */
int view_tiers(FILE *f, const struct style *style, struct json_object *document);

/* The devices that are not as they should be: why, and what to do. */
void view_attention(FILE *f, const struct style *style, struct json_object *devices);

/* daxtierctl show: one element of "Devices". */
void view_device(FILE *f, const struct style *style, struct json_object *device);

/* daxtierctl plan */
void view_plan(FILE *f, const struct style *style, struct json_object *document);

/* One element of "Plans". was: what it was before; NULL: not to be told. */
void view_plan_of_one(FILE *f, const struct style *style, struct json_object *plan,
		      const char *was);

/* "online, by rule cxl, zone movable, memmap in DRAM", of one; NULL on out of memory. */
char *view_plan_summary(struct json_object *plan);

/* daxtierctl plan --diff */
int view_plan_diff(FILE *f, const struct style *style, struct json_object *document);

/* One of what changes_find() has found; new and gone say what a device is of which there was, or
 * is, no plan. 0 or -ENOMEM. */
int view_change(FILE *f, const struct style *style, struct json_object *change, const char *new,
		const char *gone);

/* daxtierctl reload: what changes_find() has found. */
int view_changes(FILE *f, const struct style *style, struct json_object *changes);

/* daxtierctl monitor: a line for an event, at the time of day when it came; if it is about several
 * memory devices, one for each. */
void view_event(FILE *f, const struct style *style, struct json_object *event);

/* daxtierctl release --dry-run: what model/rehearsal.h tells. */
void view_rehearsal(FILE *f, const struct style *style, struct json_object *rehearsal);

/* daxtierctl release: what was, and which cards can be pulled. */
void view_released(FILE *f, struct json_object *released);

/* daxtierctl doctor: the findings, and what was not looked at. */
void view_doctor(FILE *f, const struct style *style, struct json_object *document);

/* daxtierctl check-config: what config_to_json() says. */
void view_config(FILE *f, const struct style *style, struct json_object *config);

/* A section with a line for each string of array; nothing when there is none. */
void view_lines(FILE *f, const struct style *style, const char *title, struct json_object *array);

enum tone view_state_tone(const char *state);

/*
 * What a person can do about a device in this state, owned by the caller; NULL: nothing, it is well
 * or on its way.
 */
char *view_advice(struct json_object *device);

#endif
