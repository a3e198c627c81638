/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/verb.h"

const struct verb verbs[] = {
	{"status", "", "every device and the host at a glance (the default)", ARGUMENT_NONE,
	 VERB_OPTION_JSON | VERB_OPTION_ROOT, verb_status},
	{"show", "DEVICE", "everything about one device, and why it is so", ARGUMENT_REQUIRED,
	 VERB_OPTION_JSON | VERB_OPTION_ROOT, verb_show},
	{"plan", "[DEVICE]", "what would happen, and why; touches nothing", ARGUMENT_OPTIONAL,
	 VERB_OPTION_JSON | VERB_OPTION_ROOT | VERB_OPTION_CONFIG | VERB_OPTION_DIFF, verb_plan},
	{"apply", "[DEVICE]", "bring about what the policy says, now (as root)", ARGUMENT_OPTIONAL,
	 VERB_OPTION_JSON | VERB_OPTION_FORCE | VERB_OPTION_NO_ASK_PASSWORD, verb_apply},
	{"release", "DEVICE", "take its memory offline and give it up (as root)", ARGUMENT_REQUIRED,
	 VERB_OPTION_JSON | VERB_OPTION_DEADLINE | VERB_OPTION_EJECT | VERB_OPTION_DRY_RUN |
		 VERB_OPTION_NO_ASK_PASSWORD,
	 verb_release},
	{"monitor", "[DEVICE]", "each change as it happens, until it is interrupted",
	 ARGUMENT_OPTIONAL, VERB_OPTION_JSON, verb_monitor},
	{"check-config", "[FILE]", "every error of the configuration, or what it says",
	 ARGUMENT_OPTIONAL, VERB_OPTION_JSON | VERB_OPTION_ROOT, verb_check_config},
	{"doctor", "", "what keeps memory from becoming tiered, and the fix", ARGUMENT_NONE,
	 VERB_OPTION_JSON | VERB_OPTION_ROOT, verb_doctor},
	{"capture", "FILE", "what is read of this host, for --root later (as root)",
	 ARGUMENT_REQUIRED, VERB_OPTION_ROOT | VERB_OPTION_MASK_SERIALS, verb_capture},
	{"reload", "", "let the daemon read its configuration anew (as root)", ARGUMENT_NONE,
	 VERB_OPTION_JSON | VERB_OPTION_NO_ASK_PASSWORD, verb_reload},
	{"metrics", "", "figures for a monitoring system such as Prometheus", ARGUMENT_NONE,
	 VERB_OPTION_FORMAT | VERB_OPTION_OUTPUT, verb_metrics},
};
const size_t n_verbs = ARRAY_SIZE(verbs);
