/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "observe/proximity.h"

#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"

#define TABLES "sys/firmware/acpi/tables"

static void add_domain(struct proximity *proximity, uint32_t domain)
{
	for (size_t i = 0; i < proximity->n_domains; i++)
		if (proximity->domains[i] == domain)
			return;
	proximity->domains[proximity->n_domains++] = domain;
}

/* CPUs and initiators first, whatever the order of the table: the kernel goes over it twice. */
static int number_domains(struct proximity *proximity)
{
	const struct acpi_srat *srat = &proximity->srat;

	if (srat->n == 0)
		return 0;
	proximity->domains = calloc(srat->n, sizeof(*proximity->domains));
	if (!proximity->domains)
		return -ENOMEM;
	for (size_t i = 0; i < srat->n; i++)
		if (srat->items[i].kind != ACPI_AFFINITY_MEMORY)
			add_domain(proximity, srat->items[i].domain);
	for (size_t i = 0; i < srat->n; i++)
		if (srat->items[i].kind == ACPI_AFFINITY_MEMORY)
			add_domain(proximity, srat->items[i].domain);
	return 0;
}

/* *ret stays NULL when there is no such table. */
static int read_table(struct look *look, const char *name, char **ret, size_t *ret_size)
{
	int r;

	r = sysfs_read_blob(look->sysfs, ret, ret_size, TABLES "/%s", name);
	return r < 0 ? look_failed(look, r, TABLES "/%s", name) : 0;
}

static int refused(struct look *look, const char *name, const struct acpi_refusal *refusal,
		   const char *consequence)
{
	return look_problem(look, "ACPI table %s is not used, %s: at byte %zu, %s", name,
			    consequence, refusal->offset, refusal->what);
}

static int load_srat(struct proximity *proximity, struct look *look)
{
	_cleanup_free_ char *table = NULL;
	struct acpi_refusal refusal;
	size_t size;
	int r;

	r = read_table(look, "SRAT", &table, &size);
	if (r < 0 || !table)
		return r;
	r = acpi_srat_parse((const uint8_t *)table, size, &proximity->srat, &refusal);
	if (r == -EBADMSG)
		return refused(look, "SRAT", &refusal,
			       "so that no distance can be taken from firmware");
	return r < 0 ? r : number_domains(proximity);
}

static int load_slit(struct proximity *proximity, struct look *look)
{
	_cleanup_free_ char *table = NULL;
	struct acpi_refusal refusal;
	size_t size;
	int r;

	r = read_table(look, "SLIT", &table, &size);
	if (r < 0 || !table)
		return r;
	r = acpi_slit_parse((const uint8_t *)table, size, &proximity->slit, &refusal);
	if (r == -EBADMSG)
		return refused(look, "SLIT", &refusal, "the default distances apply");
	return r;
}

int proximity_load(struct proximity *proximity, struct look *look)
{
	_cleanup_(proximity_done) struct proximity fresh = {};
	_cleanup_(strv_done) struct strv problems = {};
	struct look own = {.sysfs = look->sysfs, .problems = &problems};
	int r;

	if (proximity->loaded)
		return 0;
	r = load_srat(&fresh, &own);
	if (r < 0)
		return r;
	r = load_slit(&fresh, &own);
	if (r < 0)
		return r;
	for (size_t i = 0; i < problems.n; i++) {
		r = look_problem(look, "%s", problems.items[i]);
		if (r < 0)
			return r;
	}
	proximity_done(proximity);
	*proximity = fresh;
	fresh = (struct proximity){};
	proximity->loaded = problems.n == 0;
	return 0;
}

void proximity_done(struct proximity *proximity)
{
	acpi_srat_done(&proximity->srat);
	acpi_slit_done(&proximity->slit);
	free(proximity->domains);
	*proximity = (struct proximity){};
}

int proximity_node(const struct proximity *proximity, uint32_t domain)
{
	for (size_t i = 0; i < proximity->n_domains; i++)
		if (proximity->domains[i] == domain)
			return (int)i;
	return -1;
}

bool proximity_domain_of_node(const struct proximity *proximity, int node, uint32_t *ret)
{
	if (node < 0 || (size_t)node >= proximity->n_domains)
		return false;
	*ret = proximity->domains[node];
	return true;
}

bool proximity_domain_of_address(const struct proximity *proximity, uint64_t address, uint32_t *ret)
{
	for (size_t i = 0; i < proximity->srat.n; i++) {
		const struct acpi_affinity *item = &proximity->srat.items[i];

		if (item->kind != ACPI_AFFINITY_MEMORY || address < item->base ||
		    address - item->base >= item->length)
			continue;
		*ret = item->domain;
		return true;
	}
	return false;
}

bool proximity_has_cpu(const struct proximity *proximity, uint32_t domain)
{
	for (size_t i = 0; i < proximity->srat.n; i++)
		if (proximity->srat.items[i].kind == ACPI_AFFINITY_CPU &&
		    proximity->srat.items[i].domain == domain)
			return true;
	return false;
}
