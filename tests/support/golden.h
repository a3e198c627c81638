/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_TESTS_GOLDEN_H
#define DAXTIER_TESTS_GOLDEN_H

/*
 * Fails the test unless text is the content of this file below tests/fixtures. With
 * $DAXTIER_TEST_UPDATE set, the file is written instead, to be read before it is committed.
 */
void golden_assert(const char *file, const char *text);

#endif
