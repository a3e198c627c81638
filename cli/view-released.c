/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/view.h"

/* Another region may be on it, or what others have put there. */
static void print_card(FILE *f, struct json_object *memdev, uint64_t serial)
{
	struct json_object *holds;

	if (!memdev) {
		fprintf(f, "the memory device with serial number 0x%" PRIx64 " has left already\n",
			serial);
		return;
	}
	fprintf(f, "%s, serial number 0x%" PRIx64 ": ", get_text(memdev, "Name"), serial);
	if (!json_object_object_get_ex(memdev, "Holds", &holds))
		fprintf(f, "whether anything else is on it is not known; do not pull it unseen\n");
	else if (get_text(memdev, "Holds")[0])
		fprintf(f, "not to be pulled yet, its decoders still hold %s\n",
			get_text(memdev, "Holds"));
	else
		fprintf(f, "nothing else is on it, and the card can be pulled\n");
}

void view_released(FILE *f, struct json_object *released)
{
	const char *name = get_text(released, "Device"), *region = get_text(released, "Region");
	struct json_object *cards = get_array(released, "Cards");

	if (!get_bool(released, "Ejected")) {
		fprintf(f, "%s: released; \"daxtierctl apply %s\" takes it up again\n", name, name);
		return;
	}
	fprintf(f, "%s: released, and %s is gone\n", name, region[0] ? region : "its CXL region");
	for (size_t i = 0; i < json_length(cards); i++) {
		struct json_object *card = json_object_array_get_idx(cards, i), *memdev;

		if (!json_object_object_get_ex(card, "Memdev", &memdev))
			memdev = NULL;
		print_card(f, memdev, get_u64(card, "Serial"));
	}
}
