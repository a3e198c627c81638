/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "suites.h"

Suite *suite_failure(void)
{
	return suite_create("failure");
}
