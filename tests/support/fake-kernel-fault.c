/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Faults that strike at chosen operations, and the log of writes. */
#include <fcntl.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fake-kernel-model.h"

#define FAULTS FK_STATE "/faults"
#define LOG    FK_STATE "/log"
#define COUNTS FK_STATE "/count-%d"

/* One line of the file of faults: seen counts the operations that matched. */
struct rule {
	int op, action, error;
	unsigned nth, times, stall_msec, seen;
	char pattern[256];
};

static int rule_parse(const char *line, struct rule *ret)
{
	return sscanf(line, "%d %d %d %u %u %u %u %255s", &ret->op, &ret->action, &ret->error,
		      &ret->nth, &ret->times, &ret->stall_msec, &ret->seen, ret->pattern) == 8;
}

static char *rule_append(char *text, const struct rule *rule)
{
	char *longer;

	longer = fk_path("%s%d %d %d %u %u %u %u %s\n", text ? text : "", rule->op, rule->action,
			 rule->error, rule->nth, rule->times, rule->stall_msec, rule->seen,
			 rule->pattern);
	free(text);
	return longer;
}

void fake_kernel_add_fault(const char *root, const struct fake_kernel_fault *fault)
{
	struct rule rule = {
		.op = fault->op,
		.action = fault->action,
		.error = fault->error,
		.nth = fault->nth ? fault->nth : 1,
		.times = fault->times ? fault->times : 1,
		.stall_msec = fault->stall_msec,
	};
	int lock = fk_lock(root);
	char *text = tree_get(root, FAULTS);

	snprintf(rule.pattern, sizeof(rule.pattern), "%s", fault->pattern ? fault->pattern : "*");
	text = rule_append(text, &rule);
	tree_put(root, FAULTS, text);
	free(text);
	fk_unlock(lock);
}

void fake_kernel_clear_faults(const char *root)
{
	int lock = fk_lock(root);

	tree_delete(root, FAULTS);
	fk_unlock(lock);
}

static void append(const char *root, const char *name, const char *text)
{
	char *path = fk_path("%s/%s", root, name);
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);

	if (fd < 0 || write(fd, text, strlen(text)) < 0) {
		perror(path);
		abort();
	}
	close(fd);
	free(path);
}

/* The file's size is the count: the cheapest that outlives every process. */
static void count_one_more(const char *root, enum fake_kernel_op op)
{
	char *name = fk_path(COUNTS, (int)op);

	append(root, name, ".");
	free(name);
}

static struct fk_verdict judge_by_rules(const char *root, enum fake_kernel_op op, const char *path)
{
	struct fk_verdict verdict = {};
	char *text = tree_get(root, FAULTS), *next = NULL, *save = NULL;
	struct rule rule;

	if (!text)
		return verdict;
	for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		if (!rule_parse(line, &rule))
			continue;
		if (rule.op == (int)op && fnmatch(rule.pattern, path, 0) == 0) {
			rule.seen++;
			if (!verdict.strikes && rule.seen >= rule.nth &&
			    rule.seen - rule.nth < rule.times)
				verdict = (struct fk_verdict){
					.strikes = 1,
					.action = (enum fake_kernel_action)rule.action,
					.error = rule.error,
					.stall_msec = rule.stall_msec,
				};
		}
		next = rule_append(next, &rule);
	}
	if (next)
		tree_put(root, FAULTS, next);
	free(next);
	free(text);
	return verdict;
}

struct fk_verdict fk_judge(const char *root, enum fake_kernel_op op, const char *path)
{
	struct fk_verdict verdict = judge_by_rules(root, op, path);

	/* Last: who waits for the count and kills somebody then must not bring a fault to life
	 * again. */
	count_one_more(root, op);
	return verdict;
}

void fk_log_write(const char *root, const char *path, const char *value, const char *result)
{
	unsigned sequence = fake_kernel_count(root, FAKE_KERNEL_WRITE);
	char *line;

	line = fk_path("%u %d %s %.*s %s\n", sequence, (int)getpid(), path,
		       (int)strcspn(value, "\n"), value, result);
	append(root, LOG, line);
	free(line);
}

char *fake_kernel_log(const char *root)
{
	char *text = tree_get(root, LOG);

	return text ? text : fk_path("%s", "");
}

unsigned fake_kernel_count(const char *root, enum fake_kernel_op op)
{
	char *path = fk_path("%s/" COUNTS, root, (int)op);
	struct stat st;
	unsigned count = stat(path, &st) == 0 ? (unsigned)st.st_size : 0;

	free(path);
	return count;
}

void fake_kernel_clear_log(const char *root)
{
	int lock = fk_lock(root);

	tree_delete(root, LOG);
	for (int op = FAKE_KERNEL_WRITE; op <= FAKE_KERNEL_READ; op++) {
		char *path = fk_path(COUNTS, op);

		tree_delete(root, path);
		free(path);
	}
	fk_unlock(lock);
}
