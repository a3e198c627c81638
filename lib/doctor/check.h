/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_DOCTOR_CHECK_H
#define DAXTIER_DOCTOR_CHECK_H

/*
 * The checks, one file a subject. Each adds what it finds, says nothing about what was not read,
 * and returns -ENOMEM, or something that is not negative.
 */

#include "doctor/evidence.h"
#include "doctor/finding.h"
#include "doctor/module.h"

typedef int doctor_check(const struct facts *facts, const struct evidence *evidence,
			 struct findings *findings);

doctor_check check_kernel_options;
doctor_check check_built_in;
doctor_check check_boot;
doctor_check check_modules;
doctor_check check_cards;
doctor_check check_initramfs;
doctor_check check_agents;
doctor_check check_auto_online;
doctor_check check_firmware;
doctor_check check_cxl_tables;
doctor_check check_hmat;
doctor_check check_windows;
doctor_check check_room; /* behind check_windows() */
doctor_check check_devices;
doctor_check check_tiers;

/*
 * Of a table of the firmware. Takes over the texts. 0; 1 when there are enough of them, and it was
 * left out: no more need to be looked for; or -ENOMEM.
 */
int firmware_add(struct findings *findings, enum finding_severity severity, char *what, char *file,
		 char *value);

/* Whether the kernel numbered nodes after the SRAT; it can be told not to. */
bool nodes_follow_srat(const struct evidence *evidence);

/* Whether a kernel's configuration has the option, built in or as a module. */
bool kernel_option_is_set(const char *config, const char *option);

/* Whether the module is in the kernel itself, so that nothing keeps it from loading. */
bool module_is_built_in(const struct evidence *evidence, const struct module *module);

/* Whether there is something that could become memory, or is by now. */
bool host_has_devices(const struct facts *facts);

#endif
