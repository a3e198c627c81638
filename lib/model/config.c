/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/config.h"

#include <stdlib.h>

void rule_done(struct rule *rule)
{
	free(rule->name);
	free(rule->file);
	strv_done(&rule->match_devices);
	strv_done(&rule->match_regions);
	free(rule->match_serials.items);
	free(rule->match_target_nodes.items);
	free(rule->match_initiator_nodes.items);
	*rule = (struct rule){};
}

struct config *config_free(struct config *config)
{
	if (!config)
		return NULL;
	for (size_t i = 0; i < config->n_rules; i++)
		rule_done(&config->rules[i]);
	free(config->rules);
	strv_done(&config->files);
	free(config);
	return NULL;
}
