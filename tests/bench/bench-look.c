/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What one look at a large host costs: observe and policy on two synthetic hosts, taken in turn. */
#include <err.h>
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/parse.h"
#include "config/config-load.h"
#include "observe/observe.h"
#include "policy/policy.h"
#include "tree.h"

#define BLOCK_SIZE (UINT64_C(128) << 20)
#define DRAM_KIB   (UINT64_C(512) << 20)
#define FIRST_NODE 1 /* of the devices; node 0 has the CPUs */

struct options {
	uint64_t devices, blocks, passes;
};

/* The same host before kmem bound its devices, and with all of their memory online. */
enum variant { VARIANT_NEW, VARIANT_ONLINE, VARIANT_MAX };

static const char *const variant_names[VARIANT_MAX] = {"new", "online"};

struct bench {
	enum variant variant;
	char *root;
	struct sysfs sysfs;
	struct observer *observer;
	struct config *config;
	uint64_t *observe_usec, *policy_usec; /* one for each pass */
	uint64_t reads;			      /* of the last pass */
	size_t n_steps, n_problems;
};

static uint64_t now_usec(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000 + (uint64_t)ts.tv_nsec / 1000;
}

static void put_block(const char *root, uint64_t number)
{
	char path[96];

	snprintf(path, sizeof(path), "sys/devices/system/memory/memory%" PRIu64 "/state", number);
	tree_put(root, path, "online\n");
	snprintf(path, sizeof(path), "sys/devices/system/memory/memory%" PRIu64 "/valid_zones",
		 number);
	tree_put(root, path, "Movable\n");
}

static void put_attribute(const char *root, const char *dir, const char *name, const char *format,
			  uint64_t value)
{
	char path[256], text[32];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	if (!strcmp(format, "hex"))
		snprintf(text, sizeof(text), "0x%" PRIx64 "\n", value);
	else
		snprintf(text, sizeof(text), "%" PRIu64 "\n", value);
	tree_put(root, path, text);
}

static void put_device(const char *root, const struct options *options, uint64_t i,
		       enum variant variant)
{
	uint64_t size = options->blocks * BLOCK_SIZE;
	uint64_t start = (UINT64_C(1) << 42) + i * size;
	char dir[160], path[256], target[256];

	snprintf(dir, sizeof(dir),
		 "sys/devices/platform/ACPI0017:00/root0/decoder0.0/region%" PRIu64
		 "/dax_region%" PRIu64 "/dax%" PRIu64 ".0",
		 i, i, i);
	put_attribute(root, dir, "size", "dec", size);
	put_attribute(root, dir, "align", "dec", 2 << 20);
	put_attribute(root, dir, "target_node", "dec", FIRST_NODE + i);
	put_attribute(root, dir, "memmap_on_memory", "dec", 1);
	put_attribute(root, dir, "mapping0/start", "hex", start);
	put_attribute(root, dir, "mapping0/end", "hex", start + size - 1);
	snprintf(path, sizeof(path), "sys/bus/dax/devices/dax%" PRIu64 ".0", i);
	snprintf(target, sizeof(target), "../../../../%s", dir);
	tree_link(root, path, target);
	if (variant == VARIANT_NEW)
		return;
	snprintf(path, sizeof(path), "%s/driver", dir);
	tree_link(root, path, "../../../../../../../../bus/dax/drivers/kmem");
	for (uint64_t j = 0; j < options->blocks; j++)
		put_block(root, start / BLOCK_SIZE + j);
}

static void put_node(const char *root, uint64_t id, uint64_t kib)
{
	char path[96];

	snprintf(path, sizeof(path), "sys/devices/system/node/node%" PRIu64 "/meminfo", id);
	tree_putf(root, path,
		  "Node %" PRIu64 " MemTotal:       %" PRIu64 " kB\n"
		  "Node %" PRIu64 " MemFree:        %" PRIu64 " kB\n",
		  id, kib, id, kib);
}

static void put_nodes(const char *root, const struct options *options, enum variant variant)
{
	uint64_t last = variant == VARIANT_NEW ? 0 : FIRST_NODE + options->devices - 1;

	tree_putf(root, "sys/devices/system/node/online", "0-%" PRIu64 "\n", last);
	tree_putf(root, "sys/devices/system/node/has_memory", "0-%" PRIu64 "\n", last);
	tree_put(root, "sys/devices/system/node/has_cpu", "0\n");
	put_node(root, 0, DRAM_KIB);
	for (uint64_t id = FIRST_NODE; id <= last; id++)
		put_node(root, id, options->blocks * BLOCK_SIZE / 1024);
}

static void put_zones(const char *root, const struct options *options, enum variant variant)
{
	_cleanup_free_ char *text = NULL;
	size_t size;
	FILE *stream = open_memstream(&text, &size);

	if (!stream)
		err(EXIT_FAILURE, "open_memstream");
	fprintf(stream, "Node 0, zone   Normal\n  pages free     1\n        managed  %" PRIu64 "\n",
		DRAM_KIB / 4);
	for (uint64_t i = 0; variant != VARIANT_NEW && i < options->devices; i++)
		fprintf(stream,
			"Node %" PRIu64
			", zone  Movable\n  pages free     1\n        managed  %" PRIu64 "\n",
			FIRST_NODE + i, options->blocks * BLOCK_SIZE / 4096);
	fclose(stream);
	tree_put(root, "proc/zoneinfo", text);
}

static char *make_host(const struct options *options, enum variant variant)
{
	char *root = tree_new();

	tree_put(root, "proc/sys/kernel/osrelease", "6.12.0-bench\n");
	tree_put(root, "sys/devices/system/memory/block_size_bytes", "8000000\n");
	tree_put(root, "sys/devices/system/memory/auto_online_blocks", "online\n");
	tree_put(root, "sys/module/memory_hotplug/parameters/memmap_on_memory", "Y\n");
	tree_put(root, "sys/bus/dax/drivers_autoprobe", "0\n");
	tree_dir(root, "sys/bus/dax/drivers/kmem");
	tree_put(root, "etc/daxtier.conf",
		 "[movable]\nmax-ratio = none\n"
		 "[rule all]\nmatch-kind = cxl\nmode = system-ram\nmemmap-on-memory = yes\n");
	put_nodes(root, options, variant);
	put_zones(root, options, variant);
	for (uint64_t i = 0; i < options->devices; i++)
		put_device(root, options, i, variant);
	return root;
}

static int bench_start(struct bench *bench, const struct options *options)
{
	struct config_errors errors = {};
	int r;

	bench->root = make_host(options, bench->variant);
	bench->observe_usec = calloc(options->passes, sizeof(uint64_t));
	bench->policy_usec = calloc(options->passes, sizeof(uint64_t));
	if (!bench->observe_usec || !bench->policy_usec)
		return -ENOMEM;
	r = sysfs_open(&bench->sysfs, bench->root, NULL, NULL);
	if (r < 0)
		return r;
	r = observer_new(&bench->sysfs, NULL, &bench->observer);
	if (r < 0)
		return r;
	r = config_load(bench->root, NULL, &bench->config, &errors);
	for (size_t i = 0; i < errors.n; i++)
		warnx("%s", errors.items[i].message);
	config_errors_done(&errors);
	return r;
}

static void bench_end(struct bench *bench)
{
	observer_free(bench->observer);
	config_free(bench->config);
	if (bench->sysfs.root_fd >= 0)
		sysfs_close(&bench->sysfs);
	tree_remove(bench->root);
	free(bench->observe_usec);
	free(bench->policy_usec);
}

/* A figure of a host that was not understood would mean nothing. */
static int expect_sound(const struct options *options, const struct bench *bench,
			const struct facts *facts, const struct plan *plan)
{
	enum device_state want = bench->variant == VARIANT_NEW ? DEVICE_PENDING : DEVICE_ONLINE;

	if (plan->n_devices != options->devices) {
		warnx("%s: %zu devices were seen", variant_names[bench->variant], plan->n_devices);
		return -EBADMSG;
	}
	for (size_t i = 0; i < plan->n_devices; i++) {
		const struct device_plan *device = &plan->devices[i];

		if (device->state == want && facts->devices[i].n_blocks == options->blocks)
			continue;
		warnx("%s: %s is %s with %zu blocks: %s", variant_names[bench->variant],
		      device->device, device_state_to_string(device->state),
		      facts->devices[i].n_blocks, device->reason);
		return -EBADMSG;
	}
	return 0;
}

static int bench_pass(struct bench *bench, const struct options *options, uint64_t pass)
{
	_cleanup_(facts_freep) struct facts *facts = NULL;
	_cleanup_(plan_freep) struct plan *plan = NULL;
	uint64_t reads = bench->sysfs.n_reads, start = now_usec(), middle;
	int r;

	r = observe(bench->observer, &facts);
	if (r < 0)
		return r;
	middle = now_usec();
	r = policy_plan(facts, bench->config, NULL, 0, &plan);
	if (r < 0)
		return r;
	bench->policy_usec[pass] = now_usec() - middle;
	bench->observe_usec[pass] = middle - start;
	bench->reads = bench->sysfs.n_reads - reads;
	bench->n_problems = facts->problems.n;
	bench->n_steps = 0;
	for (size_t i = 0; i < plan->n_devices; i++)
		bench->n_steps += plan->devices[i].n_steps;
	return expect_sound(options, bench, facts, plan);
}

static int compare_u64(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static void print_spread(uint64_t *usec, size_t n)
{
	size_t middle = n / 2;

	qsort(usec, n, sizeof(*usec), compare_u64);
	printf("  %8.2f %8.2f %8.2f", (double)usec[0] / 1000, (double)usec[middle] / 1000,
	       (double)usec[n - 1] / 1000);
}

static void report(struct bench *benches, const struct options *options)
{
	struct rusage usage;

	printf("%" PRIu64 " devices of %" PRIu64 " blocks, %" PRIu64 " passes each, in turn\n\n",
	       options->devices, options->blocks, options->passes);
	printf("          observe, ms                 policy, ms\n"
	       "host      least    median   most        least    median   most        reads  steps "
	       " "
	       "problems\n");
	for (int i = 0; i < VARIANT_MAX; i++) {
		struct bench *bench = &benches[i];

		printf("%-7s", variant_names[i]);
		print_spread(bench->observe_usec, options->passes);
		print_spread(bench->policy_usec, options->passes);
		printf("  %8" PRIu64 "  %5zu  %8zu\n", bench->reads, bench->n_steps,
		       bench->n_problems);
	}
	getrusage(RUSAGE_SELF, &usage);
	printf("\npeak RSS: %ld KiB\n", usage.ru_maxrss);
}

static void parse_arguments(int argc, char **argv, struct options *ret)
{
	static const struct option options[] = {
		{"devices", required_argument, NULL, 'd'},
		{"blocks", required_argument, NULL, 'b'},
		{"passes", required_argument, NULL, 'p'},
		{},
	};
	int c;

	while ((c = getopt_long(argc, argv, "", options, NULL)) >= 0) {
		uint64_t *value = c == 'd'   ? &ret->devices
				  : c == 'b' ? &ret->blocks
				  : c == 'p' ? &ret->passes
					     : NULL;

		if (!value)
			exit(EXIT_FAILURE);
		if (parse_u64(optarg, value) < 0 || *value == 0 || *value > 1 << 20)
			errx(EXIT_FAILURE, "\"%s\" is not a number from 1 to %d", optarg, 1 << 20);
	}
}

static int run(struct bench *benches, const struct options *options)
{
	int r;

	for (int i = 0; i < VARIANT_MAX; i++) {
		r = bench_start(&benches[i], options);
		if (r < 0)
			return r;
	}
	for (uint64_t pass = 0; pass < options->passes; pass++)
		for (int i = 0; i < VARIANT_MAX; i++) {
			r = bench_pass(&benches[i], options, pass);
			if (r < 0)
				return r;
		}
	report(benches, options);
	return 0;
}

int main(int argc, char **argv)
{
	struct options options = {.devices = 8, .blocks = 8192, .passes = 5};
	struct bench benches[VARIANT_MAX];
	int r;

	parse_arguments(argc, argv, &options);
	for (int i = 0; i < VARIANT_MAX; i++)
		benches[i] = (struct bench){.variant = i, .sysfs.root_fd = -EBADF};
	r = run(benches, &options);
	for (int i = 0; i < VARIANT_MAX; i++)
		bench_end(&benches[i]);
	if (r < 0)
		errx(EXIT_FAILURE, "%s", strerror(-r));
	return EXIT_SUCCESS;
}
