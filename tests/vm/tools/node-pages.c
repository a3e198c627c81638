/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A process with memory in use on one NUMA node, whose contents must survive its migration:
 *
 *   node-pages NODE BYTES
 *
 * fills so many bytes, bound to that node, with a pattern that differs from page to page, prints
 * "ready", and then answers each line of its standard input with one line:
 *
 *   check    "intact N" or "damaged PAGE": every byte compared; N pages are on the node now
 *   home     "home N": brings back to the node what was migrated elsewhere
 */
#include <errno.h>
#include <linux/mempolicy.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define PAGE  ((size_t)4096)
#define WORDS (PAGE / sizeof(uint64_t))
#define BATCH ((size_t)4096)

struct holding {
	char *memory;
	size_t pages;
	int node;
};

static int fail(const char *what)
{
	perror(what);
	return 2;
}

static uint64_t pattern(size_t page, size_t word)
{
	return (page * WORDS + word + 1) * UINT64_C(0x9e3779b97f4a7c15);
}

static int bind_to_node(const struct holding *held, unsigned flags)
{
	unsigned long mask[16] = {0};
	size_t bits = 8 * sizeof(mask[0]);

	if (held->node < 0 || (size_t)held->node >= 16 * bits) {
		errno = EINVAL;
		return -1;
	}
	mask[(size_t)held->node / bits] = 1UL << ((size_t)held->node % bits);
	/* The kernel takes one bit less than it is told. */
	return (int)syscall(SYS_mbind, held->memory, held->pages * PAGE, MPOL_BIND, mask,
			    16 * bits + 1, flags);
}

static void fill(const struct holding *held)
{
	for (size_t page = 0; page < held->pages; page++) {
		uint64_t *words = (uint64_t *)(void *)(held->memory + page * PAGE);

		for (size_t word = 0; word < WORDS; word++)
			words[word] = pattern(page, word);
	}
}

/* The first page that differs, or the number of pages. */
static size_t first_damaged(const struct holding *held)
{
	for (size_t page = 0; page < held->pages; page++) {
		const uint64_t *words =
			(const uint64_t *)(const void *)(held->memory + page * PAGE);

		for (size_t word = 0; word < WORDS; word++) {
			if (words[word] != pattern(page, word))
				return page;
		}
	}
	return held->pages;
}

/* move_pages(2) without target nodes only tells where pages are. */
static long pages_on_node(const struct holding *held)
{
	static void *addresses[BATCH];
	static int status[BATCH];
	long found = 0;

	for (size_t first = 0; first < held->pages; first += BATCH) {
		size_t n = held->pages - first < BATCH ? held->pages - first : BATCH;

		for (size_t i = 0; i < n; i++)
			addresses[i] = held->memory + (first + i) * PAGE;
		if (syscall(SYS_move_pages, 0, n, addresses, NULL, status, 0) != 0)
			return -1;
		for (size_t i = 0; i < n; i++)
			found += status[i] == held->node;
	}
	return found;
}

static int answer(const struct holding *held, const char *line)
{
	size_t damaged;

	if (strcmp(line, "home\n") == 0) {
		/* EIO: some could not be moved; the number tells. */
		if (bind_to_node(held, MPOL_MF_MOVE) != 0 && errno != EIO)
			return fail("mbind");
		printf("home %ld\n", pages_on_node(held));
		return 0;
	}
	if (strcmp(line, "check\n") != 0) {
		fprintf(stderr, "not understood: %s", line);
		return 2;
	}
	damaged = first_damaged(held);
	if (damaged < held->pages)
		printf("damaged %zu\n", damaged);
	else
		printf("intact %ld\n", pages_on_node(held));
	return 0;
}

int main(int argc, char **argv)
{
	struct holding held = {0};
	char line[64];
	int r = 0;

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (argc == 3) {
		held.node = atoi(argv[1]);
		held.pages = strtoull(argv[2], NULL, 0) / PAGE;
	}
	if (held.pages == 0) {
		fprintf(stderr, "usage: node-pages NODE BYTES\n");
		return 2;
	}
	held.memory = mmap(NULL, held.pages * PAGE, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (held.memory == MAP_FAILED)
		return fail("mmap");
	/* Single pages, which lie everywhere, rather than a few huge ones. */
	if (madvise(held.memory, held.pages * PAGE, MADV_NOHUGEPAGE) != 0 && errno != EINVAL)
		return fail("madvise");
	if (bind_to_node(&held, 0) != 0)
		return fail("mbind");
	fill(&held);
	puts("ready");
	while (r == 0 && fgets(line, sizeof(line), stdin))
		r = answer(&held, line);
	return r;
}
