/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "observe/acpi-bytes.h"
#include "observe/acpi-cxl.h"

/* CXL 3.1, 9.18.1.1: type, reserved, and a length of 16 bits */
#define STRUCTURE_HEADER 4

#define TYPE_CHBS 0
#define CHBS_SIZE 32
#define CHBS_UID  4

#define TYPE_CFMWS	  1
#define CFMWS_BASE	  8
#define CFMWS_SIZE	  16
#define CFMWS_WAYS	  24
#define CFMWS_ARITHMETIC  25
#define CFMWS_GRANULARITY 28
#define CFMWS_TARGETS	  36

#define ARITHMETIC_XOR 1

/* 9.18.1.5 CXL XOR Interleave Math Structure: its granularity, and how it is hashed */
#define TYPE_CXIMS	  2
#define CXIMS_SIZE	  8
#define CXIMS_GRANULARITY 6

/* 9.18.1.3: the encoded number of ways. 0: not one of them. */
static unsigned decode_ways(uint8_t encoded)
{
	if (encoded <= 4)
		return 1U << encoded;
	return encoded >= 8 && encoded <= 10 ? 3U << (encoded - 8) : 0;
}

static int add_bridge(struct acpi_cedt *cedt, uint32_t uid)
{
	uint32_t *grown = reallocarray(cedt->bridges, cedt->n_bridges + 1, sizeof(*grown));

	if (!grown)
		return -ENOMEM;
	cedt->bridges = grown;
	grown[cedt->n_bridges++] = uid;
	return 0;
}

static int add_window(struct acpi_cedt *cedt, const struct acpi_window *window)
{
	struct acpi_window *grown =
		reallocarray(cedt->windows, cedt->n_windows + 1, sizeof(*grown));

	if (!grown)
		return -ENOMEM;
	cedt->windows = grown;
	grown[cedt->n_windows++] = *window;
	return 0;
}

static int parse_window(const uint8_t *s, size_t length, size_t offset, struct acpi_cedt *cedt,
			struct acpi_refusal *refusal)
{
	struct acpi_window window;

	if (length < CFMWS_TARGETS)
		return acpi_refuse(refusal, offset + 2,
				   "a window has %zu bytes, at least %d are needed", length,
				   CFMWS_TARGETS);
	window = (struct acpi_window){
		.base = acpi_get_u64(s + CFMWS_BASE),
		.size = acpi_get_u64(s + CFMWS_SIZE),
		.ways = decode_ways(s[CFMWS_WAYS]),
		.hashed = s[CFMWS_ARITHMETIC] == ARITHMETIC_XOR,
		.granularity = acpi_get_u32(s + CFMWS_GRANULARITY),
	};
	if (window.ways == 0)
		return acpi_refuse(refusal, offset + CFMWS_WAYS, "%u encodes no number of ways",
				   s[CFMWS_WAYS]);
	if (length - CFMWS_TARGETS < window.ways * sizeof(uint32_t))
		return acpi_refuse(refusal, offset + 2,
				   "a window of %u ways has room for %zu targets", window.ways,
				   (length - CFMWS_TARGETS) / sizeof(uint32_t));
	if (window.size > UINT64_MAX - window.base)
		return acpi_refuse(refusal, offset + CFMWS_BASE,
				   "a window at 0x%" PRIx64 " of 0x%" PRIx64
				   " bytes does not fit the address space",
				   window.base, window.size);
	for (unsigned i = 0; i < window.ways; i++)
		window.targets[i] = acpi_get_u32(s + CFMWS_TARGETS + i * sizeof(uint32_t));
	return add_window(cedt, &window);
}

static int parse_structure(const uint8_t *s, size_t length, size_t offset, struct acpi_cedt *cedt,
			   struct acpi_refusal *refusal)
{
	switch (s[0]) {
	case TYPE_CHBS:
		if (length < CHBS_SIZE)
			return acpi_refuse(refusal, offset + 2,
					   "a host bridge has %zu bytes, at least %d are needed",
					   length, CHBS_SIZE);
		return add_bridge(cedt, acpi_get_u32(s + CHBS_UID));
	case TYPE_CFMWS:
		return parse_window(s, length, offset, cedt, refusal);
	case TYPE_CXIMS:
		if (length < CXIMS_SIZE)
			return acpi_refuse(refusal, offset + 2,
					   "a hash has %zu bytes, at least %d are needed", length,
					   CXIMS_SIZE);
		if (s[CXIMS_GRANULARITY] < 32)
			cedt->hashes |= UINT32_C(1) << s[CXIMS_GRANULARITY];
		return 0;
	}
	return 0; /* a type of a later revision */
}

int acpi_cedt_parse(const uint8_t *table, size_t size, struct acpi_cedt *ret,
		    struct acpi_refusal *ret_refusal)
{
	_cleanup_(acpi_cedt_done) struct acpi_cedt cedt = {};
	size_t length;
	int r;

	r = acpi_check_header(table, size, "CEDT", ACPI_HEADER_SIZE, ret_refusal);
	for (size_t offset = ACPI_HEADER_SIZE; r == 0 && offset < size; offset += length) {
		if (size - offset < STRUCTURE_HEADER)
			return acpi_refuse(ret_refusal, offset,
					   "%zu bytes are left, a structure has at least %d",
					   size - offset, STRUCTURE_HEADER);
		length = acpi_get_u16(table + offset + 2);
		if (length < STRUCTURE_HEADER || length > size - offset)
			return acpi_refuse(ret_refusal, offset + 2,
					   "a structure has length %zu, and %zu bytes are left",
					   length, size - offset);
		r = parse_structure(table + offset, length, offset, &cedt, ret_refusal);
	}
	if (r < 0)
		return r;
	*ret = cedt;
	cedt = (struct acpi_cedt){};
	return 0;
}

void acpi_cedt_done(struct acpi_cedt *cedt)
{
	free(cedt->bridges);
	free(cedt->windows);
	*cedt = (struct acpi_cedt){};
}
