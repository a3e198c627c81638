/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/facts.h"
#include "model/memmap-obstacle.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "test-model.h"

#define BLOCK (128 * MIB)

static const struct {
	struct phys_range range;
	uint64_t block_size;
	size_t n;
	uint64_t first;
} ranges[] = {
	/* Aligned at both ends. */
	{{0, BLOCK - 1}, BLOCK, 1, 0},
	{{4 * GIB, 8 * GIB - 1}, BLOCK, 32, 32},
	/* One byte short at either end costs the block. */
	{{4 * GIB + 1, 8 * GIB - 1}, BLOCK, 31, 33},
	{{4 * GIB, 8 * GIB - 2}, BLOCK, 31, 32},
	/* One byte more buys none. */
	{{4 * GIB - 1, 8 * GIB}, BLOCK, 32, 32},
	/* 15.75 GiB from a 2 MiB boundary: 125 blocks, 126 MiB lost. */
	{{4 * GIB + 2 * MIB, 4 * GIB + 2 * MIB + 16128 * MIB - 1}, BLOCK, 125, 33},
	/* As large as a block, and larger, but across a boundary. */
	{{BLOCK / 2, BLOCK / 2 + BLOCK - 1}, BLOCK, 0, 0},
	{{BLOCK - 1, 2 * BLOCK - 2}, BLOCK, 0, 0},
	{{100, 200}, BLOCK, 0, 0},
	/* The top of the address space does not wrap. */
	{{UINT64_MAX - BLOCK + 1, UINT64_MAX}, BLOCK, 1, UINT64_MAX / BLOCK},
	{{UINT64_MAX - 1, UINT64_MAX}, BLOCK, 0, 0},
	{{0, UINT64_MAX}, 2 * GIB, UINT64_C(1) << 33, 0},
	/* Nonsense. */
	{{2 * BLOCK, BLOCK - 1}, BLOCK, 0, 0},
	{{0, BLOCK}, 0, 0, 0},
};

START_TEST(range_is_trimmed_to_blocks)
{
	uint64_t first = 77;

	ck_assert_uint_eq(phys_range_blocks(&ranges[_i].range, ranges[_i].block_size, &first),
			  ranges[_i].n);
	if (ranges[_i].n > 0)
		ck_assert_uint_eq(first, ranges[_i].first);
}
END_TEST

START_TEST(blocks_are_counted)
{
	struct memory_block blocks[] = {
		{32, BLOCK_ONLINE, ZONE_MOVABLE},  {33, BLOCK_ONLINE, ZONE_MOVABLE},
		{34, BLOCK_ONLINE, ZONE_NORMAL},   {35, BLOCK_ONLINE, ZONE_DMA32},
		{36, BLOCK_ONLINE, ZONE_DMA},	   {37, BLOCK_ONLINE, ZONE_NONE},
		{38, BLOCK_OFFLINE, ZONE_MOVABLE}, {39, BLOCK_GOING_OFFLINE, ZONE_MOVABLE},
		{40, BLOCK_ABSENT, ZONE_NONE},	   {41, BLOCK_ABSENT, ZONE_NONE},
		{42, BLOCK_ONLINE, ZONE_DEVICE},
	};
	struct dax_device device = {.blocks = blocks, .n_blocks = ARRAY_SIZE(blocks)};
	struct block_counts counts = dax_device_count_blocks(&device);

	ck_assert_uint_eq(counts.total, 11);
	ck_assert_uint_eq(counts.present, 9);
	ck_assert_uint_eq(counts.online, 7);
	ck_assert_uint_eq(counts.movable, 2);
	ck_assert_uint_eq(counts.kernel, 3);
}
END_TEST

START_TEST(memmap_is_a_64th_of_a_page)
{
	ck_assert_uint_eq(memmap_bytes(4 * GIB, 4096), 64 * MIB);
	ck_assert_uint_eq(memmap_bytes(BLOCK, 4096), 2 * MIB);
	ck_assert_uint_eq(memmap_bytes(512 * MIB, 65536), MIB / 2);
	ck_assert_uint_eq(memmap_bytes(4095, 4096), 0);
	/* 16 EiB of memory is no reason to wrap. */
	ck_assert_uint_eq(memmap_bytes(UINT64_MAX, 4096), (UINT64_MAX / 4096) * 64);
	ck_assert_uint_eq(memmap_bytes(GIB, 0), 0);
}
END_TEST

static const struct {
	enum memmap_knob knob;
	enum memmap_param param;
	uint64_t page_size, block_size;
	enum memmap_obstacle obstacle;
} memmaps[] = {
	{MEMMAP_KNOB_ABSENT, MEMMAP_PARAM_ON, 4096, BLOCK, MEMMAP_NO_KNOB},
	{MEMMAP_KNOB_ABSENT, MEMMAP_PARAM_ABSENT, 65536, BLOCK, MEMMAP_NO_KNOB},
	{MEMMAP_KNOB_OFF, MEMMAP_PARAM_ABSENT, 4096, BLOCK, MEMMAP_NOT_BUILT_IN},
	{MEMMAP_KNOB_OFF, MEMMAP_PARAM_ABSENT, 16384, BLOCK, MEMMAP_NOT_BUILT_IN},
	{MEMMAP_KNOB_OFF, MEMMAP_PARAM_OFF, 4096, BLOCK, MEMMAP_SWITCHED_OFF},
	{MEMMAP_KNOB_ON, MEMMAP_PARAM_OFF, 4096, BLOCK, MEMMAP_SWITCHED_OFF},
	{MEMMAP_KNOB_OFF, MEMMAP_PARAM_ON, 4096, BLOCK, MEMMAP_POSSIBLE},
	{MEMMAP_KNOB_ON, MEMMAP_PARAM_ON, 4096, BLOCK, MEMMAP_POSSIBLE},
	{MEMMAP_KNOB_ON, MEMMAP_PARAM_FORCE, 4096, 2 * GIB, MEMMAP_POSSIBLE},
	/* A PMD is 2 MiB with 4 KiB pages, 32 MiB with 16 KiB, 512 MiB with 64 KiB. */
	{MEMMAP_KNOB_ON, MEMMAP_PARAM_ON, 4096, BLOCK / 2, MEMMAP_NOT_ALIGNED},
	{MEMMAP_KNOB_ON, MEMMAP_PARAM_ON, 16384, BLOCK, MEMMAP_NOT_ALIGNED},
	{MEMMAP_KNOB_ON, MEMMAP_PARAM_ON, 16384, 8 * GIB, MEMMAP_POSSIBLE},
	{MEMMAP_KNOB_ON, MEMMAP_PARAM_FORCE, 65536, 512 * MIB, MEMMAP_NOT_ALIGNED},
	/* Another boot parameter would not help. */
	{MEMMAP_KNOB_OFF, MEMMAP_PARAM_OFF, 65536, 512 * MIB, MEMMAP_NOT_ALIGNED},
	/* Sizes that could not be read decide nothing. */
	{MEMMAP_KNOB_ON, MEMMAP_PARAM_ON, 0, BLOCK, MEMMAP_POSSIBLE},
	{MEMMAP_KNOB_ON, MEMMAP_PARAM_ON, 4096, 0, MEMMAP_POSSIBLE},
};

START_TEST(memmap_takes_effect)
{
	struct host host = {
		.memmap_param = memmaps[_i].param,
		.page_size = memmaps[_i].page_size,
		.block_size = memmaps[_i].block_size,
	};
	struct dax_device device = {.knob = memmaps[_i].knob};

	ck_assert_int_eq(memmap_obstacle_of(&host, &device), memmaps[_i].obstacle);
	ck_assert_int_eq(memmap_can_be_effective(&host, &device),
			 memmaps[_i].obstacle == MEMMAP_POSSIBLE);
}
END_TEST

START_TEST(dram_memmap_counts_what_is_present_and_not_on_the_device)
{
	struct memory_block blocks[] = {
		{32, BLOCK_ONLINE, ZONE_MOVABLE},
		{33, BLOCK_OFFLINE, ZONE_NONE},
		{34, BLOCK_ABSENT, ZONE_NONE},
	};
	struct dax_device devices[] = {
		{.driver = LITERAL("kmem"),
		 .knob = MEMMAP_KNOB_OFF,
		 .blocks = blocks,
		 .n_blocks = 3},
		{.driver = LITERAL("kmem"),
		 .knob = MEMMAP_KNOB_ON,
		 .blocks = blocks,
		 .n_blocks = 3},
		{.driver = LITERAL("kmem"),
		 .knob = MEMMAP_KNOB_ABSENT,
		 .blocks = blocks,
		 .n_blocks = 3},
		{.driver = LITERAL("device_dax"),
		 .knob = MEMMAP_KNOB_OFF,
		 .blocks = blocks,
		 .n_blocks = 3},
		{.driver = NULL, .knob = MEMMAP_KNOB_OFF, .blocks = blocks, .n_blocks = 3},
	};
	struct facts facts = {
		.host = {.page_size = 4096, .block_size = BLOCK, .memmap_param = MEMMAP_PARAM_ON},
		.devices = devices,
		.n_devices = ARRAY_SIZE(devices),
	};

	/* Two present blocks each, 2 MiB for each: the devices with knob off and knob absent. */
	ck_assert_uint_eq(facts_dram_memmap(&facts), 8 * MIB);

	/* Without the boot parameter the knob that reads 1 is inert. */
	facts.host.memmap_param = MEMMAP_PARAM_OFF;
	ck_assert_uint_eq(facts_dram_memmap(&facts), 12 * MIB);
}
END_TEST

START_TEST(sums_over_nodes)
{
	struct numa_node nodes[] = {
		{.id = 0, .has_cpu = true, .total = 8 * GIB, .movable = 1 * GIB, .kernel = 7 * GIB},
		{.id = 1, .has_cpu = true, .total = 4 * GIB, .kernel = 4 * GIB},
		{.id = 3, .total = 16 * GIB, .movable = 15 * GIB, .kernel = 1 * GIB},
	};
	struct facts facts = {.nodes = nodes, .n_nodes = ARRAY_SIZE(nodes)};

	ck_assert_uint_eq(facts_dram_total(&facts), 12 * GIB);
	ck_assert_uint_eq(facts_movable_total(&facts), 16 * GIB);
	ck_assert_uint_eq(facts_kernel_total(&facts), 12 * GIB);
	ck_assert_ptr_eq(facts_find_node(&facts, 3), &nodes[2]);
	ck_assert_ptr_null(facts_find_node(&facts, 2));
	ck_assert_ptr_null(facts_find_node(&facts, -1));
}
END_TEST

START_TEST(finds_devices_by_whole_name)
{
	struct dax_device devices[] = {{.name = LITERAL("dax0.0")}, {.name = LITERAL("dax0.10")}};
	struct facts facts = {.devices = devices, .n_devices = 2};

	ck_assert_ptr_eq(facts_find_device(&facts, "dax0.10"), &devices[1]);
	ck_assert_ptr_null(facts_find_device(&facts, "dax0.1"));
	ck_assert_ptr_null(facts_find_device(&facts, ""));
}
END_TEST

/* The sanitizer proves that nothing is left. */
/* A block of 2 GiB at 4 GiB, however little of it is within. */
START_TEST(finds_memory_by_address)
{
	struct memory_block block = {.number = 2, .state = BLOCK_OFFLINE};
	struct dax_device devices[] = {{.name = (char *)"dax0.0"},
				       {.name = (char *)"dax1.0", .blocks = &block, .n_blocks = 1}};
	struct facts facts = {
		.host.block_size = 2 * GIB, .devices = devices, .n_devices = ARRAY_SIZE(devices)};

	ck_assert_ptr_eq(facts_find_memory(&facts, 4 * GIB, 1, NULL), &devices[1]);
	ck_assert_ptr_eq(facts_find_memory(&facts, 0, 4 * GIB + 1, NULL), &devices[1]);
	ck_assert_ptr_eq(facts_find_memory(&facts, 6 * GIB - 1, GIB, NULL), &devices[1]);
	ck_assert_ptr_eq(facts_find_memory(&facts, 0, UINT64_MAX, &devices[0]), &devices[1]);
	ck_assert_ptr_null(facts_find_memory(&facts, 0, 4 * GIB, NULL));
	ck_assert_ptr_null(facts_find_memory(&facts, 6 * GIB, GIB, NULL));
	ck_assert_ptr_null(facts_find_memory(&facts, 4 * GIB, GIB, &devices[1]));
	block.state = BLOCK_ABSENT;
	ck_assert_ptr_null(facts_find_memory(&facts, 0, UINT64_MAX, NULL));
}
END_TEST

START_TEST(frees_all_it_owns)
{
	struct facts *facts = calloc(1, sizeof(*facts));
	struct dax_device *device;

	ck_assert_ptr_nonnull(facts);
	facts->devices = calloc(2, sizeof(*facts->devices));
	facts->n_devices = 2; /* the second half-built */
	facts->nodes = calloc(1, sizeof(*facts->nodes));
	facts->n_nodes = 1;
	facts->host.kernel_release = strdup("6.12.0");
	ck_assert_int_eq(strv_add(&facts->problems, "no SLIT"), 0);

	device = &facts->devices[0];
	device->name = strdup("dax0.0");
	device->path = strdup("sys/devices/dax0.0");
	device->ranges = calloc(1, sizeof(*device->ranges));
	device->driver = strdup("kmem");
	device->state = strdup("online");
	device->region = strdup("region0");
	device->serials = calloc(1, sizeof(*device->serials));
	device->blocks = calloc(1, sizeof(*device->blocks));
	device->holders = calloc(1, sizeof(*device->holders));
	device->holders[0].comm = strdup("qemu");
	device->n_holders = 1;

	ck_assert_ptr_null(facts_free(facts));
	ck_assert_ptr_null(facts_free(NULL));
}
END_TEST

TCase *facts_tests(void)
{
	TCase *tests = tcase_create("facts");

	tcase_add_loop_test(tests, range_is_trimmed_to_blocks, 0, ARRAY_SIZE(ranges));
	tcase_add_test(tests, blocks_are_counted);
	tcase_add_test(tests, memmap_is_a_64th_of_a_page);
	tcase_add_loop_test(tests, memmap_takes_effect, 0, ARRAY_SIZE(memmaps));
	tcase_add_test(tests, dram_memmap_counts_what_is_present_and_not_on_the_device);
	tcase_add_test(tests, sums_over_nodes);
	tcase_add_test(tests, finds_devices_by_whole_name);
	tcase_add_test(tests, finds_memory_by_address);
	tcase_add_test(tests, frees_all_it_owns);
	return tests;
}
