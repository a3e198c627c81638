/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The CEDT against itself, the SRAT, and the windows that the kernel took. */
#include <inttypes.h>

#include "base/cleanup.h"
#include "doctor/check.h"

#define CEDT "/sys/firmware/acpi/tables/CEDT"

/* cxl_acpi_cfmws_verify() in drivers/cxl/acpi.c */
#define WINDOW_ALIGNMENT (UINT64_C(256) << 20)

/* Each is compared with all others; hosts with more are somebody's invention. */
#define WINDOWS_MAX 1024

static char *range_text(const struct acpi_window *window)
{
	return finding_text("0x%" PRIx64 " of 0x%" PRIx64 " bytes", window->base, window->size);
}

static int check_alignment(const struct acpi_window *window, struct findings *findings)
{
	if (window->size > 0 && window->base % WINDOW_ALIGNMENT == 0 &&
	    window->size % WINDOW_ALIGNMENT == 0)
		return 0;
	return firmware_add(
		findings, FINDING_ERROR,
		finding_text("The kernel refuses a CXL window that is empty or not made of whole "
			     "256 MiB"),
		finding_text(CEDT), range_text(window));
}

static bool has_bridge(const struct acpi_cedt *cedt, uint32_t uid)
{
	for (size_t i = 0; i < cedt->n_bridges; i++)
		if (cedt->bridges[i] == uid)
			return true;
	return false;
}

static int check_targets(const struct acpi_cedt *cedt, const struct acpi_window *window,
			 struct findings *findings)
{
	int r = 0;

	for (unsigned i = 0; r == 0 && i < window->ways; i++)
		if (!has_bridge(cedt, window->targets[i]))
			r = firmware_add(findings, FINDING_ERROR,
					 finding_text("A CXL window leads to host bridge 0x%" PRIx32
						      ", which the CEDT does not describe",
						      window->targets[i]),
					 finding_text(CEDT), range_text(window));
	return r;
}

/* cxl_parse_cfmws() in drivers/cxl/acpi.c: one target, or three, need no map of bits. */
static int check_hash(const struct acpi_cedt *cedt, const struct acpi_window *window,
		      struct findings *findings)
{
	if (!window->hashed || window->ways == 1 || window->ways == 3 ||
	    (window->granularity < 32 && cedt->hashes >> window->granularity & 1))
		return 0;
	return firmware_add(
		findings, FINDING_ERROR,
		finding_text("A CXL window is interleaved by XOR, and the CEDT has no CXIMS of its "
			     "granularity: the kernel refuses it"),
		finding_text(CEDT), range_text(window));
}

static bool overlap(uint64_t a, uint64_t a_size, uint64_t b, uint64_t b_size)
{
	/* The parsers have seen to it that no end wraps around. */
	return a < b + b_size && b < a + a_size;
}

static int check_overlaps(const struct acpi_cedt *cedt, size_t at, struct findings *findings)
{
	const struct acpi_window *a = &cedt->windows[at];
	int r = 0;

	for (size_t i = at + 1; r == 0 && i < cedt->n_windows; i++) {
		const struct acpi_window *b = &cedt->windows[i];

		if (!overlap(a->base, a->size, b->base, b->size))
			continue;
		r = firmware_add(findings, FINDING_ERROR, finding_text("Two CXL windows overlap"),
				 finding_text(CEDT),
				 finding_text("0x%" PRIx64 " of 0x%" PRIx64 " bytes, and 0x%" PRIx64
					      " of 0x%" PRIx64 " bytes",
					      a->base, a->size, b->base, b->size));
	}
	return r;
}

/* A region of such a window would be in one node, with the distance of another. */
static int check_domains(const struct acpi_srat *srat, const struct acpi_window *window,
			 struct findings *findings)
{
	const struct acpi_affinity *first = NULL;

	for (size_t i = 0; i < srat->n; i++) {
		const struct acpi_affinity *item = &srat->items[i];

		if (item->kind != ACPI_AFFINITY_MEMORY ||
		    !overlap(item->base, item->length, window->base, window->size))
			continue;
		if (!first)
			first = item;
		if (item->domain == first->domain)
			continue;
		return firmware_add(
			findings, FINDING_WARNING,
			finding_text("The SRAT has a CXL window in two proximity domains, %" PRIu32
				     " and %" PRIu32,
				     first->domain, item->domain),
			finding_text(CEDT), range_text(window));
	}
	return 0;
}

/* Without any, cxl_acpi may not be there yet. */
static int check_taken(const struct cxl_facts *cxl, const struct acpi_window *window,
		       struct findings *findings)
{
	for (size_t i = 0; i < cxl->n_windows; i++)
		if (cxl->windows[i].incomplete || cxl->windows[i].start == window->base)
			return 0;
	if (cxl->n_windows == 0)
		return 0;
	return firmware_add(
		findings, FINDING_WARNING,
		finding_text("The kernel did not take a CXL window of the CEDT; its log says why"),
		finding_text(CEDT), range_text(window));
}

static int check_window(const struct facts *facts, const struct evidence *evidence, size_t at,
			struct findings *findings)
{
	const struct acpi_window *window = &evidence->cedt.windows[at];
	int r;

	r = check_alignment(window, findings);
	if (r == 0)
		r = check_targets(&evidence->cedt, window, findings);
	if (r == 0)
		r = check_hash(&evidence->cedt, window, findings);
	if (r == 0)
		r = check_overlaps(&evidence->cedt, at, findings);
	if (r == 0)
		r = check_domains(&evidence->proximity.srat, window, findings);
	return r != 0 ? r : check_taken(&facts->cxl, window, findings);
}

int check_cxl_tables(const struct facts *facts, const struct evidence *evidence,
		     struct findings *findings)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < WINDOWS_MAX && i < evidence->cedt.n_windows; i++)
		r = check_window(facts, evidence, i, findings);
	return r;
}
