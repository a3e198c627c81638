/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "suites.h"

void host_online(struct fake_kernel_host host, const char *how)
{
	host.auto_online = how;
	bench_host(host);
	bench_add(&bench_cxl);
	bench_write(DRIVERS "/kmem/bind", "dax0.0");
	fake_kernel_clear_log(bench.root);
}

int release(enum step_kind how)
{
	struct device_plan plan;
	int r;

	bench_plan(&plan, &bench_cxl);
	plan.purpose = PLAN_RELEASE;
	bench_step(&plan, how, NULL);
	bench_step(&plan, STEP_UNBIND_DRIVER, "kmem");
	r = bench_apply(&plan);
	device_plan_done(&plan);
	return r;
}

char *blocks_written(const char *value)
{
	_cleanup_free_ char *log = fake_kernel_log(bench.root);
	char *text = strdup(""), *save = NULL, block[32], wrote[32];

	for (char *line = strtok_r(log, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		char *longer;

		if (sscanf(line, "%*u %*d " MEMORY "/%31[^/]/state %31s", block, wrote) != 2 ||
		    strcmp(wrote, value) != 0)
			continue;
		ck_assert_int_gt(asprintf(&longer, "%s%s%s", text, text[0] ? " " : "", block), 0);
		free(text);
		text = longer;
	}
	return text;
}

int main(void)
{
	Suite *suite = suite_create("apply-release");
	SRunner *runner;
	int failed;

	suite_add_tcase(suite, offline_tests());
	suite_add_tcase(suite, put_back_tests());
	suite_add_tcase(suite, stop_tests());
	suite_add_tcase(suite, unplug_tests());

	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
