/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Faults that strike at a chosen operation, and the model under a program that knows nothing of it.
 */
#include <check.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fake-kernel.h"
#include "tree.h"

#define AUTO_ONLINE "sys/devices/system/memory/auto_online_blocks"
#define AUTOPROBE   "sys/bus/dax/drivers_autoprobe"
#define DRIVERS	    "sys/bus/dax/drivers"
#define DAX	    "sys/bus/dax/devices/dax0.0"

static char *root;

static const struct fake_kernel_device cxl = {
	.name = "dax0.0",
	.kind = FAKE_KERNEL_CXL,
	.ranges = {{0x100000000, FAKE_KERNEL_GIB}},
	.target_node = 1,
	.serials = {0xabc1},
};

static void setup(void)
{
	root = tree_new();
}

static void teardown(void)
{
	root = tree_remove(root);
}

static void assert_reads(const char *path, const char *expected)
{
	char *text = tree_get(root, path);

	ck_assert_msg(text != NULL, "there is no %s", path);
	text[strcspn(text, "\n")] = '\0';
	ck_assert_msg(strcmp(text, expected) == 0, "%s reads \"%s\", not \"%s\"", path, text,
		      expected);
	free(text);
}

START_TEST(faults_strike_where_they_should)
{
	char *log;

	fake_kernel_create(root, &(struct fake_kernel_host){});
	fake_kernel_add_fault(root, &(struct fake_kernel_fault){.op = FAKE_KERNEL_WRITE,
								.nth = 2,
								.times = 2,
								.pattern = "*auto_online_blocks",
								.error = -EIO});
	fake_kernel_add_fault(root, &(struct fake_kernel_fault){.op = FAKE_KERNEL_READ,
								.pattern = "*drivers_autoprobe",
								.error = -EAGAIN});
	ck_assert_int_eq(fake_kernel_write(root, AUTO_ONLINE, "offline"), 0);
	ck_assert_int_eq(fake_kernel_write(root, AUTOPROBE, "0"), 0);
	ck_assert_int_eq(fake_kernel_write(root, AUTO_ONLINE, "online"), -EIO);
	ck_assert_int_eq(fake_kernel_write(root, AUTO_ONLINE, "online"), -EIO);
	assert_reads(AUTO_ONLINE, "offline");
	ck_assert_int_eq(fake_kernel_write(root, AUTO_ONLINE, "online"), 0);
	ck_assert_int_eq(fake_kernel_before_read(root, AUTO_ONLINE), 0);
	ck_assert_int_eq(fake_kernel_before_read(root, AUTOPROBE), -EAGAIN);
	ck_assert_int_eq(fake_kernel_before_read(root, AUTOPROBE), 0);
	ck_assert_uint_eq(fake_kernel_count(root, FAKE_KERNEL_WRITE), 5);

	log = fake_kernel_log(root);
	ck_assert_ptr_nonnull(strstr(log, AUTO_ONLINE " online -5\n"));
	ck_assert_ptr_nonnull(strstr(log, AUTO_ONLINE " online OK\n"));
	free(log);
}
END_TEST

START_TEST(kill_before_and_after)
{
	for (int i = 0; i < 2; i++) {
		enum fake_kernel_action action =
			i == 0 ? FAKE_KERNEL_KILL_BEFORE : FAKE_KERNEL_KILL_AFTER;
		int status;
		pid_t pid;

		if (i == 0)
			fake_kernel_create(root, &(struct fake_kernel_host){});
		fake_kernel_clear_faults(root);
		fake_kernel_add_fault(root, &(struct fake_kernel_fault){.op = FAKE_KERNEL_WRITE,
									.action = action});
		pid = fork();
		if (pid == 0) {
			fake_kernel_write(root, AUTO_ONLINE, "offline");
			_exit(0);
		}
		ck_assert_int_eq(waitpid(pid, &status, 0), pid);
		ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
		assert_reads(AUTO_ONLINE, i == 0 ? "online" : "offline");
	}
}
END_TEST

static void on_alarm(int signal)
{
	(void)signal;
}

START_TEST(hangs_until_a_signal)
{
	struct sigaction action = {.sa_handler = on_alarm};

	fake_kernel_create(root, &(struct fake_kernel_host){});
	fake_kernel_add_fault(root, &(struct fake_kernel_fault){.op = FAKE_KERNEL_WRITE,
								.action = FAKE_KERNEL_HANG});
	ck_assert_int_eq(sigaction(SIGALRM, &action, NULL), 0);
	alarm(1);
	ck_assert_int_eq(fake_kernel_write(root, AUTO_ONLINE, "offline"), -EINTR);
	assert_reads(AUTO_ONLINE, "online");
	ck_assert_int_eq(fake_kernel_write(root, AUTO_ONLINE, "offline"), 0);
}
END_TEST

/* A program that knows nothing of the model: the shell. */
static int shell(const char *script)
{
	char *command;
	int status;

	ck_assert_int_gt(asprintf(&command,
				  "cd '%s' && ASAN_OPTIONS=verify_asan_link_order=0 "
				  "FAKE_KERNEL_ROOT='%s' LD_PRELOAD='" FAKE_KERNEL_PRELOAD
				  "' sh -c '%s' 2>/dev/null",
				  root, root, script),
			 0);
	status = system(command);
	free(command);
	return WEXITSTATUS(status);
}

START_TEST(preloaded_into_a_program)
{
	fake_kernel_create(root, &(struct fake_kernel_host){.auto_online = "online_movable"});
	ck_assert_int_eq(fake_kernel_write(root, AUTOPROBE, "0"), 0);
	fake_kernel_add_device(root, &cxl);
	ck_assert_int_eq(shell("echo dax0.0 >> " DRIVERS "/kmem/bind"), 0);
	assert_reads("sys/devices/system/memory/memory32/valid_zones", "Movable");
	ck_assert_int_ne(shell("echo 0 >> " DAX "/memmap_on_memory"), 0);
	assert_reads(DAX "/memmap_on_memory", "1");
	ck_assert_int_eq(shell("echo own > file"), 0);
	assert_reads("file", "own");
	fake_kernel_add_fault(root, &(struct fake_kernel_fault){.op = FAKE_KERNEL_READ,
								.pattern = "*auto_online_blocks",
								.error = -EIO});
	ck_assert_int_ne(shell("read x < " AUTO_ONLINE), 0);
	ck_assert_int_eq(shell("read x < " AUTO_ONLINE), 0);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("fault");
	Suite *suite = suite_create("fake-kernel-fault");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, faults_strike_where_they_should);
	tcase_add_test(tcase, kill_before_and_after);
	tcase_add_test(tcase, hangs_until_a_signal);
	tcase_add_test(tcase, preloaded_into_a_program);
	suite_add_tcase(suite, tcase);

	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
