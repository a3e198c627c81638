/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_OBSERVE_CXL_HOST_H
#define DAXTIER_OBSERVE_CXL_HOST_H

#include "model/cxl.h"
#include "observe/look.h"

/*
 * All memdevs, windows and regions of the host; *ret must be empty. Without a cxl bus there are
 * none. What is not there, or cannot be read or understood, makes its owner incomplete. 0 or
 * -ENOMEM, with *ret to be freed in any case.
 */
int cxl_host_look(struct look *look, struct cxl_facts *ret);

#endif
