/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <locale.h>
#include <string.h>

#include "cli/options.h"

/* Output that did not arrive is a failure, whatever was decided before. */
static enum exit_status flush_output(enum exit_status status)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return status;
	complain("cannot write to standard output: %s", strerror(errno));
	return STATUS_FAILURE;
}

int main(int argc, char *argv[])
{
	struct request request = {};

	setlocale(LC_CTYPE, "");
	switch (options_parse(argc, argv, &request)) {
	case OPTIONS_WRONG:
		fprintf(stderr, "See \"daxtierctl --help\".\n");
		return STATUS_USAGE;
	case OPTIONS_DONE:
		return flush_output(STATUS_OK);
	case OPTIONS_RUN:
		break;
	}
	style_detect(&request.style, stdout);
	return flush_output(request.verb->run(&request));
}
