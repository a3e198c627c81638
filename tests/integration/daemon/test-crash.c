/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "suites.h"

Suite *suite_crash(void)
{
	return suite_create("crash");
}
