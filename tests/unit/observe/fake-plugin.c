/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>

/* A plugin that leaves a trace in whoever opens it. */
__attribute__((constructor)) static void leave_trace(void)
{
	setenv("A_PLUGIN_WAS_HERE", "1", 1);
}
