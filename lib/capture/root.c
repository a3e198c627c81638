/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "capture/root.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "capture/unpack.h"
#include "sysfs/sysfs.h"

#define OPEN_FOLDERS_MAX 16

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	return remove(path);
}

void capture_root_done(struct capture_root *root)
{
	if (root->temporary && root->path)
		nftw(root->path, remove_entry, OPEN_FOLDERS_MAX, FTW_DEPTH | FTW_PHYS);
	free(root->path);
	manifest_done(&root->manifest);
	*root = (struct capture_root){};
}

static int fail(char **ret_why, int error, const char *why)
{
	*ret_why = strdup(why);
	return error;
}

static int make_folder(struct capture_root *root)
{
	const char *dir = getenv("TMPDIR");

	if (asprintf(&root->path, "%s/daxtierctl-XXXXXX", dir && dir[0] == '/' ? dir : "/tmp") <
	    0) {
		root->path = NULL;
		return -ENOMEM;
	}
	if (!mkdtemp(root->path))
		return -errno;
	root->temporary = true;
	return 0;
}

static int unpack(FILE *f, struct capture_root *root, char **ret_why)
{
	_cleanup_close_ int fd = -EBADF;
	int r;

	r = make_folder(root);
	if (r < 0)
		return fail(ret_why, r, strerror(-r));
	fd = open(root->path, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0) {
		r = -errno;
		return fail(ret_why, r, strerror(-r));
	}
	return capture_unpack(f, fd, ret_why);
}

/* The folder itself, or one with what the archive holds. */
static int open_any(const char *path, struct capture_root *root, char **ret_why)
{
	_cleanup_close_ int fd = -EBADF;
	_cleanup_fclose_ FILE *f = NULL;
	struct stat st;
	int r;

	/* O_NONBLOCK: a FIFO must not hold us up. */
	fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0) {
		r = -errno;
		return fail(ret_why, r, strerror(-r));
	}
	if (S_ISDIR(st.st_mode)) {
		root->path = strdup(path);
		return root->path ? 0 : -ENOMEM;
	}
	if (!S_ISREG(st.st_mode))
		return fail(ret_why, -EINVAL, "it is neither a folder nor an archive");
	f = fdopen(fd, "re");
	if (!f)
		return fail(ret_why, -ENOMEM, strerror(ENOMEM));
	(void)TAKE_FD(fd);
	return unpack(f, root, ret_why);
}

static int read_manifest(struct capture_root *root, char **ret_why)
{
	_cleanup_(sysfs_close) struct sysfs sysfs = {.root_fd = -EBADF};
	_cleanup_free_ char *text = NULL;
	int r;

	r = sysfs_open(&sysfs, root->path, NULL, NULL);
	if (r == 0)
		r = sysfs_read_string(&sysfs, &text, MANIFEST_PATH);
	if (r == -ENOENT || r == -ENOTDIR)
		return 0;
	if (r == 0)
		r = manifest_parse(text, &root->manifest);
	switch (r) {
	case 0:
		return 0;
	case -EPROTONOSUPPORT:
		return fail(ret_why, r, "a newer daxtierctl captured it, in a format of its own");
	case -EBADMSG:
		return fail(ret_why, r, "its " MANIFEST_PATH " is damaged");
	}
	return fail(ret_why, r, strerror(-r));
}

/* A folder of somebody's may be anything; an archive must be what it is for. */
static int check(const struct capture_root *root, char **ret_why)
{
	_cleanup_(sysfs_close) struct sysfs sysfs = {.root_fd = -EBADF};
	int r;

	if (!root->temporary)
		return 0;
	r = sysfs_open(&sysfs, root->path, NULL, NULL);
	if (r == 0)
		r = sysfs_exists(&sysfs, "sys");
	if (r < 0)
		return fail(ret_why, r, strerror(-r));
	return r > 0 ? 0 : fail(ret_why, -EBADMSG, "there is no captured host in it");
}

int capture_root_open(const char *path, struct capture_root *ret, char **ret_why)
{
	_cleanup_(capture_root_done) struct capture_root root = {};
	char *why = NULL;
	int r;

	r = open_any(path, &root, &why);
	if (r == 0)
		r = check(&root, &why);
	if (r == 0)
		r = read_manifest(&root, &why);
	if (r < 0) {
		*ret_why = why;
		return r;
	}
	*ret = root;
	root = (struct capture_root){};
	return 0;
}
