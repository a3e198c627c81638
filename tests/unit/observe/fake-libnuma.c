/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * A libnuma.so.1 for tests: FAKE_LIBNUMA is the highest node it knows, or "none" for a kernel
 * without NUMA. As the real one does, it looks once, when it is loaded; and where the real one
 * would read beyond its table, it aborts.
 */

#include <stdlib.h>
#include <string.h>

int numa_available(void);
int numa_max_node(void);
int numa_distance(int a, int b);

static int available, max_node;

__attribute__((constructor)) static void count_nodes(void)
{
	const char *text = getenv("FAKE_LIBNUMA");

	available = text && strcmp(text, "none") != 0 ? 0 : -1;
	max_node = available == 0 ? atoi(text) : -1;
}

int numa_available(void)
{
	return available;
}

int numa_max_node(void)
{
	return max_node;
}

int numa_distance(int a, int b)
{
	if (available < 0 || a > max_node || b > max_node)
		abort();
	return a == b ? 10 : 100 + 10 * a + b;
}
