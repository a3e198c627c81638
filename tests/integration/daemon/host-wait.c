/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host-wait.h"

#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "tree.h"

#define STEP_MSEC 20
#define STEPS	  (30000 / STEP_MSEC)

static void nap(void)
{
	nanosleep(&(struct timespec){.tv_nsec = STEP_MSEC * 1000000L}, NULL);
}

void host_wait_like(struct test_host *host, const char *device, const char *property,
		    const char *part)
{
	for (int i = 0; i < STEPS; i++) {
		struct json_object *value = test_host_get(host, device, property);
		bool found = value && strstr(json_object_get_string(value), part) != NULL;

		json_object_put(value);
		if (found)
			return;
		nap();
	}
	test_host_assert_like(host, device, property, part);
}

void host_wait_logged(struct test_host *host, const char *part)
{
	for (int i = 0; i < STEPS; i++) {
		_cleanup_free_ char *log = test_host_log(host);

		if (strstr(log, part))
			return;
		nap();
	}
	test_host_assert_logged(host, part);
}

void host_wait_path(struct test_host *host, const char *path)
{
	for (int i = 0; i < STEPS && !tree_has(host->root, path); i++)
		nap();
	ck_assert_msg(tree_has(host->root, path), "there is no %s", path);
}

void host_wait_no_path(struct test_host *host, const char *path)
{
	for (int i = 0; i < STEPS && tree_has(host->root, path); i++)
		nap();
	ck_assert_msg(!tree_has(host->root, path), "%s is still there", path);
}

void host_wait_writes(struct test_host *host, unsigned n)
{
	for (int i = 0; i < STEPS && fake_kernel_count(host->root, FAKE_KERNEL_WRITE) < n; i++)
		nap();
	ck_assert_uint_ge(fake_kernel_count(host->root, FAKE_KERNEL_WRITE), n);
}
