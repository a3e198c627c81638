/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How the kernel was built: its configuration file. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "doctor/check.h"

struct option {
	const char *name;
	enum finding_severity severity;
	const char *without; /* what does not work */
	const char *fix;     /* NULL: NAME=y */
	const char *implied; /* an option that this one is a part of; when it is missing, it alone
				is told */
};

static const struct option options[] = {
	{"CONFIG_NUMA", FINDING_ERROR, "memory has no nodes, so there are no tiers", NULL, NULL},
	{"CONFIG_MEMORY_HOTPLUG", FINDING_ERROR, "no device can become memory", NULL, NULL},
	{"CONFIG_MEMORY_HOTREMOVE", FINDING_WARNING, "memory that is online cannot be released",
	 NULL, "CONFIG_MEMORY_HOTPLUG"},
	{"CONFIG_MHP_MEMMAP_ON_MEMORY", FINDING_WARNING,
	 "each memmap is in DRAM, 1.6 % of every device", NULL, "CONFIG_MEMORY_HOTPLUG"},
	{"CONFIG_MIGRATION", FINDING_ERROR, "pages cannot move between tiers", NULL, NULL},
	{"CONFIG_NUMA_BALANCING", FINDING_NOTE,
	 "pages that are used much do not come back from slow memory", NULL, "CONFIG_NUMA"},
	{"CONFIG_ACPI_HMAT", FINDING_WARNING,
	 "latency and bandwidth are not known, and tiers are a guess", NULL, NULL},
	{"CONFIG_DEV_DAX", FINDING_ERROR, "there are no dax devices", "CONFIG_DEV_DAX=m", NULL},
	{"CONFIG_DEV_DAX_KMEM", FINDING_ERROR, "no dax device can become memory",
	 "CONFIG_DEV_DAX_KMEM=m", "CONFIG_DEV_DAX"},
	{"CONFIG_DEV_DAX_HMEM", FINDING_WARNING,
	 "memory that firmware reserves for special purposes has no dax device",
	 "CONFIG_DEV_DAX_HMEM=m", "CONFIG_DEV_DAX"},
	{"CONFIG_CXL_BUS", FINDING_ERROR, "CXL devices are not seen", "CONFIG_CXL_BUS=m", NULL},
	{"CONFIG_CXL_PCI", FINDING_ERROR, "CXL memory cards are not seen", "CONFIG_CXL_PCI=m",
	 "CONFIG_CXL_BUS"},
	{"CONFIG_CXL_ACPI", FINDING_ERROR, "the windows that firmware describes are not seen",
	 "CONFIG_CXL_ACPI=m", "CONFIG_CXL_BUS"},
	{"CONFIG_CXL_MEM", FINDING_ERROR, "CXL memory cards cannot be mapped", "CONFIG_CXL_MEM=m",
	 "CONFIG_CXL_BUS"},
	{"CONFIG_CXL_REGION", FINDING_ERROR, "CXL memory has no regions", NULL, "CONFIG_CXL_BUS"},
	{"CONFIG_DEV_DAX_CXL", FINDING_ERROR,
	 "CXL regions of volatile memory, which need Linux 6.3 or later, have no dax device",
	 "CONFIG_DEV_DAX_CXL=m", "CONFIG_CXL_REGION"},
};

/* The line that sets the option, or says that it is not set, and its size; NULL: there is none. */
static const char *find_option(const char *config, const char *name, size_t *ret_size)
{
	size_t n = strlen(name);

	for (const char *line = config, *next; *line; line = next) {
		size_t size = strcspn(line, "\n");
		const char *at = strncmp(line, "# ", 2) == 0 ? line + 2 : line;

		next = line[size] ? line + size + 1 : line + size;
		if (strncmp(at, name, n) != 0 || (at[n] != '=' && at[n] != ' '))
			continue;
		*ret_size = size;
		return line;
	}
	return NULL;
}

/* 'y', 'm' or, where it is not set, '\0'. */
static char option_value(const char *config, const char *name)
{
	size_t size, n = strlen(name);
	const char *line = find_option(config, name, &size);

	if (!line || size < n + 2 || line[n] != '=' || !strchr("ym", line[n + 1]))
		return '\0';
	return line[n + 1];
}

bool kernel_option_is_set(const char *config, const char *name)
{
	return option_value(config, name) != '\0';
}

bool module_is_built_in(const struct evidence *evidence, const struct module *module)
{
	if (evidence->modules_builtin && module_list_has(evidence->modules_builtin, module))
		return true;
	return evidence->config && option_value(evidence->config, module->option) == 'y';
}

static char *value_of(const char *config, const char *name)
{
	size_t size;
	const char *line = find_option(config, name, &size);

	return line ? finding_text("%.*s", (int)size, line) : finding_text("no line with %s", name);
}

int check_kernel_options(const struct facts *facts, const struct evidence *evidence,
			 struct findings *findings)
{
	for (size_t i = 0; evidence->config && i < ARRAY_SIZE(options); i++) {
		const struct option *option = &options[i];
		int r;

		if (kernel_option_is_set(evidence->config, option->name) ||
		    (option->implied && !kernel_option_is_set(evidence->config, option->implied)))
			continue;
		r = findings_add(findings,
				 (struct finding){
					 .severity = option->severity,
					 .about = ABOUT_KERNEL,
					 .what = finding_text("The kernel was built without %s: %s",
							      option->name, option->without),
					 .file = finding_text("%s", evidence->config_file),
					 .value = value_of(evidence->config, option->name),
					 .where = FIX_IN_KERNEL,
					 .fix = option->fix ? finding_text("%s", option->fix)
							    : finding_text("%s=y", option->name),
				 });
		if (r < 0)
			return r;
	}
	return 0;
}

/* Whether there are dax devices before any program runs, where there is memory for them. */
static bool makes_devices_at_boot(const struct evidence *evidence)
{
	bool cxl = true;

	for (size_t i = 0; i < n_modules; i++)
		if (modules[i].need == NEED_CXL && !module_is_built_in(evidence, &modules[i]))
			cxl = false;
	return cxl || module_is_built_in(evidence, module_find("dax_hmem"));
}

/* Who binds inside the kernel's own start cannot be kept from it, not even by the initramfs. */
int check_built_in(const struct facts *facts, const struct evidence *evidence,
		   struct findings *findings)
{
	const struct module *kmem = module_find("kmem");
	bool by_config = evidence->config && option_value(evidence->config, kmem->option) == 'y';
	bool early = makes_devices_at_boot(evidence);

	if (!module_is_built_in(evidence, kmem) || (!early && evidence->initramfs.claim))
		return 0;
	return findings_add(
		findings,
		(struct finding){
			.severity =
				early && host_has_devices(facts) ? FINDING_WARNING : FINDING_NOTE,
			.about = ABOUT_KERNEL,
			.what = early ? finding_text(
						"kmem is built into the kernel, with what makes "
						"dax devices: those that are there at boot are "
						"bound before any policy can be asked")
				      : finding_text(
						"kmem is built into the kernel: it binds each dax "
						"device that appears while nobody holds the "
						"dax bus, and no blacklist keeps it from that"),
			.file = by_config ? finding_text("%s", evidence->config_file)
					  : finding_text("%s/modules.builtin",
							 evidence->modules_directory),
			.value = by_config ? value_of(evidence->config, kmem->option)
					   : finding_text("a line with kmem.ko"),
			.where = FIX_IN_KERNEL,
			.fix = finding_text("%s=m", kmem->option),
		});
}
