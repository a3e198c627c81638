/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Packed archives, and those that are packed in parts. */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "initramfs/stream.h"
#include "listing.h"
#include "suites.h"

static struct bytes image, plain;

static void setup(void)
{
	image = plain = (struct bytes){};
}

static void teardown(void)
{
	bytes_done(&image);
	bytes_done(&plain);
}

START_TEST(test_each_packing)
{
	cpio_add(&plain, "a.conf", "one");
	cpio_add(&plain, "b", "two");
	cpio_end(&plain);
	bytes_add_packed(&image, (enum packing)_i, &plain);
	listing_is(&image, "a.conf{one}\nb\n");
}
END_TEST

/* As they are built today: microcode, modules that are packed by themselves, and the rest. */
START_TEST(test_parts)
{
	cpio_add(&image, "kernel/x86/microcode/GenuineIntel.bin", "code");
	cpio_end(&image);
	bytes_add_zeros(&image, 512 - image.size % 512);
	cpio_add(&image, "kmem.ko.xz", "module");
	cpio_end(&image);
	cpio_add(&plain, "a.conf", "one");
	cpio_end(&plain);
	bytes_add_packed(&image, (enum packing)_i, &plain);
	/* Nothing says where an lz4 file ends. */
	if (_i != PACKING_LZ4) {
		bytes_add_zeros(&image, 3);
		bytes_add_packed(&image, PACKING_ZSTD, &plain);
		bytes_add_packed(&image, PACKING_XZ, &plain);
		bytes_add_packed(&image, PACKING_GZIP, &plain);
	}
	bytes_add_packed(&image, PACKING_LZ4, &plain);
	bytes_add_packed(&image, PACKING_LZ4, &plain);
	listing_is(&image, _i == PACKING_LZ4
				   ? "kernel/x86/microcode/GenuineIntel.bin\nkmem.ko.xz\n"
				     "a.conf{one}\na.conf{one}\na.conf{one}\n"
				   : "kernel/x86/microcode/GenuineIntel.bin\nkmem.ko.xz\n"
				     "a.conf{one}\na.conf{one}\na.conf{one}\na.conf{one}\n"
				     "a.conf{one}\na.conf{one}\n");
}
END_TEST

/* Whatever begins around the end of what is read at once. */
START_TEST(test_across_chunks)
{
	cpio_add(&plain, "a.conf", "one");
	cpio_end(&plain);
	for (size_t zeros = STREAM_CHUNK - 12; zeros <= STREAM_CHUNK + 2; zeros++) {
		struct bytes bytes = {};

		bytes_add_zeros(&bytes, zeros);
		bytes_add_packed(&bytes, (enum packing)_i, &plain);
		listing_is(&bytes, "a.conf{one}\n");
		bytes_done(&bytes);
	}
}
END_TEST

/* More than a buffer of any library, that can be packed well (long after its end) and badly. */
START_TEST(test_large)
{
	static unsigned char noise[1 << 20];
	uint64_t state = 1;

	for (size_t i = 0; i < sizeof(noise); i++) {
		state = state * UINT64_C(6364136223846793005) + 1442695040888963407;
		noise[i] = (unsigned char)(state >> 56);
	}
	cpio_add_entry(&plain, CPIO_FILE, "noise", noise, sizeof(noise));
	memset(noise, 0, sizeof(noise));
	for (int i = 0; i < 9; i++)
		cpio_add_entry(&plain, CPIO_FILE, "zeros", noise, sizeof(noise));
	cpio_add(&plain, "z.conf", "end");
	cpio_end(&plain);
	bytes_add_zeros(&plain, 1 << 20);
	bytes_add_packed(&image, (enum packing)_i, &plain);
	listing_is(&image, "noise\nzeros\nzeros\nzeros\nzeros\nzeros\nzeros\nzeros\nzeros\nzeros\n"
			   "z.conf{end}\n");
}
END_TEST

START_TEST(test_empty)
{
	bytes_add_packed(&image, (enum packing)_i, &plain);
	listing_is(&image, "");
}
END_TEST

Suite *packed_suite(void)
{
	Suite *suite = suite_create("packed");
	TCase *tcase = tcase_create("packed");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_loop_test(tcase, test_each_packing, PACKING_NONE, PACKING_MAX);
	tcase_add_loop_test(tcase, test_parts, PACKING_NONE, PACKING_MAX);
	tcase_add_loop_test(tcase, test_across_chunks, PACKING_NONE, PACKING_MAX);
	tcase_add_loop_test(tcase, test_large, PACKING_NONE, PACKING_MAX);
	tcase_add_loop_test(tcase, test_empty, PACKING_NONE, PACKING_MAX);
	tcase_set_timeout(tcase, 60);
	suite_add_tcase(suite, tcase);
	return suite;
}
