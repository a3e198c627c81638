/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Writes what documents the keys, from their rows. Runs at build time only.
 *
 *   config-doc conf   the body of daxtier.conf: every section and key, commented out
 *   config-doc man    a manual page from its template on standard input, in which the line
 *                     .\" @keys SECTION@ becomes a list of the section's keys, in mdoc
 */

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "config/config-key.h"

#define CONF_COLUMNS 90
#define MAN_COLUMNS  78

/* Words as lines of a comment. */
static void print_comment(const char *text)
{
	size_t column = 0;

	while (*text) {
		size_t n = strcspn(text, " ");

		if (column > 0 && column + 1 + n > CONF_COLUMNS) {
			putchar('\n');
			column = 0;
		}
		column += (size_t)printf("%s%.*s", column ? " " : "# ", (int)n, text);
		text += n + strspn(text + n, " ");
	}
	putchar('\n');
}

static int conf_section(const struct config_section *section)
{
	bool rule = strcmp(section->name, "rule") == 0;

	print_comment(section->doc);
	if (rule)
		puts("#\n#[rule NAME]");
	else
		printf("[%s]\n", section->name);
	for (size_t i = 0; i < config_n_keys; i++) {
		const struct config_key *key = &config_keys[i];
		_cleanup_free_ char *allowed = NULL;

		if (strcmp(key->section, section->name) != 0)
			continue;
		if (asprintf(&allowed, "Allowed: %s", key->allowed) < 0) {
			allowed = NULL; /* undefined after a failure */
			return -ENOMEM;
		}
		puts(rule ? "#" : "");
		print_comment(key->doc);
		print_comment(allowed);
		printf("#%s = %s\n", key->name, key->fallback ?: key->example);
	}
	return 0;
}

static int print_conf(void)
{
	for (size_t i = 0; i < config_n_sections; i++) {
		int r;

		if (i > 0)
			putchar('\n');
		r = conf_section(&config_sections[i]);
		if (r < 0)
			return r;
	}
	return 0;
}

/* Prints n bytes for roff and returns how wide they are; start: at the start of a line. */
static size_t print_roff(const char *text, size_t n, bool start)
{
	if (start && (*text == '.' || *text == '\''))
		fputs("\\&", stdout);
	for (size_t i = 0; i < n; i++) {
		if (text[i] == '\\')
			fputs("\\e", stdout);
		else if (text[i] == '-')
			fputs("\\-", stdout); /* what one types, not a typographic hyphen */
		else
			putchar(text[i]);
	}
	return n;
}

/* Words as lines of mdoc, where each sentence begins a line. */
static void print_man_text(const char *text)
{
	size_t column = 0;

	while (*text) {
		size_t n = strcspn(text, " ");

		if (column > 0 && column + 1 + n > MAN_COLUMNS) {
			putchar('\n');
			column = 0;
		}
		if (column > 0) {
			putchar(' ');
			column++;
		}
		column += print_roff(text, n, column == 0);
		/* The next sentence begins a line; the two dots of a range end none. */
		if (text[n - 1] == '.' && (n < 2 || text[n - 2] != '.'))
			column = MAN_COLUMNS;
		text += n + strspn(text + n, " ");
	}
	putchar('\n');
}

/* A line "WORD: VALUE", the value as one types it. */
static void print_man_value(const char *word, const char *value)
{
	printf(".br\n%s:\n.Sy ", word);
	print_roff(value, strlen(value), false);
	putchar('\n');
}

static void man_key(const struct config_key *key)
{
	fputs(".It Sy ", stdout);
	print_roff(key->name, strlen(key->name), false);
	puts(" =");
	print_man_text(key->doc);
	puts(".br");
	fputs("Allowed:\n", stdout);
	print_man_text(key->allowed);
	if (key->fallback)
		print_man_value("Default", key->fallback);
	else if (!key->limits.word)
		print_man_value("Example", key->example);
}

static int man_section(const char *name)
{
	const struct config_section *section = config_section_find(name);

	if (!section)
		return -EINVAL;
	print_man_text(section->doc);
	puts(".Bl -tag -width Ds");
	for (size_t i = 0; i < config_n_keys; i++)
		if (strcmp(config_keys[i].section, name) == 0)
			man_key(&config_keys[i]);
	puts(".El");
	return 0;
}

static int print_man(void)
{
	_cleanup_free_ char *line = NULL;
	size_t room = 0;

	while (getline(&line, &room, stdin) >= 0) {
		char name[32];
		int r, end = -1;

		if (sscanf(line, ".\\\" @keys %31[a-z]@%n", name, &end) == 1 && end > 0) {
			r = man_section(name);
			if (r < 0)
				return r;
		} else {
			fputs(line, stdout);
		}
	}
	return ferror(stdin) ? -EIO : 0;
}

int main(int argc, char *argv[])
{
	int r = -EINVAL;

	if (argc == 2 && strcmp(argv[1], "conf") == 0)
		r = print_conf();
	else if (argc == 2 && strcmp(argv[1], "man") == 0)
		r = print_man();
	if (r == 0 && (fflush(stdout) == EOF || ferror(stdout)))
		r = -EIO;
	if (r < 0)
		fprintf(stderr, "config-doc: %s\n", strerrordesc_np(-r));
	return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
