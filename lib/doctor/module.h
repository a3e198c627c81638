/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_DOCTOR_MODULE_H
#define DAXTIER_DOCTOR_MODULE_H

/* The kernel's modules on the way from a card to its memory, and what modprobe.d(5) does to them.
 */

#include <stdbool.h>
#include <stddef.h>

enum module_need {
	NEED_ALWAYS,
	NEED_CXL, /* where there is a cxl bus or a card */
};

struct module {
	const char *name;
	/* How the aliases begin that the kernel asks for it by; NULL: it is another's dependency.
	 */
	const char *alias;
	enum module_need need;
	/*
	 * daxtierd loads it by its name, which "blacklist" does not prevent: that is about aliases
	 * (modprobe.d(5)).
	 */
	bool by_name;
	/* Makes dax devices, at once where firmware has the memory configured. */
	bool makes_devices;
	const char *option; /* of the kernel, that it is built by */
	const char *without;
};

extern const struct module modules[];
extern const size_t n_modules;

/* Whether both name the same module: a dash is as good as an underscore. */
bool module_name_equal(const char *a, const char *b);
/* NULL: another one. */
const struct module *module_find(const char *name);
/* Of a path such as "usr/lib/modules/6.1.0/kernel/drivers/dax/kmem.ko.xz" with so many characters.
 */
const struct module *module_of_path(const char *path, size_t size);

/* Whether it stands in a list of files: "kernel/drivers/dax/kmem.ko.xz: …" */
bool module_list_has(const char *list, const struct module *module);

enum module_ban {
	MODULE_FREE,
	MODULE_UNASKED, /* not loaded when the kernel asks for it: "blacklist kmem" */
	MODULE_REFUSED, /* nor by its name: "install kmem /bin/false", "alias kmem off" */
};

/*
 * What a line of modprobe.d does, and to which module, of those above; *ret_module is NULL with
 * MODULE_FREE. 0 or -ENOMEM.
 */
int module_line_parse(const char *line, enum module_ban *ret_ban, const struct module **ret_module);

#endif
