/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "archive.h"
#include "base/cleanup.h"
#include "capture/tar.h"
#include "suites.h"

static void long_name(char *buf, size_t n)
{
	for (size_t i = 0; i < n; i++)
		buf[i] = i % 10 == 9 ? '/' : (char)('a' + i % 26);
	buf[n - 1] = 'z';
	buf[n] = '\0';
}

/* Names of every length about which a header's fields end, and a record's digits grow. */
START_TEST(reads_what_it_writes)
{
	static const size_t lengths[] = {1,   83,  84,	85,  99,  100, 101,
					 102, 255, 984, 985, 986, 2000};
	char name[2048], target[2048], *data = NULL;
	size_t size = 0;

	for (size_t i = 0; i < ARRAY_SIZE(lengths); i++) {
		_cleanup_(tar_entry_done) struct tar_entry link = {}, file = {};
		const char *why = NULL;
		FILE *f = open_memstream(&data, &size);

		long_name(name, lengths[i]);
		long_name(target, lengths[ARRAY_SIZE(lengths) - 1 - i]);
		ck_assert_int_eq(tar_write(f,
					   &(struct tar_entry){.type = TAR_LINK,
							       .path = name,
							       .target = target},
					   1),
				 0);
		ck_assert_int_eq(tar_write(f,
					   &(struct tar_entry){.type = TAR_FILE,
							       .path = name,
							       .data = target,
							       .size = lengths[i]},
					   1),
				 0);
		ck_assert_int_eq(tar_write_end(f), 0);
		fclose(f);
		ck_assert_uint_eq(size % 512, 0);
		f = fmemopen(data, size, "re");
		ck_assert_int_eq(tar_read(f, &link, &why), 1);
		ck_assert_int_eq(link.type, TAR_LINK);
		ck_assert_str_eq(link.path, name);
		ck_assert_str_eq(link.target, target);
		ck_assert_int_eq(tar_read(f, &file, &why), 1);
		ck_assert_int_eq(file.type, TAR_FILE);
		ck_assert_str_eq(file.path, name);
		ck_assert_uint_eq(file.size, lengths[i]);
		ck_assert_int_eq(memcmp(file.data, target, lengths[i]), 0);
		ck_assert_int_eq(tar_read(f, &file, &why), 0);
		fclose(f);
		free(data);
		data = NULL;
	}
}
END_TEST

START_TEST(reads_long_names_of_gnu_tar)
{
	_cleanup_(tar_entry_done) struct tar_entry entry = {};
	struct archive archive;
	char name[301], target[301];
	const char *why = NULL;
	FILE *f;

	long_name(name, 300);
	long_name(target, 299);
	archive_begin(&archive);
	archive_add(&archive, 'L', "././@LongLink", NULL, name, NULL);
	archive_add(&archive, 'K', "././@LongLink", NULL, target, NULL);
	archive_add(&archive, '2', "cut", "cut", NULL, NULL);
	archive_end(&archive);
	f = archive_open(&archive);
	ck_assert_int_eq(tar_read(f, &entry, &why), 1);
	ck_assert_str_eq(entry.path, name);
	ck_assert_str_eq(entry.target, target);
	fclose(f);
	archive_done(&archive);
}
END_TEST

/* As "tar --format=v7" writes them, and what was there before POSIX. */
START_TEST(reads_files_without_a_type)
{
	_cleanup_(tar_entry_done) struct tar_entry folder = {}, file = {};
	struct archive archive;
	const char *why = NULL;
	FILE *f;

	archive_begin(&archive);
	archive_add(&archive, '\0', "sys/", NULL, NULL, NULL);
	archive_add(&archive, '\0', "sys/a", NULL, "content", NULL);
	archive_end(&archive);
	f = archive_open(&archive);
	ck_assert_int_eq(tar_read(f, &folder, &why), 1);
	ck_assert_int_eq(folder.type, TAR_DIRECTORY);
	ck_assert_int_eq(tar_read(f, &file, &why), 1);
	ck_assert_int_eq(file.type, TAR_FILE);
	ck_assert_str_eq(file.path, "sys/a");
	ck_assert_str_eq(file.data, "content");
	fclose(f);
	archive_done(&archive);
}
END_TEST

static const struct {
	char type;
	const char *data, *size, *why;
} wrong[] = {
	{'1', NULL, NULL, "hard link"},
	{'3', NULL, NULL, "device node"},
	{'4', NULL, NULL, "device node"},
	{'6', NULL, NULL, "FIFO"},
	{'S', NULL, NULL, "no captured host has"},
	{'V', NULL, NULL, "no captured host has"},
	{'0', NULL, "00000000001", "ends in the middle"},
	{'0', NULL, "77777777777", "too large"},
	{'0', NULL, "\200\0\0\0\0\0\0\0\0\0\1", "size"},
	{'0', NULL, "-0000000001", "size"},
	{'2', NULL, "00000000001", "has content"},
	{'L', NULL, "00000200001", "too long"},
	{'x', "no record\n", NULL, "damaged"},
	{'x', "9999 path=a\n", NULL, "damaged"},
	{'x', "5 a=b\n", NULL, "damaged"},
	{'x', "0 a=b\n", NULL, "damaged"},
	{'x', "3 \n\n", NULL, "damaged"},
	{'x', "99999999999999999999 path=a\n", NULL, "damaged"},
	{'x', "7 path\n", NULL, "damaged"},
	{'x', "25 GNU.sparse.realsize=9\n", NULL, "sparse"},
	{'x', "30 size=18446744073709551615\n", NULL, "damaged"},
	{'x', "29 size=18446744073709551615\n", NULL, "too large"},
};

START_TEST(refuses)
{
	struct tar_entry entry = {.size = 77};
	const char *why = NULL;
	struct archive archive;
	FILE *f;

	archive_begin(&archive);
	archive_add(&archive, wrong[_i].type, "sys/a", "b", wrong[_i].data, wrong[_i].size);
	if (wrong[_i].data)
		archive_add(&archive, '0', "sys/a", NULL, NULL, NULL);
	f = archive_open(&archive);
	ck_assert_int_eq(tar_read(f, &entry, &why), -EBADMSG);
	ck_assert_msg(why && strstr(why, wrong[_i].why), "%s", why);
	ck_assert_uint_eq(entry.size, 77);
	fclose(f);
	archive_done(&archive);
}
END_TEST

/* Cut anywhere, an archive is an error and not a shorter one. */
START_TEST(refuses_what_was_cut)
{
	struct archive archive;

	archive_begin(&archive);
	archive_add(&archive, 'x', "pax", NULL, "12 path=abc\n", NULL);
	archive_add(&archive, '0', "sys/a", NULL, "content", NULL);
	ck_assert_int_eq(fflush(archive.f), 0);
	for (size_t n = 1; n < archive.size; n++) {
		_cleanup_(tar_entry_done) struct tar_entry entry = {};
		const char *why = NULL;
		FILE *f = fmemopen(archive.data, n, "re");

		ck_assert_int_eq(tar_read(f, &entry, &why), -EBADMSG);
		fclose(f);
	}
	archive_done(&archive);
}
END_TEST

/* Whichever byte of a header is another, its sum is. */
START_TEST(refuses_what_was_damaged)
{
	struct archive archive;

	archive_begin(&archive);
	archive_add(&archive, '5', "sys/a", NULL, NULL, NULL);
	ck_assert_int_eq(fflush(archive.f), 0);
	for (size_t i = 0; i < 512; i++) {
		_cleanup_(tar_entry_done) struct tar_entry entry = {};
		const char *why = NULL;
		FILE *f;

		if (i >= 154 && i < 156) /* how the sum's digits end */
			continue;
		archive.data[i] ^= 1;
		f = fmemopen(archive.data, archive.size, "re");
		ck_assert_msg(tar_read(f, &entry, &why) == -EBADMSG, "byte %zu", i);
		fclose(f);
		archive.data[i] ^= 1;
	}
	archive_done(&archive);
}
END_TEST

TCase *tar_tests(void)
{
	TCase *tcase = tcase_create("tar");

	tcase_add_test(tcase, reads_what_it_writes);
	tcase_add_test(tcase, reads_long_names_of_gnu_tar);
	tcase_add_test(tcase, reads_files_without_a_type);
	tcase_add_loop_test(tcase, refuses, 0, ARRAY_SIZE(wrong));
	tcase_add_test(tcase, refuses_what_was_cut);
	tcase_add_test(tcase, refuses_what_was_damaged);
	return tcase;
}
