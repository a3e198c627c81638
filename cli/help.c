/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/help.h"

#include <string.h>

#include "cli/text.h"

const struct option_help option_helps[] = {
	{VERB_OPTION_JSON, "--json", "--json=pretty|short", "JSON"},
	{VERB_OPTION_ROOT, "--root", "--root=DIR", "a captured host: a folder, or an archive"},
	{VERB_OPTION_CONFIG, "--config", "--config=FILE", "by FILE alone, without drop-ins"},
	{VERB_OPTION_DEADLINE, "--deadline", "--deadline=SPAN",
	 "put all back if it takes longer (30s)"},
	{VERB_OPTION_EJECT, "--eject", "--eject", "take its CXL region apart, too"},
	{VERB_OPTION_DRY_RUN, "--dry-run", "--dry-run", "tell what is in the way, touch nothing"},
	{VERB_OPTION_FORCE, "--force", "--force", "take what is online otherwise offline first"},
	{VERB_OPTION_FORMAT, "--format", "--format=openmetrics|prometheus",
	 "prometheus for node_exporter"},
	{VERB_OPTION_OUTPUT, "--output", "--output=FILE", "replace FILE, all at once"},
	{VERB_OPTION_DIFF, "--diff", "--diff", "what the second --config changes, by host"},
	{VERB_OPTION_MASK_SERIALS, "--mask-serials", "--mask-serials",
	 "serial numbers as 0x1, 0x2, ..."},
	{VERB_OPTION_NO_ASK_PASSWORD, "--no-ask-password", "--no-ask-password",
	 "let polkit ask nobody for a password"},
};
const size_t n_option_helps = ARRAY_SIZE(option_helps);

/* Of a line, and where texts begin in it. */
#define WIDTH  80
#define COLUMN ((size_t)23)

void help_print_verbs(FILE *f, unsigned option)
{
	const char *separator = "";

	for (size_t i = 0; i < n_verbs; i++) {
		if (option && !(verbs[i].options & option))
			continue;
		fprintf(f, "%s%s", separator, verbs[i].name);
		separator = ", ";
	}
}

/* "  what  text", on a line of its own where what is too long for one. */
static void print_entry(FILE *f, const char *what, const char *text)
{
	static const struct style style = {.columns = WIDTH};
	size_t width = (size_t)fprintf(f, "  %s", what);

	if (width >= COLUMN) {
		fputc('\n', f);
		width = 0;
	}
	text_pad(f, COLUMN - width);
	text_print_wrapped(f, &style, COLUMN, COLUMN, text);
}

static void print_verb(FILE *f, const struct verb *verb)
{
	_cleanup_free_ char *what = NULL;

	if (asprintf(&what, "%s%s%s", verb->name, verb->synopsis[0] ? " " : "", verb->synopsis) < 0)
		what = NULL;
	print_entry(f, what ?: verb->name, verb->summary);
}

static void print_option(FILE *f, const struct option_help *option)
{
	_cleanup_free_ char *text = NULL;
	_cleanup_fclose_ FILE *stream = NULL;
	size_t size;

	stream = open_memstream(&text, &size);
	if (!stream)
		return;
	help_print_verbs(stream, option->bit);
	fprintf(stream, ": %s", option->summary);
	if (fflush(stream) == 0)
		print_entry(f, option->synopsis, text);
}

void help_print(FILE *f)
{
	fprintf(f, "Usage: daxtierctl [OPTION...] [VERB] [ARGUMENT]\n\n"
		   "Shows what daxtierd does with dax devices, and why.\n\n"
		   "Verbs:\n");
	for (size_t i = 0; i < n_verbs; i++)
		print_verb(f, &verbs[i]);
	fprintf(f, "\nOptions:\n");
	for (size_t i = 0; i < n_option_helps; i++)
		print_option(f, &option_helps[i]);
	print_entry(f, "-h, --help", "this text");
	print_entry(f, "--version", "the version of daxtierctl");
	fprintf(f,
		"\nExit status: 0 done, 1 failed, 2 wrong command line, 3 daxtierd not reachable,\n"
		"4 no such device, 5 errors in the configuration, 6 refused or put back,\n"
		"7 doctor found something wrong.\n"
		"See daxtierctl(1).\n");
}
