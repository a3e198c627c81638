/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether the windows that firmware made hold the cards that are there. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/format.h"
#include "doctor/check.h"

#define WINDOWS "/sys/bus/cxl/devices"

static uint64_t add_capped(uint64_t a, uint64_t b)
{
	return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

/* The volatile memory of all cards behind the bridge, and their names. */
static int bridge_memory(const struct cxl_facts *cxl, const char *bridge, struct strv *names,
			 uint64_t *ret)
{
	uint64_t memory = 0;
	int r = 0;

	for (size_t i = 0; r == 0 && i < cxl->n_memdevs; i++) {
		const struct cxl_memdev *memdev = &cxl->memdevs[i];

		if (!memdev->bridge || strcmp(memdev->bridge, bridge) != 0 || memdev->ram_size == 0)
			continue;
		memory = add_capped(memory, memdev->ram_size);
		r = strv_add(names, memdev->name);
	}
	*ret = memory;
	return r;
}

/*
 * How much of the windows for volatile memory can map what is behind the bridge: of one that is
 * interleaved over several bridges its share, as each takes every n-th granule.
 */
static uint64_t bridge_space(const struct cxl_facts *cxl, const char *bridge)
{
	uint64_t space = 0;

	for (size_t i = 0; i < cxl->n_windows; i++) {
		const struct cxl_window *window = &cxl->windows[i];

		for (size_t k = 0; window->cap_ram && k < window->bridges.n; k++)
			if (strcmp(window->bridges.items[k], bridge) == 0)
				space = add_capped(space, window->size / window->bridges.n);
	}
	return space;
}

/* "mem0, mem1". NULL on out of memory. */
static char *join(const struct strv *names)
{
	char *text = strdup("");

	for (size_t i = 0; text && i < names->n; i++) {
		char *longer = finding_text("%s%s%s", text, i > 0 ? ", " : "", names->items[i]);

		free(text);
		text = longer;
	}
	return text;
}

static int check_bridge(const struct cxl_facts *cxl, const char *bridge, struct findings *findings)
{
	_cleanup_(strv_done) struct strv names = {};
	_cleanup_free_ char *cards = NULL;
	uint64_t memory = 0, space = bridge_space(cxl, bridge);
	const char *slash = strrchr(bridge, '/'), *name = slash ? slash + 1 : bridge;
	char a[FORMAT_SIZE_MAX], b[FORMAT_SIZE_MAX];
	int r;

	r = bridge_memory(cxl, bridge, &names, &memory);
	if (r < 0 || memory <= space)
		return r;
	cards = join(&names);
	if (!cards)
		return -ENOMEM;
	format_size(memory, a);
	format_size(space, b);
	return findings_add(
		findings,
		(struct finding){
			.severity = FINDING_ERROR,
			.about = ABOUT_WINDOW,
			.what = space == 0 ? finding_text("No window for volatile memory reaches "
							  "host bridge %s, so %s cannot be mapped",
							  name, cards)
					   : finding_text("The windows of host bridge %s are too "
							  "small for the cards behind it (%s)",
							  name, cards),
			.file = finding_text(WINDOWS),
			.value = finding_text("%s of memory, %s of windows", a, b),
			.where = FIX_IN_SETUP,
			.fix = finding_text("raise the space for CXL hot-plug of host bridge %s in "
					    "the setup, to at least %s",
					    name, a),
		});
}

int check_windows(const struct facts *facts, const struct evidence *evidence,
		  struct findings *findings)
{
	const struct cxl_facts *cxl = &facts->cxl;
	_cleanup_(strv_done) struct strv done = {};
	int r = 0;

	/* What could not be read may be what is missed. */
	for (size_t i = 0; i < cxl->n_windows; i++)
		if (cxl->windows[i].incomplete)
			return 0;
	for (size_t i = 0; r == 0 && i < cxl->n_memdevs; i++) {
		const char *bridge = cxl->memdevs[i].bridge;

		if (!bridge || strv_contains(&done, bridge))
			continue;
		r = strv_add(&done, bridge);
		if (r == 0)
			r = check_bridge(cxl, bridge, findings);
	}
	return r;
}
