/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "doctor/evidence.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "doctor/evidence-agent.h"
#include "doctor/evidence-initramfs.h"
#include "doctor/evidence-kernel.h"
#include "doctor/evidence-line.h"
#include "observe/look.h"
#include "observe/performance.h"

#define CLASS_CXL_MEMORY UINT64_C(0x050210)
#define TABLES		 "sys/firmware/acpi/tables"

/* A CXL memory device is of this PCI class (CXL 3.1, 8.1.12.1), whoever drives it. */
static int cards_look(struct look *look, struct strv *ret)
{
	_cleanup_(strv_done) struct strv names = {};
	int r;

	r = look_list(look, &names, "sys/bus/pci/devices");
	for (size_t i = 0; r == 0 && i < names.n; i++) {
		uint64_t class = 0;

		r = look_u64(look, &class, "sys/bus/pci/devices/%s/class", names.items[i]);
		if (r < 0 || class != CLASS_CXL_MEMORY)
			continue;
		r = sysfs_exists(look->sysfs, "sys/bus/pci/devices/%s/driver", names.items[i]);
		if (r < 0)
			r = look_failed(look, r, "sys/bus/pci/devices/%s/driver", names.items[i]);
		else
			r = r > 0 ? 0 : strv_add(ret, names.items[i]);
	}
	return r;
}

static int tiering_look(struct look *look, struct evidence *ret)
{
	int r;

	r = look_string(look, &ret->demotion, "sys/kernel/mm/numa/demotion_enabled");
	if (r == 0)
		r = look_string(look, &ret->swaps, "proc/swaps");
	if (r == 0)
		r = look_string(look, &ret->balancing, "proc/sys/kernel/numa_balancing");
	if (r == 0 && !ret->swaps)
		r = look_problem(look, "swap: there is no /proc/swaps");
	return r;
}

static int refuse(struct evidence *evidence, const char *table, const struct acpi_refusal *refusal)
{
	struct evidence_refusal *grown;
	char *file;

	if (asprintf(&file, "/" TABLES "/%s", table) < 0)
		return -ENOMEM;
	grown = reallocarray(evidence->refusals, evidence->n_refusals + 1, sizeof(*grown));
	if (!grown) {
		free(file);
		return -ENOMEM;
	}
	evidence->refusals = grown;
	grown[evidence->n_refusals++] =
		(struct evidence_refusal){.file = file, .refusal = *refusal};
	return 0;
}

/* *ret stays NULL for a table that is not there, as on machines with one node. */
static int table_read(struct look *look, const char *name, char **ret, size_t *ret_size)
{
	int r = sysfs_read_blob(look->sysfs, ret, ret_size, TABLES "/%s", name);

	return r < 0 ? look_failed(look, r, "/" TABLES "/%s", name) : 0;
}

/*
 * Reads one table and has it parsed, for what is wrong with it: proximity_load() says that in words
 * only, and here it has to point at the byte.
 */
#define TABLE_LOOK(look, evidence, name, parse, ret)                                               \
	({                                                                                         \
		_cleanup_free_ char *bytes = NULL;                                                 \
		struct acpi_refusal refusal;                                                       \
		size_t size = 0;                                                                   \
		int error = table_read(look, name, &bytes, &size);                                 \
                                                                                                   \
		if (error == 0 && bytes)                                                           \
			error = parse((const uint8_t *)bytes, size, ret, &refusal);                \
		error == -EBADMSG ? refuse(evidence, name, &refusal) : error;                      \
	})

static int refusals_look(struct look *look, struct evidence *evidence)
{
	_cleanup_(acpi_srat_done) struct acpi_srat srat = {};
	_cleanup_(acpi_slit_done) struct acpi_slit slit = {};
	int r;

	r = TABLE_LOOK(look, evidence, "SRAT", acpi_srat_parse, &srat);
	if (r == 0)
		r = TABLE_LOOK(look, evidence, "SLIT", acpi_slit_parse, &slit);
	if (r == 0)
		r = TABLE_LOOK(look, evidence, "CEDT", acpi_cedt_parse, &evidence->cedt);
	if (r == 0)
		r = TABLE_LOOK(look, evidence, "HMAT", acpi_hmat_parse, &evidence->hmat);
	return r;
}

static int tables_look(struct look *look, struct evidence *evidence)
{
	_cleanup_(strv_done) struct strv words = {};
	struct look own = {.sysfs = look->sysfs, .problems = &words};
	int r;

	/* Its problems are those that the refusals tell better. */
	r = proximity_load(&evidence->proximity, &own);
	if (r == 0)
		r = refusals_look(look, evidence);
	if (r == 0 && evidence->proximity.srat.n == 0 && evidence->n_refusals == 0)
		r = look_problem(look, "ACPI tables: no SRAT that could be read in /" TABLES
				       " (only root can read them)");
	return r;
}

static int distances_look(struct look *look, const struct facts *facts, struct strv *ret)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < facts->n_nodes; i++) {
		_cleanup_free_ char *row = NULL;

		r = look_string(look, &row, "sys/devices/system/node/node%d/distance",
				facts->nodes[i].id);
		if (r == 0)
			r = strv_add(ret, row ?: "");
	}
	return r;
}

static int latencies_look(struct look *look, const struct facts *facts, struct evidence *ret)
{
	int r = 0;

	ret->latencies = calloc(facts->n_nodes + 1, sizeof(*ret->latencies));
	if (!ret->latencies)
		return -ENOMEM;
	for (size_t i = 0; r == 0 && i < facts->n_nodes; i++) {
		struct access_performance performance = {};

		r = performance_look_node(look, facts->nodes[i].id, &performance);
		ret->latencies[i] = performance.read_latency;
	}
	ret->n_latencies = facts->n_nodes;
	return r;
}

int evidence_look(struct sysfs *sysfs, const struct facts *facts, struct evidence *ret)
{
	struct look look = {.sysfs = sysfs, .problems = &ret->unseen};
	int r;

	r = evidence_kernel_look(&look, facts->host.kernel_release, ret);
	if (r == 0)
		r = evidence_agent_look(&look, ret);
	/* Only then does it matter, and a host may have thousands of processes. */
	if (r == 0 && facts->host.dax_autoprobe == 0)
		r = evidence_daemon_look(&look, &ret->unattended);
	if (r == 0)
		r = look_list(&look, &ret->cxl_drivers, "sys/bus/cxl/drivers");
	if (r == 0)
		r = cards_look(&look, &ret->unbound_cards);
	if (r == 0)
		r = tiering_look(&look, ret);
	if (r == 0)
		r = tables_look(&look, ret);
	if (r == 0)
		r = distances_look(&look, facts, &ret->distances);
	return r < 0 ? r : latencies_look(&look, facts, ret);
}

void evidence_done(struct evidence *evidence)
{
	free(evidence->config_file);
	free(evidence->config);
	free(evidence->cmdline);
	free(evidence->modules_directory);
	free(evidence->modules_dep);
	free(evidence->modules_builtin);
	evidence_lines_done(&evidence->modprobe);
	evidence_lines_done(&evidence->udev_rules);
	free(evidence->daxctl_rule);
	evidence_initramfs_done(&evidence->initramfs);
	evidence_lines_done(&evidence->daxctl);
	strv_done(&evidence->cxl_drivers);
	strv_done(&evidence->unbound_cards);
	free(evidence->demotion);
	free(evidence->swaps);
	free(evidence->balancing);
	proximity_done(&evidence->proximity);
	acpi_cedt_done(&evidence->cedt);
	acpi_hmat_done(&evidence->hmat);
	for (size_t i = 0; i < evidence->n_refusals; i++)
		free(evidence->refusals[i].file);
	free(evidence->refusals);
	strv_done(&evidence->distances);
	free(evidence->latencies);
	strv_done(&evidence->unseen);
	*evidence = (struct evidence){};
}
