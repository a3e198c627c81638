/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config/config-load.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "config/config-draft.h"
#include "config/config-file.h"
#include "config/config-source.h"

#define MAIN_FILE "etc/daxtier.conf"

enum role {
	ROLE_NAMED,  /* by the user, so it has to exist */
	ROLE_MAIN,   /* need not */
	ROLE_DROPIN, /* masks when it is empty */
};

static int add_problem(struct config_draft *draft, const char *file, const char *problem)
{
	return config_errors_add(&draft->errors, &(struct config_place){.file = file}, "%s",
				 problem);
}

/* path below root_fd, called name in messages. */
static int load_file(struct config_draft *draft, int root_fd, const char *path, const char *name,
		     enum role role)
{
	_cleanup_free_ char *text = NULL, *problem = NULL;
	enum config_read read;
	size_t size;
	int r;

	r = config_source_read(root_fd, path, &read, &text, &size, &problem);
	if (r < 0)
		return r;
	switch (read) {
	case CONFIG_READ_TEXT:
		if (role == ROLE_DROPIN && size == 0)
			return 0;
		r = strv_add(&draft->config->files, name);
		if (r < 0)
			return r;
		return config_file_parse(draft, name, text, size);
	case CONFIG_READ_MASK:
		return 0;
	case CONFIG_READ_ABSENT:
		if (role == ROLE_NAMED)
			return add_problem(draft, name, "there is no such file");
		return 0;
	case CONFIG_READ_PROBLEM:
		return add_problem(draft, name, problem);
	}
	return -EINVAL; /* not reached */
}

/* The same with what stands at path below a root, which is called root_name. */
static int load_below(struct config_draft *draft, int root_fd, const char *root_name,
		      const char *path, enum role role)
{
	_cleanup_free_ char *name = config_source_full_path(root_name, path);

	if (!name)
		return -ENOMEM;
	return load_file(draft, root_fd, path, name, role);
}

/* Puts the first n rules behind the others. */
static int rules_move_last(struct config *config, size_t n)
{
	size_t others = config->n_rules - n;
	struct rule *rules;

	if (n == 0 || others == 0)
		return 0;
	rules = reallocarray(NULL, config->n_rules, sizeof(*rules));
	if (!rules)
		return -ENOMEM;
	memcpy(rules, config->rules + n, others * sizeof(*rules));
	memcpy(rules + others, config->rules, n * sizeof(*rules));
	free(config->rules);
	config->rules = rules;
	return 0;
}

static int load_root(struct config_draft *draft, const char *root, const char *name)
{
	_cleanup_(config_sources_done) struct config_sources sources = {0};
	_cleanup_close_ int root_fd = -EBADF;
	size_t n_main;
	int r;

	root_fd = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (root_fd < 0)
		return errno == ENOMEM ? -ENOMEM : add_problem(draft, name, strerrordesc_np(errno));

	r = load_below(draft, root_fd, name, MAIN_FILE, ROLE_MAIN);
	if (r < 0)
		return r;
	n_main = draft->config->n_rules;
	r = config_sources_list(root_fd, name, &sources, &draft->errors);
	if (r < 0)
		return r;
	for (size_t i = 0; i < sources.n; i++) {
		r = load_below(draft, root_fd, name, sources.items[i].path, ROLE_DROPIN);
		if (r < 0)
			return r;
	}
	return rules_move_last(draft->config, n_main);
}

int config_load_named(const char *root, const char *name, const char *file, struct config **ret,
		      struct config_errors *errors)
{
	_cleanup_(config_draft_done) struct config_draft draft = {0};
	int r;

	*errors = (struct config_errors){0};
	r = config_draft_init(&draft);
	if (r < 0)
		return r;
	r = file ? load_file(&draft, AT_FDCWD, file, file, ROLE_NAMED)
		 : load_root(&draft, root, name);
	if (r < 0)
		return r;
	if (draft.errors.n > 0) {
		*errors = draft.errors;
		draft.errors = (struct config_errors){0};
		return -EINVAL;
	}
	*ret = TAKE_PTR(draft.config);
	return 0;
}

int config_load(const char *root, const char *file, struct config **ret,
		struct config_errors *errors)
{
	return config_load_named(root, root, file, ret, errors);
}

int config_new_default(struct config **ret)
{
	_cleanup_(config_draft_done) struct config_draft draft = {0};
	int r;

	r = config_draft_init(&draft);
	if (r < 0)
		return r;
	*ret = TAKE_PTR(draft.config);
	return 0;
}
