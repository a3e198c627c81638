/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Modules that are not there, or that something keeps from loading. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "doctor/check.h"
#include "doctor/evidence-line.h"
#include "doctor/module.h"

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

	for (size_t i = 0; evidence->modules_dep && evidence->modules_builtin && i < n_modules;
	     i++) {
		const struct module *module = &modules[i];
		int r;

		if (module_list_has(evidence->modules_dep, module) ||
		    module_list_has(evidence->modules_builtin, module) ||
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

/* Its first two words, as a pattern of sed(1); NULL where they are not plain. */
static char *pattern_of(const char *line)
{
	_cleanup_free_ char *copy = finding_text("%s", line);
	const char *verb, *name;
	char *cursor = copy;

	if (!copy)
		return NULL;
	verb = word_next(&cursor);
	name = word_next(&cursor);
	if (!name || !finding_is_plain(name) || strchr(name, '/'))
		return finding_text("%s", "");
	return finding_text("^\\s*%s\\s*%s\\b", verb, name);
}

/* A line that takes the line out, or the file out of force where it is a package's. */
static char *unblock(const struct module *module, const struct evidence_line *line)
{
	_cleanup_free_ char *pattern = NULL;

	if (strncmp(line->file, "/proc/", 6) == 0)
		return finding_text("boot without %s in %s", module->name, line->line);
	if (!finding_is_plain(line->file))
		return finding_text("remove this line from the file");
	if (strncmp(line->file, "/etc/", 5) != 0)
		return finding_text("ln -s /dev/null /etc/modprobe.d/%s",
				    strrchr(line->file, '/') + 1);
	pattern = pattern_of(line->line);
	if (!pattern)
		return NULL;
	/* One that goes on below is more than a line. */
	if (!*pattern || line->joined)
		return finding_text("remove this line from the file");
	return finding_text("sed -i '/%s/d' %s", pattern, line->file);
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

static int check_line(const struct evidence *evidence, const struct evidence_line *line,
		      struct findings *findings)
{
	const struct module *module;
	enum module_ban ban;
	int r;

	r = module_line_parse(line->line, &ban, &module);
	if (r < 0 || ban == MODULE_FREE || module_is_built_in(evidence, module))
		return r;
	return add_blocked(module, line,
			   ban == MODULE_UNASKED && module->by_name ? FINDING_NOTE : FINDING_ERROR,
			   findings);
}

/*
 * "modprobe.blacklist=" is that of modprobe.d; "module_blacklist=" is the kernel's, and refuses a
 * module however it is loaded.
 */
static int check_blocked_at_boot(const struct evidence *evidence, char *word,
				 struct findings *findings)
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
			const struct module *module = module_find(name);

			if (module && !module_is_built_in(evidence, module))
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
		r = check_line(evidence, &evidence->modprobe.items[i], findings);
	while (r == 0 && (word = word_next(&cursor)))
		r = check_blocked_at_boot(evidence, word, findings);
	return r;
}
