/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bus/bus-error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/cleanup.h"
#include "base/errno-util.h"
#include "base/format.h"

static int append_failure(sd_bus_message *reply, const struct bus_failure *failure)
{
	_cleanup_free_ char *step = text_clean(failure->step ?: "");
	_cleanup_free_ char *path = text_clean(failure->path ?: "");

	if (!step || !path)
		return -ENOMEM;
	return sd_bus_message_append(reply, "a{sv}", 4, "Errno", "i", -failure->error, "Error", "s",
				     failure->error ? errno_name(failure->error) : "", "Step", "s",
				     step, "Path", "s", path);
}

int bus_error_reply(sd_bus_message *call, const struct bus_failure *failure, const char *message)
{
	_cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
	const sd_bus_error error = {.name = failure->name, .message = message};
	int r;

	if (sd_bus_message_get_expect_reply(call) == 0)
		return 0;
	r = sd_bus_message_new_method_error(call, &reply, &error);
	if (r < 0)
		return r;
	r = append_failure(reply, failure);
	if (r < 0)
		return r;
	r = sd_bus_message_send(reply);
	return r < 0 ? r : 0;
}

int bus_error_replyf(sd_bus_message *call, const struct bus_failure *failure, const char *format,
		     ...)
{
	_cleanup_free_ char *text = NULL, *clean = NULL;
	va_list ap;
	int n;

	va_start(ap, format);
	n = vasprintf(&text, format, ap);
	va_end(ap);
	if (n < 0) {
		text = NULL;
		return -ENOMEM;
	}
	clean = text_clean(text);
	return clean ? bus_error_reply(call, failure, clean) : -ENOMEM;
}
