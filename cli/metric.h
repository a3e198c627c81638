/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_CLI_METRIC_H
#define DAXTIER_CLI_METRIC_H

/*
 * Metrics as lines of text, in OpenMetrics 1.0 or in the text format of Prometheus that came before
 * it. They differ in the name that a counter's description carries, in types and units that the
 * older one does not know, and in the mark at the end; node_exporter's textfile collector reads the
 * older one only.
 */

#include <stdint.h>
#include <stdio.h>

enum metric_format {
	METRIC_OPENMETRICS,
	METRIC_PROMETHEUS,
};

enum metric_type {
	METRIC_GAUGE,
	METRIC_COUNTER, /* its samples end in _total */
	METRIC_INFO,	/* its samples end in _info, and are 1: the labels are what it tells */
};

struct metric_family {
	const char *name; /* ends in the unit, and in no suffix of its type */
	enum metric_type type;
	const char *unit; /* a base unit, as "bytes"; NULL for none */
	const char *help; /* one line, without quotes and backslashes */
};

struct metric_label {
	const char *name;
	const char *value; /* UTF-8, escaped when it is written */
};

struct metric_writer {
	FILE *f;
	enum metric_format format;
	const struct metric_family *family; /* that samples belong to */
};

/* Describes a family; what samples follow are its own, and family has to last until then. Once for
 * each family. */
void metric_begin(struct metric_writer *writer, const struct metric_family *family);

/* value / 10^decimals. labels ends with a NULL name; NULL for none. */
void metric_sample(struct metric_writer *writer, const struct metric_label *labels, uint64_t value,
		   unsigned decimals);

#define METRIC_LABELS(...)                                                                         \
	((const struct metric_label[]){                                                            \
		__VA_ARGS__,                                                                       \
		{},                                                                                \
	})

/* After the last family. */
void metric_end(struct metric_writer *writer);

#endif
