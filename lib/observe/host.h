/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_OBSERVE_HOST_H
#define DAXTIER_OBSERVE_HOST_H

#include "model/facts.h"
#include "observe/look.h"

/* Fills *ret, which must be zero. 0 or -ENOMEM; what was filled by then is the caller's to free. */
int host_look(struct look *look, struct host *ret);

#endif
