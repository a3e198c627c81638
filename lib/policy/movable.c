/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "policy/movable.h"

#include "base/cleanup.h"
#include "base/format.h"
#include "policy/reason.h"
#include "policy/saturate.h"

bool movable_guard_allows(const struct movable_guard *guard, uint64_t more)
{
	return guard->max_ratio == 0 ||
	       sat_add(guard->movable, more) <= sat_mul(guard->kernel, guard->max_ratio);
}

int movable_guard_explain(const struct movable_guard *guard, uint64_t more, char **ret)
{
	char more_text[FORMAT_SIZE_MAX], sum[FORMAT_SIZE_MAX];
	char kernel[FORMAT_SIZE_MAX], limit[FORMAT_SIZE_MAX];
	_cleanup_free_ char *reason = NULL;
	int r;

	if (guard->kernel == 0)
		/* No host runs without: its zones could not be read. */
		r = reason_set(&reason, "held back, because it is unknown how much memory the "
					"kernel's own zones have");
	else
		r = reason_set(&reason,
			       "held back, because %s more would make %s in zone Movable, where "
			       "max-ratio %u allows %s beside the %s of the kernel's own zones; "
			       "raise max-ratio or use zone = kernel",
			       format_size(more, more_text),
			       format_size(sat_add(guard->movable, more), sum), guard->max_ratio,
			       format_size(sat_mul(guard->kernel, guard->max_ratio), limit),
			       format_size(guard->kernel, kernel));
	if (r < 0)
		return r;
	*ret = TAKE_PTR(reason);
	return 0;
}
