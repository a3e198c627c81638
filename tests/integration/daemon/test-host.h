/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_TESTS_TEST_HOST_H
#define DAXTIER_TESTS_TEST_HOST_H

/*
 * A host of the test's own: a modelled kernel, a bus, udev events, a policy and the real daemon.
 * Everything fails the test on its own when something does not work. Needs umockdev's preload
 * library in the test's own process (umockdev-wrapper).
 */

#include <check.h>
#include <json-c/json.h>
#include <stdbool.h>
#include <systemd/sd-bus.h>
#include <umockdev.h>

#include "base/strv.h"
#include "fake-kernel.h"
#include "private-bus.h"

#define AUTOPROBE   "sys/bus/dax/drivers_autoprobe"
#define AUTO_ONLINE "sys/devices/system/memory/auto_online_blocks"

struct test_host {
	char *root;
	struct private_bus private_bus;
	UMockdevTestbed *testbed;
	struct process daemon;
	bool running;
	sd_bus *bus;
	struct strv changes; /* "dax0.0 online", in the order in which the bus said so */
};

/* A policy that manages cxl and hmem, and nothing else. */
extern const char default_policy[];

/* policy NULL: the default one. The daemon is not started. */
void test_host_start(struct test_host *host, const struct fake_kernel_host *kernel,
		     const char *policy);
void test_host_stop(struct test_host *host); /* stops the daemon, too, which has to end well */

void test_host_put_policy(struct test_host *host, const char *policy);

/* Returns when its objects are on the bus. */
void test_host_start_daemon(struct test_host *host);
/* With SIGTERM its exit status has to be 0; with SIGKILL 137. */
void test_host_end_daemon(struct test_host *host, int signal);
/* What the unit does after every end of the daemon. */
void test_host_restore(struct test_host *host);

/* A 1 GiB CXL device, dax0.0 on node 1, unless fields say otherwise. */
struct fake_kernel_device test_device(const char *name);
void test_host_add(struct test_host *host, const struct fake_kernel_device *device);
void test_host_add_silently(struct test_host *host, const struct fake_kernel_device *device);
void test_host_announce(struct test_host *host, const char *device); /* the uevent of its add */
void test_host_remove(struct test_host *host, const char *device);

/* What the kernel says of a device or block that somebody else has changed, such as "unbind". */
void test_host_device_event(struct test_host *host, const char *device, const char *action);
void test_host_block_event(struct test_host *host, uint64_t block, const char *action);
/* One write by somebody else, which has to succeed. */
void test_host_write(struct test_host *host, const char *path, const char *value);

/* A property of the device, or with device NULL of the manager; a new reference. NULL: no such
 * object. */
struct json_object *test_host_get(struct test_host *host, const char *device, const char *property);
void test_host_assert(struct test_host *host, const char *device, const char *property,
		      const char *value);
void test_host_assert_like(struct test_host *host, const char *device, const char *property,
			   const char *part);

/* Within 30 s the device is in this state, and has no worker any more. */
void test_host_wait(struct test_host *host, const char *device, const char *state);
void test_host_wait_gone(struct test_host *host, const char *device);

/* Calls Manager.Reload; NULL when it worked, else the error's message. Owned by the caller. */
char *test_host_reload(struct test_host *host);

/* The content of a file of the modelled kernel, without the newline. */
void test_host_assert_file(struct test_host *host, const char *path, const char *content);
/* Everything that was said so far. Owned by the caller. */
char *test_host_log(struct test_host *host);
void test_host_assert_logged(struct test_host *host, const char *part);

/* Every write to the modelled kernel since fake_kernel_clear_log(), as "PATH VALUE", is one of
 * these; NULL ends them. */
void test_host_assert_writes(struct test_host *host, const char *const writes[]);

/* daxtierctl against this host's daemon. Owned by the caller: process_result_done(). */
void test_host_ctl(struct test_host *host, struct process_result *result, const char *const argv[]);

/* Runs all, or what check's environment names, and frees the runner. Returns an exit status. */
int test_host_run(SRunner *runner);

#endif
