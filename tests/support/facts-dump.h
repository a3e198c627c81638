/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_TESTS_FACTS_DUMP_H
#define DAXTIER_TESTS_FACTS_DUMP_H

#include <stdio.h>

#include "model/facts.h"

/* All of the facts as text, one a line, stable enough to be compared with a file. Owned by the
 * caller. */
char *facts_dump(const struct facts *facts);

/* The part of it that is about CXL memory. */
void cxl_facts_dump(FILE *out, const struct cxl_facts *cxl);

#endif
