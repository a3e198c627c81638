/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/client.h"

enum exit_status verb_reload(const struct request *request)
{
	_cleanup_client_ struct client client = {};
	int r;

	(void)request;
	r = client_open(&client);
	if (r >= 0)
		r = client_reload(&client);
	return r < 0 ? client_failed(&client, r) : STATUS_OK;
}
