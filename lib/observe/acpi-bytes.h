/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_OBSERVE_ACPI_BYTES_H
#define DAXTIER_OBSERVE_ACPI_BYTES_H

/* What the parsers of ACPI tables share. Numbers are little-endian and not aligned. */

#include "observe/acpi.h"

/* 5.2.6 System Description Table Header */
#define ACPI_HEADER_SIZE 36

/*
 * A SLIT of 1024 nodes, the most that a kernel has, takes half of it. What compares each structure
 * with each other one is not to take hours over a table that somebody made.
 */
#define ACPI_TABLE_SIZE_MAX ((size_t)2 << 20)

static inline uint16_t acpi_get_u16(const uint8_t *p)
{
	return (uint16_t)(p[0] | p[1] << 8);
}

static inline uint32_t acpi_get_u32(const uint8_t *p)
{
	return acpi_get_u16(p) | (uint32_t)acpi_get_u16(p + 2) << 16;
}

static inline uint64_t acpi_get_u64(const uint8_t *p)
{
	return acpi_get_u32(p) | (uint64_t)acpi_get_u32(p + 4) << 32;
}

/* Fills *refusal. Returns -EBADMSG. */
int acpi_refuse(struct acpi_refusal *refusal, size_t offset, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* What all tables share: signature, length, and bytes that add up to 0 modulo 256. minimum is at
 * least ACPI_HEADER_SIZE. 0 or -EBADMSG. */
int acpi_check_header(const uint8_t *table, size_t size, const char *signature, size_t minimum,
		      struct acpi_refusal *refusal);

#endif
