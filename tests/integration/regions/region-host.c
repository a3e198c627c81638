/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "region-host.h"

#include <string.h>

#include "base/cleanup.h"
#include "host-wait.h"
#include "pending-call.h"
#include "tree.h"

#define RULES "[rule slow]\nmatch-kind = cxl\nmode = system-ram\n"

const char policy_yes[] = "[daemon]\nsettle = 20ms\n[regions]\ncreate-regions = yes\n" RULES;
const char policy_no[] = "[daemon]\nsettle = 20ms\n" RULES;
const char policy_two_ways[] = "[daemon]\nsettle = 20ms\n[regions]\ncreate-regions = yes\n"
			       "interleave = 2\ngather = 2s\n" RULES;
const char policy_short_wait[] = "[daemon]\nsettle = 20ms\n[regions]\ncreate-regions = yes\n"
				 "interleave = 2\ngather = 300ms\n" RULES;

/* Numbers do not pair. */
const struct fake_kernel_memdev cards[N_CARDS] = {
	{.name = "mem0", .serial = 0xa0, .ram = GIB, .endpoint = 3},
	{.name = "mem1", .serial = 0xa1, .ram = GIB, .endpoint = 2},
};

void region_host_start(struct test_host *host, const char *policy)
{
	test_host_start(host, NULL, policy);
	fake_kernel_add_window(host->root, &(struct fake_kernel_window){.name = "decoder0.0",
									.start = 64 * GIB,
									.size = 4 * GIB,
									.target_node = 1});
	/* What stands in a /dev of the host. */
	tree_put(host->root, "dev/dax0.0", "");
	tree_put(host->root, "dev/dax1.0", "");
}

void card_announce(struct test_host *host, const char *name)
{
	g_free(umockdev_testbed_add_device(host->testbed, "cxl", name, NULL, NULL, NULL));
}

void card_plug(struct test_host *host, size_t card)
{
	fake_kernel_add_memdev(host->root, &cards[card]);
	card_announce(host, cards[card].name);
}

void card_pull(struct test_host *host, size_t card)
{
	_cleanup_free_ char *path = NULL;

	fake_kernel_remove_memdev(host->root, cards[card].name);
	ck_assert_int_gt(asprintf(&path, "/sys/devices/%s", cards[card].name), 0);
	umockdev_testbed_uevent(host->testbed, path, "remove");
	umockdev_testbed_remove_device(host->testbed, path);
}

char *memdev_get(struct test_host *host, const char *memdev, const char *key)
{
	struct json_object *all = test_host_get(host, NULL, "Memdevs");
	char *text = NULL;

	for (size_t i = 0; i < json_object_array_length(all); i++) {
		struct json_object *one = json_object_array_get_idx(all, i), *name, *value;

		ck_assert(json_object_object_get_ex(one, "Name", &name));
		ck_assert(json_object_object_get_ex(one, key, &value));
		if (strcmp(json_object_get_string(name), memdev) == 0)
			text = strdup(json_object_get_string(value));
	}
	json_object_put(all);
	return text;
}

void memdev_wait(struct test_host *host, const char *memdev, const char *key, const char *part)
{
	for (int i = 0;; i++) {
		_cleanup_free_ char *text = memdev_get(host, memdev, key), *log = NULL;

		if (text && (part[0] ? strstr(text, part) != NULL : text[0] == '\0'))
			return;
		log = test_host_log(host);
		ck_assert_msg(i < 500, "%s of %s is \"%s\", without \"%s\"\n%s", key, memdev,
			      text ?: "(not there)", part, log);
		g_usleep(20000);
	}
}

void region_wait_no_record(struct test_host *host)
{
	host_wait_no_path(host, "run/daxtierd/region");
}

void region_assert_none(struct test_host *host)
{
	ck_assert(!tree_has(host->root, CXL "region0"));
	ck_assert(!tree_has(host->root, CXL "region1"));
	ck_assert(!tree_has(host->root, "run/daxtierd/region"));
	test_host_assert_file(host, CXL "decoder3.0/dpa_size", "0x0000000000000000");
}

void region_assert_online(struct test_host *host, const char *region)
{
	test_host_wait(host, "dax0.0", "online");
	test_host_assert(host, "dax0.0", "Zone", "Movable");
	test_host_assert(host, "dax0.0", "Region", region);
	memdev_wait(host, "mem0", "Region", region);
	ck_assert(!tree_has(host->root, "run/daxtierd/region"));
}

void region_apply(struct test_host *host, const char *device)
{
	struct pending_call call;

	pending_apply(&call, host, device, false);
	pending_assert_done(&call);
}
