/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "observe/udev-rules.h"

#include <stddef.h>
#include <string.h>

#include "base/cleanup.h"

/* One KEY{attribute}op"value" of a rule; none of the texts is terminated. */
struct token {
	const char *key, *op, *value;
	size_t key_size, op_size, value_size;
};

/* The line at *cursor, terminated, with those that a backslash joins to it; NULL at the end. */
static char *next_line(char **cursor)
{
	char *line = *cursor, *end;
	bool comment;

	if (!*line)
		return NULL;
	line += strspn(line, " \t");
	comment = *line == '#';
	for (end = line; *end && *end != '\n'; end++) {
		/* A comment ends with its line, whatever it ends in. */
		if (comment || end[0] != '\\' || end[1] != '\n')
			continue;
		end[0] = ' ';
		end[1] = ' ';
	}
	*cursor = *end ? end + 1 : end;
	*end = '\0';
	return line;
}

static size_t key_size(const char *s)
{
	size_t n = 0;

	for (bool braces = false; s[n]; n++) {
		if (s[n] == '{')
			braces = true;
		if (s[n] == '}')
			braces = false;
		if (!braces && strchr("=!+-: \t\",", s[n]))
			break;
	}
	return n;
}

/* Up to the quotation mark that ends it. */
static size_t value_size(const char *s)
{
	size_t n = 0;

	while (s[n] && s[n] != '"')
		n += s[n] == '\\' && s[n + 1] ? 2 : 1;
	return n;
}

/* Returns false at the end of the line, and of what can be understood of it. */
static bool next_token(const char **cursor, struct token *ret)
{
	const char *s = *cursor + strspn(*cursor, " \t,");
	struct token token = {.key = s, .key_size = key_size(s)};

	s += token.key_size;
	s += strspn(s, " \t");
	token.op = s;
	token.op_size = strspn(s, "=!+-:");
	s += token.op_size;
	s += strspn(s, " \t");
	s += strspn(s, "ei"); /* e"…" has escapes, i"…" ignores case */
	if (token.key_size == 0 || token.op_size == 0 || *s != '"')
		return false;
	token.value = s + 1;
	token.value_size = value_size(token.value);
	s = token.value + token.value_size;
	*cursor = *s ? s + 1 : s;
	*ret = token;
	return true;
}

static bool key_is(const struct token *token, const char *key)
{
	return token->key_size == strlen(key) && strncmp(token->key, key, token->key_size) == 0;
}

/* Also RUN{builtin} for RUN. */
static bool key_begins(const struct token *token, const char *key)
{
	size_t n = strlen(key);

	return token->key_size >= n && strncmp(token->key, key, n) == 0 &&
	       (token->key_size == n || token->key[n] == '{');
}

static bool assigns(const struct token *token)
{
	return token->op_size == 1 || token->op[0] == '+' || token->op[0] == ':';
}

static bool value_has(const struct token *token, const char *text)
{
	return memmem(token->value, token->value_size, text, strlen(text)) != NULL;
}

/* Also what is not memory: the rest of such a file is often jumped over by it. */
static bool names_memory(const struct token *token)
{
	return !assigns(token) &&
	       (key_is(token, "SUBSYSTEM") || key_is(token, "KERNEL") ||
		key_is(token, "DEVPATH")) &&
	       value_has(token, "memory");
}

/* Either way undoes what another has done. */
static bool changes_state(const struct token *token)
{
	/* online also as online_movable and online_kernel */
	static const char *const states[] = {"online", "offline"};

	for (size_t i = 0; i < ARRAY_SIZE(states); i++) {
		size_t n = strlen(states[i]);

		if (key_is(token, "ATTR{state}") && assigns(token) && token->value_size >= n &&
		    strncmp(token->value, states[i], n) == 0)
			return true;
		if (key_begins(token, "RUN") && value_has(token, states[i]))
			return true;
	}
	return false;
}

static bool runs_daxctl(const struct token *token)
{
	/* The unit that comes with daxctl is a daxdev-reconfigure@.service. */
	static const char *const names[] = {"daxctl", "daxdev-reconfigure"};

	if (!key_begins(token, "RUN") && !key_is(token, "PROGRAM") &&
	    !key_begins(token, "IMPORT") && !key_is(token, "ENV{SYSTEMD_WANTS}"))
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (value_has(token, names[i]))
			return true;
	return false;
}

/* The rule that comes with daxctl: by itself it does nothing. */
static bool asks_daxctl_config(const struct token *token)
{
	static const char *const words[] = {"daxdev-reconfigure", " --check-config", " -C"};

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (value_has(token, words[i]))
			return true;
	return false;
}

/* The last line that does each; NULL: none does. */
struct found {
	const char *memory, *state, *daxctl, *daxctl_config;
};

static void take_line(const char *line, struct found *found)
{
	const char *cursor = line;
	struct token token;

	if (*line == '#')
		return;
	while (next_token(&cursor, &token)) {
		if (names_memory(&token))
			found->memory = line;
		if (changes_state(&token))
			found->state = line;
		if (!runs_daxctl(&token))
			continue;
		if (asks_daxctl_config(&token))
			found->daxctl_config = line;
		else
			found->daxctl = line;
	}
}

enum udev_rules_effect udev_rules_parse(char *text, const char **ret_line)
{
	struct found found = {};
	const char *line;

	while ((line = next_line(&text)))
		take_line(line, &found);
	if (found.daxctl || (found.memory && found.state)) {
		*ret_line = found.daxctl ?: found.state;
		return UDEV_RULES_COMPETE;
	}
	if (found.daxctl_config) {
		*ret_line = found.daxctl_config;
		return UDEV_RULES_DAXCTL_CONFIG;
	}
	return UDEV_RULES_HARMLESS;
}

bool udev_rule_matters(char *line)
{
	struct found found = {};

	for (const char *each; (each = next_line(&line));)
		take_line(each, &found);
	return found.memory || found.state || found.daxctl || found.daxctl_config;
}
