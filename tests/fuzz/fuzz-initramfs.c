/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Initramfs images of any bytes. */

#include <err.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "fuzz.h"
#include "initramfs/initramfs.h"

static bool wants(void *userdata, const char *name)
{
	return strlen(name) % 2 == 0;
}

static int take(void *userdata, const char *name, char *content)
{
	size_t *n = userdata;

	fuzz_assert(*name && *name != '/' && strncmp(name, "./", 2) != 0);
	fuzz_assert(!content || wants(NULL, name));
	fuzz_assert(!content || strlen(content) <= INITRAMFS_CONTENT_MAX);
	fuzz_assert(++*n <= INITRAMFS_FILES_MAX);
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_close_ int fd = memfd_create("initramfs", MFD_CLOEXEC);
	size_t n = 0;
	const struct initramfs_reader reader = {.wants = wants, .take = take, .userdata = &n};
	const char *why = NULL;
	int r;

	if (fd < 0 || pwrite(fd, data, size, 0) != (ssize_t)size)
		err(EXIT_FAILURE, "memfd");
	r = initramfs_read(fd, &reader, &why);
	fuzz_assert(r == 0 || r == -EBADMSG);
	fuzz_assert(!why == (r == 0));
	return 0;
}
