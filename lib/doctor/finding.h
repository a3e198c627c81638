/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_DOCTOR_FINDING_H
#define DAXTIER_DOCTOR_FINDING_H

/* What a check found: what is wrong, what shows it, and the line that fixes it. */

#include <stdbool.h>
#include <stddef.h>

enum finding_severity {
	FINDING_NOTE,	 /* worth knowing; nothing is lost by it */
	FINDING_WARNING, /* memory comes up, but not as well as it could, or not for long */
	FINDING_ERROR,	 /* keeps memory from becoming tiered memory */
	FINDING_SEVERITY_MAX,
};

/* What a finding is about; the words of "About" in daxtierctl(1). */
enum finding_about {
	ABOUT_KERNEL,	 /* how the kernel was built */
	ABOUT_BOOT,	 /* its command line */
	ABOUT_MODULE,	 /* modules that are missing, or kept from loading */
	ABOUT_INITRAMFS, /* what is in it, and what it does before daxtierd runs */
	ABOUT_AGENT,	 /* who else onlines memory or configures dax devices */
	ABOUT_FIRMWARE,	 /* ACPI tables */
	ABOUT_WINDOW,	 /* CXL windows and the cards behind them */
	ABOUT_DEVICE,
	ABOUT_TIER,   /* what moves pages between tiers */
	ABOUT_CONFIG, /* daxtierd's own */
	ABOUT_MAX,
};

/* X_to_string() returns static storage and never NULL. */
const char *finding_severity_to_string(enum finding_severity severity);
const char *finding_about_to_string(enum finding_about about);

struct finding {
	enum finding_severity severity;
	enum finding_about about;
	char *what;
	char *file;	   /* the evidence: where it stands, "/boot/config-6.1.0" */
	char *value;	   /* and what stands there */
	const char *where; /* the line that fixes it goes here; static storage */
	char *fix;
};

/* Releases its texts. */
void finding_done(struct finding *finding);

/* In the order in which they were added. Zero-initialised is empty. */
struct findings {
	struct finding *items;
	size_t n;
};

/*
 * Takes over the texts of finding, also on failure. All of them are needed: NULL is taken for a
 * lack of memory, so that finding_text() can stand where the text is wanted. What is far too much
 * is left out. 0 or -ENOMEM.
 */
int findings_add(struct findings *findings, struct finding finding);
char *finding_text(const char *format, ...) __attribute__((format(printf, 1, 2)));

/*
 * Whether a shell takes it as one word that means itself. What a captured host has in its names
 * must not become a command that somebody copies.
 */
bool finding_is_plain(const char *name);

/* The worst first, otherwise as they were added. */
void findings_sort(struct findings *findings);
void findings_done(struct findings *findings);

/* Where a line goes that fixes something. */
#define FIX_IN_SHELL   "as root"
#define FIX_IN_CMDLINE "on the kernel's command line"
#define FIX_IN_KERNEL  "in the kernel's configuration"
#define FIX_IN_SETUP   "in the firmware"

#endif
