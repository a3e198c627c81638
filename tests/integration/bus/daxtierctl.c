/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daxtierctl.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

/* How many calls came since the last time; the last of them in *ret, "" without any. */
static int take_calls(struct bus_client *client, char **ret)
{
	char *line;
	int n = 0;

	*ret = strdup("");
	process_write(&client->driver, "{\"Calls\":true}\n");
	while ((line = process_read_line(&client->driver)) && strncmp(line, "call ", 5) == 0) {
		free(*ret);
		*ret = strdup(line + strlen("call "));
		free(line);
		n++;
	}
	ck_assert_ptr_nonnull(line);
	free(line);
	return n;
}

void assert_call(struct bus_client *client, const char *wanted)
{
	_cleanup_free_ char *call = NULL;

	ck_assert_int_eq(take_calls(client, &call), 1);
	ck_assert_str_eq(call, wanted);
}

void assert_no_call(struct bus_client *client)
{
	_cleanup_free_ char *call = NULL;

	ck_assert_int_eq(take_calls(client, &call), 0);
}

/* The test's own timeout ends it. */
void wait_for_call(struct bus_client *client, const char *wanted)
{
	for (;;) {
		_cleanup_free_ char *call = NULL;

		if (take_calls(client, &call) > 0) {
			ck_assert_str_eq(call, wanted);
			return;
		}
		nanosleep(&(struct timespec){.tv_nsec = 5000000}, NULL);
	}
}

/* What it says on either output, line by line. */
void daxtierctl_start(struct process *process, const char *command)
{
	_cleanup_free_ char *text = NULL;

	ck_assert_int_gt(asprintf(&text, "exec \"$0\" %s 2>&1", command), 0);
	process_start(process, (const char *[]){"sh", "-c", text, DAXTIERCTL, NULL});
}

void assert_line(struct process *process, const char *wanted)
{
	_cleanup_free_ char *line = process_read_line(process);

	ck_assert_pstr_eq(line, wanted);
}

void assert_end(struct process *process, int status)
{
	assert_line(process, NULL);
	ck_assert_int_eq(process_wait(process), status);
}

void assert_outcome(const struct process_result *result, int status, const char *out,
		    const char *err)
{
	ck_assert_str_eq(result->err, err);
	ck_assert_str_eq(result->out, out);
	ck_assert_int_eq(result->status, status);
}
