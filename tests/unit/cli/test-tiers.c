/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The picture of the tiers, and what is read for it. */
#include <stdlib.h>
#include <string.h>

#include "capture.h"
#include "cli/gauge.h"
#include "cli/memory.h"
#include "cli/text.h"
#include "cli/tier-rows.h"
#include "cli/view.h"
#include "golden.h"
#include "suites.h"
#include "tree.h"

static const struct style ascii = {};
static const struct style utf8 = {.utf8 = true};

static void assert_gauge(const struct style *style, unsigned cells, uint64_t used, uint64_t cache,
			 uint64_t total, const char *wanted)
{
	struct capture capture;

	gauge_print(capture_begin(&capture), style, cells, used, cache, total);
	ck_assert_str_eq(capture_end(&capture), wanted);
	free(capture.text);
}

START_TEST(test_gauge)
{
	assert_gauge(&ascii, 10, 0, 0, 100, "..........");
	assert_gauge(&ascii, 10, 50, 20, 100, "#####++...");
	assert_gauge(&utf8, 4, 50, 25, 100, "██▒░");
	assert_gauge(&ascii, 10, 100, 0, 100, "##########");
	/* To the nearest. */
	assert_gauge(&ascii, 10, 4, 5, 100, "+.........");
	assert_gauge(&ascii, 10, 94, 3, 100, "#########.");
	assert_gauge(&ascii, 10, 95, 0, 100, "##########");
	assert_gauge(&ascii, 1, 49, 0, 100, ".");
	assert_gauge(&ascii, 1, 50, 50, 100, "#");
	/* Figures that are of different moments, or a lie. */
	assert_gauge(&ascii, 4, 80, 90, 100, "###+");
	assert_gauge(&ascii, 4, 300, 90, 100, "####");
	assert_gauge(&ascii, 4, UINT64_MAX, UINT64_MAX, 1, "####");
	assert_gauge(&ascii, 4, 5, 5, 0, "....");
	assert_gauge(&ascii, 0, 5, 5, 10, "");
}
END_TEST

static struct json_object *parse(const char *text)
{
	struct json_object *object = json_tokener_parse(text);

	ck_assert_msg(object != NULL, "%s", text);
	return object;
}

#define NODE(n, cpu, total, tier)                                                                  \
	"{\"Node\":" #n ",\"HasCpu\":" #cpu ",\"Total\":" #total ",\"Tier\":" #tier "}"
#define DEVICE(name, kind, node, distance, tier)                                                   \
	"{\"Name\":\"" #name "\",\"Kind\":\"" #kind "\",\"TargetNode\":" #node                     \
	",\"InitiatorNode\":0,\"Distance\":" #distance ",\"Tier\":" #tier                          \
	",\"Size\":64,\"State\":\"online\"}"

START_TEST(test_order_of_rows)
{
	static const int64_t wanted[] = {4, 0, 9, 2, 1, 7, 5};
	struct json_object *document = parse(
		"{\"Host\":{\"Nodes\":[" NODE(0, true, 9, 4) "," NODE(1, false, 9, 22) "," NODE(2, false, 9, 22) "," NODE(
			4, true, 9,
			2) "," NODE(9, false, 9,
				    4) "]},"
				       "\"Devices\":[" DEVICE(dax0 .0, cxl, 1, 30, 22) "," DEVICE(
					       dax1 .0, cxl, 2, 20,
					       22) "," DEVICE(dax2 .0, pmem, 5, 17,
							      -1) "," DEVICE(dax3 .0, pmem, 7, 14,
									     -1) "," DEVICE(dax4 .0,
											    hmem,
											    -1, 10,
											    -1) "]"
												"}");
	struct tier_rows rows;

	ck_assert_int_eq(tier_rows_make(document, &rows), 0);
	ck_assert_uint_eq(rows.n, ARRAY_SIZE(wanted));
	for (size_t i = 0; i < rows.n; i++)
		ck_assert_int_eq(rows.items[i].node, wanted[i]);
	tier_rows_done(&rows);
	json_object_put(document);
}
END_TEST

/* Devices of one node are one row; the nearest counts. */
START_TEST(test_rows_of_several_devices)
{
	struct json_object *document = parse(
		"{\"Host\":{\"Nodes\":[]},\"Devices\":[" DEVICE(dax0 .0, cxl, 3, 30, -1) "," DEVICE(
			dax1 .0, cxl, 3, 20, -1) "," DEVICE(dax2 .0, pmem, 3, 25, -1) "]}");
	struct tier_rows rows;

	ck_assert_int_eq(tier_rows_make(document, &rows), 0);
	ck_assert_uint_eq(rows.n, 1);
	ck_assert_uint_eq(rows.items[0].n_devices, 3);
	ck_assert_uint_eq(rows.items[0].distance, 20);
	ck_assert_uint_eq(rows.items[0].size, 3 * 64);
	ck_assert_str_eq(rows.items[0].kind, "mixed");
	ck_assert(!rows.items[0].online);
	tier_rows_done(&rows);
	json_object_put(document);
}
END_TEST

static struct json_object *document_of(const char *name)
{
	_cleanup_free_ char *path = NULL;
	struct json_object *object;

	ck_assert_int_gt(asprintf(&path, FIXTURES "/bus/%s", name), 0);
	object = json_object_from_file(path);
	ck_assert_msg(object != NULL, "%s", path);
	return object;
}

/* What each width has to do without; all in one file, to be read one below the other. */
START_TEST(test_widths)
{
	static const size_t widths[] = {140, 100, 80, 60, 40};
	struct json_object *document = document_of("online.json");
	struct capture capture;
	FILE *f = capture_begin(&capture);

	for (size_t i = 0; i < ARRAY_SIZE(widths); i++) {
		struct style style = {.utf8 = true, .columns = widths[i]};

		fprintf(f, "%s%zu columns:", i ? "\n" : "", widths[i]);
		ck_assert_int_eq(view_tiers(f, &style, document), 0);
		view_limits(f, &style, document);
	}
	golden_assert("cli/tiers-widths.txt", capture_end(&capture));
	free(capture.text);
	json_object_put(document);
}
END_TEST

START_TEST(test_no_line_is_wider_than_the_terminal)
{
	static const char *const names[] = {"online.json", "trouble.json", "empty.json"};
	struct style style = {.utf8 = true, .color = true, .columns = (size_t)_i};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		struct json_object *document = document_of(names[i]);
		struct capture capture;
		char *rest, *line;

		ck_assert_int_eq(view_tiers(capture_begin(&capture), &style, document), 0);
		capture_end(&capture);
		rest = capture.text;
		while ((line = strsep(&rest, "\n"))) {
			size_t n = strlen(line);

			ck_assert_msg(text_width(line) <= style.columns, "%s", line);
			ck_assert(n == 0 || line[n - 1] != ' ');
		}
		free(capture.text);
		json_object_put(document);
	}
}
END_TEST

static char *root;

static void setup(void)
{
	root = tree_new();
	tree_put(root, "proc/sys/kernel/osrelease", "6.12.1\n");
	tree_put(root, "proc/zoneinfo", "");
	tree_put(root, "sys/devices/system/node/online", "0,2\n");
	tree_put(root, "sys/devices/system/node/has_cpu", "0\n");
	tree_put(root, "sys/devices/system/node/has_memory", "0,2\n");
	tree_put(root, "sys/devices/system/node/node0/meminfo",
		 "Node 0 MemTotal:  1000 kB\nNode 0 MemFree:  600 kB\n"
		 "Node 0 Inactive(file):  100 kB\nNode 0 SReclaimable:  50 kB\n");
	tree_put(root, "sys/devices/system/node/node2/meminfo",
		 "Node 2 MemTotal:  2000 kB\nNode 2 MemFree:  2000 kB\n"
		 "Node 2 SReclaimable:  50 kB\n");
	tree_put(root, "sys/devices/system/node/node0/access0/initiators/read_latency", "82\n");
	tree_put(root, "sys/devices/system/node/node0/access0/initiators/write_bandwidth", "7\n");
}

static void teardown(void)
{
	root = tree_remove(root);
}

#define HOST(release, nodes) "{\"Host\":{\"KernelRelease\":\"" release "\",\"Nodes\":[" nodes "]}}"

static void assert_memory(const char *host, const char *wanted)
{
	struct json_object *document = parse(host), *memory = parse(wanted);

	ck_assert_int_eq(memory_add(document, root), 0);
	ck_assert_msg(json_object_equal(get_array(document, "Memory"), memory), "%s",
		      json_object_to_json_string(document));
	json_object_put(document);
	json_object_put(memory);
}

#define MEMORY_0                                                                                   \
	"{\"Node\":0,\"Total\":1024000,\"Used\":256000,\"Cache\":153600,\"ReadLatency\":82,"       \
	"\"WriteLatency\":0,\"ReadBandwidth\":0,\"WriteBandwidth\":7}"
#define MEMORY_2                                                                                   \
	"{\"Node\":2,\"Total\":2048000,\"Used\":0,\"Cache\":51200,\"ReadLatency\":0,"              \
	"\"WriteLatency\":0,\"ReadBandwidth\":0,\"WriteBandwidth\":0}"

START_TEST(test_memory)
{
	assert_memory(HOST("6.12.1", NODE(0, true, 1024000, 4) "," NODE(2, false, 2048000, 22)),
		      "[" MEMORY_0 "," MEMORY_2 "]");
	/* A balloon takes a little. */
	assert_memory(HOST("6.12.1", NODE(0, true, 1100000, 4) "," NODE(2, false, 1900000, 22)),
		      "[" MEMORY_0 "," MEMORY_2 "]");
}
END_TEST

/* A bus that is forwarded from elsewhere: better nothing than another host's figures. */
START_TEST(test_memory_of_another_host)
{
	assert_memory(HOST("6.12.2", NODE(0, true, 1024000, 4)), "[]");
	assert_memory(HOST("6.12.1", NODE(0, true, 1300000, 4) "," NODE(2, false, 2048000, 22)),
		      "[" MEMORY_2 "]");
	assert_memory(HOST("6.12.1", NODE(1, true, 1024000, 4)), "[]");
	assert_memory("{}", "[]");
}
END_TEST

START_TEST(test_memory_that_cannot_be_read)
{
	tree_put(root, "sys/devices/system/node/node0/meminfo", "nonsense\n");
	assert_memory(HOST("6.12.1", NODE(0, true, 1024000, 4) "," NODE(2, false, 2048000, 22)),
		      "[" MEMORY_2 "]");
	assert_memory(HOST("6.12.1", NODE(0, true, 0, 4)), "[]");
	tree_put(root, "sys/devices/system/node/online", "x\n");
	assert_memory(HOST("6.12.1", NODE(2, false, 2048000, 22)), "[]");
}
END_TEST

Suite *tiers_suite(void)
{
	Suite *suite = suite_create("tiers");
	TCase *picture = tcase_create("picture"), *memory = tcase_create("memory");

	tcase_add_test(picture, test_gauge);
	tcase_add_test(picture, test_order_of_rows);
	tcase_add_test(picture, test_rows_of_several_devices);
	tcase_add_test(picture, test_widths);
	tcase_add_loop_test(picture, test_no_line_is_wider_than_the_terminal, 32, 150);
	suite_add_tcase(suite, picture);
	tcase_add_checked_fixture(memory, setup, teardown);
	tcase_add_test(memory, test_memory);
	tcase_add_test(memory, test_memory_of_another_host);
	tcase_add_test(memory, test_memory_that_cannot_be_read);
	suite_add_tcase(suite, memory);
	return suite;
}
