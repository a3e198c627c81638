/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_APPLY_ONLINE_H
#define DAXTIER_APPLY_ONLINE_H

/* Why a block, or a device, does not come online: a clause. */
const char *online_explain(int error);

#endif
