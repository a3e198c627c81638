/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "cli/text.h"
#include "cli/view.h"
#include "doctor/finding.h"

/* Under "warning". */
#define INDENT 9

static enum tone severity_tone(const char *severity)
{
	if (strcmp(severity, finding_severity_to_string(FINDING_ERROR)) == 0)
		return TONE_BAD;
	if (strcmp(severity, finding_severity_to_string(FINDING_WARNING)) == 0)
		return TONE_WARNING;
	return TONE_DIM;
}

static void print_finding(FILE *f, const struct style *style, struct json_object *finding)
{
	const char *severity = get_text(finding, "Severity");
	enum tone tone = severity_tone(severity);
	size_t width = text_width(severity);

	fprintf(f, "\n%s%s%s", style_begin(style, tone), severity, style_end(style, tone));
	text_pad(f, width < INDENT ? INDENT - width : 1);
	text_print_wrapped(f, style, INDENT, INDENT, get_text(finding, "What"));
	/* What is to be looked up, and what is to be copied, is not broken into lines. */
	text_pad(f, INDENT);
	fprintf(f, "%s%s: %s%s\n", style_begin(style, TONE_DIM), get_text(finding, "File"),
		get_text(finding, "Value"), style_end(style, TONE_DIM));
	text_pad(f, INDENT);
	fprintf(f, "To fix it, %s:\n", get_text(finding, "Where"));
	text_pad(f, INDENT + 2);
	fprintf(f, "%s\n", get_text(finding, "Fix"));
}

static size_t count(struct json_object *findings, enum finding_severity severity)
{
	const char *word = finding_severity_to_string(severity);
	size_t n = 0;

	for (size_t i = 0; i < json_length(findings); i++)
		n += strcmp(get_text(json_object_array_get_idx(findings, i), "Severity"), word) ==
		     0;
	return n;
}

static void print_count(FILE *f, struct json_object *findings)
{
	const char *separator = "";

	for (int severity = FINDING_SEVERITY_MAX - 1; severity >= 0; severity--) {
		size_t n = count(findings, (enum finding_severity)severity);

		if (n == 0)
			continue;
		fprintf(f, "%s%zu %s%s", separator, n,
			finding_severity_to_string((enum finding_severity)severity),
			n == 1 ? "" : "s");
		separator = ", ";
	}
	fprintf(f, "\n");
}

void view_doctor(FILE *f, const struct style *style, struct json_object *document)
{
	struct json_object *findings = get_array(document, "Findings");
	struct json_object *unseen = get_array(document, "Unseen");

	if (json_length(findings) > 0)
		print_count(f, findings);
	else
		fprintf(f, "%sNothing is wrong%s%s.\n", style_begin(style, TONE_GOOD),
			style_end(style, TONE_GOOD),
			json_length(unseen) > 0 ? " with what could be looked at" : "");
	for (size_t i = 0; i < json_length(findings); i++)
		print_finding(f, style, json_object_array_get_idx(findings, i));
	view_lines(f, style, "Not looked at", unseen);
}
