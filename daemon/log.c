/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "log.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <systemd/sd-journal.h>

#include "base/cleanup.h"
#include "base/errno-util.h"

/* Where the log goes belongs to the process, not to any object in it; set once by log_open(). */
static struct {
	bool to_journal;
	int max_priority;
} log_state = {.max_priority = LOG_INFO};

/*
 * systemd says in $JOURNAL_STREAM which file standard error was; it may have been redirected since.
 */
static bool stderr_is_journal(void)
{
	const char *stream = getenv("JOURNAL_STREAM");
	uintmax_t dev, ino;
	struct stat st;

	if (!stream || sscanf(stream, "%ju:%ju", &dev, &ino) != 2)
		return false;
	if (fstat(STDERR_FILENO, &st) < 0)
		return false;
	return st.st_dev == dev && st.st_ino == ino;
}

void log_open(int max_priority)
{
	log_state.to_journal = stderr_is_journal();
	log_state.max_priority = max_priority;
}

struct fields {
	struct iovec iov[12];
	int n;
};

static void field_add(struct fields *fields, const char *key, const char *value)
{
	char *line;

	if (!value || asprintf(&line, "%s=%s", key, value) < 0)
		return;
	fields->iov[fields->n].iov_base = line;
	fields->iov[fields->n++].iov_len = strlen(line);
}

static void send_to_journal(const struct log_entry *entry, const char *text)
{
	struct fields fields = {};
	char number[16];

	snprintf(number, sizeof(number), "%d", entry->priority);
	field_add(&fields, "PRIORITY", number);
	field_add(&fields, "MESSAGE", text);
	field_add(&fields, "SYSLOG_IDENTIFIER", program_invocation_short_name);
	field_add(&fields, "MESSAGE_ID", entry->message_id);
	field_add(&fields, "DAXTIER_DEVICE", entry->device);
	field_add(&fields, "DAXTIER_RULE", entry->rule);
	field_add(&fields, "DAXTIER_STATE", entry->state);
	field_add(&fields, "DAXTIER_STEP", entry->step);
	field_add(&fields, "DAXTIER_PATH", entry->path);
	field_add(&fields, "DAXTIER_VALUE", entry->value);
	if (entry->error) {
		snprintf(number, sizeof(number), "%d", -entry->error);
		field_add(&fields, "ERRNO", number);
	}
	if (sd_journal_sendv(fields.iov, fields.n) < 0)
		fprintf(stderr, "<%d>%s\n", entry->priority, text);
	for (int i = 0; i < fields.n; i++)
		free(fields.iov[i].iov_base);
}

int log_write(const struct log_entry *entry, const char *format, ...)
{
	_cleanup_free_ char *text = NULL, *whole = NULL;
	int error = entry->error, r;
	va_list ap;

	if (entry->priority > log_state.max_priority)
		return error;
	va_start(ap, format);
	r = vasprintf(&text, format, ap);
	va_end(ap);
	if (r < 0) {
		text = NULL;
		return error;
	}
	if (error && !entry->error_told)
		r = asprintf(&whole, "%s: %s (%s)", text, strerror(-error), errno_name(error));
	else
		whole = TAKE_PTR(text);
	if (r < 0) {
		whole = NULL;
		return error;
	}
	if (log_state.to_journal)
		send_to_journal(entry, whole);
	else
		fprintf(stderr, "%s\n", whole);
	return error;
}
