/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "polkit-client.h"

#include <check.h>
#include <stdlib.h>
#include <unistd.h>

#define NOBODY 65534

struct bus_client client;
struct process polkit;

void polkit_setup(void)
{
	bus_client_start(&client, PRIVATE_BUS_OPEN, "online.json");
}

void polkit_teardown(void)
{
	bus_client_stop(&client);
}

void expect_line(struct process *process, const char *wanted)
{
	_cleanup_free_ char *line = process_read_line(process);

	ck_assert_pstr_eq(line, wanted);
}

void polkit_start(const char *mode)
{
	process_start(&polkit, (const char *[]){MOCK_POLKIT, mode, NULL});
	expect_line(&polkit, "ready");
}

void polkit_stop(void)
{
	_cleanup_free_ char *line = NULL;

	process_write(&polkit, "no\n");
	line = process_read_line(&polkit);
	ck_assert_pstr_eq(line, "answered 0");
	ck_assert_int_eq(process_wait(&polkit), 0);
}

sd_bus *connect_nobody(void)
{
	sd_bus *bus;
	const char *name;

	ck_assert_int_eq(seteuid(NOBODY), 0);
	ck_assert_int_ge(sd_bus_open_system(&bus), 0);
	ck_assert_int_eq(seteuid(0), 0);
	ck_assert_int_ge(sd_bus_get_unique_name(bus, &name), 0);
	return bus;
}

static int on_reply(sd_bus_message *reply, void *userdata, sd_bus_error *ret_error)
{
	const sd_bus_error *error = sd_bus_message_get_error(reply);
	struct waiting *waiting = userdata;

	(void)ret_error;
	waiting->answered = 1;
	if (error) {
		waiting->error = strdup(error->name);
		waiting->message = strdup(error->message ?: "");
	}
	return 1;
}

void polkit_call(sd_bus *bus, struct waiting *waiting, int interactive, const char *member,
		 const char *types, ...)
{
	sd_bus_message *m;
	va_list ap;

	*waiting = (struct waiting){};
	ck_assert_int_ge(sd_bus_message_new_method_call(bus, &m, DAXTIER_BUS_NAME, DAXTIER_BUS_PATH,
							DAXTIER_MANAGER_INTERFACE, member),
			 0);
	va_start(ap, types);
	ck_assert_int_ge(sd_bus_message_appendv(m, types, ap), 0);
	va_end(ap);
	ck_assert_int_ge(sd_bus_message_set_allow_interactive_authorization(m, interactive), 0);
	ck_assert_int_ge(sd_bus_call_async(bus, &waiting->slot, m, on_reply, waiting, 0), 0);
	ck_assert_int_ge(sd_bus_flush(bus), 0);
	sd_bus_message_unref(m);
}

void polkit_wait(sd_bus *bus, const struct waiting *waiting)
{
	while (!waiting->answered)
		if (sd_bus_process(bus, NULL) == 0)
			ck_assert_int_ge(sd_bus_wait(bus, UINT64_C(60000000)), 1);
}

void polkit_expect(sd_bus *bus, struct waiting *waiting, const char *error, const char *part)
{
	polkit_wait(bus, waiting);
	ck_assert_msg((!error && !waiting->error) ||
			      (error && waiting->error && strcmp(error, waiting->error) == 0 &&
			       strstr(waiting->message, part)),
		      "%s: %s", waiting->error ?: "carried out", waiting->message ?: "");
	sd_bus_slot_unref(waiting->slot);
	free(waiting->error);
	free(waiting->message);
}

void reload_by_root(void)
{
	struct bus_reply reply;

	bus_client_call(&client, &reply, DAXTIER_BUS_PATH, DAXTIER_MANAGER_INTERFACE, "Reload", "");
	ck_assert_msg(!reply.error, "%s: %s", reply.error, reply.message);
	bus_reply_done(&reply);
}
