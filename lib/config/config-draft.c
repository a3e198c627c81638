/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config/config-draft.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "config/config-text.h"

/* For messages, journal fields and tables, which all show a rule's name. */
#define RULE_NAME_MAX 64

int config_draft_init(struct config_draft *draft)
{
	_cleanup_(config_freep) struct config *config = NULL;
	int r;

	config = calloc(1, sizeof(*config));
	if (!config)
		return -ENOMEM;
	for (size_t i = 0; i < config_n_sections; i++) {
		/* A rule's defaults are set in each rule. */
		if (strcmp(config_sections[i].name, "rule") == 0)
			continue;
		r = config_keys_set_defaults(config_sections[i].name, config);
		if (r < 0)
			return r;
	}
	*draft = (struct config_draft){.config = TAKE_PTR(config)};
	return 0;
}

void config_draft_done(struct config_draft *draft)
{
	draft->config = config_free(draft->config);
	config_errors_done(&draft->errors);
}

void draft_file_init(struct draft_file *file, struct config_draft *draft, const char *name)
{
	*file = (struct draft_file){
		.draft = draft,
		.name = name,
		.first_error = draft->errors.n,
	};
}

void draft_file_done(struct draft_file *file)
{
	free(file->label);
	rule_done(&file->rule);
	*file = (struct draft_file){0};
}

static struct config_place place_of(const struct draft_file *file, unsigned line, const char *key)
{
	return (struct config_place){
		.file = file->name,
		.line = line,
		.section = file->label,
		.key = key,
	};
}

int draft_file_error(struct draft_file *file, unsigned line, const char *key, const char *message)
{
	struct config_place place = place_of(file, line, key);

	return config_errors_add(&file->draft->errors, &place, "%s", message);
}

static bool in_rule(const struct draft_file *file)
{
	return file->section && strcmp(file->section, "rule") == 0;
}

static unsigned seen_line(const struct draft_file *file, const char *section, const char *name)
{
	return file->seen[config_key_find(section, name) - config_keys];
}

/* What only the whole rule can tell. */
static int check_rule(struct draft_file *file)
{
	static const char *const for_system_ram[] = {"memmap-on-memory", "zone"};

	if (!seen_line(file, "rule", "mode"))
		return draft_file_error(file, file->rule.line, NULL,
					"has no mode; add mode = system-ram, devdax or ignore");
	/* So it is as well when the mode could not be read, and one error is enough. */
	if (file->rule.mode == RULE_MODE_SYSTEM_RAM)
		return 0;
	for (size_t i = 0; i < ARRAY_SIZE(for_system_ram); i++) {
		unsigned line = seen_line(file, "rule", for_system_ram[i]);
		struct config_place place = place_of(file, line, for_system_ram[i]);
		int r;

		if (!line)
			continue;
		r = config_errors_add(&file->draft->errors, &place,
				      "applies to mode = system-ram only, and this rule has mode = "
				      "%s; remove one of them",
				      rule_mode_to_string(file->rule.mode));
		if (r < 0)
			return r;
	}
	return 0;
}

static int config_add_rule(struct config *config, struct rule *rule)
{
	struct rule *rules;

	rules = reallocarray(config->rules, config->n_rules + 1, sizeof(*rules));
	if (!rules)
		return -ENOMEM;
	config->rules = rules;
	config->rules[config->n_rules++] = *rule;
	*rule = (struct rule){0};
	return 0;
}

static int close_section(struct draft_file *file)
{
	int r = 0;

	if (in_rule(file) && file->rule_valid) {
		r = check_rule(file);
		if (r == 0)
			r = config_add_rule(file->draft->config, &file->rule);
	}
	rule_done(&file->rule);
	file->rule = (struct rule){0};
	file->rule_valid = false;
	file->section = NULL;
	free(file->label);
	file->label = NULL;
	return r;
}

static bool rule_name_valid(const char *name)
{
	size_t n = strlen(name);

	if (n == 0 || n > RULE_NAME_MAX)
		return false;
	for (size_t i = 0; i < n; i++)
		if (!isascii(name[i]) || !(isalnum(name[i]) || strchr("-_.", name[i])))
			return false;
	return true;
}

static const struct rule *find_rule(const struct config *config, const char *name)
{
	for (size_t i = 0; i < config->n_rules; i++)
		if (strcmp(config->rules[i].name, name) == 0)
			return &config->rules[i];
	return NULL;
}

/* Whether the open rule may have this name; what is against it becomes an error. */
static int check_rule_name(struct draft_file *file, const char *name, unsigned line, bool *ret)
{
	struct config_place place = place_of(file, line, NULL);
	struct config_errors *errors = &file->draft->errors;
	const struct rule *other;

	if (!*name)
		return config_errors_add(errors, &place, "has no name; use [rule NAME]");
	if (!rule_name_valid(name)) {
		_cleanup_free_ char *quoted = config_quote(name, strlen(name));

		if (!quoted)
			return -ENOMEM;
		return config_errors_add(errors, &place,
					 "%s is not a name for a rule; use letters, digits, -, _ "
					 "and ., at most %d",
					 quoted, RULE_NAME_MAX);
	}
	other = find_rule(file->draft->config, name);
	if (other)
		return config_errors_add(errors, &place,
					 "the rule at %s:%u has this name already; use another",
					 other->file, other->line);
	*ret = true;
	return 0;
}

static int open_rule(struct draft_file *file, const char *name, unsigned line)
{
	int r;

	file->section = "rule";
	for (size_t i = 0; i < config_n_keys; i++)
		if (strcmp(config_keys[i].section, "rule") == 0)
			file->seen[i] = 0;
	file->rule.line = line;
	file->rule.name = strdup(name);
	file->rule.file = strdup(file->name);
	if (!file->rule.name || !file->rule.file)
		return -ENOMEM;
	r = config_keys_set_defaults("rule", &file->rule);
	if (r < 0)
		return r;
	return check_rule_name(file, name, line, &file->rule_valid);
}

static int unknown_section(struct draft_file *file, const char *header, const char *word,
			   unsigned line)
{
	const struct config_place place = {.file = file->name, .line = line};
	_cleanup_free_ char *quoted = config_quote(header, strlen(header));
	const char *near = config_section_near(word);

	if (!quoted)
		return -ENOMEM;
	return config_errors_add(
		&file->draft->errors, &place,
		"there is no section %s; use daemon, memmap, regions, movable or rule NAME"
		"%s%s%s",
		quoted, near ? " (did you mean " : "", near ?: "", near ? "?)" : "");
}

static int set_label(struct draft_file *file, const char *word, const char *name)
{
	if (asprintf(&file->label, "%s%s%s", word, *name ? " " : "", name) < 0) {
		file->label = NULL; /* undefined after a failure */
		return -ENOMEM;
	}
	return 0;
}

int draft_file_open_section(struct draft_file *file, const char *header, unsigned line)
{
	_cleanup_free_ char *word = NULL, *name = NULL;
	const struct config_section *section;
	size_t n = strcspn(header, " \t");
	int r;

	r = draft_file_open_nothing(file);
	if (r < 0)
		return r;
	word = strndup(header, n);
	name = strdup(header + n + strspn(header + n, " \t"));
	if (!word || !name)
		return -ENOMEM;

	section = config_section_find(word);
	if (!section || (strcmp(word, "rule") != 0 && *name))
		return unknown_section(file, header, word, line);
	r = set_label(file, word, rule_name_valid(name) ? name : "");
	if (r < 0)
		return r;
	if (strcmp(word, "rule") == 0)
		return open_rule(file, name, line);
	file->section = section->name;
	return 0;
}

int draft_file_open_nothing(struct draft_file *file)
{
	file->headed = true;
	return close_section(file);
}

static int unknown_key(struct draft_file *file, const char *name, unsigned line)
{
	struct config_place place = place_of(file, line, name);
	struct config_errors *errors = &file->draft->errors;
	const char *elsewhere = config_key_elsewhere(file->section, name);
	const char *near = config_key_near(file->section, name);

	if (elsewhere)
		return config_errors_add(errors, &place, "belongs to [%s%s]", elsewhere,
					 strcmp(elsewhere, "rule") == 0 ? " NAME" : "");
	return config_errors_add(errors, &place, "there is no such key here%s%s%s",
				 near ? "; did you mean " : "", near ?: "", near ? "?" : "");
}

static int bad_value(struct draft_file *file, const struct config_key *key, const char *value,
		     unsigned line, const struct value_problem *problem)
{
	struct config_place place = place_of(file, line, key->name);
	_cleanup_free_ char *item = config_quote(problem->item, problem->item_size);
	_cleanup_free_ char *whole = config_quote(value, strlen(value));
	_cleanup_free_ char *allowed = config_key_allowed(key);
	bool part = problem->item_size != strlen(value);

	if (!item || !whole || !allowed)
		return -ENOMEM;
	return config_errors_add(&file->draft->errors, &place, "%s%s%s %s; use %s", item,
				 part ? " in " : "", part ? whole : "", problem->what, allowed);
}

static int no_value(struct draft_file *file, const struct config_key *key, unsigned line)
{
	struct config_place place = place_of(file, line, key->name);
	_cleanup_free_ char *allowed = config_key_allowed(key);

	if (!allowed)
		return -ENOMEM;
	return config_errors_add(&file->draft->errors, &place, "has no value; use %s", allowed);
}

static int set_known(struct draft_file *file, const struct config_key *key, const char *value,
		     unsigned line)
{
	struct config_place place = place_of(file, line, key->name);
	void *object = in_rule(file) ? (void *)&file->rule : (void *)file->draft->config;
	unsigned *seen = &file->seen[key - config_keys];
	struct value_problem problem;
	int r;

	if (*seen)
		return config_errors_add(&file->draft->errors, &place,
					 "is set in line %u already; remove one of them", *seen);
	*seen = line;
	if (!*value)
		return no_value(file, key, line);
	r = config_key_set(key, value, object, &problem);
	if (r == -EINVAL)
		return bad_value(file, key, value, line, &problem);
	return r;
}

int draft_file_set(struct draft_file *file, const char *name, const char *value, unsigned line)
{
	const struct config_key *key;

	if (!file->section) {
		/* Below a wrong header one error is enough. */
		if (file->headed)
			return 0;
		return draft_file_error(file, line, name,
					"stands before any section; put a [section] above it");
	}
	key = config_key_find(file->section, name);
	if (!key)
		return unknown_key(file, name, line);
	return set_known(file, key, value, line);
}

int draft_file_finish(struct draft_file *file)
{
	int r;

	r = close_section(file);
	config_errors_sort(&file->draft->errors, file->first_error);
	return r;
}
