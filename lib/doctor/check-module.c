/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Modules that are not there, or that something keeps from loading. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "doctor/check.h"
#include "doctor/evidence-line.h"

enum module_need {
	NEED_ALWAYS,
	NEED_CXL, /* where there is a cxl bus or a card */
};

struct module {
	const char *name;
	enum module_need need;
	/*
	 * daxtierd loads it by its name, which "blacklist" does not prevent: that is about aliases
	 * (modprobe.d(5)).
	 */
	bool by_name;
	const char *option; /* of the kernel, that it is built by */
	const char *without;
};

static const struct module modules[] = {
	{"kmem", NEED_ALWAYS, true, "CONFIG_DEV_DAX_KMEM", "no dax device can become memory"},
	{"device_dax", NEED_ALWAYS, false, "CONFIG_DEV_DAX",
	 "dax devices cannot be used as devices"},
	{"dax_hmem", NEED_ALWAYS, false, "CONFIG_DEV_DAX_HMEM",
	 "memory that firmware reserves for special purposes has no dax device"},
	{"dax_cxl", NEED_CXL, false, "CONFIG_DEV_DAX_CXL", "CXL regions have no dax device"},
	{"cxl_core", NEED_CXL, false, "CONFIG_CXL_BUS", "CXL devices are not seen"},
	{"cxl_acpi", NEED_CXL, false, "CONFIG_CXL_ACPI",
	 "the windows that firmware describes are not seen"},
	{"cxl_pci", NEED_CXL, false, "CONFIG_CXL_PCI", "CXL memory cards are not seen"},
	{"cxl_port", NEED_CXL, false, "CONFIG_CXL_BUS", "the way to CXL memory cards is not found"},
	{"cxl_mem", NEED_CXL, false, "CONFIG_CXL_MEM", "CXL memory cards cannot be mapped"},
};

static const struct module *find_module(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(modules); i++)
		if (module_name_equal(modules[i].name, name))
			return &modules[i];
	return NULL;
}

/* Whether a file of this module stands in a list of paths: "kernel/drivers/dax/kmem.ko.xz: …" */
static bool lists_module(const char *list, const char *name)
{
	size_t n = strlen(name);

	for (const char *line = list, *next; line && *line; line = next) {
		size_t size = strcspn(line, ":\n"), at = size;

		next = line + strcspn(line, "\n");
		next += *next == '\n';
		while (at > 0 && line[at - 1] != '/')
			at--;
		if (size - at >= n + 3 && strncmp(line + at + n, ".ko", 3) == 0) {
			char base[32];

			snprintf(base, sizeof(base), "%.*s", (int)n, line + at);
			if (module_name_equal(base, name))
				return true;
		}
	}
	return false;
}

static bool has_cxl(const struct facts *facts, const struct evidence *evidence)
{
	return evidence->cxl_drivers.n > 0 || evidence->unbound_cards.n > 0 ||
	       facts->cxl.n_memdevs > 0;
}

static int add_missing(const struct evidence *evidence, const struct module *module,
		       struct findings *findings)
{
	return findings_add(
		findings,
		(struct finding){
			.severity = module->by_name || module->need == NEED_CXL ? FINDING_ERROR
										: FINDING_WARNING,
			.about = ABOUT_MODULE,
			.what = finding_text("There is no module %s for this kernel: %s",
					     module->name, module->without),
			.file = finding_text("%s/modules.dep", evidence->modules_directory),
			.value = finding_text("no line with %s.ko", module->name),
			.where = FIX_IN_SHELL,
			.fix = finding_text("install the distribution's package with the further "
					    "modules of this kernel (linux-modules-extra, "
					    "kernel-modules-extra)"),
		});
}

/* Nothing is known of a kernel without a list of what is built into it. */
static int check_installed(const struct facts *facts, const struct evidence *evidence,
			   struct findings *findings)
{
	bool cxl = has_cxl(facts, evidence);

	for (size_t i = 0;
	     evidence->modules_dep && evidence->modules_builtin && i < ARRAY_SIZE(modules); i++) {
		const struct module *module = &modules[i];
		int r;

		if (lists_module(evidence->modules_dep, module->name) ||
		    lists_module(evidence->modules_builtin, module->name) ||
		    (module->need == NEED_CXL && !cxl) ||
		    /* Then it is the option that is to be told of. */
		    (evidence->config && !kernel_option_is_set(evidence->config, module->option)))
			continue;
		r = add_missing(evidence, module, findings);
		if (r < 0)
			return r;
	}
	return 0;
}

/* A line that takes the line out, or the file out of force where it is a package's. */
static char *unblock(const struct module *module, const struct evidence_line *line)
{
	char pattern[32];

	if (strncmp(line->file, "/proc/", 6) == 0)
		return finding_text("boot without %s in %s", module->name, line->line);
	if (!finding_is_plain(line->file))
		return finding_text("remove this line from the file");
	if (strncmp(line->file, "/etc/", 5) != 0)
		return finding_text("ln -s /dev/null /etc/modprobe.d/%s",
				    strrchr(line->file, '/') + 1);
	/* A dash stands for an underscore as well. */
	snprintf(pattern, sizeof(pattern), "%s", module->name);
	for (char *p = pattern; *p; p++)
		if (*p == '_')
			*p = '.';
	return finding_text("sed -i '/^ *%.*s *%s/d' %s", (int)strcspn(line->line, " \t"),
			    line->line, pattern, line->file);
}

static int add_blocked(const struct module *module, const struct evidence_line *line,
		       enum finding_severity severity, struct findings *findings)
{
	return findings_add(
		findings,
		(struct finding){
			.severity = severity,
			.about = ABOUT_MODULE,
			.what = severity == FINDING_NOTE
					? finding_text("The module %s is not loaded by itself; "
						       "daxtierd loads it when it is needed",
						       module->name)
					: finding_text("The module %s is kept from loading: %s",
						       module->name, module->without),
			.file = finding_text("%s", line->file),
			.value = finding_text("%s", line->line),
			.where = strncmp(line->file, "/proc/", 6) == 0 ? FIX_IN_CMDLINE
								       : FIX_IN_SHELL,
			.fix = unblock(module, line),
		});
}

/* "install kmem /bin/false" is a way to say never; what another command does is not known. */
static bool is_refusal(const char *command)
{
	static const char *const names[] = {
		"/bin/false", "/bin/true", "/usr/bin/false", "/usr/bin/true", "false", "true", ":"};

	for (size_t i = 0; command && i < ARRAY_SIZE(names); i++)
		if (strcmp(command, names[i]) == 0)
			return true;
	return false;
}

static int check_line(const struct evidence_line *line, struct findings *findings)
{
	_cleanup_free_ char *copy = strdup(line->line);
	const char *verb, *name, *command;
	const struct module *module;
	char *cursor = copy;

	if (!copy)
		return -ENOMEM;
	verb = word_next(&cursor);
	name = word_next(&cursor);
	command = word_next(&cursor);
	module = name ? find_module(name) : NULL;
	if (!module)
		return 0;
	if (strcmp(verb, "blacklist") == 0)
		return add_blocked(module, line, module->by_name ? FINDING_NOTE : FINDING_ERROR,
				   findings);
	if (strcmp(verb, "install") == 0 && is_refusal(command))
		return add_blocked(module, line, FINDING_ERROR, findings);
	return 0;
}

/*
 * "modprobe.blacklist=" is that of modprobe.d; "module_blacklist=" is the kernel's, and refuses a
 * module however it is loaded.
 */
static int check_blocked_at_boot(char *word, struct findings *findings)
{
	static const char *const keys[] = {"module_blacklist=", "modprobe.blacklist="};
	int r = 0;

	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(keys); i++) {
		size_t n = strlen(keys[i]);
		char *save = NULL;
		struct evidence_line line = {.file = (char *)"/proc/cmdline"};
		_cleanup_free_ char *copy = NULL, *names = NULL;

		if (strncmp(word, keys[i], n) != 0)
			continue;
		copy = strdup(word);
		names = strdup(word + n);
		if (!copy || !names)
			return -ENOMEM;
		line.line = copy;
		for (char *name = strtok_r(names, ",", &save); r == 0 && name;
		     name = strtok_r(NULL, ",", &save)) {
			const struct module *module = find_module(name);

			if (module)
				r = add_blocked(module, &line,
						i > 0 && module->by_name ? FINDING_NOTE
									 : FINDING_ERROR,
						findings);
		}
	}
	return r;
}

int check_modules(const struct facts *facts, const struct evidence *evidence,
		  struct findings *findings)
{
	_cleanup_free_ char *words = strdup(evidence->cmdline ?: "");
	char *cursor = words, *word;
	int r;

	if (!words)
		return -ENOMEM;
	r = check_installed(facts, evidence, findings);
	for (size_t i = 0; r == 0 && i < evidence->modprobe.n; i++)
		r = check_line(&evidence->modprobe.items[i], findings);
	while (r == 0 && (word = word_next(&cursor)))
		r = check_blocked_at_boot(word, findings);
	return r;
}
