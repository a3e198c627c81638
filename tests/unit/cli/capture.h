/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_TESTS_CAPTURE_H
#define DAXTIER_TESTS_CAPTURE_H

/* What code prints to a stream, as a string. */

#include <stdio.h>

struct capture {
	FILE *f;
	char *text; /* valid after capture_end() */
	size_t size;
};

static inline FILE *capture_begin(struct capture *capture)
{
	*capture = (struct capture){};
	capture->f = open_memstream(&capture->text, &capture->size);
	return capture->f;
}

static inline const char *capture_end(struct capture *capture)
{
	fclose(capture->f);
	return capture->text;
}

#endif
