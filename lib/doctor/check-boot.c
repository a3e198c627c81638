/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the kernel was told at boot, and what came of it. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "doctor/check.h"
#include "doctor/evidence-line.h"

#define PARAMETER   "memory_hotplug.memmap_on_memory"
#define AUTO_ONLINE "/sys/devices/system/memory/auto_online_blocks"

struct parameter {
	const char *word; /* whole, or up to and with "=" */
	enum finding_severity severity;
	const char *effect;
	const char *fix;
};

static const struct parameter parameters[] = {
	{"acpi=off", FINDING_ERROR, "no ACPI table is read, so there is neither CXL nor NUMA",
	 "boot without acpi=off"},
	{"numa=off", FINDING_ERROR, "all memory is in one node, so there are no tiers",
	 "boot without numa=off"},
	{"numa=noacpi", FINDING_ERROR, "SRAT and SLIT are not read, so there are no tiers",
	 "boot without numa=noacpi"},
	{"numa=nohmat", FINDING_WARNING,
	 "the HMAT is not read, so latency and bandwidth are not known",
	 "boot without numa=nohmat"},
	{"numa=fake=", FINDING_WARNING, "the nodes are made up, and not those of the firmware",
	 "boot without numa=fake"},
	{"efi=nosoftreserve", FINDING_WARNING,
	 "memory that firmware reserves for special purposes is taken for DRAM",
	 "boot without efi=nosoftreserve"},
	/* max_mem_size in arch/x86/kernel/e820.c: hotplug above it is E2BIG. */
	{"mem=", FINDING_ERROR, "memory above this address cannot be hot-plugged",
	 "boot without mem="},
};

/* A value, or the beginning of one that ends in "=". */
static bool is_value(const char *value, size_t n, const char *wanted)
{
	size_t m = strlen(wanted);

	return strncmp(value, wanted, m) == 0 && (n == m || (m > 0 && wanted[m - 1] == '='));
}

/* Also as one of several values, as in "efi=debug,nosoftreserve". */
static bool matches(const struct parameter *parameter, const char *word)
{
	size_t key = strcspn(parameter->word, "=") + 1, n;
	const char *wanted = parameter->word + key;

	if (strncmp(word, parameter->word, key) != 0)
		return false;
	for (const char *value = word + key; *value; value += n + (value[n] == ',')) {
		n = strcspn(value, ",");
		if (!*wanted || is_value(value, n, wanted))
			return true;
	}
	return false;
}

static int check_word(const char *word, struct findings *findings)
{
	for (size_t i = 0; i < ARRAY_SIZE(parameters); i++) {
		const struct parameter *parameter = &parameters[i];
		int r;

		if (!matches(parameter, word))
			continue;
		r = findings_add(findings,
				 (struct finding){
					 .severity = parameter->severity,
					 .about = ABOUT_BOOT,
					 .what = finding_text("The kernel was booted with %s: %s",
							      word, parameter->effect),
					 .file = finding_text("/proc/cmdline"),
					 .value = finding_text("%s", word),
					 .where = FIX_IN_CMDLINE,
					 .fix = finding_text("%s", parameter->fix),
				 });
		if (r < 0)
			return r;
	}
	return 0;
}

/*
 * What keeps daxtierd's hook in the initramfs from claiming the bus (contrib/initramfs), or
 * daxtierd itself from running; NULL: it is another word.
 */
static const char *effect_on_daxtierd(const struct evidence *evidence, const char *word)
{
	static const char *const claims[] = {"daxtierd.claim=0", "daxtierd.claim=no",
					     "daxtierd.claim=off"};

	if (strcmp(word, "systemd.mask=daxtierd.service") == 0)
		return "daxtierd does not run, and the kernel's drivers have every dax device";
	if (!evidence->initramfs.claim && evidence->initramfs.hook == INITRAMFS_HOOK_NONE)
		return NULL;
	for (size_t i = 0; i < ARRAY_SIZE(claims); i++)
		if (strcmp(word, claims[i]) == 0)
			return "dax devices that are there at boot are the kernel's drivers' "
			       "before daxtierd can decide on them";
	return NULL;
}

static int check_daxtierd(const struct facts *facts, const struct evidence *evidence,
			  const char *word, struct findings *findings)
{
	const char *effect = effect_on_daxtierd(evidence, word);

	if (!effect)
		return 0;
	return findings_add(
		findings,
		(struct finding){
			.severity = host_has_devices(facts) ? FINDING_WARNING : FINDING_NOTE,
			.about = ABOUT_BOOT,
			.what = finding_text("The kernel was booted with %s: %s", word, effect),
			.file = finding_text("/proc/cmdline"),
			.value = finding_text("%s", word),
			.where = FIX_IN_CMDLINE,
			.fix = finding_text("boot without %s", word),
		});
}

static int check_memmap_param(const struct host *host, struct findings *findings)
{
	if (host->memmap_param != MEMMAP_PARAM_OFF)
		return 0;
	return findings_add(
		findings,
		(struct finding){
			.severity = FINDING_WARNING,
			.about = ABOUT_BOOT,
			.what = finding_text("The kernel was booted without " PARAMETER
					     ": each memmap is in DRAM, 1.6 %% of every device"),
			.file = finding_text(
				"/sys/module/memory_hotplug/parameters/memmap_on_memory"),
			.value = finding_text("N"),
			.where = FIX_IN_CMDLINE,
			.fix = finding_text(PARAMETER "=1"),
		});
}

int check_boot(const struct facts *facts, const struct evidence *evidence,
	       struct findings *findings)
{
	_cleanup_free_ char *words = strdup(evidence->cmdline ?: "");
	char *cursor = words, *word;
	int r = 0;

	if (!words)
		return -ENOMEM;
	while (r == 0 && (word = word_next(&cursor))) {
		r = check_word(word, findings);
		if (r == 0)
			r = check_daxtierd(facts, evidence, word, findings);
	}
	return r < 0 ? r : check_memmap_param(&facts->host, findings);
}

/* With the bus held, as daxtierd does it, nothing is bound that it has not chosen a policy for. */
int check_auto_online(const struct facts *facts, const struct evidence *evidence,
		      struct findings *findings)
{
	const struct host *host = &facts->host;
	const char *policy = online_policy_to_string(host->auto_online);

	if (host->auto_online == ONLINE_POLICY_UNKNOWN ||
	    host->auto_online == ONLINE_POLICY_OFFLINE || host->dax_autoprobe == 0)
		return 0;
	return findings_add(
		findings,
		(struct finding){
			/* Without a dax bus there is nothing yet that it would be done to. */
			.severity = host->dax_autoprobe < 0 ? FINDING_NOTE : FINDING_WARNING,
			.about = ABOUT_AGENT,
			.what = finding_text(
				host->auto_online == ONLINE_POLICY_ONLINE_MOVABLE
					? "The kernel brings new memory online by itself, with its "
					  "memmap where its default is, before any policy is asked"
					: "The kernel brings new memory online by itself, in a "
					  "zone that it can hardly ever be taken out of again"),
			.file = finding_text(AUTO_ONLINE),
			.value = finding_text("%s", policy),
			.where = FIX_IN_SHELL,
			.fix = finding_text("systemctl enable --now daxtierd.service"),
		});
}
