/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bus/bus-call.h"

#include "base/cleanup.h"
#include "base/format.h"

int bus_call_answer(sd_bus_message *call)
{
	int r = sd_bus_reply_method_return(call, NULL);

	return r < 0 ? r : 0;
}

int bus_call_fail(sd_bus_message *call, const char *name, const char *message)
{
	_cleanup_free_ char *text = text_clean(message);
	int r;

	if (!text)
		return -ENOMEM;
	r = sd_bus_reply_method_errorf(call, name, "%s", text);
	return r < 0 ? r : 0;
}
