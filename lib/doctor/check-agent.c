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

static int add_rules(const char *file, struct findings *findings)
{
	return findings_add(
		findings,
		(struct finding){
			.severity = FINDING_WARNING,
			.about = ABOUT_AGENT,
			.what = finding_text("A udev rule brings memory online or runs daxctl: "
					     "whoever comes first decides the zone"),
			.file = finding_text("%s", file),
			.value = finding_text("acts on memory blocks or dax devices"),
			.where = FIX_IN_SHELL,
			.fix = mask(file),
		});
}

static int add_section(const struct evidence_line *line, struct findings *findings)
{
	return findings_add(
		findings,
		(struct finding){
			.severity = FINDING_WARNING,
			.about = ABOUT_AGENT,
			.what = finding_text("daxctl is configured to reconfigure dax devices as "
					     "they appear, which daxtierd does as well"),
			.file = finding_text("%s", line->file),
			.value = finding_text("%s", line->line),
			.where = FIX_IN_SHELL,
			.fix = finding_text("remove this section from %s, or let its devices have "
					    "\"mode = ignore\" in /etc/daxtier.conf",
					    line->file),
		});
}

int check_agents(const struct facts *facts, const struct evidence *evidence,
		 struct findings *findings)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < evidence->udev_rules.n; i++)
		r = add_rules(evidence->udev_rules.items[i], findings);
	for (size_t i = 0; r == 0 && i < evidence->daxctl.n; i++)
		r = add_section(&evidence->daxctl.items[i], findings);
	return r;
}
