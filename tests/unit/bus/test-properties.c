/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The tables, and what tells two statuses apart. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "bus/bus-properties.h"
#include "failing-alloc.h"
#include "suites.h"

static const struct {
	const sd_bus_vtable *vtable;
	size_t status_size;
} tables[] = {
	{bus_device_vtable, sizeof(struct device_status)},
	{bus_manager_vtable, sizeof(struct host_status)},
};

static size_t size_of(const char *signature)
{
	static const struct {
		const char *signature;
		size_t size;
	} sizes[] = {
		{"s", sizeof(char *)},
		{"b", sizeof(bool)},
		{"i", sizeof(int)},
		{"u", sizeof(unsigned)},
		{"t", sizeof(uint64_t)},
		{"as", sizeof(struct strv)},
		{"at", sizeof(uint64_t *) + sizeof(size_t)},
		{"aa{sv}", sizeof(struct node_status *) + sizeof(size_t)},
	};

	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++)
		if (strcmp(sizes[i].signature, signature) == 0)
			return sizes[i].size;
	ck_abort_msg("signature %s", signature);
	return 0;
}

/* Two properties of the same field would be a slip of the pen, and so would be one of none. */
START_TEST(test_each_property_has_a_field_of_its_own)
{
	_cleanup_free_ unsigned char *taken = calloc(1, tables[_i].status_size);

	for (const sd_bus_vtable *v = tables[_i].vtable; v->type != _SD_BUS_VTABLE_END; v++) {
		size_t size;

		if (v->type != _SD_BUS_VTABLE_PROPERTY)
			continue;
		size = size_of(v->x.property.signature);
		ck_assert_uint_le(v->x.property.offset + size, tables[_i].status_size);
		for (size_t i = 0; i < size; i++)
			ck_assert_msg(!taken[v->x.property.offset + i]++, "%s",
				      v->x.property.member);
	}
}
END_TEST

/* And no field is forgotten: what is left is padding, less than a word each time. */
START_TEST(test_each_field_has_a_property)
{
	_cleanup_free_ unsigned char *taken = calloc(1, tables[_i].status_size + 1);
	size_t gap = 0;

	for (const sd_bus_vtable *v = tables[_i].vtable; v->type != _SD_BUS_VTABLE_END; v++)
		if (v->type == _SD_BUS_VTABLE_PROPERTY)
			memset(taken + v->x.property.offset, 1, size_of(v->x.property.signature));
	for (size_t i = 0; i < tables[_i].status_size; i++) {
		gap = taken[i] ? 0 : gap + 1;
		ck_assert_msg(gap < sizeof(uint64_t), "byte %zu", i);
	}
}
END_TEST

START_TEST(test_each_property_says_whether_it_changes)
{
	for (const sd_bus_vtable *v = tables[_i].vtable; v->type != _SD_BUS_VTABLE_END; v++) {
		uint64_t flags = v->flags & (SD_BUS_VTABLE_PROPERTY_CONST |
					     SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE);

		if (v->type == _SD_BUS_VTABLE_PROPERTY)
			ck_assert_msg(flags == SD_BUS_VTABLE_PROPERTY_CONST ||
					      flags == SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE,
				      "%s", v->x.property.member);
	}
}
END_TEST

/* Makes the field another one than in a zeroed status. */
static void change(const sd_bus_vtable *v, void *status)
{
	static uint64_t serial = 7;
	static struct node_status node = {.id = 7};
	static struct memdev_status memdev = {.serial = 7};
	static struct step_failure failure = {.count = 7};
	static char *texts[] = {(char *)"changed", NULL};
	void *field = (char *)status + v->x.property.offset;
	const char *signature = v->x.property.signature;

	if (strcmp(signature, "as") == 0)
		*(struct strv *)field = (struct strv){.items = texts, .n = 1};
	else if (strcmp(signature, "at") == 0)
		*(struct device_status *)status =
			(struct device_status){.serials = &serial, .n_serials = 1};
	else if (v->x.property.get == bus_get_memdevs)
		*(struct host_status *)status =
			(struct host_status){.memdevs = &memdev, .n_memdevs = 1};
	else if (v->x.property.get == bus_get_failures)
		*(struct step_failures *)field = (struct step_failures){.items = &failure, .n = 1};
	else if (strcmp(signature, "aa{sv}") == 0)
		*(struct host_status *)status = (struct host_status){.nodes = &node, .n_nodes = 1};
	else if (strcmp(signature, "s") == 0)
		*(char **)field = texts[0];
	else
		memset(field, 1, size_of(signature));
}

START_TEST(test_each_change_is_told_alone)
{
	_cleanup_free_ void *before = calloc(1, tables[_i].status_size);
	_cleanup_free_ void *after = calloc(1, tables[_i].status_size);

	for (const sd_bus_vtable *v = tables[_i].vtable; v->type != _SD_BUS_VTABLE_END; v++) {
		struct bus_changes there = {}, back = {};

		if (v->type != _SD_BUS_VTABLE_PROPERTY)
			continue;
		memset(after, 0, tables[_i].status_size);
		change(v, after);
		ck_assert_int_eq(bus_properties_diff(tables[_i].vtable, before, after, &there), 0);
		ck_assert_int_eq(bus_properties_diff(tables[_i].vtable, after, before, &back), 0);
		if (v->flags & SD_BUS_VTABLE_PROPERTY_CONST) {
			ck_assert(there.identity && back.identity);
			ck_assert_uint_eq(there.names.n + back.names.n, 0);
		} else {
			ck_assert(!there.identity && !back.identity);
			ck_assert_uint_eq(there.names.n, 1);
			ck_assert_uint_eq(back.names.n, 1);
			ck_assert_str_eq(there.names.items[0], v->x.property.member);
			ck_assert_str_eq(back.names.items[0], v->x.property.member);
		}
		strv_done(&there.names);
		strv_done(&back.names);
	}
}
END_TEST

START_TEST(test_lists_differ_by_what_is_in_them)
{
	uint64_t one[] = {1, 2}, other[] = {1, 3};
	struct device_status a = {.serials = one, .n_serials = 2},
			     b = {.serials = other, .n_serials = 2};
	struct bus_changes changes = {};

	ck_assert_int_eq(bus_properties_diff(bus_device_vtable, &a, &a, &changes), 0);
	ck_assert(!changes.identity);
	ck_assert_int_eq(bus_properties_diff(bus_device_vtable, &a, &b, &changes), 0);
	ck_assert(changes.identity);
	ck_assert_uint_eq(changes.names.n, 0);
}
END_TEST

START_TEST(test_nodes_differ_by_each_member)
{
	struct node_status before = {}, after[] = {{.id = 1},	   {.has_cpu = true}, {.total = 1},
						   {.movable = 1}, {.kernel = 1},     {.tier = 1}};

	for (size_t i = 0; i < ARRAY_SIZE(after); i++) {
		struct host_status a = {.nodes = &before, .n_nodes = 1};
		struct host_status b = {.nodes = &after[i], .n_nodes = 1};
		struct bus_changes changes = {};

		ck_assert_int_eq(bus_properties_diff(bus_manager_vtable, &a, &b, &changes), 0);
		ck_assert_uint_eq(changes.names.n, 1);
		ck_assert_str_eq(changes.names.items[0], "Nodes");
		strv_done(&changes.names);
		ck_assert_int_eq(bus_properties_diff(bus_manager_vtable, &b, &b, &changes), 0);
		ck_assert_uint_eq(changes.names.n, 0);
	}
}
END_TEST

START_TEST(test_memdevs_differ_by_each_member)
{
	char none[] = "", text[] = "x";
	struct memdev_status before = {
		.name = none, .region = none, .holds = none, .state = none, .reason = none};

	for (int i = 0; i < 8; i++) {
		struct memdev_status after = before;
		struct host_status a = {.memdevs = &before, .n_memdevs = 1};
		struct host_status b = {.memdevs = &after, .n_memdevs = 1};
		struct bus_changes changes = {};

		*(i == 0   ? &after.name
		  : i == 1 ? &after.region
		  : i == 2 ? &after.state
		  : i == 3 ? &after.holds
			   : &after.reason) = i < 5 ? text : none;
		after.serial = i == 5;
		after.ram = i == 6;
		after.pmem = i == 7;
		ck_assert_int_eq(bus_properties_diff(bus_manager_vtable, &a, &b, &changes), 0);
		ck_assert_uint_eq(changes.names.n, 1);
		ck_assert_str_eq(changes.names.items[0], "Memdevs");
		strv_done(&changes.names);
		ck_assert_int_eq(bus_properties_diff(bus_manager_vtable, &b, &b, &changes), 0);
		ck_assert_uint_eq(changes.names.n, 0);
	}
}
END_TEST

START_TEST(test_failures_differ_by_each_member)
{
	struct step_failure before = {}, after[] = {{.step = 1}, {.error = -1}, {.count = 1}};

	for (size_t i = 0; i < ARRAY_SIZE(after); i++) {
		struct host_status a = {.failures = {&before, 1}}, b = {.failures = {&after[i], 1}};
		struct bus_changes changes = {};

		ck_assert_int_eq(bus_properties_diff(bus_manager_vtable, &a, &b, &changes), 0);
		ck_assert_uint_eq(changes.names.n, 1);
		ck_assert_str_eq(changes.names.items[0], "Failures");
		strv_done(&changes.names);
		ck_assert_int_eq(bus_properties_diff(bus_manager_vtable, &b, &b, &changes), 0);
		ck_assert_uint_eq(changes.names.n, 0);
	}
}
END_TEST

/* A status that was never filled and one of empty texts say the same. */
START_TEST(test_no_text_is_an_empty_text)
{
	struct device_status before = {}, after = {.rule = (char *)"", .holders = (char *)""};
	struct bus_changes changes = {};

	ck_assert_int_eq(bus_properties_diff(bus_device_vtable, &before, &after, &changes), 0);
	ck_assert(!changes.identity);
	ck_assert_uint_eq(changes.names.n, 0);
}
END_TEST

static struct host_status dirty(void)
{
	struct host_status status = {.version = strdup("a\nb"), .kernel_release = strdup("\xff")};

	status.memdevs = calloc(1, sizeof(*status.memdevs));
	ck_assert_ptr_nonnull(status.memdevs);
	status.n_memdevs = 1;
	status.memdevs[0].reason = strdup("no\twindow");
	status.memdevs[0].holds = strdup("a\nregion");
	strv_add(&status.problems, "one\x1b[31m");
	strv_add(&status.problems, "größe");
	return status;
}

START_TEST(test_clean)
{
	struct host_status status = dirty();

	ck_assert_int_eq(bus_properties_clean(bus_manager_vtable, &status), 0);
	ck_assert_str_eq(status.version, "a b");
	ck_assert_str_eq(status.kernel_release, "?");
	ck_assert_ptr_null(status.auto_online);
	ck_assert_str_eq(status.problems.items[0], "one [31m");
	ck_assert_str_eq(status.problems.items[1], "größe");
	ck_assert_str_eq(status.memdevs[0].reason, "no window");
	ck_assert_str_eq(status.memdevs[0].holds, "a region");
	host_status_done(&status);
}
END_TEST

START_TEST(test_out_of_memory)
{
	struct host_status before = {}, after = {.dram_total = 1, .claimed = true};
	unsigned n;
	int r;

	for (n = 1;; n++) {
		struct bus_changes changes = {};

		failing_alloc_arm(n);
		r = bus_properties_diff(bus_manager_vtable, &before, &after, &changes);
		if (!failing_alloc_disarm()) {
			ck_assert_uint_eq(changes.names.n, 2);
			strv_done(&changes.names);
			break;
		}
		strv_done(&changes.names);
		ck_assert_int_eq(r, -ENOMEM);
	}
	ck_assert_int_eq(r, 0);
	ck_assert_uint_gt(n, 2);

	for (n = 1;; n++) {
		struct host_status status = dirty();

		failing_alloc_arm(n);
		r = bus_properties_clean(bus_manager_vtable, &status);
		if (!failing_alloc_disarm()) {
			host_status_done(&status);
			break;
		}
		host_status_done(&status);
		ck_assert_int_eq(r, -ENOMEM);
	}
	ck_assert_int_eq(r, 0);
	ck_assert_uint_gt(n, 4);
}
END_TEST

Suite *properties_suite(void)
{
	Suite *suite = suite_create("properties");
	TCase *tcase = tcase_create("properties");

	tcase_add_loop_test(tcase, test_each_property_has_a_field_of_its_own, 0,
			    ARRAY_SIZE(tables));
	tcase_add_loop_test(tcase, test_each_field_has_a_property, 0, ARRAY_SIZE(tables));
	tcase_add_loop_test(tcase, test_each_property_says_whether_it_changes, 0,
			    ARRAY_SIZE(tables));
	tcase_add_loop_test(tcase, test_each_change_is_told_alone, 0, ARRAY_SIZE(tables));
	tcase_add_test(tcase, test_lists_differ_by_what_is_in_them);
	tcase_add_test(tcase, test_nodes_differ_by_each_member);
	tcase_add_test(tcase, test_memdevs_differ_by_each_member);
	tcase_add_test(tcase, test_failures_differ_by_each_member);
	tcase_add_test(tcase, test_no_text_is_an_empty_text);
	tcase_add_test(tcase, test_clean);
	tcase_add_test(tcase, test_out_of_memory);
	suite_add_tcase(suite, tcase);
	return suite;
}
