/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Cpio archives as they are. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "initramfs/initramfs.h"
#include "listing.h"
#include "suites.h"

static struct bytes image;

static void setup(void)
{
	image = (struct bytes){};
}

static void teardown(void)
{
	bytes_done(&image);
}

START_TEST(test_names)
{
	cpio_add_entry(&image, CPIO_DIRECTORY, ".", "", 0);
	cpio_add_entry(&image, CPIO_DIRECTORY, "etc", "", 0);
	cpio_add(&image, "./etc/a.conf", "one\n");
	cpio_add(&image, "/etc/b", "two");
	cpio_add_entry(&image, CPIO_LINK, "bin", "usr/bin", 7);
	/* A link's target is no content. */
	cpio_add_entry(&image, CPIO_LINK, "c.conf", "a.conf", 6);
	cpio_add(&image, "d.conf", "");
	cpio_end(&image);
	listing_is(&image, "etc/a.conf{one\n}\netc/b\nbin\nc.conf\nd.conf{}\n");
}
END_TEST

/* Name and content are each filled up, to four bytes. */
START_TEST(test_every_padding)
{
	static const char letters[] = "abcdefgh";

	for (int name = 1; name <= 8; name++)
		for (int content = 0; content <= 8; content++) {
			char path[32], text[128];

			snprintf(path, sizeof(path), "%.*s.conf", name, letters);
			snprintf(text, sizeof(text), "%s{%.*s}\nz\n", path, content, letters);
			setup();
			cpio_add_entry(&image, CPIO_FILE, path, letters, (size_t)content);
			cpio_add(&image, "z", "");
			cpio_end(&image);
			listing_is(&image, text);
			teardown();
		}
}
END_TEST

START_TEST(test_one_behind_the_other)
{
	bytes_add_zeros(&image, 4);
	cpio_add(&image, "a", "microcode");
	cpio_end(&image);
	bytes_add_zeros(&image, 512 - image.size % 512);
	cpio_add(&image, "a", "again");
	cpio_end(&image);
	cpio_add(&image, "b", "");
	cpio_end(&image);
	listing_is(&image, "a\na\nb\n");
}
END_TEST

START_TEST(test_other_kind)
{
	cpio_add(&image, "a.conf", "x");
	image.data[5] = '2'; /* with checksums */
	cpio_end(&image);
	listing_is(&image, "a.conf{x}\n");
	image.data[5] = '7'; /* the old one, of octal digits */
	listing_refused(&image, "newc");
}
END_TEST

START_TEST(test_nothing)
{
	listing_is(&image, "");
	bytes_add_zeros(&image, 1 << 20);
	listing_is(&image, "");
}
END_TEST

START_TEST(test_large_content)
{
	static char large[INITRAMFS_CONTENT_MAX + 1];
	struct listing listing = {};

	memset(large, 'x', sizeof(large));
	cpio_add_entry(&image, CPIO_FILE, "a.conf", large, sizeof(large));
	cpio_add_entry(&image, CPIO_FILE, "b", large, sizeof(large));
	cpio_end(&image);
	listing_is(&image, "a.conf\nb\n");
	teardown();
	setup();
	cpio_add_entry(&image, CPIO_FILE, "a.conf", large, sizeof(large) - 1);
	cpio_end(&image);
	ck_assert_int_eq(listing_read(&listing, &image), 0);
	ck_assert_int_eq(strncmp(listing.text, "a.conf{xxx", 10), 0);
}
END_TEST

START_TEST(test_taker_ends_it)
{
	struct listing listing = {.error = -ENOSPC, .n_good = 1};

	cpio_add(&image, "a", "");
	cpio_add(&image, "b", "");
	cpio_add(&image, "c", "");
	cpio_end(&image);
	ck_assert_int_eq(listing_read(&listing, &image), -ENOSPC);
	ck_assert_str_eq(listing.text, "a\n");
	ck_assert_uint_eq(listing.n, 2);
}
END_TEST

Suite *archive_suite(void)
{
	Suite *suite = suite_create("archives");
	TCase *tcase = tcase_create("archives");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, test_names);
	tcase_add_test(tcase, test_every_padding);
	tcase_add_test(tcase, test_one_behind_the_other);
	tcase_add_test(tcase, test_other_kind);
	tcase_add_test(tcase, test_nothing);
	tcase_add_test(tcase, test_large_content);
	tcase_add_test(tcase, test_taker_ends_it);
	suite_add_tcase(suite, tcase);
	return suite;
}
