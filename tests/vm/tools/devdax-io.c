/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a program does with a devdax device, which read(2) and write(2) cannot:
 *
 *   devdax-io fill PATH BYTES    put a pattern all over it
 *   devdax-io check PATH BYTES   exit 0 when that pattern is there
 *   devdax-io open PATH          hold it open until killed
 *   devdax-io map PATH BYTES     hold it mapped, but not open, until killed
 *
 * The last two print "ready" when they hold it.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* The first and the last page of every so many bytes: all of it takes an emulated machine too long.
 */
#define STRIDE (UINT64_C(16) << 20)
#define PAGE   UINT64_C(4096)

static int fail(const char *what)
{
	perror(what);
	return 2;
}

static uint64_t pattern(uint64_t offset)
{
	return (offset + 1) * UINT64_C(0x9e3779b97f4a7c15);
}

static int fill_page(volatile uint64_t *words, uint64_t offset, int check)
{
	for (uint64_t i = 0; i < PAGE / sizeof(*words); i++) {
		uint64_t wanted = pattern(offset + i * sizeof(*words));

		if (!check)
			words[i] = wanted;
		else if (words[i] != wanted)
			return fprintf(stderr, "offset %#jx: %#jx instead of %#jx\n",
				       (uintmax_t)(offset + i * sizeof(*words)),
				       (uintmax_t)words[i], (uintmax_t)wanted),
			       1;
	}
	return 0;
}

static int walk(char *memory, uint64_t size, int check)
{
	for (uint64_t offset = 0; offset < size; offset += STRIDE) {
		uint64_t last = offset + STRIDE - PAGE;

		if (fill_page((volatile uint64_t *)(memory + offset), offset, check) != 0)
			return 1;
		if (last < size &&
		    fill_page((volatile uint64_t *)(memory + last), last, check) != 0)
			return 1;
	}
	return 0;
}

static _Noreturn void hold(void)
{
	puts("ready");
	fflush(stdout);
	for (;;)
		pause();
}

int main(int argc, char **argv)
{
	uint64_t size = argc > 3 ? strtoull(argv[3], NULL, 0) : 0;
	const char *verb = argc > 2 ? argv[1] : "";
	char *memory;
	int fd;

	if (strcmp(verb, "open") != 0 && size == 0) {
		fprintf(stderr, "usage: devdax-io fill|check|map PATH BYTES | open PATH\n");
		return 2;
	}
	fd = open(argv[2], O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return fail(argv[2]);
	if (strcmp(verb, "open") == 0)
		hold();
	memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (memory == MAP_FAILED)
		return fail("mmap");
	close(fd);
	if (strcmp(verb, "map") == 0)
		hold();
	return walk(memory, size, strcmp(verb, "check") == 0);
}
