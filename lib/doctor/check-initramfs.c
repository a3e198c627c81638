/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What happens to devices that are there at boot, before daxtierd runs. */
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "doctor/check.h"
#include "doctor/evidence-initramfs.h"
#include "doctor/module.h"

/* How the image is made anew; release may be NULL. */
static char *rebuild(const struct facts *facts, const struct evidence *evidence)
{
	const char *release = facts->host.kernel_release;

	if (!release || !finding_is_plain(release))
		return finding_text("make the initramfs anew");
	/* Debian's name; with dracut it is the same one there. */
	if (evidence->initramfs.hook == INITRAMFS_HOOK_TOOLS)
		return finding_text("update-initramfs -u -k %s", release);
	if (evidence->initramfs.hook == INITRAMFS_HOOK_DRACUT ||
	    strncmp(evidence->initramfs.file, "/boot/initrd.img-", 17) != 0)
		return finding_text("dracut --force --kver %s", release);
	return finding_text("update-initramfs -u -k %s", release);
}

static char *add_claim(const struct facts *facts, const struct evidence *evidence)
{
	if (evidence->initramfs.hook != INITRAMFS_HOOK_NONE)
		return rebuild(facts, evidence);
	return finding_text("install daxtierd's hook for the initramfs (the package "
			    "daxtierd-initramfs), and make the initramfs anew");
}

/* NULL: it is not in it. */
static const char *find_module(const struct evidence_initramfs *initramfs, const char *name)
{
	for (size_t i = 0; i < initramfs->modules.n; i++) {
		const char *path = initramfs->modules.items[i];

		if (module_of_path(path, strlen(path)) == module_find(name))
			return path;
	}
	return NULL;
}

/* 1, 0, or -ENOMEM. */
static int is_banned(const struct evidence_lines *lines, const struct module *module)
{
	for (size_t i = 0; i < lines->n; i++) {
		const struct module *other;
		enum module_ban ban;
		int r;

		r = module_line_parse(lines->items[i].line, &ban, &other);
		if (r < 0)
			return r;
		if (other == module)
			return 1;
	}
	return 0;
}

static bool loads_kmem(const struct evidence_initramfs *initramfs)
{
	for (size_t i = 0; i < initramfs->loads.n; i++)
		if (module_name_equal(initramfs->loads.items[i].line, "kmem"))
			return true;
	return false;
}

/* What makes dax devices there, once udev starts and loads it; NULL: nothing. */
static const char *find_maker(const struct evidence_initramfs *initramfs)
{
	const char *path = NULL;

	for (size_t i = 0; !path && i < n_modules; i++)
		if (modules[i].makes_devices)
			path = find_module(initramfs, modules[i].name);
	return path;
}

static bool maker_is_built_in(const struct evidence *evidence)
{
	for (size_t i = 0; i < n_modules; i++)
		if (modules[i].makes_devices && module_is_built_in(evidence, &modules[i]))
			return true;
	return false;
}

/*
 * Whether the initramfs has devices bound, and by which file of it: udev loads what makes them, and
 * kmem for them. Where both are in the kernel, it is too late there: see check_built_in(). 1, 0, or
 * -ENOMEM.
 */
static int binds_early(const struct evidence *evidence, const char **ret_path)
{
	const struct evidence_initramfs *initramfs = &evidence->initramfs;
	const char *kmem = find_module(initramfs, "kmem"), *maker = find_maker(initramfs);
	int r;

	if (module_is_built_in(evidence, module_find("kmem"))) {
		*ret_path = maker;
		return maker != NULL;
	}
	if (!kmem || (!maker && !maker_is_built_in(evidence)))
		return 0;
	r = is_banned(&initramfs->modprobe, module_find("kmem"));
	if (r < 0 || (r > 0 && !loads_kmem(initramfs)))
		return r < 0 ? r : 0;
	*ret_path = kmem;
	return 1;
}

static int check_early(const struct facts *facts, const struct evidence *evidence,
		       struct findings *findings)
{
	const struct evidence_initramfs *initramfs = &evidence->initramfs;
	const char *path = NULL;
	int binds = binds_early(evidence, &path);

	if (binds < 0)
		return binds;
	if (initramfs->claim || (!binds && evidence->initramfs.hook == INITRAMFS_HOOK_NONE))
		return 0;
	return findings_add(
		findings,
		(struct finding){
			.severity =
				binds && host_has_devices(facts) ? FINDING_WARNING : FINDING_NOTE,
			.about = ABOUT_INITRAMFS,
			.what = binds ? finding_text("The initramfs binds dax devices that are "
						     "there at boot to kmem, before daxtierd can "
						     "decide on them")
				      : finding_text("The initramfs does not claim the dax bus, "
						     "although daxtierd's hook is installed: it "
						     "is older than that"),
			.file = finding_text("%s", initramfs->file),
			.value = finding_text("%s", path ?: "no daxtierd/boot-claim"),
			.where = FIX_IN_SHELL,
			.fix = add_claim(facts, evidence),
		});
}

static int check_rules(const struct facts *facts, const struct evidence *evidence,
		       struct findings *findings)
{
	const struct evidence_initramfs *initramfs = &evidence->initramfs;
	int r = 0;

	/* While the bus is claimed there is no memory that they could bring online. */
	for (size_t i = 0; !initramfs->claim && r == 0 && i < initramfs->udev_rules.n; i++)
		r = findings_add(
			findings,
			(struct finding){
				.severity = FINDING_WARNING,
				.about = ABOUT_INITRAMFS,
				.what = finding_text("A udev rule in the initramfs brings memory "
						     "online before daxtierd runs"),
				.file = finding_text("%s", initramfs->file),
				.value = finding_text("%s", initramfs->udev_rules.items[i]),
				.where = FIX_IN_SHELL,
				.fix = add_claim(facts, evidence),
			});
	return r;
}

/* A copy of modprobe.d that is older than what the host says now. Later on the host's counts. */
static int check_ban(const struct facts *facts, const struct evidence *evidence,
		     const struct evidence_line *line, struct findings *findings)
{
	const struct module *module;
	enum module_ban ban;
	int r;

	r = module_line_parse(line->line, &ban, &module);
	if (r < 0 || ban == MODULE_FREE || module_is_built_in(evidence, module))
		return r;
	r = is_banned(&evidence->modprobe, module);
	if (r != 0)
		return r < 0 ? r : 0;
	return findings_add(
		findings,
		(struct finding){
			.severity = FINDING_NOTE,
			.about = ABOUT_INITRAMFS,
			.what = finding_text("The initramfs keeps the module %s from loading, "
					     "which the host does not do any more",
					     module->name),
			.file = finding_text("%s", evidence->initramfs.file),
			.value = finding_text("%s: %s", line->file, line->line),
			.where = FIX_IN_SHELL,
			.fix = rebuild(facts, evidence),
		});
}

/* The mark that goes once a daemon has come: see daemon/boot-claim.h. */
static int check_abandoned(const struct facts *facts, const struct evidence *evidence,
			   struct findings *findings)
{
	if (!evidence->initramfs.abandoned || facts->host.dax_autoprobe != 0)
		return 0;
	return findings_add(
		findings,
		(struct finding){
			.severity = FINDING_ERROR,
			.about = ABOUT_INITRAMFS,
			.what = finding_text("The initramfs claimed the dax bus, and daxtierd has "
					     "not started since: devices have no driver"),
			.file = finding_text("/" EVIDENCE_BOOT_CLAIM),
			.value = finding_text("it is there"),
			.where = FIX_IN_SHELL,
			.fix = finding_text("systemctl start daxtierd.service"),
		});
}

int check_initramfs(const struct facts *facts, const struct evidence *evidence,
		    struct findings *findings)
{
	const struct evidence_lines *bans = &evidence->initramfs.modprobe;
	int r;

	r = check_abandoned(facts, evidence, findings);
	if (r < 0 || !evidence->initramfs.file)
		return r;
	r = check_early(facts, evidence, findings);
	if (r == 0)
		r = check_rules(facts, evidence, findings);
	for (size_t i = 0; r == 0 && i < bans->n; i++)
		r = check_ban(facts, evidence, &bans->items[i], findings);
	return r;
}
