/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "doctor/module.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "doctor/evidence-line.h"

const struct module modules[] = {
	{"kmem", "dax:t0", NEED_ALWAYS, true, false, "CONFIG_DEV_DAX_KMEM",
	 "no dax device can become memory"},
	{"device_dax", NULL, NEED_ALWAYS, false, false, "CONFIG_DEV_DAX",
	 "dax devices cannot be used as devices"},
	{"dax_hmem", "platform:hmem", NEED_ALWAYS, false, true, "CONFIG_DEV_DAX_HMEM",
	 "memory that firmware reserves for special purposes has no dax device"},
	{"dax_cxl", "cxl:t8", NEED_CXL, false, true, "CONFIG_DEV_DAX_CXL",
	 "CXL regions have no dax device"},
	{"cxl_core", NULL, NEED_CXL, false, false, "CONFIG_CXL_BUS", "CXL devices are not seen"},
	{"cxl_acpi", "acpi*:ACPI0017", NEED_CXL, false, false, "CONFIG_CXL_ACPI",
	 "the windows that firmware describes are not seen"},
	{"cxl_pci", "pci:v*d*sv*sd*bc05sc02i10", NEED_CXL, false, false, "CONFIG_CXL_PCI",
	 "CXL memory cards are not seen"},
	{"cxl_port", "cxl:t3", NEED_CXL, false, false, "CONFIG_CXL_BUS",
	 "the way to CXL memory cards is not found"},
	{"cxl_mem", "cxl:t5", NEED_CXL, false, false, "CONFIG_CXL_MEM",
	 "CXL memory cards cannot be mapped"},
};

const size_t n_modules = ARRAY_SIZE(modules);

bool module_name_equal(const char *a, const char *b)
{
	for (; *a && *b; a++, b++)
		if (*a != *b && !(strchr("-_", *a) && strchr("-_", *b)))
			return false;
	return *a == *b;
}

const struct module *module_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(modules); i++)
		if (module_name_equal(modules[i].name, name))
			return &modules[i];
	return NULL;
}

const struct module *module_of_path(const char *path, size_t size)
{
	const char *slash = memrchr(path, '/', size), *name = slash ? slash + 1 : path;
	const char *end = memmem(name, size - (size_t)(name - path), ".ko", 3);
	char copy[32];

	if (!end || (size_t)(end - name) >= sizeof(copy))
		return NULL;
	/* "kmem.ko", "kmem.ko.xz" */
	if (end + 3 < path + size && end[3] != '.')
		return NULL;
	snprintf(copy, sizeof(copy), "%.*s", (int)(end - name), name);
	return module_find(copy);
}

bool module_list_has(const char *list, const struct module *module)
{
	for (const char *line = list, *next; *line; line = next) {
		next = line + strcspn(line, "\n");
		next += *next == '\n';
		if (module_of_path(line, strcspn(line, ":\n")) == module)
			return true;
	}
	return false;
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

static const struct module *find_by_alias(const char *alias)
{
	for (size_t i = 0; i < ARRAY_SIZE(modules); i++)
		if (modules[i].alias &&
		    strncmp(alias, modules[i].alias, strlen(modules[i].alias)) == 0)
			return &modules[i];
	return NULL;
}

static enum module_ban ban_of(const char *verb, const char *name, const char *argument,
			      const struct module **ret_module)
{
	const struct module *module = module_find(name);

	*ret_module = module;
	if (module && strcmp(verb, "blacklist") == 0)
		return MODULE_UNASKED;
	if (module && strcmp(verb, "install") == 0 && is_refusal(argument))
		return MODULE_REFUSED;
	if (strcmp(verb, "alias") != 0 || !argument || strcmp(argument, "off") != 0)
		return MODULE_FREE;
	/* What the configuration says of an alias comes before the modules' own, and names are
	 * aliases, too (kmod_module_new_from_lookup()); a module of the name off there is none. */
	if (module)
		return MODULE_REFUSED;
	*ret_module = find_by_alias(name);
	return *ret_module ? MODULE_UNASKED : MODULE_FREE;
}

int module_line_parse(const char *line, enum module_ban *ret_ban, const struct module **ret_module)
{
	_cleanup_free_ char *copy = strdup(line);
	const char *verb, *name, *argument;
	const struct module *module = NULL;
	enum module_ban ban = MODULE_FREE;
	char *cursor = copy;

	if (!copy)
		return -ENOMEM;
	verb = word_next(&cursor);
	name = word_next(&cursor);
	argument = word_next(&cursor);
	if (name)
		ban = ban_of(verb, name, argument, &module);
	*ret_ban = ban;
	*ret_module = ban == MODULE_FREE ? NULL : module;
	return 0;
}
