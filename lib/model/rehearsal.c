/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/rehearsal.h"

#include <stdlib.h>

void rehearsal_done(struct rehearsal *rehearsal)
{
	for (size_t i = 0; i < rehearsal->n_unmovable; i++)
		free(rehearsal->unmovable[i].why);
	free(rehearsal->unmovable);
	free(rehearsal->device);
	free(rehearsal->reason);
	free(rehearsal->region);
	*rehearsal = (struct rehearsal){};
}
