/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_CONFIG_JSON_H
#define DAXTIER_CONFIG_JSON_H

#include "config/config-load.h"

struct json_object;

/*
 * The configuration as it is in force:
 *
 *   { "Files": ["/etc/daxtier.conf", …],
 *     "Daemon": { "Claim", "SettleUSec", "Convert" },
 *     "Memmap": { "MinSizeBytes", "MaxDistance", "DramBudgetBasisPoints" },
 *     "Movable": { "MaxRatio" },       0: no guard
 *     "Rules": [ { "Name", "File", "Line", criteria that are set, "Mode", and with mode =
 *                  system-ram "MemmapOnMemory" and "Zone" }, … ]  in the order they are tried }
 *
 * Criteria: MatchKinds, MatchDevices, MatchRegions, MatchSerials, MatchTargetNodes,
 * MatchInitiatorNodes (arrays); MatchSizeMinBytes and MatchSizeMaxBytes, MatchDistanceMin and
 * MatchDistanceMax, the upper end left out where it is open.
 *
 * *ret is a new reference. 0 or -ENOMEM.
 */
int config_to_json(const struct config *config, struct json_object **ret);

/*
 * An array of { "File", "Line", "Section", "Key", "Message", "Text" }, where Line, Section and Key
 * are left out when they do not apply and Text is config_error_to_string(). As above.
 */
int config_errors_to_json(const struct config_errors *errors, struct json_object **ret);

#endif
