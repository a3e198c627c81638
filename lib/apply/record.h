/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_APPLY_RECORD_H
#define DAXTIER_APPLY_RECORD_H

/*
 * Records in the run directory: what has to be put back, written down before it is changed. A
 * process can be killed at any instant, so a record is there as a whole or not at all, and on disk
 * before the function that writes it returns.
 *
 * A record is text of two lines, "key=value", in a fixed order.
 */

#define RECORD_FIELDS 2

struct record {
	char *values[RECORD_FIELDS];
};

void record_done(struct record *record);

/* A descriptor of the directory. open: -ENOENT when there is none; make: it is created, but not
 * the directory above it. */
int run_dir_open(const char *path, int *ret_fd);
int run_dir_make(const char *path, int *ret_fd);

/* Waits for the lock; it is released when the descriptor is closed, so also when the process
 * ends. */
int run_dir_lock(int dir_fd, const char *name, int *ret_fd);

/* 1: read; 0: there is none; -EBADMSG: it is not of the form. Values are not judged. */
int record_read(int dir_fd, const char *name, const char *const keys[RECORD_FIELDS],
		struct record *ret);
int record_write(int dir_fd, const char *name, const char *const keys[RECORD_FIELDS],
		 const char *const values[RECORD_FIELDS]);
int record_remove(int dir_fd, const char *name);

/* The same for text of any form and length. read: owned by the caller; -EFBIG: no record of ours is
 * so long. */
int record_read_text(int dir_fd, const char *name, char **ret);
int record_write_text(int dir_fd, const char *name, const char *text);

/* What stands in a record that could not be understood, for a message: cut, without control
 * characters, never NULL unless out of memory. Owned by the caller. */
char *record_text(int dir_fd, const char *name);

#endif
