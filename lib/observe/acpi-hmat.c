/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "observe/acpi-bytes.h"
#include "observe/acpi-cxl.h"

/* 5.2.28: the header, 4 reserved bytes, then structures: type, reserved, a length of 32 bits */
#define REVISION	 8
#define STRUCTURES	 40
#define STRUCTURE_HEADER 8

/* 5.2.28.3 Memory Proximity Domain Attributes */
#define TYPE_PROXIMITY	    0
#define PROXIMITY_SIZE	    40
#define PROXIMITY_FLAGS	    8
#define PROXIMITY_INITIATOR 12
#define PROXIMITY_MEMORY    16
#define INITIATOR_IS_VALID  1

/* 5.2.28.4 System Locality Latency and Bandwidth Information */
#define TYPE_LOCALITY	    1
#define LOCALITY_FLAGS	    8
#define LOCALITY_DATA	    9
#define LOCALITY_INITIATORS 12
#define LOCALITY_TARGETS    16
#define LOCALITY_BASE	    24
#define LOCALITY_LISTS	    32

/* Of memory itself, not of a cache before it. */
#define HIERARCHY_MASK	    0x0f
#define HIERARCHY_MEMORY    0
#define DATA_ACCESS_LATENCY 0
#define DATA_READ_LATENCY   1
/* 0: not told. */
#define VALUE_UNREACHABLE 0xffff

/* Four times the nodes that any kernel has (MAX_NUMNODES); each is looked up among the others. */
#define DOMAINS_MAX 4096

static int add_domain(struct acpi_hmat *hmat, uint32_t domain, size_t offset,
		      struct acpi_refusal *refusal)
{
	uint32_t *grown;

	for (size_t i = 0; i < hmat->n; i++)
		if (hmat->domains[i] == domain)
			return 0;
	if (hmat->n >= DOMAINS_MAX)
		return acpi_refuse(refusal, offset, "more than %d proximity domains", DOMAINS_MAX);
	grown = reallocarray(hmat->domains, hmat->n + 1, sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	hmat->domains = grown;
	grown[hmat->n++] = domain;
	return 0;
}

static int parse_proximity(const uint8_t *s, size_t length, size_t offset, struct acpi_hmat *hmat,
			   struct acpi_refusal *refusal)
{
	int r = 0;

	if (length < PROXIMITY_SIZE)
		return acpi_refuse(refusal, offset + 4,
				   "the structure of type 0 has %zu bytes, at least %d are needed",
				   length, PROXIMITY_SIZE);
	if (acpi_get_u16(s + PROXIMITY_FLAGS) & INITIATOR_IS_VALID)
		r = add_domain(hmat, acpi_get_u32(s + PROXIMITY_INITIATOR), offset, refusal);
	return r < 0 ? r : add_domain(hmat, acpi_get_u32(s + PROXIMITY_MEMORY), offset, refusal);
}

/*
 * As hmat_normalize() in drivers/acpi/numa/hmat.c: in tenths of nanoseconds in the first revision,
 * else in picoseconds, rounded up.
 */
static uint64_t to_nsec(const struct acpi_hmat *hmat, uint64_t base, uint16_t value)
{
	unsigned divisor = hmat->revision == 1 ? 10 : 1000;

	if (value == 0 || value == VALUE_UNREACHABLE || base > UINT32_MAX / value)
		return 0;
	return (base * value + divisor - 1) / divisor;
}

/* Its sizes have been checked. */
static int add_latencies(struct acpi_hmat *hmat, const uint8_t *s, size_t from, size_t to)
{
	const uint8_t *initiators = s + LOCALITY_LISTS, *targets = initiators + from * 4;
	const uint8_t *values = targets + to * 4;
	uint64_t base = acpi_get_u64(s + LOCALITY_BASE);
	struct acpi_latency *grown;

	if (from == 0 || to == 0)
		return 0;
	grown = reallocarray(hmat->latencies, hmat->n_latencies + from * to, sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	hmat->latencies = grown;
	for (size_t i = 0; i < from * to; i++) {
		uint64_t nsec = to_nsec(hmat, base, acpi_get_u16(values + i * 2));

		if (nsec > 0)
			grown[hmat->n_latencies++] = (struct acpi_latency){
				.initiator = acpi_get_u32(initiators + i / to * 4),
				.target = acpi_get_u32(targets + i % to * 4),
				.nsec = nsec,
			};
	}
	return 0;
}

static int parse_locality(const uint8_t *s, size_t length, size_t offset, struct acpi_hmat *hmat,
			  struct acpi_refusal *refusal)
{
	uint64_t from, to, need;
	int r = 0;

	if (length < LOCALITY_LISTS)
		return acpi_refuse(refusal, offset + 4,
				   "the structure of type 1 has %zu bytes, at least %d are needed",
				   length, LOCALITY_LISTS);
	from = acpi_get_u32(s + LOCALITY_INITIATORS);
	to = acpi_get_u32(s + LOCALITY_TARGETS);
	/* Both lists, and a value of two bytes for each pair; each count first, for the product. */
	need = LOCALITY_LISTS + (from + to) * sizeof(uint32_t);
	if (from > length || to > length || need + from * to * sizeof(uint16_t) > length)
		return acpi_refuse(refusal, offset + LOCALITY_INITIATORS,
				   "%" PRIu64 " initiators and %" PRIu64
				   " targets are more than %zu bytes hold",
				   from, to, length);
	for (uint64_t i = 0; r == 0 && i < from + to; i++)
		r = add_domain(hmat, acpi_get_u32(s + LOCALITY_LISTS + i * sizeof(uint32_t)),
			       offset, refusal);
	if (r < 0 || (s[LOCALITY_FLAGS] & HIERARCHY_MASK) != HIERARCHY_MEMORY ||
	    (s[LOCALITY_DATA] != DATA_ACCESS_LATENCY && s[LOCALITY_DATA] != DATA_READ_LATENCY))
		return r;
	return add_latencies(hmat, s, (size_t)from, (size_t)to);
}

static int compare_numbers(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

static int compare_pairs(const void *a, const void *b)
{
	const struct acpi_latency *x = a, *y = b;

	return compare_numbers(x->initiator, y->initiator) ?: compare_numbers(x->target, y->target);
}

static int compare_latencies(const void *a, const void *b)
{
	const struct acpi_latency *x = a, *y = b;

	return compare_pairs(a, b) ?: compare_numbers(x->nsec, y->nsec);
}

bool acpi_hmat_latency(const struct acpi_hmat *hmat, uint32_t initiator, uint32_t target,
		       uint64_t *ret_nsec)
{
	const struct acpi_latency key = {.initiator = initiator, .target = target}, *found = NULL;

	if (hmat->n_latencies > 0)
		found = bsearch(&key, hmat->latencies, hmat->n_latencies, sizeof(key),
				compare_pairs);
	if (!found)
		return false;
	*ret_nsec = found->nsec;
	return true;
}

int acpi_hmat_parse(const uint8_t *table, size_t size, struct acpi_hmat *ret,
		    struct acpi_refusal *ret_refusal)
{
	_cleanup_(acpi_hmat_done) struct acpi_hmat hmat = {};
	size_t length;
	int r;

	r = acpi_check_header(table, size, "HMAT", STRUCTURES, ret_refusal);
	if (r == 0)
		hmat.revision = table[REVISION];
	for (size_t offset = STRUCTURES; r == 0 && offset < size; offset += length) {
		const uint8_t *s = table + offset;

		if (size - offset < STRUCTURE_HEADER)
			return acpi_refuse(ret_refusal, offset,
					   "%zu bytes are left, a structure has at least %d",
					   size - offset, STRUCTURE_HEADER);
		length = acpi_get_u32(s + 4);
		if (length < STRUCTURE_HEADER || length > size - offset)
			return acpi_refuse(ret_refusal, offset + 4,
					   "a structure has length %zu, and %zu bytes are left",
					   length, size - offset);
		if (acpi_get_u16(s) == TYPE_PROXIMITY)
			r = parse_proximity(s, length, offset, &hmat, ret_refusal);
		else if (acpi_get_u16(s) == TYPE_LOCALITY)
			r = parse_locality(s, length, offset, &hmat, ret_refusal);
	}
	if (r < 0)
		return r;
	if (hmat.n_latencies > 0)
		qsort(hmat.latencies, hmat.n_latencies, sizeof(*hmat.latencies), compare_latencies);
	*ret = hmat;
	hmat = (struct acpi_hmat){};
	return 0;
}

void acpi_hmat_done(struct acpi_hmat *hmat)
{
	free(hmat->domains);
	free(hmat->latencies);
	*hmat = (struct acpi_hmat){};
}
