/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_DOCTOR_EVIDENCE_LINE_H
#define DAXTIER_DOCTOR_EVIDENCE_LINE_H

/* Text files of lines: those of the kernel, of modprobe and of daxctl. */

#include <stdbool.h>

#include "doctor/evidence.h"
#include "observe/look.h"

/* path is below the root, with or without a leading slash. 0 or -ENOMEM. */
int evidence_lines_add(struct evidence_lines *lines, const char *path, const char *line);
void evidence_lines_done(struct evidence_lines *lines);

/* The next line at *cursor, terminated in place, without white space around it; NULL at the end. */
char *line_next(char **cursor);

/*
 * The same, where a backslash at its end joins a line to the next one (modprobe.d(5)), and whether
 * it did.
 */
char *line_next_joined(char **cursor, bool *ret_joined);

/* Cuts the next word off *cursor in place; NULL when there is none. */
char *word_next(char **cursor);

/*
 * Of the names in the directories that end in suffix, as a configuration is put together: of files
 * of the same name only the first counts. fn gets the path below the root, and returns 0 or an
 * error, which ends it. Returns 0, fn's error or -ENOMEM.
 */
int fragments_each(struct look *look, const char *const directories[], size_t n_directories,
		   const char *suffix,
		   int (*fn)(struct look *look, const char *path, void *userdata), void *userdata);

#endif
