/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_CLI_VERB_H
#define DAXTIER_CLI_VERB_H

/* What a command line asks for, and who carries it out. */

#include "cli/json.h"
#include "cli/metric.h"
#include "cli/style.h"

/* Exit statuses; daxtierctl(1) documents them. */
enum exit_status {
	STATUS_OK = 0,
	STATUS_FAILURE = 1,
	STATUS_USAGE = 2,
	STATUS_UNREACHABLE = 3,	   /* daxtierd is not running, or there is no system bus */
	STATUS_NO_DEVICE = 4,	   /* there is no such dax device */
	STATUS_CONFIG_INVALID = 5, /* the configuration has errors */
	STATUS_NOT_DONE = 6,	   /* refused, or tried and put back */
	STATUS_UNWELL = 7,	   /* doctor found an error or a warning */
};

struct request {
	const struct verb *verb;
	const char *argument; /* NULL when none was given */
	/* All of them, for a verb that takes several: argument is the first. */
	const char *const *arguments;
	size_t n_arguments;
	enum json_format format;   /* --json= */
	const char *root;	   /* --root=, NULL when not given */
	const char *config;	   /* --config=, NULL when not given */
	const char *config_before; /* the --config= before that, for --diff */
	uint64_t deadline_usec;	   /* --deadline=, 0: none */
	bool eject, dry_run, force, diff, mask_serials, no_ask_password;
	enum metric_format metric_format; /* --format= */
	const char *output;		  /* --output=, NULL: standard output */
	struct style style;		  /* of standard output */
};

enum verb_option {
	VERB_OPTION_JSON = 1 << 0,
	VERB_OPTION_ROOT = 1 << 1,
	VERB_OPTION_CONFIG = 1 << 2,
	VERB_OPTION_DEADLINE = 1 << 3,
	VERB_OPTION_EJECT = 1 << 4,
	VERB_OPTION_DRY_RUN = 1 << 5,
	VERB_OPTION_FORCE = 1 << 6,
	VERB_OPTION_FORMAT = 1 << 7,
	VERB_OPTION_OUTPUT = 1 << 8,
	VERB_OPTION_DIFF = 1 << 9,
	VERB_OPTION_MASK_SERIALS = 1 << 10,
	VERB_OPTION_NO_ASK_PASSWORD = 1 << 11,
};

enum verb_argument {
	ARGUMENT_NONE,
	ARGUMENT_OPTIONAL,
	ARGUMENT_REQUIRED,
};

struct verb {
	const char *name;
	const char *synopsis; /* of its argument */
	const char *summary;
	enum verb_argument argument;
	unsigned options; /* enum verb_option */
	enum exit_status (*run)(const struct request *request);
};

/* The first is what a command line without a verb means. */
extern const struct verb verbs[];
extern const size_t n_verbs;

enum exit_status verb_status(const struct request *request);
enum exit_status verb_show(const struct request *request);
enum exit_status verb_plan(const struct request *request);
enum exit_status verb_apply(const struct request *request);
enum exit_status verb_release(const struct request *request);
enum exit_status verb_monitor(const struct request *request);
enum exit_status verb_check_config(const struct request *request);
enum exit_status verb_doctor(const struct request *request);
enum exit_status verb_reload(const struct request *request);
enum exit_status verb_capture(const struct request *request);
enum exit_status verb_metrics(const struct request *request);

/* Something went wrong: one line on standard error, "daxtierctl: …". Control characters that came
 * with the arguments are not printed. */
void complain(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Complains of a lack of memory. */
enum exit_status complain_oom(void);

#endif
