/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/options.h"

#include <getopt.h>
#include <string.h>

#include "base/parse.h"

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
	{},
};

#define ALL_OPTIONS                                                                                \
	"--json=, --root=, --config=, --deadline=, --eject, --dry-run, --force, --format=, "       \
	"--output=, --diff, --mask-serials, --help and --version"

/* Of those options that are not for every verb. */
static const struct {
	unsigned bit;
	const char *name, *synopsis, *summary;
} verb_options[] = {
	{VERB_OPTION_JSON, "--json", "--json=pretty|short", "JSON"},
	{VERB_OPTION_ROOT, "--root", "--root=DIR", "another host"},
	{VERB_OPTION_CONFIG, "--config", "--config=FILE", "by FILE alone, without drop-ins"},
	{VERB_OPTION_DEADLINE, "--deadline", "--deadline=SPAN",
	 "put all back if it takes longer (30s)"},
	{VERB_OPTION_EJECT, "--eject", "--eject", "take its CXL region apart, too"},
	{VERB_OPTION_DRY_RUN, "--dry-run", "--dry-run", "tell what is in the way, touch nothing"},
	{VERB_OPTION_FORCE, "--force", "--force", "take what is online otherwise offline first"},
	{VERB_OPTION_FORMAT, "--format", "--format=FORMAT",
	 "openmetrics, or prometheus for node_exporter"},
	{VERB_OPTION_OUTPUT, "--output", "--output=FILE", "replace FILE, all at once"},
	{VERB_OPTION_DIFF, "--diff", "--diff", "what the second --config changes, by host"},
	{VERB_OPTION_MASK_SERIALS, "--mask-serials", "--mask-serials",
	 "serial numbers as 0x1, 0x2, ..."},
};

/* "status, show, plan": those that take option; all for 0. */
static void print_verbs(FILE *f, unsigned option)
{
	const char *separator = "";

	for (size_t i = 0; i < n_verbs; i++) {
		if (option && !(verbs[i].options & option))
			continue;
		fprintf(f, "%s%s", separator, verbs[i].name);
		separator = ", ";
	}
}

static void print_help(void)
{
	printf("Usage: daxtierctl [OPTION...] [VERB] [ARGUMENT]\n\n"
	       "Shows what daxtierd does with dax devices, and why.\n\n"
	       "Verbs:\n");
	for (size_t i = 0; i < n_verbs; i++) {
		int width = printf("  %s %s", verbs[i].name, verbs[i].synopsis);

		printf("%*s%s\n", 23 - width, "", verbs[i].summary);
	}
	printf("\nOptions:\n");
	for (size_t i = 0; i < ARRAY_SIZE(verb_options); i++) {
		printf("  %-20s ", verb_options[i].synopsis);
		print_verbs(stdout, verb_options[i].bit);
		printf(": %s\n", verb_options[i].summary);
	}
	printf("  %-20s this text\n"
	       "  %-20s the version of daxtierctl\n\n"
	       "Exit status: 0 done, 1 failed, 2 wrong command line, 3 daxtierd not reachable,\n"
	       "4 no such device, 5 errors in the configuration, 6 refused or put back,\n"
	       "7 doctor found something wrong.\n"
	       "See daxtierctl(1).\n",
	       "-h, --help", "--version");
}

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
	print_verbs(stderr, 0);
	fprintf(stderr, "\n");
	return OPTIONS_WRONG;
}

static enum options_outcome wrong_option(const char *argument)
{
	complain("there is no option \"%s\", or not in this form; the options are " ALL_OPTIONS,
		 argument);
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
	for (size_t i = 0; i < ARRAY_SIZE(verb_options); i++) {
		if (!(given & verb_options[i].bit) || (verb->options & verb_options[i].bit))
			continue;
		complain("%s does not take %s; these verbs do:", verb->name, verb_options[i].name);
		fprintf(stderr, "  ");
		print_verbs(stderr, verb_options[i].bit);
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
	if (given & VERB_OPTION_JSON && request->verb->options & VERB_OPTION_DRY_RUN &&
	    !request->dry_run) {
		complain("%s takes --json only together with --dry-run", request->verb->name);
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
	for (size_t i = 0; i < ARRAY_SIZE(verb_options); i++)
		if (strncmp(verb_options[i].name, option, strlen(option)) == 0)
			return verb_options[i].synopsis;
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
			print_help();
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
