/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_APPLY_TROUBLE_H
#define DAXTIER_APPLY_TROUBLE_H

/* What went wrong, on what, in words: filled where it happens, passed on as it is. */
struct trouble {
	char *path; /* "/sys/…"; NULL: nothing in particular */
	char *message;
};

void trouble_done(struct trouble *trouble);

/*
 * Replaces what is there, and returns error, to end a function with. path may lack the leading
 * slash, and may be NULL.
 */
int trouble_set(struct trouble *trouble, int error, const char *path, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/* For a failed read: path could not be read, or the device is not there any more. */
int trouble_read(struct trouble *trouble, int error, const char *path);

/* The kernel's words for an errno that a step has no better ones for. */
const char *trouble_words(int error);

#endif
