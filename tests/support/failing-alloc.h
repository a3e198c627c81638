/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_TESTS_FAILING_ALLOC_H
#define DAXTIER_TESTS_FAILING_ALLOC_H

/*
 * Makes the n-th allocation of the code under test fail, so that every way out of it can be walked:
 *
 *	for (unsigned n = 1;; n++) {
 *		failing_alloc_arm(n);
 *		r = function_under_test(…);
 *		if (!failing_alloc_disarm())
 *			break;
 *		ck_assert_int_eq(r, -ENOMEM);
 *	}
 *	ck_assert_int_eq(r, 0);
 *
 * No assertion while armed: check allocates too. Works on what is linked statically, our own rooms,
 *when the executable is linked with FAILING_ALLOC_LINK_OPTIONS from
 *tests/support/failing-alloc.cmake. Leaks on the way out are for the sanitizer to see.
 */

void failing_alloc_arm(unsigned n); /* 1: the next one */
int failing_alloc_disarm(void);	    /* whether it came to the n-th allocation */

#endif
