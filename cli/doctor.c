/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "cli/local.h"
#include "cli/view.h"
#include "doctor/doctor.h"
#include "variant/json-clean.h"

/* What the doctor wants to know of the host besides what was observed. Complains. */
static enum exit_status look(const struct local_host *host, struct evidence *ret)
{
	_cleanup_(sysfs_close) struct sysfs sysfs = {.root_fd = -EBADF};
	int r;

	r = sysfs_open(&sysfs, local_host_path(host), NULL, NULL);
	if (r >= 0)
		r = evidence_look(&sysfs, host->facts, ret);
	if (r < 0) {
		complain("cannot look at the host in %s: %s", local_host_name(host), strerror(-r));
		return STATUS_FAILURE;
	}
	return STATUS_OK;
}

/* "line 12: [section] key: …". NULL on out of memory. */
static char *config_value(const struct config_error *error)
{
	_cleanup_free_ char *text = config_error_to_string(error);
	/* Behind "FILE:12: " */
	const char *rest = text ? strstr(text + strlen(error->file ?: ""), ": ") : NULL;

	if (!rest)
		return NULL;
	return error->line > 0 ? finding_text("line %u%s", error->line, rest)
			       : finding_text("%s", rest + 2);
}

static int add_config_error(const struct config_error *error, size_t n, struct findings *findings)
{
	return findings_add(
		findings,
		(struct finding){
			.severity = FINDING_ERROR,
			.about = ABOUT_CONFIG,
			.what = finding_text("The configuration has %zu error%s: daxtierd does not "
					     "start with it, or keeps to the one that it has",
					     n, n == 1 ? "" : "s"),
			.file = finding_text("%s", error->file ?: "configuration"),
			.value = config_value(error),
			.where = FIX_IN_SHELL,
			.fix = finding_text("mend what \"daxtierctl check-config\" lists, and "
					    "systemctl reload-or-restart daxtierd.service"),
		});
}

/* The first error stands for all; a file that is closed to who asks may be open to the daemon. */
static int check_config(const struct local_host *host, struct findings *findings)
{
	_cleanup_(config_errors_done) struct config_errors errors = {};
	_cleanup_(config_freep) struct config *config = NULL;
	int r;

	r = config_load_named(local_host_path(host), local_host_name(host), NULL, &config, &errors);
	if (r != -EINVAL)
		return r;
	for (size_t i = 0; i < errors.n; i++)
		if (errors.items[i].line > 0 || geteuid() == 0)
			return add_config_error(&errors.items[i], errors.n, findings);
	return 0;
}

static struct json_object *finding_to_json(const struct finding *finding)
{
	const struct {
		const char *key, *value;
	} members[] = {
		{"Severity", finding_severity_to_string(finding->severity)},
		{"About", finding_about_to_string(finding->about)},
		{"What", finding->what},
		{"File", finding->file},
		{"Value", finding->value},
		{"Where", finding->where},
		{"Fix", finding->fix},
	};
	_cleanup_json_ struct json_object *object = json_object_new_object();

	for (size_t i = 0; object && i < ARRAY_SIZE(members); i++)
		if (json_put(object, members[i].key, json_object_new_string(members[i].value)) < 0)
			return NULL;
	return TAKE_PTR(object);
}

static struct json_object *findings_to_json(const struct findings *findings)
{
	_cleanup_json_ struct json_object *array = json_object_new_array();

	for (size_t i = 0; array && i < findings->n; i++) {
		struct json_object *object = finding_to_json(&findings->items[i]);

		if (!object)
			return NULL;
		if (json_object_array_add(array, object) < 0) {
			json_object_put(object);
			return NULL;
		}
	}
	return TAKE_PTR(array);
}

/* Puts them in front of those that are there. */
static struct json_object *texts_before(const struct strv *texts, struct json_object *others)
{
	_cleanup_json_ struct json_object *array = json_object_new_array(), *rest = others;

	for (size_t i = 0; array && rest && i < texts->n + json_length(rest); i++) {
		struct json_object *text =
			i < texts->n
				? json_object_new_string(texts->items[i])
				: json_object_get(json_object_array_get_idx(rest, i - texts->n));

		if (!text)
			return NULL;
		if (json_object_array_add(array, text) < 0) {
			json_object_put(text);
			return NULL;
		}
	}
	return rest ? TAKE_PTR(array) : NULL;
}

/*
 * {"Version", "Findings", "Unseen"}. Unseen is what was missing for the checks, then what the
 * observer, or who captured the host, could not read or trust.
 */
static enum exit_status make_document(const struct local_host *host,
				      const struct evidence *evidence,
				      const struct findings *findings, struct json_object **ret)
{
	_cleanup_json_ struct json_object *document = json_new_document();

	if (!document || json_put(document, "Findings", findings_to_json(findings)) < 0 ||
	    json_put(document, "Unseen",
		     texts_before(&evidence->unseen, local_host_problems(host))) < 0)
		return complain_oom();
	*ret = TAKE_PTR(document);
	return STATUS_OK;
}

static enum exit_status print(const struct request *request, struct json_object *document)
{
	if (request->format != JSON_OFF) {
		json_print(document, request->format);
		return STATUS_OK;
	}
	if (json_clean(document) < 0)
		return complain_oom();
	view_doctor(stdout, &request->style, document);
	return STATUS_OK;
}

/* The worst stands first. */
static enum exit_status verdict(const struct findings *findings)
{
	if (findings->n > 0 && findings->items[0].severity > FINDING_NOTE)
		return STATUS_UNWELL;
	return STATUS_OK;
}

enum exit_status verb_doctor(const struct request *request)
{
	_cleanup_(findings_done) struct findings findings = {};
	_cleanup_(evidence_done) struct evidence evidence = {};
	_cleanup_(local_host_done) struct local_host host = {};
	_cleanup_json_ struct json_object *document = NULL;
	enum exit_status status;

	status = local_host_open(request->root, &host);
	if (status == STATUS_OK)
		status = local_host_look(&host);
	if (status == STATUS_OK)
		status = look(&host, &evidence);
	if (status != STATUS_OK)
		return status;
	if (check_config(&host, &findings) < 0 ||
	    doctor_examine(host.facts, &evidence, &findings) < 0)
		return complain_oom();
	status = make_document(&host, &evidence, &findings, &document);
	local_host_done(&host);
	if (status == STATUS_OK)
		status = print(request, document);
	return status == STATUS_OK ? verdict(&findings) : status;
}
