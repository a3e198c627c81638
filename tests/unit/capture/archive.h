/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_TESTS_ARCHIVE_H
#define DAXTIER_TESTS_ARCHIVE_H

/*
 * Archives put together header by header, as nobody's program would write them. Its own notion of
 * what a header is, so that it does not share a mistake with lib/capture.
 */

#include <stddef.h>
#include <stdio.h>

struct archive {
	char *data;
	size_t size;
	FILE *f;
};

void archive_begin(struct archive *archive);
/* size octal digits as they stand there; NULL: that of data. data may be NULL. */
void archive_add(struct archive *archive, char type, const char *name, const char *link,
		 const char *data, const char *size);
void archive_add_raw(struct archive *archive, const void *data, size_t size);
void archive_end(struct archive *archive); /* two blocks of zeros */
/* To read what was put in so far. */
FILE *archive_open(struct archive *archive);
void archive_done(struct archive *archive);

#endif
