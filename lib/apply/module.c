/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <libkmod.h>
#include <string.h>

#include "apply/autoprobe.h"
#include "apply/step.h"
#include "base/cleanup.h"
#include "base/errno-util.h"

DEFINE_CLEANUP(struct kmod_ctx *, kmod_unref);
DEFINE_CLEANUP(struct kmod_list *, kmod_module_unref_list);

/* A library stays silent; its default writes to standard error. */
static void log_nothing(void *data, int priority, const char *file, int line, const char *function,
			const char *format, va_list args)
{
}

static int insert(struct kmod_list *item)
{
	struct kmod_module *module = kmod_module_get_module(item);
	int r;

	r = kmod_module_probe_insert_module(module, 0, NULL, NULL, NULL, NULL);
	kmod_module_unref(module);
	return r;
}

static int load(void *userdata, const char *name)
{
	_cleanup_(kmod_unrefp) struct kmod_ctx *ctx = NULL;
	_cleanup_(kmod_module_unref_listp) struct kmod_list *list = NULL;
	struct kmod_list *item;
	int r;

	ctx = kmod_new(NULL, NULL);
	if (!ctx)
		return -ENOMEM;
	kmod_set_log_fn(ctx, log_nothing, NULL);
	r = kmod_module_new_from_lookup(ctx, name, &list);
	if (r < 0)
		return r;
	if (!list)
		return -ENOENT;
	kmod_list_foreach(item, list)
	{
		r = insert(item);
		if (r < 0)
			return r;
	}
	return 0;
}

const struct module_ops module_kmod_ops = {
	.load = load,
};

static int explain(struct run *run, const char *module, int error)
{
	bool kmem = strcmp(module, "kmem") == 0;

	switch (error) {
	case -ENOENT:
		return run_fail(run, error,
				"there is no module %s for this kernel (ENOENT): install the "
				"package with its modules, or a kernel built with %s",
				module, kmem ? "CONFIG_DEV_DAX_KMEM" : "it");
	case -EPERM:
		return run_fail(run, error,
				"module %s may not be loaded (EPERM): modules are locked "
				"(kernel.modules_disabled, lockdown), or the process lacks "
				"CAP_SYS_MODULE; load it at boot through /etc/modules-load.d",
				module);
	default:
		return run_fail(run, error,
				"cannot load module %s: %s (%s); \"modprobe %s\" and the kernel's "
				"log say more",
				module, trouble_words(error), errno_name(error), module);
	}
}

/* A dax driver's module has the driver's name. */
static int driver_exists(struct run *run, const char *name)
{
	int r = sysfs_exists(run->sysfs, "sys/bus/dax/drivers/%s", name);

	return r < 0 ? trouble_read(&run->trouble, r, run->path) : r;
}

static int load_driver(struct run *run, const char *module)
{
	int r;

	/* Again: this may have waited for somebody who loaded it. */
	r = driver_exists(run, module);
	if (r != 0)
		return r < 0 ? r : RUN_SKIPPED;
	run->value = module;
	r = run->applier->modules->load(run->applier->userdata, module);
	if (r < 0)
		return explain(run, module, r);
	r = driver_exists(run, module);
	if (r < 0)
		return r;
	if (r == 0)
		return run_fail(run, -EIO,
				"module %s was loaded, but no driver of that name is on the dax "
				"bus; the kernel's log may say why",
				module);
	return RUN_DONE;
}

/*
 * A driver that registers attaches to every device of its type that waits without one
 * (driver_attach()), and kmem would bring its memory online by the policy of the moment, before
 * there is a plan for it. The module itself is not unloaded by an undo: it does no harm, and others
 * may use it by then.
 */
int step_load_module(struct run *run, const char *module)
{
	_cleanup_(hold_close) struct hold hold = HOLD_INIT;
	int r;

	run_at(run, "sys/bus/dax/drivers/%s", module);
	r = driver_exists(run, module);
	if (r < 0)
		return r;
	if (r > 0)
		return RUN_SKIPPED;
	r = autoprobe_hold(run, &hold);
	if (r == 0)
		r = load_driver(run, module);
	return autoprobe_release(run, &hold, r);
}
