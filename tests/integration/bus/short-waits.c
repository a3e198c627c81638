/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "short-waits.h"

#include <systemd/sd-bus.h>

#define SECOND UINT64_C(1000000)

static uint64_t divisor = 1;

void short_waits_divide(uint64_t by)
{
	divisor = by;
}

int __real_sd_bus_call_async(sd_bus *bus, sd_bus_slot **ret, sd_bus_message *m,
			     sd_bus_message_handler_t callback, void *userdata, uint64_t usec);
int __wrap_sd_bus_call_async(sd_bus *bus, sd_bus_slot **ret, sd_bus_message *m,
			     sd_bus_message_handler_t callback, void *userdata, uint64_t usec);
int __wrap_sd_bus_call_async(sd_bus *bus, sd_bus_slot **ret, sd_bus_message *m,
			     sd_bus_message_handler_t callback, void *userdata, uint64_t usec)
{
	return __real_sd_bus_call_async(bus, ret, m, callback, userdata,
					usec >= SECOND ? usec / divisor : usec);
}
