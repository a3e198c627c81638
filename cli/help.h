/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_CLI_HELP_H
#define DAXTIER_CLI_HELP_H

/* What daxtierctl says of its own command line. */

#include "cli/verb.h"

/* An option that is not for every verb. */
struct option_help {
	unsigned bit; /* enum verb_option */
	const char *name, *synopsis, *summary;
};

extern const struct option_help option_helps[];
extern const size_t n_option_helps;

/*
 * --help. Its form is read by tests/house/completion.py: a line for each verb and each option, and
 * what does not fit on 80 columns goes on below the text.
 */
void help_print(FILE *f);

/* "status, show, plan": those that take option; all for 0. */
void help_print_verbs(FILE *f, unsigned option);

#endif
