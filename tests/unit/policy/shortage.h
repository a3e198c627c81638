/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TEST_POLICY_SHORTAGE_H
#define TEST_POLICY_SHORTAGE_H

/*
 * Makes one allocation of the code under test fail. The allocators that policy/ reaches are wrapped
 * by the linker for this executable.
 */

#include <stdbool.h>

/* The n-th allocation from now on fails, counted from 0. */
void shortage_begin(unsigned n);

/* Ends it; returns whether it was reached. */
bool shortage_end(void);

#endif
