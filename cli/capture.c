/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "capture/take.h"
#include "cli/local.h"
#include "cli/signals.h"

/* Nobody's but the owner's: it has physical addresses, which only root may read on a host. */
#define CAPTURE_MODE 0600

static enum exit_status cannot_write(const char *file, int error)
{
	complain("cannot write %s: %s", file, strerror(-error));
	return STATUS_FAILURE;
}

static int write_to(FILE *f, const struct image *image)
{
	int r;

	r = image_write(image, f, (uint64_t)time(NULL));
	if (r < 0)
		return r;
	errno = 0;
	return fflush(f) == 0 ? 0 : errno > 0 ? -errno : -EIO;
}

static enum exit_status write_out(const struct image *image)
{
	int r;

	r = write_to(stdout, image);
	return r < 0 ? cannot_write("to standard output", r) : STATUS_OK;
}

/* Opened before the host is looked at: a name that does not do should not take its time first. */
static enum exit_status open_new(const char *file, FILE **ret)
{
	_cleanup_close_ int fd = -EBADF;
	FILE *f;

	fd = open(file, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, CAPTURE_MODE);
	if (fd < 0 && errno == EEXIST) {
		complain("%s exists already; give a new name", file);
		return STATUS_FAILURE;
	}
	if (fd < 0)
		return cannot_write(file, -errno);
	f = fdopen(fd, "we");
	if (!f) {
		unlink(file);
		return complain_oom();
	}
	(void)TAKE_FD(fd);
	*ret = f;
	return STATUS_OK;
}

static enum exit_status take(const struct request *request, struct manifest *manifest,
			     struct image **ret)
{
	_cleanup_(local_host_done) struct local_host host = {};
	enum exit_status status;
	int r;

	status = local_host_open(request->root, &host);
	if (status != STATUS_OK)
		return status;
	manifest->masked = request->mask_serials;
	manifest->tool = strdup("daxtierctl " PROJECT_VERSION);
	if (!manifest->tool)
		return complain_oom();
	r = capture_take(local_host_path(&host), manifest, ret);
	if (r < 0) {
		complain("cannot capture the host in %s: %s", request->root ?: "/", strerror(-r));
		return STATUS_FAILURE;
	}
	return STATUS_OK;
}

static void complain_unreadable(const struct manifest *manifest)
{
	size_t n = manifest->unreadable.n;

	if (n == 0)
		return;
	for (size_t i = 0; i < n; i++)
		complain("no permission to read /%s", manifest->unreadable.items[i]);
	complain("%zu file%s left out; run it as root for all of the host", n,
		 n == 1 ? " was" : "s were");
}

static enum exit_status capture_to(const struct request *request, FILE *f)
{
	_cleanup_(manifest_done) struct manifest manifest = {};
	_cleanup_(image_freep) struct image *image = NULL;
	enum exit_status status;
	int r;

	status = take(request, &manifest, &image);
	if (status != STATUS_OK)
		return status;
	if (!f)
		status = write_out(image);
	else if ((r = write_to(f, image)) < 0)
		status = cannot_write(request->argument, r);
	if (status == STATUS_OK)
		complain_unreadable(&manifest);
	return status;
}

static enum exit_status capture_to_new(const struct request *request)
{
	_cleanup_fclose_ FILE *f = NULL;
	enum exit_status status;

	status = open_new(request->argument, &f);
	if (status != STATUS_OK)
		return status;
	status = capture_to(request, f);
	if (fclose(TAKE_PTR(f)) != 0 && status == STATUS_OK)
		status = cannot_write(request->argument, -errno);
	if (status != STATUS_OK)
		unlink(request->argument);
	return status;
}

enum exit_status verb_capture(const struct request *request)
{
	enum exit_status status;
	sigset_t signals;

	if (strcmp(request->argument, "-") == 0) {
		if (isatty(STDOUT_FILENO)) {
			complain("an archive is nothing for a terminal; name a file");
			return STATUS_USAGE;
		}
		return capture_to(request, NULL);
	}
	/* Half an archive is none, and would be in the way of the next one. */
	signals_hold(&signals);
	status = capture_to_new(request);
	signals_release(&signals);
	return status;
}
