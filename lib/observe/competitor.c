/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "observe/competitor.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "observe/daxctl-config.h"
#include "observe/udev-rules.h"

#define RULES_SUFFIX ".rules"

/* Where udev looks: of files of the same name, the first counts. */
static const char *const rules_directories[] = {
	"etc/udev/rules.d",
	"run/udev/rules.d",
	"usr/local/lib/udev/rules.d",
	"usr/lib/udev/rules.d",
};

/* What configures dax devices, CXL regions and namespaces by hand or for a unit. */
static const char *const programs[] = {"cxl", "daxctl", "ndctl"};

static bool is_rules_file(const char *name)
{
	size_t n = strlen(name), suffix = strlen(RULES_SUFFIX);

	return n > suffix && strcmp(name + n - suffix, RULES_SUFFIX) == 0;
}

/* 1, 0, or -ENOMEM. */
static int competes(struct look *look, char *rules)
{
	const char *line;

	switch (udev_rules_parse(rules, &line)) {
	case UDEV_RULES_HARMLESS:
		return 0;
	case UDEV_RULES_DAXCTL_CONFIG:
		return daxctl_config_look(look);
	case UDEV_RULES_COMPETE:
		return 1;
	}
	return 0;
}

static int rules_file_look(struct look *look, struct strv *competitors, const char *directory,
			   const char *name)
{
	_cleanup_free_ char *text = NULL;
	size_t size;
	int r;

	r = sysfs_read_blob(look->sysfs, &text, &size, "%s/%s", directory, name);
	/* No regular file: a link to /dev/null, which switches off those of the same name. */
	if (r == -EINVAL)
		return 0;
	if (r < 0)
		return look_failed(look, r, "%s/%s", directory, name);
	r = competes(look, text);
	return r > 0 ? strv_addf(competitors, "udev rule /%s/%s", directory, name) : r;
}

static int udev_look(struct look *look, struct strv *competitors)
{
	_cleanup_(strv_done) struct strv seen = {};
	int r = 0;

	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(rules_directories); i++) {
		_cleanup_(strv_done) struct strv names = {};

		r = look_list(look, &names, "%s", rules_directories[i]);
		for (size_t k = 0; r == 0 && k < names.n; k++) {
			const char *name = names.items[k];

			if (!is_rules_file(name) || strv_contains(&seen, name))
				continue;
			r = strv_add(&seen, name);
			if (r == 0)
				r = rules_file_look(look, competitors, rules_directories[i], name);
		}
	}
	return r;
}

static bool is_pid(const char *name)
{
	return name[0] && name[strspn(name, "0123456789")] == '\0';
}

bool competitor_is_program(const char *comm)
{
	for (size_t i = 0; i < ARRAY_SIZE(programs); i++)
		if (strcmp(comm, programs[i]) == 0)
			return true;
	return false;
}

static int processes_look(struct look *look, struct strv *competitors)
{
	_cleanup_(strv_done) struct strv names = {};
	int r;

	r = look_list(look, &names, "proc");
	for (size_t i = 0; r == 0 && i < names.n; i++) {
		_cleanup_free_ char *comm = NULL;

		if (!is_pid(names.items[i]))
			continue;
		r = sysfs_read_string(look->sysfs, &comm, "proc/%s/comm", names.items[i]);
		if (r == -ESRCH) /* it ended while it was read */
			r = 0;
		else if (r < 0)
			r = look_failed(look, r, "proc/%s/comm", names.items[i]);
		else if (competitor_is_program(comm))
			r = strv_addf(competitors, "process %s (%s)", names.items[i], comm);
	}
	return r;
}

static int kernel_look(struct host *host)
{
	/* With the bus held, nothing is bound that the daemon has not chosen a policy for. */
	if (host->auto_online == ONLINE_POLICY_UNKNOWN ||
	    host->auto_online == ONLINE_POLICY_OFFLINE || host->dax_autoprobe == 0)
		return 0;
	return strv_addf(&host->competitors, "the kernel, whose auto_online_blocks reads %s",
			 online_policy_to_string(host->auto_online));
}

int competitors_look(struct look *look, struct host *host)
{
	_cleanup_(strv_done) struct strv devices = {};
	int r;

	r = look_list(look, &devices, "sys/bus/dax/devices");
	if (r < 0 || devices.n == 0)
		return r;
	r = udev_look(look, &host->competitors);
	if (r == 0)
		r = processes_look(look, &host->competitors);
	return r < 0 ? r : kernel_look(host);
}
