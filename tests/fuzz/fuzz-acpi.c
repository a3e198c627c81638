/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * ACPI tables of any bytes: as they are, and with signature, length and checksum put right, without
 * which no change would ever get past the header.
 */

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "fuzz.h"
#include "observe/acpi-cxl.h"
#include "observe/acpi.h"

#define HEADER_SIZE 36

/* A refusal is for people: it points into the table, and is text. */
static void check_refusal(const struct acpi_refusal *refusal, size_t size)
{
	fuzz_assert(refusal->offset <= size);
	fuzz_assert(*refusal->what);
	for (const char *p = refusal->what; *p; p++)
		fuzz_assert(*p >= ' ' && *p <= '~');
}

static void check_affinity(const struct acpi_affinity *item)
{
	switch (item->kind) {
	case ACPI_AFFINITY_CPU:
	case ACPI_AFFINITY_INITIATOR:
		fuzz_assert(item->base == 0 && item->length == 0);
		return;
	case ACPI_AFFINITY_MEMORY:
		fuzz_assert(item->length <= UINT64_MAX - item->base);
		return;
	}
	fuzz_assert(!"a known kind");
}

static void parse_srat(const uint8_t *table, size_t size)
{
	_cleanup_(acpi_srat_done) struct acpi_srat srat = {};
	struct acpi_refusal refusal = {};
	int r;

	r = acpi_srat_parse(table, size, &srat, &refusal);
	fuzz_assert(r == 0 || r == -EBADMSG);
	if (r < 0) {
		fuzz_assert(srat.n == 0 && !srat.items);
		check_refusal(&refusal, size);
		return;
	}
	/* No structure that counts is shorter than 16 bytes. */
	fuzz_assert(srat.n <= size / 16);
	for (size_t i = 0; i < srat.n; i++)
		check_affinity(&srat.items[i]);
}

/* What is used is what the kernel would use: a diagonal of 10, and more than that elsewhere. */
static void check_distances(const struct acpi_slit *slit)
{
	for (uint32_t from = 0; from < slit->n; from++) {
		for (uint32_t to = 0; to < slit->n; to++) {
			unsigned value = 0;

			fuzz_assert(acpi_slit_get(slit, from, to, &value));
			fuzz_assert(from == to ? value == 10 : value > 10 && value <= 255);
		}
	}
}

static void parse_slit(const uint8_t *table, size_t size)
{
	_cleanup_(acpi_slit_done) struct acpi_slit slit = {};
	struct acpi_refusal refusal = {};
	unsigned value;
	int r;

	r = acpi_slit_parse(table, size, &slit, &refusal);
	fuzz_assert(r == 0 || r == -EBADMSG);
	if (r < 0) {
		fuzz_assert(slit.n == 0 && !slit.distance);
		check_refusal(&refusal, size);
		return;
	}
	fuzz_assert(slit.n * slit.n <= size);
	fuzz_assert(!acpi_slit_get(&slit, (uint32_t)slit.n, 0, &value));
	check_distances(&slit);
}

static void parse_cedt(const uint8_t *table, size_t size)
{
	_cleanup_(acpi_cedt_done) struct acpi_cedt cedt = {};
	struct acpi_refusal refusal = {};
	int r;

	r = acpi_cedt_parse(table, size, &cedt, &refusal);
	fuzz_assert(r == 0 || r == -EBADMSG);
	if (r < 0) {
		fuzz_assert(!cedt.windows && !cedt.bridges);
		check_refusal(&refusal, size);
		return;
	}
	fuzz_assert(cedt.n_bridges <= size / 32 && cedt.n_windows <= size / 40);
	for (size_t i = 0; i < cedt.n_windows; i++) {
		const struct acpi_window *window = &cedt.windows[i];

		fuzz_assert(window->ways >= 1 && window->ways <= ACPI_WINDOW_WAYS_MAX);
		fuzz_assert(window->size <= UINT64_MAX - window->base);
	}
}

static void parse_hmat(const uint8_t *table, size_t size)
{
	_cleanup_(acpi_hmat_done) struct acpi_hmat hmat = {};
	struct acpi_refusal refusal = {};
	int r;

	r = acpi_hmat_parse(table, size, &hmat, &refusal);
	fuzz_assert(r == 0 || r == -EBADMSG);
	if (r < 0) {
		fuzz_assert(!hmat.domains && !hmat.latencies);
		check_refusal(&refusal, size);
		return;
	}
	fuzz_assert(hmat.n <= size / 4);
	fuzz_assert(hmat.n_latencies <= size / 2);
	for (size_t i = 0; i < hmat.n_latencies; i++) {
		const struct acpi_latency *latency = &hmat.latencies[i];
		uint64_t nsec = 0;

		fuzz_assert(latency->nsec > 0);
		fuzz_assert(acpi_hmat_latency(&hmat, latency->initiator, latency->target, &nsec));
		fuzz_assert(nsec > 0);
	}
}

static void put_right(uint8_t *table, size_t size, const char *signature)
{
	uint8_t sum = 0;

	memcpy(table, signature, 4);
	for (size_t i = 0; i < 4; i++)
		table[4 + i] = (uint8_t)(size >> (8 * i));
	table[9] = 0;
	for (size_t i = 0; i < size; i++)
		sum = (uint8_t)(sum + table[i]);
	table[9] = (uint8_t)-sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_free_ uint8_t *table = NULL;

	parse_srat(data, size);
	parse_slit(data, size);
	parse_cedt(data, size);
	parse_hmat(data, size);
	if (size < HEADER_SIZE)
		return 0;
	table = malloc(size);
	fuzz_assert(table);
	memcpy(table, data, size);
	put_right(table, size, "SRAT");
	parse_srat(table, size);
	put_right(table, size, "SLIT");
	parse_slit(table, size);
	put_right(table, size, "CEDT");
	parse_cedt(table, size);
	put_right(table, size, "HMAT");
	parse_hmat(table, size);
	return 0;
}
