/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "observe/acpi.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "observe/acpi-bytes.h"

/* 5.2.6 System Description Table Header */
#define HEADER_LENGTH	4
#define HEADER_REVISION 8

/* 5.2.16 SRAT: the header, 4 reserved bytes (value 1), 8 reserved bytes, then structures */
#define SRAT_STRUCTURES 48

/* 5.2.17 SLIT: the header, the number of localities, then the matrix row by row */
#define SLIT_LOCALITIES 36
#define SLIT_ENTRIES	44

/* 5.2.17: 10 is the distance of a locality to itself, lower values mean nothing */
#define LOCAL_DISTANCE 10

/* One structure of a table: its bytes and where it stands. */
struct structure {
	const uint8_t *bytes;
	size_t length;
	size_t offset;
};

int acpi_refuse(struct acpi_refusal *refusal, size_t offset, const char *format, ...)
{
	va_list ap;

	refusal->offset = offset;
	va_start(ap, format);
	vsnprintf(refusal->what, sizeof(refusal->what), format, ap);
	va_end(ap);
	return -EBADMSG;
}

int acpi_check_header(const uint8_t *table, size_t size, const char *signature, size_t minimum,
		      struct acpi_refusal *refusal)
{
	uint32_t length;
	uint8_t sum = 0;

	if (size < minimum)
		return acpi_refuse(refusal, 0, "the table has %zu bytes, at least %zu are needed",
				   size, minimum);
	if (size > ACPI_TABLE_SIZE_MAX)
		return acpi_refuse(refusal, HEADER_LENGTH,
				   "the table has %zu bytes, more than any that is used", size);
	if (memcmp(table, signature, 4) != 0)
		return acpi_refuse(refusal, 0, "the signature is not %s", signature);
	length = acpi_get_u32(table + HEADER_LENGTH);
	if (length != size)
		return acpi_refuse(refusal, HEADER_LENGTH,
				   "the table says it has %" PRIu32 " bytes, the file has %zu",
				   length, size);
	for (size_t i = 0; i < size; i++)
		sum = (uint8_t)(sum + table[i]);
	if (sum != 0)
		return acpi_refuse(refusal, 9, "the checksum is wrong by 0x%02x", sum);
	return 0;
}

static int need(const struct structure *s, size_t minimum, struct acpi_refusal *refusal)
{
	if (s->length >= minimum)
		return 0;
	return acpi_refuse(refusal, s->offset + 1,
			   "the structure of type %u has %zu bytes, at least %zu are needed",
			   s->bytes[0], s->length, minimum);
}

/* Before revision 2 of the SRAT a domain is one byte, and the kernel masks the rest off. */
static uint32_t domain_of(uint32_t domain, uint8_t revision)
{
	return revision < 2 ? domain & 0xff : domain;
}

/* 5.2.16.1 Processor Local APIC/SAPIC Affinity: the domain's upper bytes stand apart. */
static int parse_local_apic(const struct structure *s, uint8_t revision, struct acpi_affinity *item,
			    bool *enabled, struct acpi_refusal *refusal)
{
	uint32_t high;

	if (need(s, 16, refusal) < 0)
		return -EBADMSG;
	high = s->bytes[9] | (uint32_t)acpi_get_u16(s->bytes + 10) << 8;
	*item = (struct acpi_affinity){
		.kind = ACPI_AFFINITY_CPU,
		.domain = domain_of(s->bytes[2] | high << 8, revision),
	};
	*enabled = acpi_get_u32(s->bytes + 4) & 1;
	return 0;
}

/* 5.2.16.2 Memory Affinity */
static int parse_memory(const struct structure *s, uint8_t revision, struct acpi_affinity *item,
			bool *enabled, struct acpi_refusal *refusal)
{
	uint64_t base, length;

	/* The kernel drops the whole SRAT over a short one (acpi_numa_memory_affinity_init()). */
	if (need(s, 40, refusal) < 0)
		return -EBADMSG;
	base = acpi_get_u64(s->bytes + 8);
	length = acpi_get_u64(s->bytes + 16);
	*enabled = acpi_get_u32(s->bytes + 28) & 1;
	if (*enabled && length > UINT64_MAX - base)
		return acpi_refuse(refusal, s->offset + 8,
				   "memory at 0x%" PRIx64 " of 0x%" PRIx64
				   " bytes does not fit the address space",
				   base, length);
	*item = (struct acpi_affinity){
		.kind = ACPI_AFFINITY_MEMORY,
		.domain = domain_of(acpi_get_u32(s->bytes + 2), revision),
		.base = base,
		.length = length,
	};
	return 0;
}

/* The rest of the structures differ only in where their fields are. */
struct affinity_layout {
	uint8_t type;
	enum acpi_affinity_kind kind;
	uint8_t size, domain, flags; /* bytes, and offsets of two 32-bit fields */
};

static const struct affinity_layout affinity_layouts[] = {
	{2, ACPI_AFFINITY_CPU, 24, 4, 12},	 /* 5.2.16.3 Processor Local x2APIC */
	{3, ACPI_AFFINITY_CPU, 18, 2, 10},	 /* 5.2.16.4 GICC */
	{5, ACPI_AFFINITY_INITIATOR, 32, 4, 24}, /* 5.2.16.6 Generic Initiator */
	{7, ACPI_AFFINITY_CPU, 20, 4, 12},	 /* RINTC, RISC-V; ACPI 6.6, 5.2.16.8 */
};

static int parse_other(const struct structure *s, struct acpi_affinity *item, bool *enabled,
		       struct acpi_refusal *refusal)
{
	for (size_t i = 0; i < ARRAY_SIZE(affinity_layouts); i++) {
		const struct affinity_layout *layout = &affinity_layouts[i];

		if (s->bytes[0] != layout->type)
			continue;
		if (need(s, layout->size, refusal) < 0)
			return -EBADMSG;
		*item = (struct acpi_affinity){
			.kind = layout->kind,
			.domain = acpi_get_u32(s->bytes + layout->domain),
		};
		*enabled = acpi_get_u32(s->bytes + layout->flags) & 1;
		return 0;
	}
	*enabled = false; /* a type of a later revision, or one without a domain of its own */
	return 0;
}

static int parse_structure(const struct structure *s, uint8_t revision, struct acpi_affinity *item,
			   bool *enabled, struct acpi_refusal *refusal)
{
	switch (s->bytes[0]) {
	case 0:
		return parse_local_apic(s, revision, item, enabled, refusal);
	case 1:
		return parse_memory(s, revision, item, enabled, refusal);
	}
	return parse_other(s, item, enabled, refusal);
}

/* The structure at an offset below size, with a length that can be walked over. */
static int get_structure(const uint8_t *table, size_t size, size_t offset, struct structure *ret,
			 struct acpi_refusal *refusal)
{
	size_t length;

	if (size - offset < 2)
		return acpi_refuse(refusal, offset,
				   "one byte is left, a structure has at least two");
	length = table[offset + 1];
	if (length < 2)
		return acpi_refuse(refusal, offset + 1, "the structure of type %u has length %zu",
				   table[offset], length);
	if (length > size - offset)
		return acpi_refuse(
			refusal, offset + 1,
			"the structure of type %u has %zu bytes, the table only %zu more",
			table[offset], length, size - offset);
	*ret = (struct structure){.bytes = table + offset, .length = length, .offset = offset};
	return 0;
}

void acpi_srat_done(struct acpi_srat *srat)
{
	free(srat->items);
	*srat = (struct acpi_srat){};
}

static int srat_add(struct acpi_srat *srat, const struct acpi_affinity *item)
{
	struct acpi_affinity *grown;

	/* Capacity is the next power of two, so the size alone says when to grow. */
	if ((srat->n & (srat->n - 1)) == 0) {
		grown = reallocarray(srat->items, srat->n ? srat->n * 2 : 1, sizeof(*grown));
		if (!grown)
			return -ENOMEM;
		srat->items = grown;
	}
	srat->items[srat->n++] = *item;
	return 0;
}

int acpi_srat_parse(const uint8_t *table, size_t size, struct acpi_srat *ret,
		    struct acpi_refusal *ret_refusal)
{
	_cleanup_(acpi_srat_done) struct acpi_srat srat = {};
	struct structure s = {};
	int r;

	r = acpi_check_header(table, size, "SRAT", SRAT_STRUCTURES, ret_refusal);
	if (r < 0)
		return r;
	for (size_t offset = SRAT_STRUCTURES; offset < size; offset += s.length) {
		struct acpi_affinity item;
		bool enabled;

		r = get_structure(table, size, offset, &s, ret_refusal);
		if (r < 0)
			return r;
		r = parse_structure(&s, table[HEADER_REVISION], &item, &enabled, ret_refusal);
		if (r < 0)
			return r;
		if (!enabled)
			continue;
		r = srat_add(&srat, &item);
		if (r < 0)
			return r;
	}
	*ret = srat;
	srat = (struct acpi_srat){};
	return 0;
}

/*
 * The kernel uses a SLIT only when every locality is at 10 from itself and farther from all others
 * (slit_valid() in drivers/acpi/numa/srat.c), so what it would throw away must not decide here.
 */
static int check_distances(const uint8_t *distance, uint64_t n, struct acpi_refusal *refusal)
{
	for (uint64_t from = 0; from < n; from++) {
		for (uint64_t to = 0; to < n; to++) {
			uint64_t at = from * n + to;

			if (from == to ? distance[at] == LOCAL_DISTANCE
				       : distance[at] > LOCAL_DISTANCE)
				continue;
			return acpi_refuse(
				refusal, SLIT_ENTRIES + at,
				"the distance from locality %" PRIu64 " to %" PRIu64 " is %u, %s",
				from, to, distance[at],
				from == to ? "which must be 10" : "which must be above 10");
		}
	}
	return 0;
}

int acpi_slit_parse(const uint8_t *table, size_t size, struct acpi_slit *ret,
		    struct acpi_refusal *ret_refusal)
{
	uint8_t *distance;
	uint64_t n;
	int r;

	r = acpi_check_header(table, size, "SLIT", SLIT_ENTRIES, ret_refusal);
	if (r < 0)
		return r;
	n = acpi_get_u64(table + SLIT_LOCALITIES);
	if (n == 0)
		return acpi_refuse(ret_refusal, SLIT_LOCALITIES, "the table has no localities");
	/* n is compared before it is squared, as the square of a wild value may wrap around */
	if (n > size || n * n > size - SLIT_ENTRIES)
		return acpi_refuse(ret_refusal, SLIT_LOCALITIES,
				   "%" PRIu64 " localities squared are more than the %zu entries",
				   n, size - SLIT_ENTRIES);
	r = check_distances(table + SLIT_ENTRIES, n, ret_refusal);
	if (r < 0)
		return r;
	distance = malloc(n * n);
	if (!distance)
		return -ENOMEM;
	memcpy(distance, table + SLIT_ENTRIES, n * n);
	*ret = (struct acpi_slit){.n = n, .distance = distance};
	return 0;
}

void acpi_slit_done(struct acpi_slit *slit)
{
	free(slit->distance);
	*slit = (struct acpi_slit){};
}

bool acpi_slit_get(const struct acpi_slit *slit, uint32_t from, uint32_t to, unsigned *ret)
{
	if (from >= slit->n || to >= slit->n)
		return false;
	*ret = slit->distance[from * slit->n + to];
	return true;
}
