/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TEST_CONFIG_DOCUMENT_H
#define TEST_CONFIG_DOCUMENT_H

/* Texts for people, and what in them can be tried out. All fail the test when there is nothing. */

/* The whole file. Owned by the caller. */
char *document_read(const char *path);

/* What the command writes. Owned by the caller. */
char *document_run(const char *command);

/*
 * The literal display that follows the line .\" @example NAME in an mdoc page, without roff's
 * escapes. Owned by the caller.
 */
char *document_example(const char *page, const char *name);

/* Joins each line that begins with blanks to the line above, with one blank, in place; the newline
 * at the end goes as well. */
void document_unfold(char *text);

#endif
