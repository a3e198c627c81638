/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "listing.h"

#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"

static bool wants(void *userdata, const char *name)
{
	size_t n = strlen(name);

	return n > 5 && strcmp(name + n - 5, ".conf") == 0;
}

static int take(void *userdata, const char *name, char *content)
{
	struct listing *listing = userdata;
	int n;

	listing->n++;
	if (listing->error < 0 && listing->n > listing->n_good)
		return listing->error;
	if (listing->room == 0)
		return 0;
	n = snprintf(listing->text + sizeof(listing->text) - listing->room, listing->room,
		     content ? "%s{%s}\n" : "%s\n", name, content);
	listing->room = n >= 0 && (size_t)n < listing->room ? listing->room - (size_t)n : 0;
	return 0;
}

int listing_read(struct listing *listing, const struct bytes *image)
{
	const struct initramfs_reader reader = {.wants = wants, .take = take, .userdata = listing};
	_cleanup_close_ int fd = bytes_open(image);

	listing->text[0] = '\0';
	listing->room = sizeof(listing->text);
	listing->n = 0;
	listing->why = NULL;
	return initramfs_read(fd, &reader, &listing->why);
}

void listing_is(const struct bytes *image, const char *text)
{
	struct listing listing = {};

	ck_assert_int_eq(listing_read(&listing, image), 0);
	ck_assert_str_eq(listing.text, text);
}

void listing_refused(const struct bytes *image, const char *why)
{
	struct listing listing = {};

	ck_assert_int_eq(listing_read(&listing, image), -EBADMSG);
	ck_assert_ptr_nonnull(listing.why);
	ck_assert_msg(strstr(listing.why, why), "\"%s\" does not say \"%s\"", listing.why, why);
}
