/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who else is told to act on memory blocks and dax devices. */
#include <string.h>

#include "base/cleanup.h"
#include "doctor/check.h"

/* What is in /etc is the host's own, and nothing hides it: it is to be removed. */
static char *mask(const char *file)
{
	if (!finding_is_plain(file))
		return finding_text("remove the file, or hide it: see udev(7)");
	if (strncmp(file, "/etc/", 5) == 0)
		return finding_text("rm %s && udevadm control --reload", file);
	return finding_text("ln -s /dev/null /etc/udev/rules.d/%s && udevadm control --reload",
			    strrchr(file, '/') + 1);
}

static int add_rule(const struct evidence_line *line, struct findings *findings)
{
	return findings_add(
		findings,
		(struct finding){
			.severity = FINDING_WARNING,
			.about = ABOUT_AGENT,
			.what = finding_text("A udev rule changes the state of memory or runs "
					     "daxctl: whoever comes first decides the zone"),
			.file = finding_text("%s", line->file),
			.value = finding_text("%s", line->line),
			.where = FIX_IN_SHELL,
			.fix = mask(line->file),
		});
}

/* Devices of persistent memory are all that a section can name. */
static bool has_pmem(const struct facts *facts)
{
	for (size_t i = 0; i < facts->n_devices; i++)
		if (facts->devices[i].kind == DAX_KIND_PMEM && !facts->devices[i].gone)
			return true;
	return false;
}

static int add_section(const struct facts *facts, const char *rule,
		       const struct evidence_line *line, struct findings *findings)
{
	return findings_add(
		findings,
		(struct finding){
			.severity = has_pmem(facts) ? FINDING_WARNING : FINDING_NOTE,
			.about = ABOUT_AGENT,
			.what = finding_text(
				"daxctl is configured to reconfigure persistent memory "
				"as it appears, by %s; a policy that takes that memory "
				"would compete with it",
				rule),
			.file = finding_text("%s", line->file),
			.value = finding_text("%s", line->line),
			.where = FIX_IN_SHELL,
			.fix = finding_text("remove this section from %s, or let its devices have "
					    "\"mode = ignore\" in /etc/daxtier.conf",
					    line->file),
		});
}

/* The mark of the initramfs tells of the same, and knows more. */
static int check_unattended(const struct facts *facts, const struct evidence *evidence,
			    struct findings *findings)
{
	if (facts->host.dax_autoprobe != 0 || !evidence->unattended ||
	    evidence->initramfs.abandoned)
		return 0;
	return findings_add(
		findings,
		(struct finding){
			.severity = FINDING_ERROR,
			.about = ABOUT_AGENT,
			.what = finding_text("The dax bus is held, and no daxtierd runs: a dax "
					     "device that appears gets no driver"),
			.file = finding_text("/sys/bus/dax/drivers_autoprobe"),
			.value = finding_text("0"),
			.where = FIX_IN_SHELL,
			.fix = finding_text("systemctl start daxtierd.service"),
		});
}

int check_agents(const struct facts *facts, const struct evidence *evidence,
		 struct findings *findings)
{
	int r;

	r = check_unattended(facts, evidence, findings);
	for (size_t i = 0; r == 0 && i < evidence->udev_rules.n; i++)
		r = add_rule(&evidence->udev_rules.items[i], findings);
	/* Nobody has daxctl read them otherwise. */
	for (size_t i = 0; evidence->daxctl_rule && r == 0 && i < evidence->daxctl.n; i++)
		r = add_section(facts, evidence->daxctl_rule, &evidence->daxctl.items[i], findings);
	return r;
}
