/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "capture/filter.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"
#include "doctor/evidence-agent.h"
#include "doctor/evidence-line.h"
#include "doctor/module.h"
#include "observe/competitor.h"
#include "observe/udev-rules.h"

/* Also whether the daemon runs, and whether that could be seen. */
static int keep_comm(char *comm, char **ret)
{
	comm[strcspn(comm, "\n")] = '\0';
	return competitor_is_program(comm) || strcmp(comm, EVIDENCE_DAEMON) == 0 ||
	       strcmp(comm, EVIDENCE_KERNEL_THREAD) == 0;
}

typedef bool (*keeps_fn)(const char *item);

/* Those of the items that keeps says, each with a separator behind it. */
static int keep_items(char *text, const char *separator, keeps_fn keeps, char **ret)
{
	_cleanup_free_ char *kept = NULL;
	_cleanup_fclose_ FILE *f = NULL;
	char *save = NULL;
	size_t size;

	f = open_memstream(&kept, &size);
	if (!f)
		return -ENOMEM;
	for (char *item = strtok_r(text, separator, &save); item;
	     item = strtok_r(NULL, separator, &save))
		if (keeps(item))
			fprintf(f, "%s%c", item, separator[0]);
	/* Before the text is taken: closing sets it once more. */
	if (fclose(TAKE_PTR(f)) != 0)
		return -ENOMEM;
	*ret = TAKE_PTR(kept);
	return 1;
}

/* By its name alone: what a parameter is set to may be anything. But for one that names daxtierd.
 */
static bool is_about_memory(const char *word)
{
	static const char *const parts[] = {
		"mem", "numa", "acpi",	    "efi",     "cxl",
		"dax", "hmat", "blacklist", "movable", "kernelcore",
	};
	size_t n = strcspn(word, "=");

	for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
		if (memmem(word, n, parts[i], strlen(parts[i])))
			return true;
	return strcmp(word, "systemd.mask=daxtierd.service") == 0;
}

static int keep_words(char *text, char **ret)
{
	return keep_items(text, " \n", is_about_memory, ret);
}

static bool begins(const char *line, const char *word)
{
	line += strspn(line, " \t");
	return strncmp(line, word, strlen(word)) == 0;
}

/* The size of the line, with those that a backslash joins to it, and its end. */
static size_t joined_size(const char *line)
{
	const char *end = strchrnul(line, '\n');

	while (*end && end > line && end[-1] == '\\')
		end = strchrnul(end + 1, '\n');
	return (size_t)(end - line) + (*end == '\n');
}

/* 1, 0, or -ENOMEM; line is changed. */
typedef int (*keeps_line_fn)(char *line);

/* As keep_items(), for lines that a backslash may join. */
static int keep_joined_lines(const char *text, keeps_line_fn keeps, char **ret)
{
	_cleanup_free_ char *kept = calloc(1, strlen(text) + 1);
	size_t n = 0;

	if (!kept)
		return -ENOMEM;
	for (const char *line = text; *line;) {
		size_t size = joined_size(line);
		_cleanup_free_ char *copy = strndup(line, size);
		int r = copy ? keeps(copy) : -ENOMEM;

		if (r < 0)
			return r;
		if (r > 0) {
			memcpy(kept + n, line, size);
			n += size;
		}
		line += size;
	}
	*ret = TAKE_PTR(kept);
	return n > 0;
}

/* What modprobe.d says of other modules, with commands in it, is nobody's business. */
static int bans_module(char *line)
{
	_cleanup_(evidence_lines_done) struct evidence_lines lines = {};

	if (modprobe_lines_add(&lines, "", line) < 0)
		return -ENOMEM;
	return lines.n > 0;
}

/* There even if nothing is left of it: it hides those of the same name. */
static int keep_module_lines(char *text, char **ret)
{
	int r = keep_joined_lines(text, bans_module, ret);

	return r < 0 ? r : 1;
}

static int is_rule_that_matters(char *line)
{
	return udev_rule_matters(line);
}

/* Rules of a file that does something to memory; what else it does may have anything in it. */
static int keep_rules(char *text, char **ret)
{
	_cleanup_free_ char *copy = strdup(text);
	const char *line;

	if (!copy)
		return -ENOMEM;
	if (udev_rules_parse(copy, &line) == UDEV_RULES_HARMLESS)
		return 0;
	return keep_joined_lines(text, is_rule_that_matters, ret);
}

static bool reconfigures(const char *line)
{
	return begins(line, "[reconfigure-device");
}

static int keep_daxctl_lines(char *text, char **ret)
{
	return keep_items(text, "\n", reconfigures, ret);
}

static bool is_of_ours(const char *line)
{
	return module_of_path(line, strcspn(line, ":"));
}

/* Lists of all modules that a host has. */
static int keep_our_modules(char *text, char **ret)
{
	return keep_items(text, "\n", is_of_ours, ret);
}

/* Of a PCI device: memory cards of CXL, among all that a host has (8.1.12.1 of CXL 3.1). */
static int keep_memory_card(char *class, char **ret)
{
	return strncasecmp(class, "0x0502", 6) == 0;
}

/* That there is swap, and how much; where it is may be a file of anybody's. */
static int keep_swaps(char *text, char **ret)
{
	_cleanup_free_ char *kept = NULL;
	_cleanup_fclose_ FILE *f = NULL;
	char *save = NULL;
	size_t size;

	f = open_memstream(&kept, &size);
	if (!f)
		return -ENOMEM;
	for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
		if (strncmp(line, "Filename", 8) == 0)
			fprintf(f, "%s\n", line);
		else
			fprintf(f, "swap%s\n", line + strcspn(line, " \t"));
	/* Before the text is taken: closing sets it once more. */
	if (fclose(TAKE_PTR(f)) != 0)
		return -ENOMEM;
	*ret = TAKE_PTR(kept);
	return 1;
}

static const struct {
	const char *pattern; /* as fnmatch(3) has it, where "*" also stands for "/" */
	int (*keep)(char *text, char **ret);
} filters[] = {
	{"proc/[0-9]*/comm", keep_comm},
	{"*/udev/rules.d/*", keep_rules},
	{"proc/cmdline", keep_words},
	{"proc/swaps", keep_swaps},
	{"sys/bus/pci/devices/*/class", keep_memory_card},
	{"*lib/modules/*/modules.dep", keep_our_modules},
	{"*lib/modules/*/modules.builtin", keep_our_modules},
	{"*/modprobe.d/*", keep_module_lines},
	{"*/daxctl.conf.d/*", keep_daxctl_lines},
};

int filter_content(const char *path, const char *data, char **ret)
{
	for (size_t i = 0; i < ARRAY_SIZE(filters); i++) {
		_cleanup_free_ char *copy = NULL;

		if (fnmatch(filters[i].pattern, path, 0) != 0)
			continue;
		copy = strdup(data);
		return copy ? filters[i].keep(copy, ret) : -ENOMEM;
	}
	return 1;
}
