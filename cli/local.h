/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_CLI_LOCAL_H
#define DAXTIER_CLI_LOCAL_H

/* What the daemon would do, without the daemon: the same rooms, in this process. */

#include <signal.h>

#include "capture/root.h"
#include "cli/verb.h"
#include "config/config-load.h"
#include "model/facts.h"

/*
 * A host to look at. root: a folder or an archive with one that was captured; NULL: this one. What
 * is in the way is complained about.
 */
struct local_host {
	const char *name;	  /* root, borrowed; NULL: this host */
	struct capture_root root; /* path NULL: this host */
	struct facts *facts;	  /* NULL until local_host_look() */
	bool holds_signals;	  /* an archive's folder must not stay behind */
	sigset_t signals;	  /* those that waited before */
};

enum exit_status local_host_open(const char *root, struct local_host *ret);
enum exit_status local_host_look(struct local_host *host);
/* Before anything is printed, which may have to wait for its reader: see holds_signals. */
void local_host_done(struct local_host *host);
/* "/", or the folder that the captured host is in. */
const char *local_host_path(const struct local_host *host);
/* What people call that: as it was named. */
const char *local_host_name(const struct local_host *host);
/* What could not be read of it, by us or by who captured it; NULL on out of memory. */
struct json_object *local_host_problems(const struct local_host *host);

/* The configuration of host, or file alone; host NULL: this one. Complains, and lists the errors.
 */
enum exit_status local_config(const struct local_host *host, const char *file, struct config **ret);

/* Prints each on a line of its own on standard error, and how many there are. */
void local_config_complain(const struct config_errors *errors);

/* The plans of all devices of a host that was looked at, or of one. Complains. */
enum exit_status local_host_plans(const struct local_host *host, const struct config *config,
				  const char *device, struct json_object **ret);

/*
 * {"Version", "Source": "local", "Problems", "Plans"} of request's device or of all. No history: as
 * if the daemon had just been started. Complains.
 */
enum exit_status local_plan(const struct request *request, struct json_object **ret);

#endif
