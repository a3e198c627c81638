/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_CONFIG_FILE_H
#define DAXTIER_CONFIG_FILE_H

#include "config/config-draft.h"

/*
 * Inside config/: how a file is written. Reads the text of one file, size bytes, into the draft;
 * name is what messages call it. 0 or -ENOMEM; what is wrong goes to the draft's errors.
 */
int config_file_parse(struct config_draft *draft, const char *name, const char *text, size_t size);

#endif
