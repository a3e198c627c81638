/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "private-bus.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "tree.h"

static const char open_policy[] =
	"<policy context='default'>"
	"<allow user='*'/><allow own='*'/><allow send_type='method_call'/>"
	"<allow send_type='signal'/><allow send_type='method_return'/>"
	"<allow send_type='error'/><allow receive_type='method_call'/>"
	"<allow receive_type='signal'/><allow receive_type='method_return'/>"
	"<allow receive_type='error'/></policy>";

/* What dbus-daemon's own system.conf allows, in effect. */
static const char system_policy[] =
	"<policy context='default'>"
	"<allow user='*'/><deny own='*'/><deny send_type='method_call'/>"
	"<allow send_type='signal'/>"
	"<allow send_requested_reply='true' send_type='method_return'/>"
	"<allow send_requested_reply='true' send_type='error'/>"
	"<allow receive_type='method_call'/><allow receive_type='method_return'/>"
	"<allow receive_type='error'/><allow receive_type='signal'/>"
	"<allow send_destination='org.freedesktop.DBus'"
	" send_interface='org.freedesktop.DBus'/>"
	"</policy>"
	"<include>" PROJECT_SOURCE_DIR "/conf/org.daxtier1.conf</include>";

void private_bus_prepare(struct private_bus *bus, enum private_bus_policy policy)
{
	char *address;

	bus->directory = tree_new();
	/* Other users have to get at the socket. */
	if (chmod(bus->directory, 0755) < 0)
		abort();
	tree_putf(bus->directory, "bus.conf",
		  "<busconfig><listen>unix:path=%s/socket</listen><auth>EXTERNAL</auth>"
		  "<servicedir>%s/services</servicedir>%s</busconfig>",
		  bus->directory, bus->directory,
		  policy == PRIVATE_BUS_OPEN ? open_policy : system_policy);
	tree_dir(bus->directory, "services");
	if (asprintf(&address, "unix:path=%s/socket", bus->directory) < 0 ||
	    setenv("DBUS_SYSTEM_BUS_ADDRESS", address, 1) < 0)
		abort();
	free(address);
}

void private_bus_launch(struct private_bus *bus)
{
	char *address;

	/* As root it complains of limits that it may not raise in a container. */
	process_start(
		&bus->daemon,
		(const char *[]){"sh", "-c",
				 "exec dbus-daemon --nofork --nopidfile --nosyslog "
				 "--print-address=1 --config-file=\"$0/bus.conf\" 2>\"$0/log\"",
				 bus->directory, NULL});
	/* Printed when it listens. */
	address = process_read_line(&bus->daemon);
	if (!address)
		abort();
	free(address);
}

void private_bus_start(struct private_bus *bus, enum private_bus_policy policy)
{
	private_bus_prepare(bus, policy);
	private_bus_launch(bus);
}

void private_bus_stop(struct private_bus *bus)
{
	process_stop(&bus->daemon, SIGTERM);
	bus->directory = tree_remove(bus->directory);
}
