/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "base/cleanup.h"
#include "boot-claim.h"
#include "held.h"
#include "log.h"
#include "manager.h"
#include "run-lock.h"
#include "worker.h"

enum action {
	ACTION_SERVE,
	ACTION_RESTORE,
	ACTION_WORKER,
	ACTION_RESTORE_WORKER,
	ACTION_QUIT, /* --help and --version have said all */
};

struct arguments {
	enum action action;
	const char *root;
	const char *config_file;
	char *run_dir; /* owned */
	int max_priority;
};

static void help(void)
{
	puts("daxtierd [OPTIONS]\n\n"
	     "Puts hot-plugged memory (dax devices) to use as /etc/daxtier.conf says.\n\n"
	     "  --config=FILE    read this file only, instead of /etc/daxtier.conf and its "
	     "drop-ins\n"
	     "  --root=DIR       work on the host below DIR instead of the running one\n"
	     "  --run-dir=DIR    keep records here (default: /run/daxtierd below the root)\n"
	     "  --restore        put back the kernel settings that a run recorded, and exit\n"
	     "  --debug          log more\n"
	     "  --version        print the version\n"
	     "  --help           print this\n\n"
	     "See daxtierd(8), daxtier.conf(5) and daxtierctl(1).");
}

/* A bad command line has been answered on standard error. */
static int parse_arguments(int argc, char **argv, struct arguments *ret)
{
	enum {
		OPT_ROOT = 256,
		OPT_CONFIG,
		OPT_RUN_DIR,
		OPT_RESTORE,
		OPT_WORKER,
		OPT_RESTORE_WORKER,
		OPT_DEBUG,
		OPT_VERSION,
		OPT_HELP,
	};
	static const struct option options[] = {
		{"root", required_argument, NULL, OPT_ROOT},
		{"config", required_argument, NULL, OPT_CONFIG},
		{"run-dir", required_argument, NULL, OPT_RUN_DIR},
		{"restore", no_argument, NULL, OPT_RESTORE},
		{"worker", no_argument, NULL, OPT_WORKER}, /* for the daemon itself */
		{"restore-worker", no_argument, NULL, OPT_RESTORE_WORKER}, /* likewise */
		{"debug", no_argument, NULL, OPT_DEBUG},
		{"version", no_argument, NULL, OPT_VERSION},
		{"help", no_argument, NULL, OPT_HELP},
		{},
	};
	int c;

	while ((c = getopt_long(argc, argv, "", options, NULL)) >= 0)
		switch (c) {
		case OPT_ROOT:
			ret->root = optarg;
			break;
		case OPT_CONFIG:
			ret->config_file = optarg;
			break;
		case OPT_RUN_DIR:
			free(ret->run_dir);
			ret->run_dir = strdup(optarg);
			if (!ret->run_dir)
				return -ENOMEM;
			break;
		case OPT_RESTORE:
			ret->action = ACTION_RESTORE;
			break;
		case OPT_WORKER:
			ret->action = ACTION_WORKER;
			break;
		case OPT_RESTORE_WORKER:
			ret->action = ACTION_RESTORE_WORKER;
			break;
		case OPT_DEBUG:
			ret->max_priority = LOG_DEBUG;
			break;
		case OPT_VERSION:
			puts("daxtierd " PROJECT_VERSION);
			ret->action = ACTION_QUIT;
			return 0;
		case OPT_HELP:
			help();
			ret->action = ACTION_QUIT;
			return 0;
		default: /* getopt_long() has named the option */
			fprintf(stderr, "Try \"daxtierd --help\".\n");
			return -EINVAL;
		}
	if (optind < argc) {
		fprintf(stderr, "daxtierd: unexpected argument \"%s\"; see \"daxtierd --help\"\n",
			argv[optind]);
		return -EINVAL;
	}
	if (!ret->run_dir && asprintf(&ret->run_dir, "%s/run/daxtierd",
				      strcmp(ret->root, "/") ? ret->root : "") < 0) {
		ret->run_dir = NULL;
		return -ENOMEM;
	}
	return 0;
}

static int restore_records(const struct arguments *arguments)
{
	struct applier applier;
	struct sysfs sysfs;
	int r;

	r = sysfs_open(&sysfs, arguments->root, NULL, NULL);
	if (r < 0)
		return log_error_errno(r, "Cannot open the root %s", arguments->root);
	applier = held_applier(&sysfs, arguments->run_dir);
	r = apply_restore(&applier);
	boot_claim_end(&sysfs, arguments->run_dir);
	sysfs_close(&sysfs);
	if (r < 0)
		return log_error_errno(r, "Cannot put back what is recorded in %s",
				       arguments->run_dir);
	return 0;
}

/*
 * Under a running daemon there is nothing to restore: it holds what it needs, and restores by
 * itself.
 */
static int restore(const struct arguments *arguments)
{
	_cleanup_close_ int lock = -EBADF;
	int r;

	r = run_lock_take(arguments->root, arguments->run_dir, &lock);
	if (r == -EWOULDBLOCK) {
		log_info("A daxtierd is running; it puts back by itself what it holds");
		return 0;
	}
	if (r < 0)
		return log_error_errno(r, "Cannot make the run directory %s, or the lock in it",
				       arguments->run_dir);
	return restore_records(arguments);
}

/* Returns an exit status. */
static int serve(const struct arguments *arguments)
{
	_cleanup_(manager_freep) struct manager *manager = NULL;
	const struct manager_options options = {
		.root = arguments->root,
		.run_dir = arguments->run_dir,
		.config_file = arguments->config_file,
	};
	int r;

	r = manager_new(&options, &manager);
	if (r < 0) {
		log_error_errno(r, "Cannot start");
		return EXIT_FAILURE;
	}
	r = manager_load_config(manager);
	if (r ==
	    -EINVAL) /* the unit does not restart on this one: only an edit of the file helps */
		return EX_CONFIG;
	if (r >= 0)
		r = manager_start(manager);
	if (r >= 0)
		r = manager_run(manager);
	return r < 0 ? EXIT_FAILURE : r;
}

static int run(const struct arguments *arguments)
{
	const struct worker_paths paths = {.root = arguments->root, .run_dir = arguments->run_dir};

	switch (arguments->action) {
	case ACTION_QUIT:
		return EXIT_SUCCESS;
	case ACTION_WORKER:
		return worker_main(&paths);
	case ACTION_RESTORE_WORKER:
		return worker_restore_main(&paths);
	case ACTION_RESTORE:
		return restore(arguments) < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
	case ACTION_SERVE:
		return serve(arguments);
	}
	return EXIT_FAILURE;
}

int main(int argc, char **argv)
{
	struct arguments arguments = {.root = "/", .max_priority = LOG_INFO};
	int r;

	r = parse_arguments(argc, argv, &arguments);
	if (r == -EINVAL)
		r = EX_USAGE;
	else if (r < 0)
		r = EXIT_FAILURE;
	else {
		log_open(arguments.max_priority);
		r = run(&arguments);
	}
	free(arguments.run_dir);
	return r;
}
