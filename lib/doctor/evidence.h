/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_DOCTOR_EVIDENCE_H
#define DAXTIER_DOCTOR_EVIDENCE_H

/*
 * What the checks need to know of a host besides its facts: read once, below the same root, so that
 * a captured host does as well. An absent text is NULL; what is missing stands in unseen, because
 * no finding about what was not looked at says nothing. Files have a leading slash, for people.
 */

#include "base/strv.h"
#include "model/facts.h"
#include "observe/acpi-cxl.h"
#include "observe/proximity.h"
#include "sysfs/sysfs.h"

/* A line of a file, without white space around it. */
struct evidence_line {
	char *file;
	char *line;
	bool joined; /* of several lines of the file */
};

struct evidence_lines {
	struct evidence_line *items;
	size_t n;
};

/* Why a table of the firmware is not believed. */
struct evidence_refusal {
	char *file;
	struct acpi_refusal refusal;
};

/* Whose hook of daxtierd is installed, to have its claim of the bus put into each image. */
enum initramfs_hook {
	INITRAMFS_HOOK_NONE,
	INITRAMFS_HOOK_TOOLS, /* initramfs-tools */
	INITRAMFS_HOOK_DRACUT,
};

/* Paths in the image have a leading slash. */
struct evidence_initramfs {
	char *file;		     /* "/boot/initrd.img-6.1.0"; NULL: none that could be read */
	char *claim;		     /* what claims the bus there */
	struct strv modules;	     /* files of modules of ours */
	struct strv udev_rules;	     /* files that bring memory online, or have daxctl do it */
	struct evidence_lines loads; /* names of modules of ours that it loads in any case */
	struct evidence_lines modprobe; /* lines that ban one of them */
	enum initramfs_hook hook;
	bool abandoned; /* it claimed the bus at boot, and no daemon has come since */
};

struct evidence {
	char *config_file, *config; /* the kernel's configuration */
	char *cmdline;
	char *modules_directory; /* "/lib/modules/6.1.0", where modules_dep is from */
	char *modules_dep, *modules_builtin;
	struct evidence_lines modprobe; /* those that ban a module of ours: "blacklist kmem" */
	struct evidence_lines
		udev_rules; /* that bring memory online, or have daxctl do something */
	char *daxctl_rule;  /* a file whose rules have daxctl do what its configuration says */
	struct evidence_initramfs initramfs;
	struct evidence_lines daxctl; /* sections that reconfigure dax devices */
	bool unattended; /* nobody runs who would look after devices while the bus is held */
	struct strv cxl_drivers;   /* registered on the cxl bus */
	struct strv unbound_cards; /* PCI addresses of CXL memory that no driver has */

	char *demotion, *swaps, *balancing;

	struct proximity proximity; /* of SRAT and SLIT, if they were taken */
	struct acpi_cedt cedt;
	struct acpi_hmat hmat;
	struct evidence_refusal *refusals;
	size_t n_refusals;
	struct strv distances; /* nodeN/distance of facts->nodes, in their order; "" unknown */
	unsigned *latencies;   /* of reading from them, in ns, as the kernel has it; 0 unknown */
	size_t n_latencies;

	struct strv unseen;
};

/* Fills *ret, which must be zero. 0 or -ENOMEM; what was filled by then is the caller's to free. */
int evidence_look(struct sysfs *sysfs, const struct facts *facts, struct evidence *ret);
void evidence_done(struct evidence *evidence);

#endif
