/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Runs a fuzzer without libFuzzer: over every file of a folder as it is, and over changes of it
 * that are the same each time, so that what fails once fails again.
 */

#include <dirent.h>
#include <err.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "fuzz.h"

#define INPUT_MAX	 (64U << 10)
#define CHANGES_PER_FILE 1500
#define TRUNCATIONS_MAX	 600

static struct input {
	uint8_t data[INPUT_MAX];
	size_t size;
} current;

struct seeds {
	struct input *items;
	size_t n;
};

/* xorshift64*: good enough to choose by, and the same everywhere. */
static uint64_t next_random(uint64_t *state)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return *state * UINT64_C(2685821657736338717);
}

static size_t below(uint64_t *state, size_t n)
{
	return n ? (size_t)(next_random(state) % n) : 0;
}

static void delete_at(struct input *input, size_t at, size_t n)
{
	if (n > input->size - at)
		n = input->size - at;
	memmove(input->data + at, input->data + at + n, input->size - at - n);
	input->size -= n;
}

static void insert_at(struct input *input, size_t at, const uint8_t *data, size_t n)
{
	if (n > INPUT_MAX - input->size)
		n = INPUT_MAX - input->size;
	memmove(input->data + at + n, input->data + at, input->size - at);
	memmove(input->data + at, data, n);
	input->size += n;
}

/* One small change. Bytes that mean something somewhere are likelier than others. */
static void change(struct input *input, const struct seeds *seeds, uint64_t *state)
{
	static const char special[] = "\0\n\r\t #;=:[]{},.-\\\"'\x7f\x80\xc3\xff"
				      "0xEG%";
	const struct input *other = &seeds->items[below(state, seeds->n)];
	size_t at = below(state, input->size + 1), from = below(state, other->size + 1);
	uint8_t byte = (uint8_t)special[below(state, sizeof(special) - 1)];

	switch (below(state, 6)) {
	case 0:
		if (at < input->size)
			input->data[at] ^= (uint8_t)(1U << below(state, 8));
		break;
	case 1:
		if (at < input->size)
			input->data[at] = byte;
		break;
	case 2:
		insert_at(input, at, &byte, 1);
		break;
	case 3:
		delete_at(input, at, 1 + below(state, 16));
		break;
	case 4:
		insert_at(input, at, other->data + from, below(state, other->size - from + 1));
		break;
	case 5: /* the same piece many times makes long lines and tables */
		for (size_t n = below(state, 300), size = 1 + below(state, 4); n > 0; n--)
			if (from + size <= other->size)
				insert_at(input, at, other->data + from, size);
		break;
	}
}

/* An exact copy, so that a sanitizer sees a read behind it. */
static void run(const struct input *input)
{
	_cleanup_free_ uint8_t *copy = malloc(input->size ?: 1);

	if (!copy)
		err(EXIT_FAILURE, "malloc");
	memcpy(copy, input->data, input->size);
	LLVMFuzzerTestOneInput(copy, input->size);
}

/* Leaves what broke it where a person, or libFuzzer, can run it again. */
static void on_abort(int signal)
{
	static const char saved[] = "the input is in replay-crash of the working directory\n";
	int fd = open("replay-crash", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	if (fd >= 0 && write(fd, current.data, current.size) == (ssize_t)current.size &&
	    write(STDERR_FILENO, saved, sizeof(saved) - 1) < 0)
		_exit(EXIT_FAILURE);
	if (fd >= 0)
		close(fd);
}

static void replay(const struct seeds *seeds, size_t which, size_t *n_runs)
{
	const struct input *seed = &seeds->items[which];
	uint64_t state = which + 1;

	current = *seed;
	run(&current);
	(*n_runs)++;
	for (size_t size = 0; size < seed->size && size < TRUNCATIONS_MAX; size++, (*n_runs)++) {
		current.size = size;
		run(&current);
	}
	for (size_t i = 0; i < CHANGES_PER_FILE; i++, (*n_runs)++) {
		/* A fresh start now and then; in between changes pile up. */
		if (i % 10 == 0)
			current = *seed;
		change(&current, seeds, &state);
		run(&current);
	}
}

static int is_seed(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static void read_seed(const char *folder, const char *name, struct input *ret)
{
	_cleanup_free_ char *path = NULL;
	_cleanup_fclose_ FILE *f = NULL;

	if (asprintf(&path, "%s/%s", folder, name) < 0)
		err(EXIT_FAILURE, "asprintf");
	f = fopen(path, "re");
	if (!f)
		err(EXIT_FAILURE, "%s", path);
	ret->size = fread(ret->data, 1, INPUT_MAX, f);
	if (ferror(f) || !feof(f))
		errx(EXIT_FAILURE, "%s: cannot read it, or it is too large", path);
}

int main(int argc, char *argv[])
{
	struct seeds seeds = {0};
	struct dirent **names;
	size_t n_runs = 0;
	int n;

	if (argc != 2)
		errx(EXIT_FAILURE, "usage: %s FOLDER", argv[0]);
	n = scandir(argv[1], &names, is_seed, alphasort);
	if (n <= 0)
		err(EXIT_FAILURE, "no seeds in %s", argv[1]);
	seeds.items = calloc((size_t)n, sizeof(*seeds.items));
	if (!seeds.items)
		err(EXIT_FAILURE, "calloc");
	for (; seeds.n < (size_t)n; seeds.n++) {
		read_seed(argv[1], names[seeds.n]->d_name, &seeds.items[seeds.n]);
		free(names[seeds.n]);
	}
	free(names);

	signal(SIGABRT, on_abort);
	for (size_t i = 0; i < seeds.n; i++)
		replay(&seeds, i, &n_runs);
	free(seeds.items);
	printf("%zu runs over %d seeds\n", n_runs, n);
	return EXIT_SUCCESS;
}
