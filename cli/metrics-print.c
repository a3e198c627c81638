/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/metrics.h"

/* Only those that this kernel counts: 0 would say that there were none. */
static void put_counter(struct metric_writer *writer, struct json_object *vmstat, const char *key,
			const char *by)
{
	struct json_object *value;

	if (!json_object_object_get_ex(vmstat, key, &value))
		return;
	metric_sample(writer, by ? METRIC_LABELS({"by", by}) : NULL, get_u64(vmstat, key), 0);
}

void metrics_vmstat(struct metric_writer *writer, struct json_object *vmstat)
{
	static const struct {
		const char *key, *by;
	} demotions[] = {
		{"pgdemote_kswapd", "kswapd"},
		{"pgdemote_direct", "direct"},
		{"pgdemote_khugepaged", "khugepaged"},
		{"pgdemote_proactive", "proactive"},
	};

	metric_begin(writer, &(const struct metric_family){
				     .name = "daxtier_promoted_pages",
				     .type = METRIC_COUNTER,
				     .unit = "pages",
				     .help = "Pages that went to a faster memory tier since boot.",
			     });
	put_counter(writer, vmstat, "pgpromote_success", NULL);
	metric_begin(writer, &(const struct metric_family){
				     .name = "daxtier_promotion_candidate_pages",
				     .type = METRIC_COUNTER,
				     .unit = "pages",
				     .help = "Pages that were found worth promoting since boot.",
			     });
	put_counter(writer, vmstat, "pgpromote_candidate", NULL);
	metric_begin(writer,
		     &(const struct metric_family){
			     .name = "daxtier_demoted_pages",
			     .type = METRIC_COUNTER,
			     .unit = "pages",
			     .help = "Pages that went to a slower memory tier since boot, by "
				     "who reclaimed them.",
		     });
	for (size_t i = 0; i < ARRAY_SIZE(demotions); i++)
		put_counter(writer, vmstat, demotions[i].key, demotions[i].by);
}

void metrics_print(FILE *f, enum metric_format format, struct json_object *document)
{
	struct metric_writer writer = {.f = f, .format = format};
	struct json_object *host = NULL, *vmstat = NULL;
	bool up = json_object_object_get_ex(document, "Host", &host);

	json_object_object_get_ex(document, "Vmstat", &vmstat);
	metric_begin(&writer, &(const struct metric_family){
				      .name = "daxtier_up",
				      .help = "Whether daxtierd answered; the rest is missing "
					      "where it did not.",
			      });
	metric_sample(&writer, NULL, up, 0);
	metrics_host(&writer, host);
	metrics_memmap(&writer, document);
	metrics_devices(&writer, get_array(document, "Devices"));
	metrics_vmstat(&writer, vmstat);
	metric_end(&writer);
}
