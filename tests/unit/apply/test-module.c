/* SPDX-License-Identifier: GPL-2.0-or-later */
/* load-module. */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"
#include "tree.h"

START_TEST(module_is_loaded)
{
	bench_host((struct fake_kernel_host){.no_kmem = true});
	bench_add(&bench_cxl);
	ck_assert_int_eq(bench_one(&bench_cxl, STEP_LOAD_MODULE, "kmem"), 0);
	ck_assert_str_eq(bench.events, "load-module:done");
	ck_assert(tree_has(bench.root, DRIVERS "/kmem"));
	ck_assert_int_eq(bench_one(&bench_cxl, STEP_LOAD_MODULE, "kmem"), 0);
	ck_assert_str_eq(bench.events, "load-module:skipped");
}
END_TEST

/* Two devices wait; only one is planned for, and loading the driver binds neither. */
static void two_wait_for_kmem(void)
{
	bench_host((struct fake_kernel_host){.no_kmem = true});
	bench_write(AUTOPROBE, "1");
	bench_add(&bench_cxl);
	bench_add(&bench_hmem);
	fake_kernel_clear_log(bench.root);
}

START_TEST(module_binds_nothing)
{
	two_wait_for_kmem();
	ck_assert_int_eq(bench_one(&bench_cxl, STEP_LOAD_MODULE, "kmem"), 0);
	ck_assert(tree_has(bench.root, DRIVERS "/kmem"));
	bench_assert_driver("dax0.0", NULL);
	bench_assert_driver("dax2.0", NULL);
	bench_assert_reads(AUTOPROBE, "1");
	bench_assert_no_records();
	ck_assert_uint_eq(bench_writes(), 2);
}
END_TEST

START_TEST(module_binds_nothing_when_it_fails)
{
	two_wait_for_kmem();
	bench.module_error = -ENOENT;
	ck_assert_int_eq(bench_one(&bench_cxl, STEP_LOAD_MODULE, "kmem"), -ENOENT);
	bench_assert_failure(STEP_LOAD_MODULE, -ENOENT, "CONFIG_DEV_DAX_KMEM");
	ck_assert(bench.failure.undone);
	bench_assert_reads(AUTOPROBE, "1");
	bench_assert_no_records();
}
END_TEST

/* The claim has seen to it, and its record stays the claim's. */
START_TEST(module_leaves_the_claim_alone)
{
	two_wait_for_kmem();
	ck_assert_int_eq(apply_claim(&bench.applier), APPLY_CLAIM_TAKEN);
	ck_assert_int_eq(bench_one(&bench_cxl, STEP_LOAD_MODULE, "kmem"), 0);
	bench_assert_reads(AUTOPROBE, "0");
	bench_assert_reads("run/dax-autoprobe", "old=1");
	ck_assert_uint_eq(bench_writes(), 1);
	ck_assert_int_eq(apply_restore(&bench.applier), 0);
	bench_assert_reads(AUTOPROBE, "1");
}
END_TEST

static void die(struct bench *b)
{
	raise(SIGKILL);
}

/*
 * A worker that is killed while the module loads: what it held is put back by whoever comes next,
 * whether that restores, claims, or loads a module for another plan, and with or without a claim
 * that somebody had undone.
 */
START_TEST(killed_while_a_module_loads)
{
	bool claimed = _i & 1;
	int status;
	pid_t pid;

	two_wait_for_kmem();
	if (claimed) {
		ck_assert_int_eq(apply_claim(&bench.applier), APPLY_CLAIM_TAKEN);
		bench_write(AUTOPROBE, "1");
	}
	pid = fork();
	if (pid == 0) {
		bench.before_load = die;
		bench_one(&bench_cxl, STEP_LOAD_MODULE, "kmem");
		_exit(0);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFSIGNALED(status));
	bench_assert_reads(AUTOPROBE, "0");
	bench_assert_reads("run/dax-autoprobe-plan", "old=1");

	switch (_i / 2) {
	case 0:
		ck_assert_int_eq(apply_restore_auto_online(&bench.applier), 0);
		bench_assert_reads(AUTOPROBE, "1");
		break;
	case 1:
		ck_assert_int_eq(apply_claim(&bench.applier),
				 claimed ? APPLY_CLAIM_RESUMED : APPLY_CLAIM_TAKEN);
		bench_assert_reads(AUTOPROBE, "0");
		bench_assert_reads("run/dax-autoprobe", "old=1");
		break;
	case 2:
		ck_assert_int_eq(bench_one(&bench_cxl, STEP_LOAD_MODULE, "kmem"), 0);
		bench_assert_driver("dax0.0", NULL);
		bench_assert_reads(AUTOPROBE, "1");
		break;
	case 3:
		ck_assert_int_eq(apply_unclaim(&bench.applier), 0);
		ck_assert_int_eq(apply_restore(&bench.applier), 0);
		break;
	}
	ck_assert(!tree_has(bench.root, "run/dax-autoprobe-plan"));
	ck_assert_int_eq(apply_restore(&bench.applier), 0);
	bench_assert_reads(AUTOPROBE, "1");
	ck_assert(!tree_has(bench.root, "run/dax-autoprobe"));
	bench_assert_no_records();
}
END_TEST

/* It is loaded, and what was held cannot be put back at first. */
START_TEST(module_and_autoprobe_that_stays)
{
	two_wait_for_kmem();
	bench_fault(FAKE_KERNEL_WRITE, 2, 1, NULL, -EIO);
	ck_assert_int_eq(bench_one(&bench_cxl, STEP_LOAD_MODULE, "kmem"), -EIO);
	bench_assert_failure(STEP_LOAD_MODULE, -EIO, "drivers_autoprobe");
	ck_assert(bench.failure.undone);
	ck_assert_str_eq(bench.events, "load-module:undo");
	bench_assert_reads(AUTOPROBE, "1");
	bench_assert_no_records();
}
END_TEST

static const struct {
	int error;
	const char *text;
} module_errors[] = {
	{-ENOENT, "CONFIG_DEV_DAX_KMEM"},
	{-EPERM, "CAP_SYS_MODULE"},
	{-ENOMEM, "modprobe kmem"},
};

START_TEST(module_is_refused)
{
	bench_host((struct fake_kernel_host){.no_kmem = true});
	bench_add(&bench_cxl);
	bench.module_error = module_errors[_i].error;
	ck_assert_int_eq(bench_one(&bench_cxl, STEP_LOAD_MODULE, "kmem"), module_errors[_i].error);
	bench_assert_failure(STEP_LOAD_MODULE, module_errors[_i].error, module_errors[_i].text);
	ck_assert_ptr_nonnull(
		strstr(bench.failure.message, module_errors[_i].error == -ENOENT  ? "ENOENT"
					      : module_errors[_i].error == -EPERM ? "EPERM"
										  : "ENOMEM"));
	ck_assert(bench.failure.undone);
}
END_TEST

START_TEST(module_without_its_driver)
{
	bench_host((struct fake_kernel_host){.no_kmem = true});
	bench_add(&bench_cxl);
	bench.module_inert = true;
	ck_assert_int_eq(bench_one(&bench_cxl, STEP_LOAD_MODULE, "kmem"), -EIO);
	bench_assert_failure(STEP_LOAD_MODULE, -EIO, "no driver of that name");
}
END_TEST

/* libkmod itself, on whatever machine this is. */
START_TEST(kmod_knows_no_such_module)
{
	ck_assert_int_eq(module_kmod_ops.load(NULL, "daxtier_has_no_such_module"), -ENOENT);
}
END_TEST

TCase *module_tests(void)
{
	TCase *tcase = tcase_create("module");

	tcase_add_checked_fixture(tcase, bench_setup, bench_teardown);
	tcase_add_test(tcase, module_is_loaded);
	tcase_add_test(tcase, module_binds_nothing);
	tcase_add_test(tcase, module_binds_nothing_when_it_fails);
	tcase_add_test(tcase, module_leaves_the_claim_alone);
	tcase_add_loop_test(tcase, killed_while_a_module_loads, 0, 8);
	tcase_add_test(tcase, module_and_autoprobe_that_stays);
	tcase_add_loop_test(tcase, module_is_refused, 0,
			    sizeof(module_errors) / sizeof(module_errors[0]));
	tcase_add_test(tcase, module_without_its_driver);
	tcase_add_test(tcase, kmod_knows_no_such_module);
	return tcase;
}
