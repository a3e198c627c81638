/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Windows against cards, and devices that are unfit: over facts that a test makes. */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "doctor/doctor.h"
#include "suites.h"

#define GIB (UINT64_C(1) << 30)

static char bridge_a[] = "sys/devices/pci0000:0c", bridge_b[] = "sys/devices/pci0000:de";
static char mem0[] = "mem0", mem1[] = "mem1", decoder[] = "decoder0.0", dax[] = "dax0.0";
static char endpoint[] = "endpoint2", cxl_mem[] = "cxl_mem", cxl_port[] = "cxl_port";

static struct cxl_memdev memdevs[2];
static struct cxl_window window;
static struct dax_device device;
static struct facts facts;
static struct evidence evidence;
static struct findings findings;

static void setup(void)
{
	memdevs[0] = (struct cxl_memdev){
		.name = mem0, .ram_size = 4 * GIB, .endpoint = endpoint, .bridge = bridge_a};
	memdevs[1] = (struct cxl_memdev){
		.name = mem1, .ram_size = 4 * GIB, .endpoint = endpoint, .bridge = bridge_b};
	window = (struct cxl_window){.name = decoder, .cap_ram = true, .size = 8 * GIB, .ways = 2};
	ck_assert_int_eq(strv_add(&window.bridges, bridge_a), 0);
	ck_assert_int_eq(strv_add(&window.bridges, bridge_b), 0);
	device = (struct dax_device){.name = dax, .size = GIB, .usable = GIB, .target_node = 1};
	facts = (struct facts){
		.host = {.block_size = GIB / 8, .dax_autoprobe = 0},
		.devices = &device,
		.n_devices = 1,
		.cxl = {.memdevs = memdevs, .n_memdevs = 2, .windows = &window, .n_windows = 1},
	};
	evidence = (struct evidence){};
}

static void teardown(void)
{
	findings_done(&findings);
	strv_done(&window.bridges);
	strv_done(&evidence.cxl_drivers);
}

static void examine(void)
{
	findings_done(&findings);
	ck_assert_int_eq(doctor_examine(&facts, &evidence, &findings), 0);
}

/* The only one. */
static const struct finding *finds(enum finding_severity severity, const char *what)
{
	examine();
	ck_assert_uint_eq(findings.n, 1);
	ck_assert_int_eq(findings.items[0].severity, severity);
	ck_assert_str_eq(findings.items[0].what, what);
	return &findings.items[0];
}

static void finds_nothing(void)
{
	examine();
	ck_assert_msg(findings.n == 0, "found: %s", findings.items[0].what);
}

START_TEST(test_cards_fit)
{
	finds_nothing();
}
END_TEST

START_TEST(test_window_is_too_small)
{
	const struct finding *finding;

	memdevs[1].ram_size = 4 * GIB + 1;
	finding = finds(FINDING_ERROR, "The windows of host bridge pci0000:de are too small for "
				       "the cards behind it (mem1)");
	ck_assert_str_eq(finding->value, "4.0 GiB of memory, 4 GiB of windows");
	/* It may be one that could not be read. */
	window.incomplete = true;
	finds_nothing();
}
END_TEST

START_TEST(test_cards_of_one_bridge_add_up)
{
	memdevs[1].bridge = bridge_a;
	finds(FINDING_ERROR, "The windows of host bridge pci0000:0c are too small for the cards "
			     "behind it (mem0, mem1)");
	memdevs[1].ram_size = 0;
	finds_nothing();
	memdevs[1].ram_size = UINT64_MAX;
	examine();
	ck_assert_uint_eq(findings.n, 1);
}
END_TEST

START_TEST(test_window_of_another_kind)
{
	window.cap_ram = false;
	facts.cxl.n_memdevs = 1;
	finds(FINDING_ERROR, "No window for volatile memory reaches host bridge pci0000:0c, so "
			     "mem0 cannot be mapped");
}
END_TEST

/* Regions leave pieces; one begins at a multiple of 256 MiB. */
START_TEST(test_room_in_one_piece)
{
	static char region0[] = "region0", region1[] = "region1", another[] = "decoder0.9";
	struct cxl_endpoint_decoder used = {.dpa_size = GIB}, unused = {};
	struct cxl_region regions[] = {
		{.name = region0, .window = decoder, .has_start = true, .size = 2 * GIB},
		{.name = region1, .window = decoder, .has_start = true, .size = GIB},
	};
	const struct finding *finding;

	strv_done(&window.bridges);
	ck_assert_int_eq(strv_add(&window.bridges, bridge_a), 0);
	window.start = 16 * GIB;
	memdevs[0].decoders = &unused;
	memdevs[0].n_decoders = 1;
	facts.cxl.n_memdevs = 1;
	facts.cxl.regions = regions;
	facts.cxl.n_regions = 2;
	/* 2 used, 1 free, 1 used, 4 free. */
	regions[0].start = 16 * GIB;
	regions[1].start = 19 * GIB;
	finds_nothing();
	/* 1 free, 2 used, 1 free, 1 used, 3 free */
	regions[0].start = 17 * GIB;
	regions[1].start = 20 * GIB;
	finding = finds(FINDING_WARNING, "mem0 has no region, and no window of host bridge "
					 "pci0000:0c has room for all of it in one piece");
	ck_assert_str_eq(finding->value, "4 GiB of memory, 3 GiB free in one piece");
	/* The head of the last piece is lost: 4 GiB less 1 MiB are 3.75. */
	regions[0].size = 3 * GIB + (1 << 20);
	facts.cxl.n_regions = 1;
	examine();
	ck_assert_uint_eq(findings.n, 1);
	ck_assert_str_eq(findings.items[0].value, "4 GiB of memory, 3.8 GiB free in one piece");
	regions[0].size -= 2 << 20;
	finds_nothing();
	/* Each target of an interleaved window takes its share of a piece. */
	ck_assert_int_eq(strv_add(&window.bridges, bridge_b), 0);
	examine();
	ck_assert_uint_eq(findings.n, 1);
	ck_assert_str_eq(findings.items[0].value, "4 GiB of memory, 2 GiB free in one piece");
	/* It is a region of another window, or one of the card's own. */
	regions[0].window = another;
	finds_nothing();
	regions[0].window = decoder;
	memdevs[0].decoders = &used;
	finds_nothing();
}
END_TEST

/* No end may wrap around: it would be looked for from there again, for ever. */
START_TEST(test_sizes_without_end)
{
	struct cxl_endpoint_decoder unused = {};
	struct cxl_region region = {
		.name = dax, .window = decoder, .has_start = true, .size = UINT64_MAX};

	memdevs[0].decoders = &unused;
	memdevs[0].n_decoders = 1;
	facts.cxl.regions = &region;
	facts.cxl.n_regions = 1;
	facts.cxl.n_memdevs = 1;
	window.start = 16 * GIB;
	region.start = 15 * GIB;
	examine();
	ck_assert_uint_eq(findings.n, 1);
	ck_assert_str_eq(findings.items[0].value, "4 GiB of memory, 0 B free in one piece");
	window.start = UINT64_MAX - GIB;
	region.start = 0;
	examine();
	ck_assert_uint_eq(findings.n, 1);
	region.start = UINT64_MAX;
	examine();
	ck_assert_uint_eq(findings.n, 1);
}
END_TEST

START_TEST(test_card_is_not_enabled)
{
	memdevs[0].endpoint = memdevs[0].bridge = NULL;
	/* A host that was captured without its drivers. */
	finds_nothing();
	ck_assert_int_eq(strv_add(&evidence.cxl_drivers, cxl_port), 0);
	finds(FINDING_ERROR, "mem0 is not enabled: the driver cxl_mem is not loaded");
	ck_assert_int_eq(strv_add(&evidence.cxl_drivers, cxl_mem), 0);
	finds(FINDING_ERROR,
	      "mem0 is not enabled: the kernel found no way from a host bridge to it");
}
END_TEST

START_TEST(test_device_without_node)
{
	device.target_node = -1;
	finds(FINDING_ERROR, "dax0.0 belongs to no NUMA node, and kmem refuses such a device: "
			     "firmware describes its addresses nowhere");
	device.unknown = 1U << DEVICE_FACT_TARGET_NODE;
	finds_nothing();
}
END_TEST

START_TEST(test_device_without_whole_block)
{
	device.usable = 0;
	device.lost = device.size = GIB / 16;
	finds(FINDING_ERROR,
	      "dax0.0 has no whole memory block of 128 MiB, so it cannot become memory");
	device.unknown = 1U << DEVICE_FACT_RANGES;
	finds_nothing();
}
END_TEST

START_TEST(test_device_loses_some)
{
	device.usable = GIB / 2;
	device.lost = GIB / 2;
	finds(FINDING_NOTE, "512 MiB of dax0.0 are lost, as its ranges are not whole memory "
			    "blocks of 128 MiB");
	device.gone = true;
	finds_nothing();
}
END_TEST

Suite *window_suite(void)
{
	Suite *suite = suite_create("windows");
	TCase *tcase = tcase_create("windows");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, test_cards_fit);
	tcase_add_test(tcase, test_window_is_too_small);
	tcase_add_test(tcase, test_cards_of_one_bridge_add_up);
	tcase_add_test(tcase, test_window_of_another_kind);
	tcase_add_test(tcase, test_room_in_one_piece);
	tcase_add_test(tcase, test_sizes_without_end);
	tcase_add_test(tcase, test_card_is_not_enabled);
	tcase_add_test(tcase, test_device_without_node);
	tcase_add_test(tcase, test_device_without_whole_block);
	tcase_add_test(tcase, test_device_loses_some);
	suite_add_tcase(suite, tcase);
	return suite;
}
