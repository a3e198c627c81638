/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "base/cleanup.h"
#include "doctor/gunzip.h"
#include "suites.h"

static unsigned char packed[1 << 20];

/* As the kernel's build packs its configuration. */
static size_t pack(const void *text, size_t size)
{
	z_stream stream = {.next_in = (z_const Bytef *)text,
			   .avail_in = (uInt)size,
			   .next_out = packed,
			   .avail_out = sizeof(packed)};

	ck_assert_int_eq(deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY),
			 Z_OK);
	ck_assert_int_eq(deflate(&stream, Z_FINISH), Z_STREAM_END);
	ck_assert_int_eq(deflateEnd(&stream), Z_OK);
	return stream.total_out;
}

/* Sizes on both sides of those at which room is made. */
START_TEST(test_sizes)
{
	static const size_t sizes[] = {0, 1, 100000, 524287, 524288, 524289, 3000000};

	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		_cleanup_free_ char *text = malloc(sizes[i] + 1), *back = NULL;

		ck_assert_ptr_nonnull(text);
		for (size_t k = 0; k < sizes[i]; k++)
			text[k] = (char)('a' + k * k % 26);
		text[sizes[i]] = '\0';
		ck_assert_int_eq(gunzip((char *)packed, pack(text, sizes[i]), &back), 0);
		ck_assert_str_eq(back, text);
	}
}
END_TEST

START_TEST(test_cut_short)
{
	size_t size = pack("CONFIG_NUMA=y\n", 14);
	char *text = NULL;

	for (size_t n = 0; n < size; n++)
		ck_assert_int_eq(gunzip((char *)packed, n, &text), -EBADMSG);
	ck_assert_ptr_null(text);
}
END_TEST

START_TEST(test_no_gzip)
{
	char *text = NULL;

	ck_assert_int_eq(gunzip("CONFIG_NUMA=y\n", 14, &text), -EBADMSG);
	ck_assert_ptr_null(text);
}
END_TEST

/* A few KiB that would become 64 MiB. */
START_TEST(test_bomb)
{
	_cleanup_free_ char *zeros = calloc(1, 64 << 20);
	char *text = NULL;
	size_t size;

	ck_assert_ptr_nonnull(zeros);
	size = pack(zeros, 64 << 20);
	ck_assert_uint_lt(size, 100000);
	ck_assert_int_eq(gunzip((char *)packed, size, &text), -EBADMSG);
	ck_assert_ptr_null(text);
}
END_TEST

Suite *gunzip_suite(void)
{
	Suite *suite = suite_create("gunzip");
	TCase *tcase = tcase_create("gunzip");

	tcase_add_test(tcase, test_sizes);
	tcase_add_test(tcase, test_cut_short);
	tcase_add_test(tcase, test_no_gzip);
	tcase_add_test(tcase, test_bomb);
	suite_add_tcase(suite, tcase);
	return suite;
}
