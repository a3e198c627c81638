/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "observe/acpi-bytes.h"
#include "observe/acpi-cxl.h"

/* 5.2.28: the header, 4 reserved bytes, then structures: type, reserved, a length of 32 bits */
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
#define LOCALITY_INITIATORS 12
#define LOCALITY_TARGETS    16
#define LOCALITY_LISTS	    32

static int add_domain(struct acpi_hmat *hmat, uint32_t domain)
{
	uint32_t *grown;

	for (size_t i = 0; i < hmat->n; i++)
		if (hmat->domains[i] == domain)
			return 0;
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
		r = add_domain(hmat, acpi_get_u32(s + PROXIMITY_INITIATOR));
	return r < 0 ? r : add_domain(hmat, acpi_get_u32(s + PROXIMITY_MEMORY));
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
		r = add_domain(hmat, acpi_get_u32(s + LOCALITY_LISTS + i * sizeof(uint32_t)));
	return r;
}

int acpi_hmat_parse(const uint8_t *table, size_t size, struct acpi_hmat *ret,
		    struct acpi_refusal *ret_refusal)
{
	_cleanup_(acpi_hmat_done) struct acpi_hmat hmat = {};
	size_t length;
	int r;

	r = acpi_check_header(table, size, "HMAT", STRUCTURES, ret_refusal);
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
	*ret = hmat;
	hmat = (struct acpi_hmat){};
	return 0;
}

void acpi_hmat_done(struct acpi_hmat *hmat)
{
	free(hmat->domains);
	*hmat = (struct acpi_hmat){};
}
