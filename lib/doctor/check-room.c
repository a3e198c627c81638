/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether the windows still have room in one piece for the cards that have no region. */
#include <string.h>

#include "base/cleanup.h"
#include "base/format.h"
#include "doctor/check.h"

/* Where the kernel lets a region begin: alloc_hpa() in drivers/cxl/core/region.c */
#define REGION_ALIGN (UINT64_C(256) << 20)

/* A card as a whole: what is left beside a region of somebody's may be left on purpose. */
static bool has_no_region(const struct cxl_memdev *memdev)
{
	for (size_t i = 0; i < memdev->n_decoders; i++)
		if (memdev->decoders[i].dpa_size > 0 || memdev->decoders[i].region)
			return false;
	return memdev->bridge && memdev->ram_size > 0 && !memdev->incomplete;
}

/* Where it ends; what a captured host says of sizes need not fit the address space. */
static uint64_t end_of(uint64_t start, uint64_t size)
{
	return size > UINT64_MAX - start ? UINT64_MAX : start + size;
}

/* Moves *at up to where no region is; true when that took a move. */
static bool pass_region(const struct cxl_facts *cxl, const struct cxl_window *window, uint64_t *at)
{
	for (size_t i = 0; i < cxl->n_regions; i++) {
		const struct cxl_region *region = &cxl->regions[i];
		uint64_t end = end_of(region->start, region->size);

		if (!region->has_start || !region->window ||
		    strcmp(region->window, window->name) != 0 || region->start > *at || end <= *at)
			continue;
		*at = end;
		return true;
	}
	return false;
}

static uint64_t next_region(const struct cxl_facts *cxl, const struct cxl_window *window,
			    uint64_t at, uint64_t end)
{
	for (size_t i = 0; i < cxl->n_regions; i++) {
		const struct cxl_region *region = &cxl->regions[i];

		if (region->has_start && region->window &&
		    strcmp(region->window, window->name) == 0 && region->start > at &&
		    region->start < end)
			end = region->start;
	}
	return end;
}

static uint64_t align_up(uint64_t at)
{
	return at > UINT64_MAX - REGION_ALIGN
		       ? UINT64_MAX
		       : (at + REGION_ALIGN - 1) / REGION_ALIGN * REGION_ALIGN;
}

/* The largest piece of the window that no region has. */
static uint64_t largest_piece(const struct cxl_facts *cxl, const struct cxl_window *window)
{
	uint64_t end = end_of(window->start, window->size), largest = 0;

	/* Each round ends where a region begins, and there are so many of them. */
	for (uint64_t at = window->start, next; at < end; at = next) {
		do
			at = align_up(at);
		while (pass_region(cxl, window, &at));
		if (at >= end)
			break;
		next = next_region(cxl, window, at, end);
		if (next - at > largest)
			largest = next - at;
	}
	return largest;
}

/* What a card behind the bridge can have of it; each target of an interleaved one its share. */
static uint64_t largest_share(const struct cxl_facts *cxl, const char *bridge)
{
	uint64_t largest = 0;

	for (size_t i = 0; i < cxl->n_windows; i++) {
		const struct cxl_window *window = &cxl->windows[i];
		uint64_t share;

		if (!window->cap_ram || !strv_contains(&window->bridges, bridge))
			continue;
		share = largest_piece(cxl, window) / window->bridges.n;
		if (share > largest)
			largest = share;
	}
	return largest;
}

static int check_card(const struct cxl_facts *cxl, const struct cxl_memdev *memdev,
		      struct findings *findings)
{
	uint64_t size = memdev->ram_size / REGION_ALIGN * REGION_ALIGN, room;
	const char *slash = strrchr(memdev->bridge, '/');
	char a[FORMAT_SIZE_MAX], b[FORMAT_SIZE_MAX];

	room = largest_share(cxl, memdev->bridge);
	if (room >= size)
		return 0;
	format_size(size, a);
	format_size(room, b);
	return findings_add(
		findings,
		(struct finding){
			.severity = FINDING_WARNING,
			.about = ABOUT_WINDOW,
			.what = finding_text("%s has no region, and no window of host bridge %s "
					     "has room for all of it in one piece",
					     memdev->name, slash ? slash + 1 : memdev->bridge),
			.file = finding_text("/sys/bus/cxl/devices"),
			.value = finding_text("%s of memory, %s free in one piece", a, b),
			.where = FIX_IN_SHELL,
			.fix = finding_text("daxtierctl release --eject, for the devices whose "
					    "regions are in the way"),
		});
}

int check_room(const struct facts *facts, const struct evidence *evidence,
	       struct findings *findings)
{
	const struct cxl_facts *cxl = &facts->cxl;
	int r = 0;

	/* What could not be read may be what is missed; too small a window is told of already. */
	for (size_t i = 0; i < cxl->n_windows; i++)
		if (cxl->windows[i].incomplete)
			return 0;
	for (size_t i = 0; i < findings->n; i++)
		if (findings->items[i].about == ABOUT_WINDOW &&
		    findings->items[i].severity == FINDING_ERROR)
			return 0;
	for (size_t i = 0; r == 0 && i < cxl->n_memdevs; i++)
		if (has_no_region(&cxl->memdevs[i]))
			r = check_card(cxl, &cxl->memdevs[i], findings);
	return r;
}
