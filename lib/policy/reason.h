/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_POLICY_REASON_H
#define DAXTIER_POLICY_REASON_H

/*
 * Sentences for people. The same facts give the same words, since reasons are compared to see
 * whether anything changed. All return 0 or -ENOMEM and leave the text as it was on failure.
 */

/* Replaces *reason, which may be NULL and is owned by the caller. */
int reason_set(char **reason, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Appends to *reason, which may be NULL. */
int reason_add(char **reason, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
