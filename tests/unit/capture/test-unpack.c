/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "archive.h"
#include "base/cleanup.h"
#include "capture/root.h"
#include "capture/unpack.h"
#include "suites.h"
#include "tree.h"

/* top/in is where archives go; all else in top has to stay as it is. */
static char *top;

static void setup(void)
{
	top = tree_new();
	tree_dir(top, "in");
	tree_put(top, "victim", "untouched");
	tree_dir(top, "folder");
}

static void teardown(void)
{
	ck_assert(!tree_has(top, "new"));
	ck_assert(!tree_has(top, "folder/new"));
	top = tree_remove(top);
}

static void assert_untouched(void)
{
	_cleanup_free_ char *text = tree_get(top, "victim");

	ck_assert_str_eq(text, "untouched");
}

static int unpack(struct archive *archive, char **ret_why)
{
	_cleanup_free_ char *dir = NULL;
	_cleanup_close_ int fd = -EBADF;
	FILE *f = archive_open(archive);
	int r;

	ck_assert_int_gt(asprintf(&dir, "%s/in", top), 0);
	fd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	ck_assert_int_ge(fd, 0);
	r = capture_unpack(f, fd, ret_why);
	fclose(f);
	return r;
}

START_TEST(makes_what_is_in_it)
{
	_cleanup_free_ char *why = NULL, *a = NULL, *path = NULL;
	struct archive archive;
	struct stat st;

	archive_begin(&archive);
	archive_add(&archive, '5', "./", NULL, NULL, NULL);
	archive_add(&archive, '0', "./sys//bus/a", NULL, "text\n", NULL);
	archive_add(&archive, '5', "sys/bus/", NULL, NULL, NULL);
	archive_add(&archive, '2', "sys/class/b", "../bus", NULL, NULL);
	archive_add(&archive, '2', "proc/12/fd/3", "/dev/dax0.0", NULL, NULL);
	archive_end(&archive);
	ck_assert_msg(unpack(&archive, &why) == 0, "%s", why);
	a = tree_get(top, "in/sys/class/b/a");
	ck_assert_str_eq(a, "text\n");
	ck_assert(tree_has(top, "in/proc/12/fd/3"));
	/* Not the mode that it asks for. */
	ck_assert_int_gt(asprintf(&path, "%s/in/sys/bus/a", top), 0);
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_uint_eq(st.st_mode & 07133, 0);
	archive_done(&archive);
}
END_TEST

struct member {
	char type;
	const char *name, *link;
};

static const struct {
	struct member members[3];
	const char *why;
} hostile[] = {
	/* Names that lead out. */
	{{{'0', "/victim", NULL}}, "leads out"},
	{{{'0', "../victim", NULL}}, "leads out"},
	{{{'0', "sys/../../victim", NULL}}, "leads out"},
	{{{'0', "sys/..", NULL}}, "leads out"},
	{{{'5', "..", NULL}}, "leads out"},
	{{{'5', "../new", NULL}}, "leads out"},
	{{{'0', "", NULL}}, "no name"},
	{{{'0', "./", NULL}}, "no name"},
	{{{'2', ".", "sys"}}, "no name"},
	/* Links that do. */
	{{{'2', "a", "/etc/passwd"}}, "leads out"},
	{{{'2', "a", ".."}}, "leads out"},
	{{{'2', "a", "../victim"}}, "leads out"},
	{{{'2', "a/b", "../../victim"}}, "leads out"},
	{{{'2', "a/b", "./.././../victim"}}, "leads out"},
	{{{'2', "a/b", "c/../../../victim"}}, "leads out"},
	{{{'2', "a", ""}}, "leads out"},
	{{{'2', "proc/12/fd/x", "/victim"}}, "leads out"},
	{{{'2', "proc/12/fd/3/4", "/victim"}}, "leads out"},
	{{{'2', "sys/proc/12/fd/3", "/victim"}}, "leads out"},
	/* To a link that may. */
	{{{'2', "a", "proc/1/fd/2"}}, "leads out"},
	{{{'2', "a/b", "../proc"}}, "leads out"},
	{{{'2', "a/b", ".././/proc/1"}}, "leads out"},
	{{{'2', "a", "."}}, "leads out"},
	{{{'2', "a/b", "../."}}, "leads out"},
	{{{'2', "proc/a", "1/fd/2"}}, "leads out"},
	{{{'2', "proc/1/a", "fd/2"}}, "leads out"},
	/* Each by itself stays inside, by where it stands; together they would not. */
	{{{'2', "a/e/b", "../../c"}, {'2', "a/e/d", "b/../.."}}, "leads out"},
	/* Through a link, inside or to nowhere. */
	{{{'2', "a", "b"}, {'0', "a/victim", NULL}}, "no folder"},
	{{{'5', "b", NULL}, {'2', "a", "b"}, {'0', "a/victim", NULL}}, "no folder"},
	{{{'2', "proc/1/fd/2", "/"}, {'0', "proc/1/fd/2/victim", NULL}}, "no folder"},
	{{{'0', "a", NULL}, {'0', "a/b", NULL}}, "no folder"},
	/* Onto something. */
	{{{'0', "a", NULL}, {'0', "a", NULL}}, "twice"},
	{{{'2', "a", "b"}, {'0', "a", NULL}}, "twice"},
	{{{'2', "a", "b"}, {'5', "a", NULL}}, "twice"},
	{{{'0', "a", NULL}, {'5', "a", NULL}}, "twice"},
	{{{'5', "a", NULL}, {'2', "a", "b"}}, "twice"},
	{{{'3', "a", NULL}}, "device node"},
};

START_TEST(refuses)
{
	_cleanup_free_ char *why = NULL;
	struct archive archive;

	archive_begin(&archive);
	for (size_t i = 0; i < 3 && hostile[_i].members[i].name; i++) {
		const struct member *member = &hostile[_i].members[i];

		archive_add(&archive, member->type, member->name, member->link,
			    member->type == '0' ? "overwritten" : NULL, NULL);
	}
	archive_end(&archive);
	ck_assert_int_eq(unpack(&archive, &why), -EBADMSG);
	ck_assert_msg(why && strstr(why, hostile[_i].why), "%s", why);
	assert_untouched();
	archive_done(&archive);
}
END_TEST

START_TEST(refuses_what_is_too_deep)
{
	char record[160], name[136];

	/* One folder more than 64, which only a record has room for. */
	for (int i = 0; i < 2; i++) {
		_cleanup_free_ char *why = NULL;
		struct archive archive;
		int r;

		name[0] = '\0';
		for (int k = 0; k < 63 + i; k++)
			strcat(name, "a/");
		strcat(name, "a");
		snprintf(record, sizeof(record), "%zu path=%s\n",
			 strlen(name) + strlen("137 path=\n"), name);
		archive_begin(&archive);
		archive_add(&archive, 'x', "pax", NULL, record, NULL);
		archive_add(&archive, '0', "b", NULL, NULL, NULL);
		archive_end(&archive);
		r = unpack(&archive, &why);
		ck_assert_msg(r == (i == 0 ? 0 : -EBADMSG), "%d: %s", i, why);
		ck_assert(i == 0 || strstr(why, "too long"));
		archive_done(&archive);
	}
}
END_TEST

static void put_archive(struct archive *archive)
{
	archive_end(archive);
	ck_assert_int_eq(fflush(archive->f), 0);
	tree_put_blob(top, "host.tar", archive->data, archive->size);
	archive_done(archive);
}

static int open_root(const char *name, struct capture_root *root, char **ret_why)
{
	_cleanup_free_ char *path = NULL;

	ck_assert_int_gt(asprintf(&path, "%s/%s", top, name), 0);
	return capture_root_open(path, root, ret_why);
}

/* Whether there is a folder of ours below top, which is where temporary ones go. */
static bool anything_left(void)
{
	_cleanup_free_ char *command = NULL;

	ck_assert_int_gt(asprintf(&command, "ls -d %s/daxtierctl-* >/dev/null 2>&1", top), 0);
	return system(command) == 0;
}

START_TEST(opens_an_archive_and_leaves_nothing)
{
	_cleanup_free_ char *why = NULL;
	struct capture_root root = {};
	struct archive archive;

	setenv("TMPDIR", top, 1);
	archive_begin(&archive);
	archive_add(&archive, '0', "sys/a", NULL, "text", NULL);
	archive_add(&archive, '0', "capture/manifest", NULL, "format=1\nunreadable=sys/b\n", NULL);
	put_archive(&archive);
	ck_assert_msg(open_root("host.tar", &root, &why) == 0, "%s", why);
	ck_assert(root.temporary);
	ck_assert_uint_eq(root.manifest.unreadable.n, 1);
	ck_assert(tree_has(root.path, "sys/a"));
	ck_assert(anything_left());
	capture_root_done(&root);
	ck_assert(!anything_left());
}
END_TEST

static const struct {
	const char *name, *data, *why;
} no_hosts[] = {
	{"etc/a", "", "no captured host"},
	{"../a", "", "leads out"},
	{"sys/a", "", NULL},
	{"capture/manifest", "format=1\n", "no captured host"},
};

START_TEST(failing_leaves_nothing)
{
	_cleanup_free_ char *why = NULL;
	_cleanup_(capture_root_done) struct capture_root root = {};
	struct archive archive;
	int r;

	setenv("TMPDIR", top, 1);
	archive_begin(&archive);
	archive_add(&archive, '0', no_hosts[_i].name, NULL, no_hosts[_i].data, NULL);
	put_archive(&archive);
	r = open_root("host.tar", &root, &why);
	if (!no_hosts[_i].why) {
		ck_assert_int_eq(r, 0);
		return;
	}
	ck_assert_int_eq(r, -EBADMSG);
	ck_assert_msg(why && strstr(why, no_hosts[_i].why), "%s", why);
	ck_assert_ptr_null(root.path);
	ck_assert(!anything_left());
}
END_TEST

START_TEST(refuses_what_a_newer_one_captured)
{
	_cleanup_free_ char *why = NULL;
	struct capture_root root = {};

	tree_put(top, "folder/capture/manifest", "format=2\n");
	ck_assert_int_eq(open_root("folder", &root, &why), -EPROTONOSUPPORT);
	ck_assert_ptr_nonnull(strstr(why, "newer"));
}
END_TEST

START_TEST(takes_a_folder_as_it_is)
{
	_cleanup_free_ char *why = NULL;
	struct capture_root root = {};

	ck_assert_int_eq(open_root("folder", &root, &why), 0);
	ck_assert(!root.temporary);
	ck_assert_uint_eq(root.manifest.format, 0);
	capture_root_done(&root);
	ck_assert(tree_has(top, "folder"));
}
END_TEST

START_TEST(does_not_wait_for_a_fifo)
{
	_cleanup_free_ char *why = NULL, *path = NULL;
	struct capture_root root = {};

	ck_assert_int_gt(asprintf(&path, "%s/fifo", top), 0);
	ck_assert_int_eq(mkfifo(path, 0600), 0);
	ck_assert_int_eq(open_root("fifo", &root, &why), -EINVAL);
	ck_assert_ptr_nonnull(strstr(why, "neither"));
}
END_TEST

TCase *unpack_tests(void)
{
	TCase *tcase = tcase_create("unpack");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, makes_what_is_in_it);
	tcase_add_loop_test(tcase, refuses, 0, ARRAY_SIZE(hostile));
	tcase_add_test(tcase, refuses_what_is_too_deep);
	tcase_add_test(tcase, opens_an_archive_and_leaves_nothing);
	tcase_add_loop_test(tcase, failing_leaves_nothing, 0, ARRAY_SIZE(no_hosts));
	tcase_add_test(tcase, refuses_what_a_newer_one_captured);
	tcase_add_test(tcase, takes_a_folder_as_it_is);
	tcase_add_test(tcase, does_not_wait_for_a_fifo);
	return tcase;
}
