/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Images that were cut, damaged, or made to do harm. */
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "failing-alloc.h"
#include "initramfs/initramfs.h"
#include "listing.h"
#include "suites.h"

#define ALLOCATIONS_MAX 1000

static struct bytes image, plain;

static void setup(void)
{
	image = plain = (struct bytes){};
	cpio_add(&plain, "a.conf", "one");
	cpio_add(&plain, "b", "two");
	cpio_end(&plain);
}

static void teardown(void)
{
	bytes_done(&image);
	bytes_done(&plain);
}

/* An exact copy, so that a sanitizer sees what is read behind it. */
START_TEST(test_cut_at_every_byte)
{
	static const char whole[] = "early\na.conf{one}\nb\n";
	size_t early;

	cpio_add(&image, "early", "x");
	cpio_end(&image);
	early = image.size;
	bytes_add_packed(&image, (enum packing)_i, &plain);
	for (size_t n = 0; n < image.size; n++) {
		const struct bytes cut = {.data = image.data, .size = n};
		struct listing listing = {};
		int r = listing_read(&listing, &cut);

		/* It is whole where a part of it is, and as "lz4 -l" has it after any block. */
		if (n == 0 || n == early || (_i == PACKING_LZ4 && n == early + 4))
			ck_assert_int_eq(r, 0);
		else
			ck_assert_int_eq(r, -EBADMSG);
		ck_assert(!listing.why == (r == 0));
		ck_assert_int_eq(strncmp(whole, listing.text, strlen(listing.text)), 0);
	}
}
END_TEST

/* Something else may come out of it, but it comes to an end. */
START_TEST(test_each_byte_wrong)
{
	static const unsigned char wrong[] = {0x00, 0x01, 0x20, 0x7f, 0x80, 0xff};

	bytes_add_packed(&image, (enum packing)_i, &plain);
	for (size_t n = 0; n < image.size; n++)
		for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
			struct listing listing = {};
			int r;

			image.data[n] ^= wrong[i];
			r = listing_read(&listing, &image);
			ck_assert(r == 0 || (r == -EBADMSG && listing.why));
			image.data[n] ^= wrong[i];
		}
}
END_TEST

START_TEST(test_packed_otherwise)
{
	bytes_add(&image, "BZh91AY&SY", 10);
	listing_refused(&image, "neither with gzip nor with zstd, xz or lz4");
	bytes_done(&image);
	bytes_done(&plain);
	bytes_add(&plain, "no archive", 10);
	bytes_add_packed(&image, PACKING_GZIP, &plain);
	listing_refused(&image, "packed in it is no cpio archive");
}
END_TEST

/* Digits are digits: no sign, no white space. */
START_TEST(test_fields)
{
	static const char *const fields[] = {"-0000001", " 0000001", "0x000001", "0000000g"};

	for (size_t i = 0; i < ARRAY_SIZE(fields); i++) {
		memcpy(plain.data + 6 + 6 * 8, fields[i], 8);
		listing_refused(&plain, "a header in it is damaged");
	}
}
END_TEST

START_TEST(test_names)
{
	/* namesize: 0, and more than any path has */
	memcpy(plain.data + 6 + 11 * 8, "00000000", 8);
	listing_refused(&plain, "too long");
	memcpy(plain.data + 6 + 11 * 8, "00001001", 8);
	listing_refused(&plain, "too long");
	memcpy(plain.data + 6 + 11 * 8, "ffffffff", 8);
	listing_refused(&plain, "too long");
	/* without its end */
	memcpy(plain.data + 6 + 11 * 8, "00000006", 8);
	listing_refused(&plain, "name in it is damaged");
}
END_TEST

/* 4 GiB are announced, and not there: nothing is allocated for them. */
START_TEST(test_size)
{
	memcpy(plain.data + 6 + 6 * 8, "ffffffff", 8);
	listing_refused(&plain, "ends in the middle");
}
END_TEST

START_TEST(test_too_many_files)
{
	for (size_t i = 0; i <= INITRAMFS_FILES_MAX; i++)
		cpio_add_entry(&image, CPIO_DIRECTORY, "d", "", 0);
	listing_refused(&image, "more files");
}
END_TEST

/* A frame of zstd whose blocks are each a zero that is 128 KiB long: 4 bytes for each. */
static void add_bomb(size_t n_blocks)
{
	static const unsigned char header[] = {
		0x28, 0xb5, 0x2f, 0xfd, /* magic */
		0x00, 0x38,		/* no size, no checksum; a window of 128 KiB */
	};
	static const unsigned char block[] = {0x02, 0x00, 0x10, 0x00};
	static const unsigned char last[] = {0x03, 0x00, 0x10, 0x00};

	bytes_add(&image, header, sizeof(header));
	while (n_blocks-- > 1)
		bytes_add(&image, block, sizeof(block));
	bytes_add(&image, last, sizeof(last));
}

/* Each of them is small enough, all of them are not. */
START_TEST(test_bomb)
{
	size_t n_blocks = (size_t)(INITRAMFS_SIZE_MAX >> 17);

	add_bomb(n_blocks / 2);
	listing_is(&image, "");
	add_bomb(n_blocks / 2 + 1);
	listing_refused(&image, "more than any initramfs");
}
END_TEST

/* A hole takes no room on a disk, and as long to read as what is in it. */
START_TEST(test_sparse)
{
	static const struct initramfs_reader reader;
	_cleanup_close_ int fd = bytes_open(&image);
	const char *why = NULL;

	ck_assert_int_eq(ftruncate(fd, (off_t)INITRAMFS_SIZE_MAX + 1), 0);
	ck_assert_int_eq(initramfs_read(fd, &reader, &why), -EBADMSG);
	ck_assert_str_eq(why, "it is larger than any initramfs");
}
END_TEST

/* A window of 2 GiB, which would have to be kept in memory. */
START_TEST(test_dictionary)
{
	static const unsigned char header[] = {0x28, 0xb5, 0x2f, 0xfd, 0x00,
					       0xa8, 0x03, 0x00, 0x10, 0x00};

	bytes_add(&image, header, sizeof(header));
	listing_refused(&image, "what zstd packed is damaged");
}
END_TEST

START_TEST(test_each_allocation_fails)
{
	struct listing listing = {};
	unsigned n;
	int r = -1;

	bytes_add_packed(&image, (enum packing)_i, &plain);
	for (n = 1; n < ALLOCATIONS_MAX; n++) {
		failing_alloc_arm(n);
		r = listing_read(&listing, &image);
		if (!failing_alloc_disarm())
			break;
		ck_assert_int_eq(r, -ENOMEM);
	}
	ck_assert_int_eq(r, 0);
	ck_assert_uint_gt(n, 1);
}
END_TEST

Suite *hostile_suite(void)
{
	Suite *suite = suite_create("hostile");
	TCase *tcase = tcase_create("hostile");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_loop_test(tcase, test_cut_at_every_byte, PACKING_NONE, PACKING_MAX);
	tcase_add_loop_test(tcase, test_each_byte_wrong, PACKING_NONE, PACKING_MAX);
	tcase_add_test(tcase, test_packed_otherwise);
	tcase_add_test(tcase, test_fields);
	tcase_add_test(tcase, test_names);
	tcase_add_test(tcase, test_size);
	tcase_add_test(tcase, test_too_many_files);
	tcase_add_test(tcase, test_bomb);
	tcase_add_test(tcase, test_sparse);
	tcase_add_test(tcase, test_dictionary);
	tcase_add_loop_test(tcase, test_each_allocation_fails, PACKING_NONE, PACKING_MAX);
	tcase_set_timeout(tcase, 60);
	suite_add_tcase(suite, tcase);
	return suite;
}
