/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "variant/variant.h"

#include <check.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "variant/json-clean.h"

static void json_putp(struct json_object **object)
{
	json_object_put(*object);
}

#define _cleanup_json_ _cleanup_(json_putp)

/*
 * Messages belong to a connection, but need no bus: sd-bus builds, seals and rewinds them while
 * the connection still waits for the other end of a socket, which never answers here.
 */
static sd_bus *bus;
static int other_end;

static void setup(void)
{
	int fds[2];

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
	ck_assert_int_ge(sd_bus_new(&bus), 0);
	ck_assert_int_ge(sd_bus_set_fd(bus, fds[0], fds[0]), 0);
	ck_assert_int_ge(sd_bus_start(bus), 0);
	other_end = fds[1];
}

static void teardown(void)
{
	bus = sd_bus_close_unref(bus);
	other_end = close_keep_errno(other_end);
}

static sd_bus_message *new_message(void)
{
	sd_bus_message *m = NULL;

	ck_assert_int_ge(sd_bus_message_new_method_call(bus, &m, "a.b", "/a", "a.b", "C"), 0);
	return m;
}

static void seal_and_rewind(sd_bus_message *m)
{
	ck_assert_int_ge(sd_bus_message_seal(m, 1, 0), 0);
	ck_assert_int_ge(sd_bus_message_rewind(m, true), 0);
}

static struct json_object *parse(const char *text)
{
	struct json_object *value = json_tokener_parse(text);

	ck_assert_ptr_nonnull(value);
	return value;
}

static const char *plain(struct json_object *value)
{
	return json_object_to_json_string_ext(value, JSON_C_TO_STRING_PLAIN);
}

/* A member's value, its signature on the bus, and how it reads back when that differs. */
static const struct {
	const char *value, *signature, *back;
} members[] = {
	{"\"dax0.0\"", "s", NULL},
	{"\"\"", "s", NULL},
	{"\"\xe2\x82\xac\"", "s", NULL},
	{"true", "b", NULL},
	{"false", "b", NULL},
	{"0", "x", NULL},
	{"-1", "x", NULL},
	{"9223372036854775807", "x", NULL},
	{"-9223372036854775808", "x", NULL},
	{"9223372036854775808", "t", NULL},
	{"18446744073709551615", "t", NULL},
	{"0.5", "d", NULL},
	{"{}", "a{sv}", NULL},
	{"{\"A\":{\"B\":[{\"C\":\"D\"}]}}", "a{sv}", NULL},
	{"[]", "as", NULL},
	{"[\"a\",\"b\"]", "as", NULL},
	{"[{\"Start\":0,\"End\":18446744073709551615},{}]", "aa{sv}", NULL},
	{"[true,false]", "ab", NULL},
	{"[0.5]", "ad", NULL},
	{"[1,-2]", "ax", NULL},
	{"[1,18446744073709551615]", "at", NULL},
	{"[-1,18446744073709551615]", "av", NULL},
	{"[1,\"a\",{\"B\":2}]", "av", NULL},
	{"[[\"a\"],[]]", "av", NULL},
	{"[[[1]]]", "av", NULL},
	{"[1,null,2]", "av", "[1,2]"},
	{"[null]", "av", "[]"},
	{"{\"A\":null,\"B\":1}", "a{sv}", "{\"B\":1}"},
};

/* The signature of the variant that is the first member's value. */
static void expect_signature(sd_bus_message *m, const char *expected)
{
	const char *contents;
	char type;

	ck_assert_int_gt(sd_bus_message_enter_container(m, 'a', "{sv}"), 0);
	ck_assert_int_gt(sd_bus_message_enter_container(m, 'e', "sv"), 0);
	ck_assert_int_gt(sd_bus_message_skip(m, "s"), 0);
	ck_assert_int_gt(sd_bus_message_peek_type(m, &type, &contents), 0);
	ck_assert_int_eq(type, 'v');
	ck_assert_str_eq(contents, expected);
	ck_assert_int_ge(sd_bus_message_rewind(m, true), 0);
}

START_TEST(member_there_and_back)
{
	_cleanup_json_ struct json_object *object = json_object_new_object(), *back = NULL;
	_cleanup_json_ struct json_object *expected = NULL;
	_cleanup_(sd_bus_message_unrefp) sd_bus_message *m = new_message();
	struct json_object *member;
	const char *text = members[_i].back ? members[_i].back : members[_i].value;

	json_object_object_add(object, "Key", parse(members[_i].value));
	ck_assert_int_eq(variant_append_object(m, object), 0);
	seal_and_rewind(m);
	ck_assert_str_eq(sd_bus_message_get_signature(m, true), "a{sv}");
	expect_signature(m, members[_i].signature);

	ck_assert_int_eq(variant_read(m, &back), 1);
	ck_assert_int_eq(json_object_object_length(back), 1);
	ck_assert(json_object_object_get_ex(back, "Key", &member));
	expected = parse(text);
	ck_assert_str_eq(plain(member), plain(expected));
	ck_assert(json_object_equal(member, expected));
	ck_assert_int_gt(sd_bus_message_at_end(m, true), 0);
}
END_TEST

START_TEST(order_and_null_of_members)
{
	static const char text[] = "{\"Z\":1,\"A\":\"x\",\"M\":[\"y\"],\"Gone\":null}";
	_cleanup_json_ struct json_object *object = parse(text), *back = NULL;
	_cleanup_(sd_bus_message_unrefp) sd_bus_message *m = new_message();

	ck_assert_int_eq(variant_append_object(m, object), 0);
	seal_and_rewind(m);
	ck_assert_int_eq(variant_read(m, &back), 1);
	ck_assert_str_eq(plain(back), "{\"Z\":1,\"A\":\"x\",\"M\":[\"y\"]}");
}
END_TEST

START_TEST(only_an_object_has_members)
{
	_cleanup_json_ struct json_object *array = parse("[1]");
	_cleanup_(sd_bus_message_unrefp) sd_bus_message *m = new_message();

	ck_assert_int_eq(variant_append_object(m, array), -EINVAL);
	ck_assert_int_eq(variant_append_object(m, NULL), -EINVAL);
	seal_and_rewind(m);
	ck_assert_str_eq(sd_bus_message_get_signature(m, true), "");
}
END_TEST

/* The bus takes no such text; the error has to come out, not a message that cannot be sent. */
START_TEST(what_is_not_utf8_is_refused)
{
	_cleanup_json_ struct json_object *object = json_object_new_object();
	_cleanup_(sd_bus_message_unrefp) sd_bus_message *m = new_message();
	_cleanup_(sd_bus_message_unrefp) sd_bus_message *clean = new_message();

	json_object_object_add(object, "Holders", json_object_new_string("1 (\xff)"));
	ck_assert_int_lt(variant_append_object(m, object), 0);
	ck_assert_int_eq(json_clean(object), 0);
	ck_assert_int_eq(variant_append_object(clean, object), 0);
}
END_TEST

/* Any message a service may send, not only what we make: built by sd-bus itself. */
START_TEST(every_basic_type)
{
	_cleanup_(sd_bus_message_unrefp) sd_bus_message *m = new_message();
	_cleanup_json_ struct json_object *back = NULL;

	ck_assert_int_ge(sd_bus_message_append(m, "(ybnqiuxtdsog)", 255, 1, -32768, 65535,
					       (int32_t)-2147483647 - 1, UINT32_MAX, INT64_MIN,
					       UINT64_MAX, 0.25, "text", "/object/path", "a{sv}"),
			 0);
	seal_and_rewind(m);
	ck_assert_int_eq(variant_read(m, &back), 1);
	ck_assert_str_eq(plain(back), "[255,true,-32768,65535,-2147483648,4294967295,"
				      "-9223372036854775808,18446744073709551615,0.25,\"text\","
				      "\"\\/object\\/path\",\"a{sv}\"]");
}
END_TEST

START_TEST(containers)
{
	_cleanup_(sd_bus_message_unrefp) sd_bus_message *m = new_message();
	static const char *const expected[] = {
		"{\"a\":1,\"b\":2}",	    /* a{si} */
		"{\"\\/x\":{\"K\":\"v\"}}", /* a{oa{sv}} */
		"[[7,\"seven\"]]",	    /* a{us}: keys that are no strings */
		"{}",			    /* a{sv}, empty */
		"[]",			    /* a{us}, empty */
		"\"inner\"",		    /* v of v of s */
		"[[1],[]]",		    /* aai */
		"[[\"s\",[true]]]",	    /* a(s(b)) */
	};
	struct json_object *value;

	ck_assert_int_ge(sd_bus_message_append(m, "a{si}a{oa{sv}}a{us}a{sv}a{us}", 2, "a", 1, "b",
					       2, 1, "/x", 1, "K", "s", "v", 1, 7, "seven", 0, 0),
			 0);
	ck_assert_int_ge(sd_bus_message_append(m, "v", "v", "s", "inner"), 0);
	ck_assert_int_ge(sd_bus_message_append(m, "aaia(s(b))", 2, 1, 1, 0, 1, "s", 1), 0);
	seal_and_rewind(m);

	for (size_t i = 0; i < ARRAY_SIZE(expected); i++) {
		ck_assert_int_eq(variant_read(m, &value), 1);
		ck_assert_str_eq(plain(value), expected[i]);
		json_object_put(value);
	}
	value = (struct json_object *)&expected;
	ck_assert_int_eq(variant_read(m, &value), 0);
	ck_assert_ptr_eq(value, &expected);
}
END_TEST

START_TEST(end_of_a_container)
{
	_cleanup_(sd_bus_message_unrefp) sd_bus_message *m = new_message();
	struct json_object *value = NULL;

	ck_assert_int_ge(sd_bus_message_append(m, "ass", 1, "in", "after"), 0);
	seal_and_rewind(m);
	ck_assert_int_gt(sd_bus_message_enter_container(m, 'a', "s"), 0);
	ck_assert_int_eq(variant_read(m, &value), 1);
	json_object_put(value);
	ck_assert_int_eq(variant_read(m, &value), 0);
	ck_assert_int_ge(sd_bus_message_exit_container(m), 0);
	ck_assert_int_eq(variant_read(m, &value), 1);
	ck_assert_str_eq(json_object_get_string(value), "after");
	json_object_put(value);
}
END_TEST

START_TEST(descriptors_have_no_json)
{
	_cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
	_cleanup_(sd_bus_flush_close_unrefp) sd_bus *with_fds = NULL;
	struct json_object *value = NULL;
	int fds[2];

	/* Descriptors may be appended only where both ends have agreed on passing them. */
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
	ck_assert_int_ge(sd_bus_new(&with_fds), 0);
	ck_assert_int_ge(sd_bus_set_fd(with_fds, fds[0], fds[0]), 0);
	ck_assert_int_ge(sd_bus_negotiate_fds(with_fds, true), 0);
	ck_assert_int_ge(sd_bus_start(with_fds), 0);
	ck_assert_int_ge(sd_bus_message_new_method_call(with_fds, &m, "a.b", "/a", "a.b", "C"), 0);
	ck_assert_int_ge(sd_bus_message_append(m, "h", STDIN_FILENO), 0);
	seal_and_rewind(m);
	ck_assert_int_eq(variant_read(m, &value), -EOPNOTSUPP);
	ck_assert_ptr_null(value);
	close(fds[1]);
}
END_TEST

START_TEST(clean_reaches_every_string)
{
	_cleanup_json_ struct json_object *object = json_object_new_object();
	struct json_object *array = json_object_new_array(), *inner = json_object_new_object();

	json_object_object_add(inner, "b", json_object_new_string("x\x1b[1m"));
	json_object_array_add(array, json_object_new_string(" \xff "));
	json_object_array_add(array, NULL);
	json_object_array_add(array, json_object_new_int(5));
	json_object_array_add(array, inner);
	json_object_object_add(object, "a", array);
	json_object_object_add(object, "c", json_object_new_string("kept"));
	ck_assert_int_eq(json_clean(object), 0);
	ck_assert_str_eq(plain(object), "{\"a\":[\"?\",null,5,{\"b\":\"x [1m\"}],\"c\":\"kept\"}");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("variant");
	TCase *tests = tcase_create("variant");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_loop_test(tests, member_there_and_back, 0, ARRAY_SIZE(members));
	tcase_add_test(tests, order_and_null_of_members);
	tcase_add_test(tests, only_an_object_has_members);
	tcase_add_test(tests, what_is_not_utf8_is_refused);
	tcase_add_test(tests, every_basic_type);
	tcase_add_test(tests, containers);
	tcase_add_test(tests, end_of_a_container);
	tcase_add_test(tests, descriptors_have_no_json);
	tcase_add_test(tests, clean_reaches_every_string);
	suite_add_tcase(suite, tests);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
