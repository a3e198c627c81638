/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_CLI_OPTIONS_H
#define DAXTIER_CLI_OPTIONS_H

#include "cli/verb.h"

enum options_outcome {
	OPTIONS_RUN,   /* request is what to do */
	OPTIONS_DONE,  /* help or the version was printed */
	OPTIONS_WRONG, /* what is wrong, and what is allowed, was printed on standard error */
};

/* Strings in request are those of argv. */
enum options_outcome options_parse(int argc, char *argv[], struct request *request);

#endif
