/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "manager.h"

#include <signal.h>
#include <string.h>
#include <systemd/sd-daemon.h>

#include "base/cleanup.h"
#include "boot-claim.h"
#include "held.h"
#include "log.h"
#include "policy/policy.h"
#include "request.h"
#include "run-lock.h"

uint64_t manager_now(struct manager *manager)
{
	uint64_t usec;

	if (sd_event_now(manager->event, CLOCK_MONOTONIC, &usec) < 0)
		return 0;
	return usec;
}

int manager_new(const struct manager_options *options, struct manager **ret)
{
	_cleanup_(manager_freep) struct manager *manager = NULL;
	int r;

	manager = calloc(1, sizeof(*manager));
	if (!manager)
		return -ENOMEM;
	manager->options = *options;
	manager->lock_fd = -EBADF;
	manager->sysfs.root_fd = -EBADF;
	r = sd_event_default(&manager->event);
	if (r < 0)
		return r;
	*ret = TAKE_PTR(manager);
	return 0;
}

static int lock_run_dir(struct manager *manager)
{
	const char *run_dir = manager->options.run_dir;
	int r = run_lock_take(manager->options.root, run_dir, &manager->lock_fd);

	if (r == -EWOULDBLOCK)
		return log_error_errno(
			r,
			"Another daxtierd holds %s/lock; stop it first (\"systemctl stop "
			"daxtierd\")",
			run_dir);
	if (r < 0)
		return log_error_errno(r, "Cannot make the run directory %s, or the lock in it",
				       run_dir);
	return 0;
}

static void reload_on_signal(struct manager *manager)
{
	struct strv errors = {};

	sd_notifyf(false, "RELOADING=1\nMONOTONIC_USEC=%llu",
		   (unsigned long long)manager_now(manager));
	manager_reload(manager, &errors);
	strv_done(&errors);
	sd_notify(false, "READY=1");
}

static int on_signal(sd_event_source *source, const struct signalfd_siginfo *info, void *userdata)
{
	struct manager *manager = userdata;
	size_t n;

	if (info->ssi_signo == SIGHUP) {
		reload_on_signal(manager);
		return 0;
	}
	manager->stopping = true;
	sd_notify(false, "STOPPING=1");
	for (size_t i = 0; i < manager->n_runs; i++)
		if (manager->runs[i]->worker)
			device_run_stop(manager->runs[i]);
	requests_stop(manager);
	n = manager_count_workers(manager);
	if (n > 0) /* a bind cannot be interrupted, and half of one would be worse */
		log_info("Stopping once %zu worker(s) have finished", n);
	else
		sd_event_exit(manager->event, EXIT_SUCCESS);
	return 0;
}

static int add_signals(struct manager *manager)
{
	static const int signals[] = {SIGTERM, SIGINT, SIGHUP};
	sigset_t set;
	int r;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD); /* for the workers */
	for (size_t i = 0; i < ARRAY_SIZE(signals); i++)
		sigaddset(&set, signals[i]);
	if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
		return -errno;
	for (size_t i = 0; i < ARRAY_SIZE(signals); i++) {
		r = sd_event_add_signal(manager->event, NULL, signals[i], on_signal, manager);
		if (r < 0)
			return r;
	}
	return 0;
}

static void on_uevent(enum uevent_kind kind, void *userdata)
{
	struct manager *manager = userdata;

	/* A bus that comes anew is unclaimed; and before anything else can be put on it. */
	if (kind == UEVENT_BUS) {
		manager->claimed = false;
		manager_claim(manager);
	}
	manager->n_vain_looks = 0;
	manager_schedule(manager);
}

static const struct dax_device *device_of_block(const struct manager *manager, uint64_t block)
{
	const struct facts *facts = manager->facts;

	for (size_t i = 0; facts && i < facts->n_devices; i++)
		for (size_t k = 0; k < facts->devices[i].n_ranges; k++) {
			uint64_t first = 0;
			size_t n = phys_range_blocks(&facts->devices[i].ranges[k],
						     facts->host.block_size, &first);

			if (n > 0 && block >= first && block - first < n)
				return &facts->devices[i];
		}
	return NULL;
}

/*
 * One of a device, unless it is being changed by a worker of ours. While a device is held back any
 * block counts: what it waits for is memory of the kernel's zones, wherever that comes from.
 */
static bool concerns(uint64_t block, void *userdata)
{
	struct manager *manager = userdata;
	const struct dax_device *device = device_of_block(manager, block);
	const struct device_run *run = device ? manager_find_run(manager, device->name) : NULL;

	if (run && run->worker)
		return false;
	if (device)
		return true;
	for (size_t i = 0; manager->plan && i < manager->plan->n_devices; i++)
		if (manager->plan->devices[i].state == DEVICE_HELD_BACK)
			return true;
	return false;
}

static void on_blocks_changed(void *userdata)
{
	manager_schedule(userdata);
}

static const struct memory_watch_events memory_watch_events = {
	.concerns = concerns,
	.changed = on_blocks_changed,
};

/* Does not wait for the bus: at an early boot its socket may not be there yet. */
static int open_bus(struct manager *manager)
{
	const char *address = getenv("DBUS_SYSTEM_BUS_ADDRESS");
	int r;

	r = sd_bus_new(&manager->bus);
	if (r < 0)
		return r;
	r = sd_bus_set_address(manager->bus, address ?: "unix:path=/run/dbus/system_bus_socket");
	if (r < 0)
		return r;
	r = sd_bus_set_bus_client(manager->bus, true);
	if (r < 0)
		return r;
	/* A call that is kept would keep what its sender has put into it, too. */
	r = sd_bus_negotiate_fds(manager->bus, false);
	if (r < 0)
		return r;
	r = sd_bus_set_watch_bind(manager->bus, true);
	if (r < 0)
		return r;
	r = sd_bus_set_exit_on_disconnect(manager->bus, true);
	if (r < 0)
		return r;
	r = sd_bus_start(manager->bus);
	if (r < 0)
		return r;
	return sd_bus_attach_event(manager->bus, manager->event, SD_EVENT_PRIORITY_NORMAL);
}

static int handle_reload(void *userdata, struct strv *ret_errors)
{
	return manager_reload(userdata, ret_errors);
}

static void handle_lost(void *userdata, int error, const char *why)
{
	log_error_errno(error, "%s", why);
}

static const struct bus_handlers bus_handlers = {
	.reload = handle_reload,
	.plan = answer_plan,
	.rehearse = answer_rehearse,
	.apply = request_apply,
	.release = request_release,
	.lost = handle_lost,
};

static int start_bus(struct manager *manager)
{
	int r;

	r = open_bus(manager);
	if (r < 0)
		return log_error_errno(r, "Cannot open the system bus");
	r = bus_server_new(manager->bus, manager->event, &bus_handlers, manager,
			   &manager->bus_server);
	if (r < 0)
		return log_error_errno(r, "Cannot publish org.daxtier1 on the system bus");
	return 0;
}

/*
 * The settings of the host that a crash left held; what is left of devices is a worker's, later. A
 * worker of the crashed daemon may still be in its bind; its lock is waited for. A claim is kept
 * where this configuration claims as well.
 */
static int restore_settings(struct manager *manager)
{
	struct applier applier = held_applier(&manager->sysfs, manager->options.run_dir);
	int r = apply_restore_attributes(&applier);

	if (r >= 0 && !manager->config->claim)
		r = apply_unclaim(&applier);
	if (r < 0)
		return log_error_errno(r,
				       "Cannot put back what an earlier run recorded in %s; see "
				       "there, and remove what is wrong",
				       manager->options.run_dir);
	return 0;
}

/* The answer follows a reload, since it asks the configuration that is in force. */
static bool wants_holders(const struct dax_device *device, void *userdata)
{
	const struct manager *manager = userdata;
	const struct device_history *past = history_find(&manager->history, device->name);

	return manager->looks_at_all_holders || (past && past->request == REQUEST_EJECT) ||
	       policy_wants_holders(manager->config, device);
}

static bool wants_competitors(void *userdata)
{
	const struct manager *manager = userdata;

	return history_is_contested(&manager->history);
}

int manager_start(struct manager *manager)
{
	const struct observe_options options = {
		.wants_holders = wants_holders,
		.wants_competitors = wants_competitors,
		.left = manager_seen_before,
		.userdata = manager,
	};
	int r;

	r = lock_run_dir(manager);
	if (r < 0)
		return r;
	r = sysfs_open(&manager->sysfs, manager->options.root, NULL, NULL);
	if (r < 0)
		return log_error_errno(r, "Cannot open the root %s", manager->options.root);
	r = observer_new(&manager->sysfs, &options, &manager->observer);
	if (r < 0)
		return log_error_errno(r, "Cannot prepare to look at the host");
	r = add_signals(manager);
	if (r < 0)
		return log_error_errno(r, "Cannot handle signals");
	r = restore_settings(manager);
	if (r < 0)
		return r;
	leftovers_expect(manager);

	/*
	 * Subscribe, note what is there, claim, then look: nothing can slip through between, and
	 * what the claim kept from its driver can be told from what had none before.
	 */
	r = uevent_monitor_new(manager->event, on_uevent, manager, &manager->monitor);
	if (r < 0)
		return log_error_errno(r, "Cannot listen to udev");
	r = memory_watch_new(manager->event, &memory_watch_events, manager, &manager->memory_watch);
	if (r < 0)
		return log_error_errno(r, "Cannot listen to udev for memory blocks");
	r = manager_note_present(manager);
	if (r < 0)
		return log_error_errno(r, "Cannot list the dax devices");
	manager_claim(manager);
	manager_load_released(manager);
	manager_load_in_use(manager);
	r = start_bus(manager);
	if (r < 0)
		return r;
	manager_reconcile(manager);
	if (!manager->facts)
		return log_error_errno(-ENXIO, "Not starting: no sysfs was found below %s",
				       manager->options.root);
	boot_claim_adopt(manager->options.run_dir);
	r = sd_event_set_watchdog(manager->event, true);
	if (r < 0)
		log_warning_errno(r, "Cannot serve the service manager's watchdog");
	sd_notify(false, "READY=1");
	return 0;
}

int manager_run(struct manager *manager)
{
	int r = sd_event_loop(manager->event);

	if (r < 0)
		log_error_errno(r, "The event loop failed");
	return r;
}

struct manager *manager_free(struct manager *manager)
{
	if (!manager)
		return NULL;
	for (size_t i = 0; i < manager->n_runs; i++)
		manager->runs[i]->worker = worker_free(manager->runs[i]->worker);
	leftovers_done(&manager->leftovers);
	if (manager->observer && manager->lock_fd >= 0)
		manager_let_go(manager);
	while (manager->n_runs > 0)
		manager_drop_run(manager, manager->runs[0]);
	free(manager->runs);
	requests_done(manager);
	bus_server_free(manager->bus_server);
	if (manager->bus)
		sd_bus_flush_close_unref(manager->bus);
	uevent_monitor_free(manager->monitor);
	memory_watch_free(manager->memory_watch);
	sd_event_source_disable_unref(manager->settle);
	sd_event_source_disable_unref(manager->retry);
	sd_event_source_disable_unref(manager->request_timer);
	facts_free(manager->facts);
	plan_free(manager->plan);
	answer_forget(manager);
	json_object_put(manager->released_list);
	json_object_put(manager->in_use_list);
	facts_free(manager->in_use);
	history_done(&manager->history);
	step_failures_done(&manager->failures);
	observer_free(manager->observer);
	config_free(manager->config);
	strv_done(&manager->config_errors);
	if (manager->sysfs.root_fd >= 0)
		sysfs_close(&manager->sysfs);
	close_keep_errno(manager->lock_fd);
	sd_event_unref(manager->event);
	free(manager);
	return NULL;
}
