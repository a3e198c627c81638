/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_CAPTURE_TAKE_CONFIG_H
#define DAXTIER_CAPTURE_TAKE_CONFIG_H

#include "capture/recorder.h"

/*
 * Every file of daxtier.conf(5), by its name and not by where a link leads. One that masks others
 * by being nothing (a link to /dev/null) becomes an empty one, which does as well. 0 or -ENOMEM.
 */
int take_config(struct sysfs *sysfs, struct recorder *recorder);

#endif
