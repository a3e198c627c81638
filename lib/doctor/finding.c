/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "doctor/finding.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

static const char *const severities[] = {
	[FINDING_NOTE] = "note",
	[FINDING_WARNING] = "warning",
	[FINDING_ERROR] = "error",
};

static const char *const abouts[] = {
	[ABOUT_KERNEL] = "kernel",	 [ABOUT_BOOT] = "boot",	    [ABOUT_MODULE] = "module",
	[ABOUT_INITRAMFS] = "initramfs", [ABOUT_AGENT] = "agent",   [ABOUT_FIRMWARE] = "firmware",
	[ABOUT_WINDOW] = "window",	 [ABOUT_DEVICE] = "device", [ABOUT_TIER] = "tier",
	[ABOUT_CONFIG] = "config",
};

_Static_assert(ARRAY_SIZE(severities) == FINDING_SEVERITY_MAX, "a word for each severity");
_Static_assert(ARRAY_SIZE(abouts) == ABOUT_MAX, "a word for each subject");

const char *finding_severity_to_string(enum finding_severity severity)
{
	return severity < FINDING_SEVERITY_MAX ? severities[severity] : "unknown";
}

const char *finding_about_to_string(enum finding_about about)
{
	return about < ABOUT_MAX ? abouts[about] : "unknown";
}

char *finding_text(const char *format, ...)
{
	char *text;
	va_list ap;
	int n;

	va_start(ap, format);
	n = vasprintf(&text, format, ap);
	va_end(ap);
	return n < 0 ? NULL : text;
}

void finding_done(struct finding *finding)
{
	free(finding->what);
	free(finding->file);
	free(finding->value);
	free(finding->fix);
	*finding = (struct finding){};
}

/* More than any host has; a captured one that somebody made may have them without end. */
#define FINDINGS_MAX 1000

int findings_add(struct findings *findings, struct finding finding)
{
	struct finding *grown = NULL;

	if (findings->n >= FINDINGS_MAX) {
		finding_done(&finding);
		return 0;
	}
	if (finding.what && finding.file && finding.value && finding.fix)
		grown = reallocarray(findings->items, findings->n + 1, sizeof(*grown));
	if (!grown) {
		finding_done(&finding);
		return -ENOMEM;
	}
	findings->items = grown;
	grown[findings->n++] = finding;
	return 0;
}

bool finding_is_plain(const char *name)
{
	return name[0] != '\0' && name[0] != '-' &&
	       name[strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				 "0123456789/._-@:+")] == '\0';
}

void findings_sort(struct findings *findings)
{
	/* By insertion: it is stable, and there are few. */
	for (size_t i = 1; i < findings->n; i++) {
		struct finding finding = findings->items[i];
		size_t at = i;

		for (; at > 0 && findings->items[at - 1].severity < finding.severity; at--)
			findings->items[at] = findings->items[at - 1];
		findings->items[at] = finding;
	}
}

void findings_done(struct findings *findings)
{
	for (size_t i = 0; i < findings->n; i++)
		finding_done(&findings->items[i]);
	free(findings->items);
	*findings = (struct findings){};
}
