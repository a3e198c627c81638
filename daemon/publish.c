/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What people see: statuses on the bus, a line for the service manager. */
#include <string.h>
#include <systemd/sd-daemon.h>

#include "base/cleanup.h"
#include "log.h"
#include "manager.h"

static void publish_host(struct manager *manager)
{
	/* Somebody else may have set it since. */
	bool claimed = manager->claimed && manager->facts->host.dax_autoprobe == 0;
	struct host_status status = {};
	int r;

	if (!manager->bus_server)
		return;
	r = host_status_make(manager->facts, manager->config, manager->plan, PROJECT_VERSION,
			     claimed, &manager->config_errors, &status);
	if (r >= 0)
		r = step_failures_copy(&status.failures, &manager->failures);
	for (size_t i = 0; i < manager->n_runs && r >= 0; i++)
		if (manager->runs[i]->worker &&
		    manager->runs[i]->running.purpose == PLAN_CREATE_REGION)
			r = host_status_set_applying(&status, &manager->runs[i]->running);
	if (r >= 0)
		r = leftovers_say_of_memdevs(manager, &status);
	if (r >= 0)
		r = bus_server_set_host(manager->bus_server, &status);
	if (r < 0)
		log_warning_errno(r, "Cannot publish the host's status on the bus");
}

/* It would have its turn by now, were it not for another's worker. */
static bool waits_for_its_turn(struct manager *manager, const char *device)
{
	const struct device_plan *plan = plan_find(manager->plan, device);
	const struct device_run *run = manager_find_run(manager, device);

	return plan && plan->n_steps > 0 && !(run && run->worker);
}

static int say_whose_turn(struct manager *manager, struct device_status *status)
{
	_cleanup_free_ char *turn = NULL;
	char *detail;

	if (!waits_for_its_turn(manager, status->name))
		return 0;
	turn = manager_whose_turn(manager);
	if (!turn)
		return 0;
	if (asprintf(&detail, "waiting for %s", turn) < 0)
		return -ENOMEM;
	free(status->state_detail);
	status->state_detail = detail;
	return 0;
}

void manager_publish_device(struct manager *manager, const char *name)
{
	const struct dax_device *device = facts_find_device(manager->facts, name);
	const struct device_run *run = manager_find_run(manager, name);
	struct device_status status = {};
	int r;

	if (!manager->bus_server)
		return;
	if (!device) { /* one that is not there yet: its memdevs stand on the host */
		publish_host(manager);
		return;
	}
	r = device_status_make(&manager->facts->host, device, plan_find(manager->plan, name),
			       history_find(&manager->history, name), run ? &run->progress : NULL,
			       &status);
	if (r >= 0)
		r = say_whose_turn(manager, &status);
	if (r >= 0)
		r = leftovers_say_of_device(manager, &status);
	if (r >= 0)
		r = bus_server_set_device(manager->bus_server, &status);
	if (r < 0)
		log_warning_errno(r, "%s: cannot publish the status on the bus", name);
}

void manager_publish_waiting(struct manager *manager)
{
	for (size_t i = 0; i < manager->plan->n_devices; i++)
		if (waits_for_its_turn(manager, manager->plan->devices[i].device))
			manager_publish_device(manager, manager->plan->devices[i].device);
}

/* "4 devices: 2 online, 1 unmanaged, 1 applying" */
void manager_summarize(struct manager *manager)
{
	size_t counts[DEVICE_STATE_MAX] = {};
	_cleanup_free_ char *text = NULL;
	_cleanup_fclose_ FILE *stream = NULL;
	size_t size;
	const char *separator = ": ";

	for (size_t i = 0; i < manager->plan->n_devices; i++) {
		const struct device_plan *plan = &manager->plan->devices[i];
		const struct device_run *run = manager_find_run(manager, plan->device);
		const struct device_history *history =
			history_find(&manager->history, plan->device);

		if (run && run->worker)
			counts[run->running.purpose == PLAN_RELEASE ? DEVICE_RELEASING
								    : DEVICE_APPLYING]++;
		else if (plan->n_steps > 0 && history && history->failures > 0)
			counts[DEVICE_FAILED]++;
		else
			counts[plan->state]++;
	}
	stream = open_memstream(&text, &size);
	if (!stream)
		return;
	fprintf(stream, "%zu device%s", manager->plan->n_devices,
		manager->plan->n_devices == 1 ? "" : "s");
	for (int state = 0; state < DEVICE_STATE_MAX; state++)
		if (counts[state] > 0) {
			fprintf(stream, "%s%zu %s", separator, counts[state],
				device_state_to_string(state));
			separator = ", ";
		}
	if (manager->config_errors.n > 0)
		fprintf(stream, "; the configuration on disk has errors and was not taken");
	if (fflush(stream) == 0)
		sd_notifyf(false, "STATUS=%s", text);
}

void manager_publish(struct manager *manager)
{
	if (!manager->facts)
		return;
	for (size_t i = 0; i < manager->facts->n_devices; i++)
		manager_publish_device(manager, manager->facts->devices[i].name);
	publish_host(manager);
}
