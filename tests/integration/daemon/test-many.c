/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "suites.h"

Suite *suite_many(void)
{
	return suite_create("many");
}
