/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The claim of the bus, and putting everything back. */
#include <errno.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "apply/hold.h"
#include "base/cleanup.h"
#include "bench.h"
#include "tree.h"

#define RECORD "run/dax-autoprobe"

/* The kernel's default: drivers probe by themselves. */
static void unclaimed(void)
{
	bench_host((struct fake_kernel_host){});
	bench_write(AUTOPROBE, "1");
	fake_kernel_clear_log(bench.root);
}

START_TEST(claim_and_restore)
{
	unclaimed();
	ck_assert_int_eq(apply_claim(&bench.applier), APPLY_CLAIM_TAKEN);
	bench_assert_reads(AUTOPROBE, "0");
	bench_assert_reads(RECORD, "old=1");
	ck_assert_int_eq(apply_claim(&bench.applier), APPLY_CLAIM_RESUMED);
	ck_assert_uint_eq(bench_writes(), 1);
	ck_assert_int_eq(apply_restore(&bench.applier), 0);
	bench_assert_reads(AUTOPROBE, "1");
	ck_assert(!tree_has(bench.root, RECORD));
	ck_assert_int_eq(apply_restore(&bench.applier), 0);
	ck_assert_uint_eq(bench_writes(), 2);
}
END_TEST

START_TEST(claim_without_a_bus)
{
	bench_host((struct fake_kernel_host){.no_dax = true});
	ck_assert_int_eq(apply_claim(&bench.applier), -ENOENT);
	ck_assert(!tree_has(bench.root, "run"));
	ck_assert_int_eq(apply_restore(&bench.applier), 0);
}
END_TEST

/* Somebody else's 0 is not ours to turn into a 1 later. */
START_TEST(claimed_by_somebody_else)
{
	bench_host((struct fake_kernel_host){});
	ck_assert_int_eq(apply_claim(&bench.applier), APPLY_CLAIM_WAS_OFF);
	ck_assert_uint_eq(bench_writes(), 0);
	ck_assert(!tree_has(bench.root, RECORD));
	ck_assert_int_eq(apply_restore(&bench.applier), 0);
	bench_assert_reads(AUTOPROBE, "0");
}
END_TEST

/* Killed between the record and the write, or after it: the old value stays the recorded one. */
START_TEST(claim_after_a_crash)
{
	unclaimed();
	if (_i)
		bench_write(AUTOPROBE, "0");
	tree_put(bench.root, RECORD, "old=1\nheld=0\n");
	ck_assert_int_eq(apply_claim(&bench.applier), APPLY_CLAIM_RESUMED);
	bench_assert_reads(AUTOPROBE, "0");
	ck_assert_int_eq(apply_restore(&bench.applier), 0);
	bench_assert_reads(AUTOPROBE, "1");
}
END_TEST

START_TEST(somebody_reopens_the_bus)
{
	unclaimed();
	ck_assert_int_eq(apply_claim(&bench.applier), APPLY_CLAIM_TAKEN);
	bench_write(AUTOPROBE, "1");
	fake_kernel_clear_log(bench.root);
	ck_assert_int_eq(apply_restore(&bench.applier), 0);
	ck_assert_uint_eq(bench_writes(), 0);
	ck_assert(!tree_has(bench.root, RECORD));
}
END_TEST

/* The bus is a module, and was loaded anew: it has forgotten the claim, the record has not. */
START_TEST(claim_of_a_new_bus)
{
	unclaimed();
	ck_assert_int_eq(apply_claim(&bench.applier), APPLY_CLAIM_TAKEN);
	bench_write(AUTOPROBE, "1");
	ck_assert_int_eq(apply_claim(&bench.applier), APPLY_CLAIM_RESUMED);
	bench_assert_reads(AUTOPROBE, "0");
	bench_assert_reads(RECORD, "old=1");
	ck_assert_int_eq(apply_unclaim(&bench.applier), 0);
	bench_assert_reads(AUTOPROBE, "1");
	ck_assert(!tree_has(bench.root, RECORD));
}
END_TEST

/* What a worker holds is not the claim's to put back, and not worth waiting for. */
START_TEST(unclaim_beside_a_worker)
{
	_cleanup_(trouble_done) struct trouble trouble = {};
	_cleanup_(hold_close) struct hold worker = HOLD_INIT;

	unclaimed();
	ck_assert_int_eq(apply_unclaim(&bench.applier), 0);
	ck_assert_int_eq(apply_claim(&bench.applier), APPLY_CLAIM_TAKEN);
	ck_assert_int_eq(
		hold_open(&worker, &bench.sysfs, bench.run_dir, &held_auto_online, &trouble), 0);
	ck_assert_int_eq(hold_take(&worker, "offline", &trouble), 1);
	alarm(10);
	ck_assert_int_eq(apply_unclaim(&bench.applier), 0);
	alarm(0);
	bench_assert_reads(AUTOPROBE, "1");
	ck_assert(!tree_has(bench.root, RECORD));
	bench_assert_reads(AUTO_ONLINE, "offline");
	ck_assert(tree_has(bench.root, "run/auto-online"));
	ck_assert_int_eq(apply_unclaim(&bench.applier), 0);
}
END_TEST

START_TEST(bus_is_gone_at_restore)
{
	unclaimed();
	ck_assert_int_eq(apply_claim(&bench.applier), APPLY_CLAIM_TAKEN);
	tree_delete(bench.root, "sys/bus/dax");
	ck_assert_int_eq(apply_restore(&bench.applier), 0);
	ck_assert(!tree_has(bench.root, RECORD));
}
END_TEST

static const char *const corrupt[] = {
	"", "old=1\n", "old=2\nheld=0\n", "old=1\nheld=1\n", "junk",
};

START_TEST(corrupt_claim)
{
	unclaimed();
	tree_put(bench.root, RECORD, corrupt[_i]);
	ck_assert_int_eq(apply_claim(&bench.applier), -EBADMSG);
	ck_assert_ptr_nonnull(strstr(bench.message, RECORD));
	bench_assert_reads(AUTOPROBE, "1");
	ck_assert_uint_eq(bench_writes(), 0);
}
END_TEST

START_TEST(claim_is_refused)
{
	unclaimed();
	bench_fault(FAKE_KERNEL_WRITE, 1, UINT_MAX, NULL, -EACCES);
	ck_assert_int_eq(apply_claim(&bench.applier), -EACCES);
	ck_assert_ptr_nonnull(strstr(bench.message, "run as root"));
	bench_assert_reads(AUTOPROBE, "1");
	fake_kernel_clear_faults(bench.root);
	ck_assert_int_eq(apply_restore(&bench.applier), 0);
	bench_assert_reads(AUTOPROBE, "1");
	ck_assert(!tree_has(bench.root, RECORD));
}
END_TEST

/* One that cannot be put back keeps the others from nothing. */
START_TEST(restore_goes_on)
{
	unclaimed();
	ck_assert_int_eq(apply_claim(&bench.applier), APPLY_CLAIM_TAKEN);
	tree_put(bench.root, "run/auto-online", "junk");
	ck_assert_int_eq(apply_restore(&bench.applier), -EBADMSG);
	bench_assert_reads(AUTOPROBE, "1");
	ck_assert(!tree_has(bench.root, RECORD));
}
END_TEST

START_TEST(restore_fails_and_is_tried_again)
{
	unclaimed();
	ck_assert_int_eq(apply_claim(&bench.applier), APPLY_CLAIM_TAKEN);
	bench_fault(FAKE_KERNEL_WRITE, 1, 1, NULL, -EIO);
	ck_assert_int_eq(apply_restore(&bench.applier), -EIO);
	ck_assert(tree_has(bench.root, RECORD));
	ck_assert_int_eq(apply_restore(&bench.applier), 0);
	bench_assert_reads(AUTOPROBE, "1");
}
END_TEST

/* The claim is not a worker's: what is put back after one leaves it alone. */
START_TEST(worker_restore_spares_the_claim)
{
	unclaimed();
	ck_assert_int_eq(apply_claim(&bench.applier), APPLY_CLAIM_TAKEN);
	ck_assert_int_eq(apply_restore_auto_online(&bench.applier), 0);
	bench_assert_reads(AUTOPROBE, "0");
	ck_assert(tree_has(bench.root, RECORD));
}
END_TEST

/* Killed around the one write of a claim and the one of its end. */
START_TEST(killed_at_the_claim)
{
	enum fake_kernel_action action = _i & 1 ? FAKE_KERNEL_KILL_AFTER : FAKE_KERNEL_KILL_BEFORE;
	int status;
	pid_t pid;

	unclaimed();
	fake_kernel_add_fault(bench.root, &(struct fake_kernel_fault){
						  .op = FAKE_KERNEL_WRITE,
						  .action = action,
						  .nth = _i / 2 + 1,
					  });
	pid = fork();
	if (pid == 0) {
		apply_claim(&bench.applier);
		apply_restore(&bench.applier);
		_exit(0);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFSIGNALED(status));
	ck_assert_int_eq(apply_restore(&bench.applier), 0);
	bench_assert_reads(AUTOPROBE, "1");
	ck_assert(!tree_has(bench.root, RECORD));
}
END_TEST

TCase *claim_tests(void)
{
	TCase *tcase = tcase_create("claim");

	tcase_add_checked_fixture(tcase, bench_setup, bench_teardown);
	tcase_add_test(tcase, claim_and_restore);
	tcase_add_test(tcase, claim_without_a_bus);
	tcase_add_test(tcase, claimed_by_somebody_else);
	tcase_add_loop_test(tcase, claim_after_a_crash, 0, 2);
	tcase_add_test(tcase, somebody_reopens_the_bus);
	tcase_add_test(tcase, claim_of_a_new_bus);
	tcase_add_test(tcase, unclaim_beside_a_worker);
	tcase_add_test(tcase, bus_is_gone_at_restore);
	tcase_add_loop_test(tcase, corrupt_claim, 0, ARRAY_SIZE(corrupt));
	tcase_add_test(tcase, claim_is_refused);
	tcase_add_test(tcase, restore_goes_on);
	tcase_add_test(tcase, restore_fails_and_is_tried_again);
	tcase_add_test(tcase, worker_restore_spares_the_claim);
	tcase_add_loop_test(tcase, killed_at_the_claim, 0, 4);
	return tcase;
}
