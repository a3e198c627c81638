/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cases.h"
#include "host-wait.h"

TCase *add_case(Suite *suite, const char *name)
{
	TCase *tcase = tcase_create(name);

	tcase_set_timeout(tcase, 120);
	suite_add_tcase(suite, tcase);
	return tcase;
}

void assert_movable(struct test_host *host)
{
	test_host_wait(host, "dax0.0", "online");
	test_host_assert(host, "dax0.0", "BlocksMovable", "8");
	test_host_assert(host, "dax0.0", "Driver", "kmem");
	/* What a killed worker left is put back by another one, which ends after that. */
	host_wait_no_path(host, "run/daxtierd/offlined");
	test_host_assert_file(host, AUTO_ONLINE, "online");
}

void kill_at(struct test_host *host, enum fake_kernel_action action, unsigned nth)
{
	fake_kernel_add_fault(host->root, &(struct fake_kernel_fault){
						  .op = FAKE_KERNEL_WRITE,
						  .action = action,
						  .nth = nth,
					  });
}

int main(void)
{
	Suite *suite = suite_create("daemon-offline");

	add_state_cases(suite);
	add_convert_cases(suite);
	add_share_cases(suite);
	return test_host_run(srunner_create(suite));
}
