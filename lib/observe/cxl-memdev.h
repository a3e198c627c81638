/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_OBSERVE_CXL_MEMDEV_H
#define DAXTIER_OBSERVE_CXL_MEMDEV_H

/* Memdevs with their endpoints and decoders, which are counted independently. 0 or -ENOMEM. */

#include "model/cxl.h"
#include "observe/look.h"

/* Appends the memdev of this name. */
int cxl_memdev_look(struct look *look, const char *name, struct cxl_facts *facts);

/* Gives an endpoint to the memdev that it stands for, with the host bridge above it. */
int cxl_endpoint_look(struct look *look, const char *name, struct cxl_facts *facts);

/* The memdev that has this endpoint; NULL: none. */
struct cxl_memdev *cxl_memdev_by_endpoint(struct cxl_facts *facts, const char *endpoint);

/* Appends a decoder of the memdev's endpoint, whose directory is path. */
int cxl_endpoint_decoder_look(struct look *look, const char *name, const char *path,
			      struct cxl_memdev *memdev);

#endif
