/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which configuration is in force. A bad file never replaces a good one. */
#include "base/cleanup.h"
#include "config/config-load.h"
#include "log.h"
#include "manager.h"
#include "messages.h"
#include "policy/region.h"
#include "released.h"

static int collect(const struct config_errors *errors, struct strv *ret)
{
	for (size_t i = 0; i < errors->n; i++) {
		char *text = config_error_to_string(&errors->items[i]);
		int r = text ? strv_add_take(ret, text) : -ENOMEM;

		if (r < 0)
			return r;
	}
	return 0;
}

/* On -EINVAL what is wrong has been logged and is in *ret_errors. */
static int load(struct manager *manager, struct config **ret, struct strv *ret_errors)
{
	struct config_errors errors = {};
	int r;

	r = config_load(manager->options.root, manager->options.config_file, ret, &errors);
	if (r == -EINVAL) {
		int k = collect(&errors, ret_errors);

		if (k < 0)
			r = k;
	}
	config_errors_done(&errors);
	for (size_t i = 0; i < ret_errors->n; i++)
		log_write(&(struct log_entry){.priority = LOG_ERR,
					      .message_id = MESSAGE_CONFIG_INVALID},
			  "%s", ret_errors->items[i]);
	return r;
}

static void describe(const struct config *config)
{
	if (config->files.n == 0)
		log_warning("No configuration file was read, so there is no rule and no device is "
			    "managed");
	else
		log_info("Configuration of %zu file(s) in force: %zu rule(s)", config->files.n,
			 config->n_rules);
}

int manager_load_config(struct manager *manager)
{
	struct strv errors = {};
	int r;

	r = load(manager, &manager->config, &errors);
	if (r == -EINVAL)
		log_error("The configuration has %zu error(s), not starting; after mending them, "
			  "try it with \"daxtierctl check-config\"",
			  errors.n);
	else if (r < 0)
		log_error_errno(r, "Cannot load the configuration");
	else
		describe(manager->config);
	strv_done(&errors);
	return r;
}

/* A new policy deserves a new try, also where the old one is just failing, or was contested. */
static void forgive(struct manager *manager)
{
	for (size_t i = 0; i < manager->history.n_devices; i++) {
		device_history_start_afresh(&manager->history.devices[i]);
		manager->history.devices[i].placed_by = 0;
	}
	if (manager->facts)
		regions_regather(manager->facts, NULL, manager_now(manager), &manager->history);
	for (size_t i = 0; i < manager->n_runs; i++)
		manager->runs[i]->outdated = manager->runs[i]->worker != NULL;
}

/* What the new policy would not begin any more is put back, but for what an operator asked for. */
static void stop_conversions(struct manager *manager)
{
	for (size_t i = 0; i < manager->n_runs; i++) {
		struct device_run *run = manager->runs[i];
		const struct device_history *history = history_find(&manager->history, run->name);

		if (!run->worker || run->running.purpose != PLAN_CONFIGURE || !history ||
		    history->request == REQUEST_FORCE ||
		    manager->config->convert == CONVERT_ALWAYS ||
		    (manager->config->convert == CONVERT_HOT_ADDED && history->hot_added))
			continue;
		device_run_stop(run);
	}
}

int manager_reload(struct manager *manager, struct strv *ret_errors)
{
	_cleanup_(config_freep) struct config *config = NULL;
	struct strv errors = {};
	int r;

	r = load(manager, &config, &errors);
	if (r < 0) {
		if (r == -EINVAL)
			log_error("The configuration has %zu error(s), keeping the one in force",
				  errors.n);
		else
			log_error_errno(r,
					"Cannot load the configuration, keeping the one in force");
		strv_done(&manager->config_errors);
		strv_copy(&manager->config_errors, &errors);
		*ret_errors = errors;
		manager_publish(manager);
		manager_summarize(manager);
		return r;
	}
	strv_done(&manager->config_errors);
	if (!config->claim && manager->claimed)
		manager_unclaim(manager);
	if (manager->facts &&
	    released_revise(manager->facts, manager->config, config, &manager->history) < 0)
		log_oom();
	config_free(manager->config);
	manager->config = TAKE_PTR(config);
	describe(manager->config);
	stop_conversions(manager);
	leftovers_forgive(manager);
	forgive(manager);
	manager_reconcile(manager);
	return 0;
}
