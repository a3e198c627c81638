/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whoever asked for something may leave, and may not ask for everything. */
#include <stdio.h>

#include "request-host.h"
#include "suites.h"

#define CALLS_PER_CLIENT 8

/* Somebody else on the bus, in the place of the host's own connection. */
static void connect_another(const struct test_host *host, struct test_host *ret_another)
{
	*ret_another = *host;
	ck_assert_int_ge(sd_bus_open_system(&ret_another->bus), 0);
}

static void leave(struct test_host *another, struct pending_call *call)
{
	pending_drop(call);
	another->bus = sd_bus_close_unref(another->bus);
}

/* The release that he waited for is carried out, and its deadline still holds. */
START_TEST(test_release_goes_on)
{
	struct test_host host, another;
	struct pending_call call, late;

	request_start_online(&host, NULL);
	request_stall_at(&host, "*/memory51*/state", 100);
	connect_another(&host, &another);
	pending_release(&call, &another, "dax0.0", false, 0);
	request_wait_for_writes(&host, 1);
	leave(&another, &call);
	/* It is not ended by that, and is in the way as before. */
	pending_release(&late, &host, "dax0.0", false, 0);
	pending_assert_failed(&late, "Busy", "dax0.0");
	fake_kernel_clear_faults(host.root);
	request_assert_released(&host);
	request_apply_it(&host, "dax0.0");
	request_assert_online(&host);
	test_host_stop(&host);
}
END_TEST

START_TEST(test_release_ends_at_its_deadline)
{
	struct test_host host, another;
	struct pending_call call;

	request_start_online(&host, NULL);
	request_hang_at(&host, "*/memory515/state");
	connect_another(&host, &another);
	pending_release(&call, &another, "dax0.0", false, SECOND);
	request_wait_for_writes(&host, 4);
	leave(&another, &call);
	request_assert_online(&host);
	test_host_assert_logged(&host, "not released");
	fake_kernel_clear_faults(host.root);
	request_release_it(&host);
	request_assert_released(&host);
	test_host_stop(&host);
}
END_TEST

/* Of two who wait, one for the end of the other's work. */
START_TEST(test_others_go_on_waiting)
{
	struct pending_call releasing, applying;
	struct test_host host, another;

	request_start_online(&host, NULL);
	request_hang_at(&host, "*/memory514/state");
	connect_another(&host, &another);
	pending_release(&releasing, &another, "dax0.0", false, 0);
	request_wait_for_writes(&host, 5);
	pending_apply(&applying, &host, "dax0.0", false);
	leave(&another, &releasing);
	pending_assert_done(&applying);
	request_assert_online(&host);
	test_host_stop(&host);
}
END_TEST

static void start_many(struct test_host *host, char names[][16], unsigned n)
{
	test_host_start(host, &(struct fake_kernel_host){.dram = 8 * FAKE_KERNEL_GIB}, NULL);
	test_host_start_daemon(host);
	for (unsigned i = 0; i < n; i++) {
		struct fake_kernel_device device;

		snprintf(names[i], sizeof(names[i]), "dax%u.0", i);
		device = test_device(names[i]);
		test_host_add(host, &device);
	}
	for (unsigned i = 0; i < n; i++)
		test_host_wait(host, names[i], "online");
}

/*
 * The ninth is refused at once; that one connection has so many waiting is nothing to another. All
 * wait for so long that the first one still does then: each call is a look at the host.
 */
START_TEST(test_limit)
{
	struct pending_call calls[CALLS_PER_CLIENT], another_call, one_more;
	char names[CALLS_PER_CLIENT + 1][16];
	struct test_host host, another;

	start_many(&host, names, CALLS_PER_CLIENT + 1);
	/* Of all of them: who comes after the first one may have time left. */
	request_hang_at(&host, "*/memory*/state");
	connect_another(&host, &another);
	for (int i = 0; i < CALLS_PER_CLIENT; i++)
		pending_release(&calls[i], &host, names[i], false, 6 * SECOND);
	pending_release(&one_more, &host, names[CALLS_PER_CLIENT], false, 0);
	pending_assert_failed(&one_more, "Busy", "too many calls of this client");
	pending_release(&another_call, &another, names[CALLS_PER_CLIENT], false, 6 * SECOND);
	for (int i = 0; i < CALLS_PER_CLIENT; i++)
		pending_assert_failed(&calls[i], "Deadline", "");
	pending_assert_failed(&another_call, "Deadline", "");
	sd_bus_close_unref(another.bus);
	test_host_stop(&host);
}
END_TEST

Suite *suite_callers(void)
{
	Suite *suite = suite_create("callers");
	TCase *tcase = request_add_case(suite, "callers");

	tcase_add_test(tcase, test_release_goes_on);
	tcase_add_test(tcase, test_release_ends_at_its_deadline);
	tcase_add_test(tcase, test_others_go_on_waiting);
	tcase_add_test(tcase, test_limit);
	return suite;
}
