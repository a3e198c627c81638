/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_TESTS_SHORT_WAITS_H
#define DAXTIER_TESTS_SHORT_WAITS_H

#include <stdint.h>

/*
 * Makes calls of others that may take a second or more wait so much shorter for their answer, where
 * the executable is linked with --wrap=sd_bus_call_async.
 */
void short_waits_divide(uint64_t by);

#endif
