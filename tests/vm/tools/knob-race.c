/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Everybody at once on one dax device, which may be bound to kmem:
 *
 *   knob-race SECONDS DAX FOLDER...
 *
 * Two processes write memmap_on_memory, one 0 and 1 in turn and one by chance; one binds the device
 * to kmem and unbinds it, and brings its memory online and offline again in every fourth round; one
 * reads every attribute below the folders. Each prints what it was answered, as "reader: ok 812,
 * ENOENT 3", and fails on an answer that it must not get. auto_online_blocks has to be "offline":
 * memory that is online when kmem is unbound stays.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define ERRNOS	     256
#define ONLINE_EVERY 4
#define DEPTH	     4

/* How often an actor got which answer. */
struct tally {
	unsigned long answers[ERRNOS];
};

struct race {
	const char *dax;
	char **folders;
	time_t end;
};

static int is_over(const struct race *race)
{
	return time(NULL) >= race->end;
}

static __attribute__((format(printf, 2, 3))) void path_of(char path[static PATH_MAX],
							  const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(path, PATH_MAX, format, arguments);
	va_end(arguments);
}

static int count(struct tally *tally, int error)
{
	tally->answers[error >= 0 && error < ERRNOS ? error : ERRNOS - 1]++;
	return error;
}

/* The answer, as a positive errno; 0 when it was taken. */
static int put(const char *path, const char *value)
{
	size_t size = strlen(value);
	int fd = open(path, O_WRONLY | O_CLOEXEC), error = 0;
	ssize_t n;

	if (fd < 0)
		return errno;
	n = write(fd, value, size);
	if (n != (ssize_t)size)
		error = n < 0 ? errno : EIO;
	close(fd);
	return error;
}

static int get(const char *path, char *buffer, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK), error = 0;
	ssize_t n;

	if (fd < 0)
		return errno;
	n = read(fd, buffer, size - 1);
	if (n < 0)
		error = errno;
	buffer[n < 0 ? 0 : n] = '\0';
	close(fd);
	return error;
}

/* Prints the tally; fails on an answer that is not among those allowed (a list that ends with 0).
 */
static int report(const char *actor, const struct tally *tally, const int *allowed)
{
	char line[1024];
	int r = 0, end = snprintf(line, sizeof(line), "%s: ok %lu", actor, tally->answers[0]);

	for (int error = 1; error < ERRNOS; error++) {
		const int *a = allowed;

		if (tally->answers[error] == 0)
			continue;
		while (*a != 0 && *a != error)
			a++;
		end += snprintf(line + end, sizeof(line) - (size_t)end, ", %s %lu%s",
				strerrorname_np(error), tally->answers[error],
				*a ? "" : " (unexpected)");
		r |= *a == 0;
	}
	puts(line);
	fflush(stdout);
	return r;
}

static int writer(const struct race *race, const char *name, unsigned seed)
{
	struct tally tally = {0};
	char path[PATH_MAX];
	unsigned turn = 0;

	path_of(path, "/sys/bus/dax/devices/%s/memmap_on_memory", race->dax);
	while (!is_over(race)) {
		/* The one by chance also pauses, so that they do not march in step. */
		unsigned value = seed ? (unsigned)rand_r(&seed) >> 4 & 1 : turn++ & 1;

		count(&tally, put(path, value ? "1" : "0"));
		if (seed)
			usleep((unsigned)rand_r(&seed) % 2000);
	}
	return report(name, &tally, (const int[]){EBUSY, 0});
}

static void read_below(const char *folder, struct tally *tally, int depth)
{
	char path[PATH_MAX], buffer[4096];
	DIR *dir = opendir(folder);
	struct dirent *entry;
	struct stat info;

	if (!dir)
		return;
	while ((entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		path_of(path, "%s/%s", folder, entry->d_name);
		if (lstat(path, &info) != 0)
			continue;
		if (S_ISDIR(info.st_mode) && depth > 0)
			read_below(path, tally, depth - 1);
		else if (S_ISREG(info.st_mode) && (info.st_mode & S_IRUSR))
			count(tally, get(path, buffer, sizeof(buffer)));
	}
	closedir(dir);
}

static int reader(const struct race *race)
{
	struct tally tally = {0};

	while (!is_over(race)) {
		for (char **folder = race->folders; *folder; folder++)
			read_below(*folder, &tally, DEPTH);
	}
	/* What it looks at comes and goes. EINVAL: what a static region does not have. */
	return report("reader", &tally, (const int[]){ENOENT, ENODEV, ENXIO, EINVAL, EIO, 0});
}

/* Every whole block of the device. An error of one is the answer for all. */
static int all_blocks(const struct race *race, const char *state)
{
	char path[PATH_MAX], text[64];
	uint64_t size, start, end;
	int error;

	error = get("/sys/devices/system/memory/block_size_bytes", text, sizeof(text));
	size = strtoull(text, NULL, 16);
	for (int i = 0; error == 0; i++) {
		path_of(path, "/sys/bus/dax/devices/%s/mapping%d/start", race->dax, i);
		error = get(path, text, sizeof(text));
		if (error == ENOENT && i > 0)
			return 0;
		start = strtoull(text, NULL, 16);
		path_of(path, "/sys/bus/dax/devices/%s/mapping%d/end", race->dax, i);
		error = error ? error : get(path, text, sizeof(text));
		end = strtoull(text, NULL, 16);
		for (uint64_t block = (start + size - 1) / size; block < (end + 1) / size && !error;
		     block++) {
			path_of(path, "/sys/devices/system/memory/memory%ju/state",
				(uintmax_t)block);
			error = put(path, state);
		}
	}
	return error;
}

static int offline_all(const struct race *race, struct tally *tally)
{
	int error = EBUSY;

	for (int tries = 0; error && tries < 50; tries++) {
		error = all_blocks(race, "offline");
		/* EINVAL: offline since the last try. */
		if (error)
			usleep(20000);
	}
	return count(tally, error);
}

static int knob_of(const struct race *race)
{
	char path[PATH_MAX], text[16];

	path_of(path, "/sys/bus/dax/devices/%s/memmap_on_memory", race->dax);
	return get(path, text, sizeof(text)) == 0 && (text[0] == '0' || text[0] == '1')
		       ? text[0] - '0'
		       : -1;
}

static int binder(const struct race *race)
{
	unsigned long rounds = 0, changed = 0, with_knob[2] = {0};
	struct tally bind = {0}, unbind = {0}, online = {0};
	int before, after, r;

	while (!is_over(race)) {
		if (count(&bind, put("/sys/bus/dax/drivers/kmem/bind", race->dax)) != 0)
			continue;
		/* Bound to kmem it must not change. */
		before = knob_of(race);
		if (before >= 0)
			with_knob[before]++;
		if (rounds++ % ONLINE_EVERY == 0) {
			count(&online, all_blocks(race, "online_movable"));
			if (offline_all(race, &online) != 0)
				break;
		}
		after = knob_of(race);
		changed += before < 0 || before != after;
		count(&unbind, put("/sys/bus/dax/drivers/kmem/unbind", race->dax));
	}
	r = report("binder, bind", &bind, (const int[]){0});
	r |= report("binder, unbind", &unbind, (const int[]){0});
	r |= report("binder, online and offline", &online, (const int[]){0});
	printf("binder: bound with the knob off %lu, on %lu; changed while bound %lu\n",
	       with_knob[0], with_knob[1], changed);
	fflush(stdout);
	return r || changed > 0;
}

enum { ALTERNATING, BY_CHANCE, BINDER, READER, ACTORS };

static int act(const struct race *race, int actor)
{
	switch (actor) {
	case ALTERNATING:
		return writer(race, "writer in turn", 0);
	case BY_CHANCE:
		return writer(race, "writer by chance", 1 + (unsigned)getpid());
	case BINDER:
		return binder(race);
	default:
		return reader(race);
	}
}

int main(int argc, char **argv)
{
	struct race race;
	int status, r = 0;

	if (argc < 4 || atoi(argv[1]) <= 0) {
		fprintf(stderr, "usage: knob-race SECONDS DAX FOLDER...\n");
		return 2;
	}
	race = (struct race){
		.dax = argv[2], .folders = argv + 3, .end = time(NULL) + atoi(argv[1])};
	for (int actor = 0; actor < ACTORS; actor++) {
		pid_t pid = fork();

		if (pid < 0) {
			perror("fork");
			return 2;
		}
		if (pid == 0)
			_exit(act(&race, actor));
	}
	while (wait(&status) > 0 || errno == EINTR)
		r |= status != 0;
	return r;
}
