/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "doctor/doctor.h"

#include "base/cleanup.h"
#include "doctor/check.h"

/* In the order in which things go wrong on the way from a card to its memory. */
static doctor_check *const checks[] = {
	check_kernel_options, check_built_in,	check_boot,	   check_modules, check_cards,
	check_firmware,	      check_cxl_tables, check_hmat,	   check_windows, check_room,
	check_devices,	      check_initramfs,	check_auto_online, check_agents,  check_tiers,
};

int doctor_examine(const struct facts *facts, const struct evidence *evidence,
		   struct findings *findings)
{
	for (size_t i = 0; i < ARRAY_SIZE(checks); i++) {
		int r = checks[i](facts, evidence, findings);

		if (r < 0)
			return r;
	}
	findings_sort(findings);
	return 0;
}
