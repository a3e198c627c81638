/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A polkit that decides as it is told to.
 *
 *	mock-polkit yes|no|challenge|nonsense|leave|hold
 *
 * Prints "ready" when it has the name, and then for each question "check ACTION FLAGS METHOD
 * DEVICE", for each that is taken back "cancel". With "leave" it ends at the first question. With
 * "hold" questions wait until "yes" or "no" is a line of standard input, which answers all of
 * them, so many as the "answered N" that it prints. Like the real one, it answers a question that
 * was taken back with an error.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <systemd/sd-bus.h>
#include <systemd/sd-event.h>

#include "base/cleanup.h"

#define MAX_HELD 64

struct held {
	sd_bus_message *call;
	char *id;
};

struct polkit {
	sd_event *event;
	const char *mode;
	struct held held[MAX_HELD];
	size_t n_held;
};

static void must(int r)
{
	if (r < 0) {
		fprintf(stderr, "mock-polkit: %s\n", strerror(-r));
		abort();
	}
}

static int answer(sd_bus_message *call, const char *mode)
{
	if (strcmp(mode, "nonsense") == 0)
		return sd_bus_reply_method_return(call, "s", "yes");
	return sd_bus_reply_method_return(call, "(bba{ss})", strcmp(mode, "yes") == 0,
					  strcmp(mode, "challenge") == 0, 0);
}

static void drop(struct polkit *polkit, size_t i)
{
	sd_bus_message_unref(polkit->held[i].call);
	free(polkit->held[i].id);
	polkit->held[i] = polkit->held[--polkit->n_held];
}

/* One that the rest of the answer is about: a connection, and of this name. */
static void check_subject(sd_bus_message *call)
{
	const char *kind, *key, *name;

	must(sd_bus_message_enter_container(call, 'r', "sa{sv}"));
	must(sd_bus_message_read(call, "s", &kind));
	must(sd_bus_message_enter_container(call, 'a', "{sv}"));
	must(sd_bus_message_enter_container(call, 'e', "sv"));
	must(sd_bus_message_read(call, "s", &key));
	must(sd_bus_message_read(call, "v", "s", &name));
	must(sd_bus_message_exit_container(call));
	must(sd_bus_message_exit_container(call));
	must(sd_bus_message_exit_container(call));
	if (strcmp(kind, "system-bus-name") != 0 || strcmp(key, "name") != 0 || name[0] != ':')
		abort();
}

static int on_check(sd_bus_message *call, void *userdata, sd_bus_error *error)
{
	const char *action, *id, *method, *device, *key1, *key2;
	struct polkit *polkit = userdata;
	uint32_t flags;

	(void)error;
	check_subject(call);
	must(sd_bus_message_read(call, "sa{ss}us", &action, 2, &key1, &method, &key2, &device,
				 &flags, &id));
	if (strcmp(key1, "method") != 0 || strcmp(key2, "device") != 0 || !id[0])
		abort();
	printf("check %s %u %s %s\n", action, flags, method, device[0] ? device : "-");
	if (strcmp(polkit->mode, "leave") == 0)
		return sd_event_exit(polkit->event, 0);
	if (strcmp(polkit->mode, "hold") != 0)
		return answer(call, polkit->mode);
	if (polkit->n_held == MAX_HELD)
		abort();
	for (size_t i = 0; i < polkit->n_held; i++)
		if (strcmp(polkit->held[i].id, id) == 0)
			abort(); /* the same connection may not use it twice */
	polkit->held[polkit->n_held].id = strdup(id);
	polkit->held[polkit->n_held++].call = sd_bus_message_ref(call);
	return 1;
}

static int on_cancel(sd_bus_message *call, void *userdata, sd_bus_error *error)
{
	struct polkit *polkit = userdata;
	const char *id;

	(void)error;
	must(sd_bus_message_read(call, "s", &id));
	for (size_t i = 0; i < polkit->n_held; i++) {
		if (strcmp(polkit->held[i].id, id) != 0)
			continue;
		must(sd_bus_reply_method_errorf(polkit->held[i].call,
						"org.freedesktop.PolicyKit1.Error.Cancelled",
						"taken back"));
		drop(polkit, i);
		printf("cancel\n");
		return sd_bus_reply_method_return(call, NULL);
	}
	printf("cancel of nothing\n");
	return 1;
}

static const sd_bus_vtable vtable[] = {
	SD_BUS_VTABLE_START(0),
	SD_BUS_METHOD("CheckAuthorization", "(sa{sv})sa{ss}us", "(bba{ss})", on_check,
		      SD_BUS_VTABLE_UNPRIVILEGED),
	SD_BUS_METHOD("CancelCheckAuthorization", "s", NULL, on_cancel, SD_BUS_VTABLE_UNPRIVILEGED),
	SD_BUS_VTABLE_END,
};

static int on_input(sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
	_cleanup_free_ char *line = NULL;
	struct polkit *polkit = userdata;
	size_t room = 0, n = polkit->n_held;

	(void)source;
	(void)fd;
	(void)revents;
	if (getline(&line, &room, stdin) < 0)
		return sd_event_exit(polkit->event, 0);
	line[strcspn(line, "\n")] = '\0';
	while (polkit->n_held > 0) {
		must(answer(polkit->held[0].call, line));
		drop(polkit, 0);
	}
	printf("answered %zu\n", n);
	return 0;
}

int main(int argc, char *argv[])
{
	struct polkit polkit = {.mode = argv[1]};
	sd_bus *bus;

	if (argc != 2)
		return EXIT_FAILURE;
	setvbuf(stdin, NULL, _IONBF, 0);
	setvbuf(stdout, NULL, _IOLBF, 0);
	must(sd_event_new(&polkit.event));
	must(sd_bus_open_system(&bus));
	must(sd_bus_attach_event(bus, polkit.event, SD_EVENT_PRIORITY_NORMAL));
	must(sd_bus_add_object_vtable(bus, NULL, "/org/freedesktop/PolicyKit1/Authority",
				      "org.freedesktop.PolicyKit1.Authority", vtable, &polkit));
	must(sd_event_add_io(polkit.event, NULL, STDIN_FILENO, EPOLLIN, on_input, &polkit));
	must(sd_bus_request_name(bus, "org.freedesktop.PolicyKit1", 0));
	printf("ready\n");
	must(sd_event_loop(polkit.event));
	while (polkit.n_held > 0)
		drop(&polkit, 0);
	/* Without a flush after "leave": nothing is to be answered. */
	sd_bus_close_unref(bus);
	sd_event_unref(polkit.event);
	return EXIT_SUCCESS;
}
