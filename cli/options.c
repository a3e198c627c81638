/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/options.h"

#include <getopt.h>
#include <string.h>

#include "base/parse.h"
#include "cli/device-name.h"
#include "cli/help.h"

enum {
	OPTION_VERSION = 0x100,
	OPTION_JSON,
	OPTION_ROOT,
	OPTION_CONFIG,
	OPTION_DEADLINE,
	OPTION_EJECT,
	OPTION_DRY_RUN,
	OPTION_FORCE,
	OPTION_FORMAT,
	OPTION_OUTPUT,
	OPTION_DIFF,
	OPTION_MASK_SERIALS,
	OPTION_NO_ASK_PASSWORD,
};

/* Longer than memory takes to go offline that ever does, and short enough to wait for. */
#define DEADLINE_DEFAULT_USEC (UINT64_C(30) * 1000000)

static const struct option long_options[] = {
	{"help", no_argument, NULL, 'h'},
	{"version", no_argument, NULL, OPTION_VERSION},
	{"json", required_argument, NULL, OPTION_JSON},
	{"root", required_argument, NULL, OPTION_ROOT},
	{"config", required_argument, NULL, OPTION_CONFIG},
	{"deadline", required_argument, NULL, OPTION_DEADLINE},
	{"eject", no_argument, NULL, OPTION_EJECT},
	{"dry-run", no_argument, NULL, OPTION_DRY_RUN},
	{"force", no_argument, NULL, OPTION_FORCE},
	{"format", required_argument, NULL, OPTION_FORMAT},
	{"output", required_argument, NULL, OPTION_OUTPUT},
	{"diff", no_argument, NULL, OPTION_DIFF},
	{"mask-serials", no_argument, NULL, OPTION_MASK_SERIALS},
	{"no-ask-password", no_argument, NULL, OPTION_NO_ASK_PASSWORD},
	{},
};

static const struct verb *find_verb(const char *name)
{
	for (size_t i = 0; i < n_verbs; i++)
		if (strcmp(verbs[i].name, name) == 0)
			return &verbs[i];
	return NULL;
}

static enum options_outcome wrong_verb(const char *name)
{
	complain("there is no verb \"%s\"; the verbs are:", name);
	fprintf(stderr, "  ");
	help_print_verbs(stderr, 0);
	fprintf(stderr, "\n");
	return OPTIONS_WRONG;
}

/* argument is the one that getopt_long(3) has come to, which is not yet the one that a short option
 * stands in when others follow it there. */
static enum options_outcome wrong_option(const char *argument)
{
	char letter[] = {'-', (char)optopt, '\0'};

	if (optopt > ' ' && optopt < 0x7f && optopt != 'h') /* that of "--help=yes" */
		argument = letter;
	complain("there is no option \"%s\", or not in this form; the options are:", argument);
	fprintf(stderr, " ");
	for (size_t i = 0; i < n_option_helps; i++)
		fprintf(stderr, " %s", option_helps[i].synopsis);
	fprintf(stderr, " --help --version\n");
	return OPTIONS_WRONG;
}

static int parse_format(const char *s, enum json_format *ret)
{
	if (strcmp(s, "pretty") == 0)
		*ret = JSON_PRETTY;
	else if (strcmp(s, "short") == 0)
		*ret = JSON_SHORT;
	else
		return -1;
	return 0;
}

/* Whether the verb takes all options that were given. */
static enum options_outcome check_options(const struct verb *verb, unsigned given)
{
	for (size_t i = 0; i < n_option_helps; i++) {
		if (!(given & option_helps[i].bit) || (verb->options & option_helps[i].bit))
			continue;
		complain("%s does not take %s; these verbs do:", verb->name, option_helps[i].name);
		fprintf(stderr, "  ");
		help_print_verbs(stderr, option_helps[i].bit);
		fprintf(stderr, "\n");
		return OPTIONS_WRONG;
	}
	return OPTIONS_RUN;
}

/* A comparison has two policies, and its arguments are hosts. */
static enum options_outcome check_diff(const struct request *request, unsigned given)
{
	if (given & VERB_OPTION_ROOT) {
		complain("plan --diff takes captured hosts as arguments, not as --root");
		return OPTIONS_WRONG;
	}
	if (request->config_before)
		return OPTIONS_RUN;
	complain("plan --diff compares two policies: "
		 "daxtierctl plan --diff --config=OLD --config=NEW HOST.tar ...");
	return OPTIONS_WRONG;
}

/* Whether those that were given go together. */
static enum options_outcome check_combination(const struct request *request, unsigned given)
{
	if (request->force && !request->argument) {
		complain("apply --force of what? It takes memory offline, so name the device: "
			 "daxtierctl apply --force DEVICE");
		return OPTIONS_WRONG;
	}
	return request->diff ? check_diff(request, given) : OPTIONS_RUN;
}

static enum options_outcome take_arguments(char *arguments[], int n, unsigned given,
					   struct request *request)
{
	const struct verb *verb = n > 0 ? find_verb(arguments[0]) : &verbs[0];
	int most;

	if (!verb)
		return wrong_verb(arguments[0]);
	most = verb->argument == ARGUMENT_NONE ? 1 : 2;
	if (n > most && !request->diff) {
		complain("\"%s\" is too much; use: daxtierctl %s%s%s", arguments[most], verb->name,
			 verb->synopsis[0] ? " " : "", verb->synopsis);
		return OPTIONS_WRONG;
	}
	if (n < 2 && verb->argument == ARGUMENT_REQUIRED) {
		complain("%s of what? Use: daxtierctl %s %s", verb->name, verb->name,
			 verb->synopsis);
		return OPTIONS_WRONG;
	}
	/* To the daemon that would be all devices, and it is a variable of a script that is not
	 * set. */
	if (n > 1 && device_name(arguments[1])[0] == '\0') {
		complain("%s of \"%s\"? That names nothing; use: daxtierctl %s %s", verb->name,
			 arguments[1], verb->name, verb->synopsis);
		return OPTIONS_WRONG;
	}
	request->verb = verb;
	request->argument = n > 1 ? arguments[1] : NULL;
	request->arguments = n > 1 ? (const char *const *)arguments + 1 : NULL;
	request->n_arguments = n > 1 ? (size_t)n - 1 : 0;
	if (check_options(verb, given) != OPTIONS_RUN)
		return OPTIONS_WRONG;
	return check_combination(request, given);
}

/* getopt_long(3) takes abbreviations. */
static const char *synopsis_of(const char *option)
{
	for (size_t i = 0; i < n_option_helps; i++)
		if (strncmp(option_helps[i].name, option, strlen(option)) == 0)
			return option_helps[i].synopsis;
	return option;
}

static enum options_outcome take_format(struct request *request)
{
	if (parse_format(optarg, &request->format) == 0)
		return OPTIONS_RUN;
	complain("--json=%s is not known; use --json=pretty or --json=short", optarg);
	return OPTIONS_WRONG;
}

static enum options_outcome take_metric_format(struct request *request)
{
	if (strcmp(optarg, "openmetrics") == 0)
		request->metric_format = METRIC_OPENMETRICS;
	else if (strcmp(optarg, "prometheus") == 0)
		request->metric_format = METRIC_PROMETHEUS;
	else {
		complain("--format=%s is not known; use --format=openmetrics or "
			 "--format=prometheus",
			 optarg);
		return OPTIONS_WRONG;
	}
	return OPTIONS_RUN;
}

/* The last one counts, as with any option, and the one before it where two are compared. */
static enum options_outcome take_config(struct request *request)
{
	request->config_before = request->config;
	request->config = optarg;
	return OPTIONS_RUN;
}

static enum options_outcome take_deadline(struct request *request)
{
	if (parse_usec(optarg, &request->deadline_usec) == 0)
		return OPTIONS_RUN;
	complain("--deadline=%s is not a time, or too long; use a number with us, ms, s, min or h "
		 "(alone: seconds), or 0 for none",
		 optarg);
	return OPTIONS_WRONG;
}

/* One that is for some verbs only. */
static enum options_outcome take_option(int option, struct request *request, unsigned *given)
{
	switch (option) {
	case OPTION_JSON:
		*given |= VERB_OPTION_JSON;
		return take_format(request);
	case OPTION_ROOT:
		*given |= VERB_OPTION_ROOT;
		request->root = optarg;
		return OPTIONS_RUN;
	case OPTION_CONFIG:
		*given |= VERB_OPTION_CONFIG;
		return take_config(request);
	case OPTION_DEADLINE:
		*given |= VERB_OPTION_DEADLINE;
		return take_deadline(request);
	case OPTION_EJECT:
		*given |= VERB_OPTION_EJECT;
		request->eject = true;
		return OPTIONS_RUN;
	case OPTION_DRY_RUN:
		*given |= VERB_OPTION_DRY_RUN;
		request->dry_run = true;
		return OPTIONS_RUN;
	case OPTION_FORCE:
		*given |= VERB_OPTION_FORCE;
		request->force = true;
		return OPTIONS_RUN;
	case OPTION_DIFF:
		*given |= VERB_OPTION_DIFF;
		request->diff = true;
		return OPTIONS_RUN;
	case OPTION_MASK_SERIALS:
		*given |= VERB_OPTION_MASK_SERIALS;
		request->mask_serials = true;
		return OPTIONS_RUN;
	case OPTION_NO_ASK_PASSWORD:
		*given |= VERB_OPTION_NO_ASK_PASSWORD;
		request->no_ask_password = true;
		return OPTIONS_RUN;
	case OPTION_FORMAT:
		*given |= VERB_OPTION_FORMAT;
		return take_metric_format(request);
	case OPTION_OUTPUT:
		*given |= VERB_OPTION_OUTPUT;
		request->output = optarg;
		return OPTIONS_RUN;
	}
	return OPTIONS_WRONG;
}

enum options_outcome options_parse(int argc, char *argv[], struct request *request)
{
	unsigned given = 0;
	int c;

	request->deadline_usec = DEADLINE_DEFAULT_USEC;
	/* Messages are ours. */
	opterr = 0;
	while ((c = getopt_long(argc, argv, ":h", long_options, NULL)) >= 0) {
		switch (c) {
		case 'h':
			help_print(stdout);
			return OPTIONS_DONE;
		case OPTION_VERSION:
			printf("daxtierctl %s\n", PROJECT_VERSION);
			return OPTIONS_DONE;
		case ':':
			complain("%s needs a value, as in %s", argv[optind - 1],
				 synopsis_of(argv[optind - 1]));
			return OPTIONS_WRONG;
		case '?':
			return wrong_option(argv[optind - 1]);
		}
		if (take_option(c, request, &given) != OPTIONS_RUN)
			return OPTIONS_WRONG;
	}
	return take_arguments(argv + optind, argc - optind, given, request);
}
