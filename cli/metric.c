/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/metric.h"

#include <inttypes.h>

static const char *type_name(enum metric_type type, enum metric_format format)
{
	switch (type) {
	case METRIC_GAUGE:
		return "gauge";
	case METRIC_COUNTER:
		return "counter";
	case METRIC_INFO:
		/* The older format refuses a type that it does not know. */
		return format == METRIC_OPENMETRICS ? "info" : "gauge";
	}
	return "";
}

static const char *type_suffix(enum metric_type type)
{
	switch (type) {
	case METRIC_GAUGE:
		break;
	case METRIC_COUNTER:
		return "_total";
	case METRIC_INFO:
		return "_info";
	}
	return "";
}

void metric_begin(struct metric_writer *writer, const struct metric_family *family)
{
	/* OpenMetrics describes the family, the older format what its samples are called. */
	const char *suffix = writer->format == METRIC_OPENMETRICS ? "" : type_suffix(family->type);

	writer->family = family;
	fprintf(writer->f, "# HELP %s%s %s\n", family->name, suffix, family->help);
	fprintf(writer->f, "# TYPE %s%s %s\n", family->name, suffix,
		type_name(family->type, writer->format));
	if (family->unit && writer->format == METRIC_OPENMETRICS)
		fprintf(writer->f, "# UNIT %s %s\n", family->name, family->unit);
}

static void put_escaped(FILE *f, const char *s)
{
	for (; *s; s++) {
		if (*s == '\n') {
			fputs("\\n", f);
			continue;
		}
		if (*s == '"' || *s == '\\')
			fputc('\\', f);
		fputc(*s, f);
	}
}

static void put_labels(FILE *f, const struct metric_label *labels)
{
	const char *separator = "{";

	if (!labels || !labels->name)
		return;
	for (; labels->name; labels++) {
		fprintf(f, "%s%s=\"", separator, labels->name);
		put_escaped(f, labels->value);
		fputc('"', f);
		separator = ",";
	}
	fputc('}', f);
}

void metric_sample(struct metric_writer *writer, const struct metric_label *labels, uint64_t value,
		   unsigned decimals)
{
	uint64_t unit = 1;

	for (unsigned i = 0; i < decimals; i++)
		unit *= 10;
	fprintf(writer->f, "%s%s", writer->family->name, type_suffix(writer->family->type));
	put_labels(writer->f, labels);
	/* A double in between would round, and printf() would write the locale's decimal point. */
	fprintf(writer->f, " %" PRIu64, value / unit);
	if (decimals > 0)
		fprintf(writer->f, ".%0*" PRIu64, (int)decimals, value % unit);
	fputc('\n', writer->f);
}

void metric_end(struct metric_writer *writer)
{
	if (writer->format == METRIC_OPENMETRICS)
		fputs("# EOF\n", writer->f);
}
