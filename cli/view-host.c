/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "base/format.h"
#include "cli/text.h"
#include "cli/view.h"
#include "model/names.h"

void view_lines(FILE *f, const struct style *style, const char *title, struct json_object *array)
{
	if (json_length(array) == 0)
		return;
	section_print(f, style, title);
	for (size_t i = 0; i < json_length(array); i++) {
		fprintf(f, "  ");
		text_print_wrapped(f, style, 2, 4,
				   json_object_get_string(json_object_array_get_idx(array, i)));
	}
}

static const char *param_words(const char *param)
{
	int value = memmap_param_from_string(param);

	if (strcmp(param, memmap_param_to_string(MEMMAP_PARAM_ABSENT)) == 0)
		return "none: this kernel was built without CONFIG_MHP_MEMMAP_ON_MEMORY, so every "
		       "memmap is in DRAM";
	switch (value) {
	case MEMMAP_PARAM_OFF:
		return "off, so every memmap is in DRAM; to change that, boot with "
		       "memory_hotplug.memmap_on_memory=1";
	case MEMMAP_PARAM_ON:
		return "memory_hotplug.memmap_on_memory=1";
	case MEMMAP_PARAM_FORCE:
		return "memory_hotplug.memmap_on_memory=force";
	}
	return param;
}

static void print_kernel(FILE *f, const struct style *style, struct json_object *host,
			 bool any_device)
{
	const char *policy = get_text(host, "AutoOnline");
	char size[FORMAT_SIZE_MAX];

	field_print(f, style, "Block size", "%s", format_size(get_u64(host, "BlockSize"), size));
	field_print(f, style, "Auto-online", "%s%s", policy,
		    strcmp(policy, online_policy_to_string(ONLINE_POLICY_OFFLINE)) == 0
			    ? ""
			    : " (daxtierd holds it while it binds a device)");
	field_print(f, style, "Claim", "%s",
		    get_bool(host, "Claimed")
			    ? "yes, a new dax device waits for daxtierd"
			    : "no, the kernel may bind a new dax device before daxtierd sees it");
	field_print(f, style, "Boot parameter", "%s", param_words(get_text(host, "MemmapParam")));
	if (any_device && !get_bool(host, "KnobSupported"))
		field_print(f, style, "Memmap knob",
			    "none: this kernel has no memmap_on_memory attribute for dax devices");
}

static void print_files(FILE *f, const struct style *style, struct json_object *files)
{
	if (json_length(files) == 0)
		field_print(f, style, "Configuration", "no file: the defaults, and no rule");
	for (size_t i = 0; i < json_length(files); i++)
		field_print(f, style, i == 0 ? "Configuration" : "", "%s",
			    json_object_get_string(json_object_array_get_idx(files, i)));
}

static void print_errors(FILE *f, const struct style *style, struct json_object *errors)
{
	view_lines(f, style, "The configuration has errors; the one before stays in force", errors);
	if (json_length(errors) == 0)
		return;
	fprintf(f, "  ");
	text_print_wrapped(f, style, 2, 2, "Put them right, then: daxtierctl reload");
}

void view_host(FILE *f, const struct style *style, struct json_object *document)
{
	struct json_object *host;

	if (!json_object_object_get_ex(document, "Host", &host))
		return;
	section_print(f, style, "Host");
	print_kernel(f, style, host, json_length(get_array(document, "Devices")) > 0);
	print_files(f, style, get_array(host, "ConfigFiles"));
	print_errors(f, style, get_array(host, "ConfigErrors"));
	view_lines(f, style, "What could not be read or trusted", get_array(host, "Problems"));
}
