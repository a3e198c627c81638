/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config/config-key.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "config/config-text.h"

/* A typo is at most so many slips away. */
#define NEAR_DISTANCE 2

/* The largest node number of any architecture: MAX_NUMNODES is 1 << NODES_SHIFT, at most 10. */
#define NODE_MAX 1023

/* A SLIT entry is one byte, 10 is local and 255 unreachable (ACPI 6.5, 5.2.17). */
#define DISTANCE_LOCAL	     10
#define DISTANCE_UNREACHABLE 255

/* Longer, and a person who plugs memory takes it for a daemon that does nothing. */
#define SETTLE_MAX_USEC 10000000

/* It holds back memory that is there. */
#define GATHER_MAX_USEC 600000000

/* A sanity limit only: past 63 to 1 memmaps alone can take all memory of the kernel. */
#define RATIO_MAX 1000

#define ANY_NUMBER                                                                                 \
	{                                                                                          \
		0, UINT64_MAX                                                                      \
	}

/* offsetof() that does not compile unless the member has the type that the parser writes. */
#define PLACE(object, member, type)                                                                \
	(offsetof(object, member) +                                                                \
	 0 * sizeof(char[__builtin_types_compatible_p(__typeof__(((object *)NULL)->member), type)  \
				 ? 1                                                               \
				 : -1]))

const struct config_section config_sections[] = {
	{"daemon", "How the daemon behaves."},
	{"memmap",
	 "Where the memmap of a device goes when its rule says memmap-on-memory = auto. It takes "
	 "64 bytes for each page, which is 1.6% of the device with pages of 4 KiB."},
	{"regions",
	 "How CXL memory that is in no region gets one, which is what a dax device is made from. "
	 "Firmware makes regions at boot only; for a memory device that is plugged later, or that "
	 "firmware left out, it takes this. A memory device that is in a region, has a decoder in "
	 "use, or has no volatile capacity is left alone."},
	{"movable", "A guard against more ZONE_MOVABLE than the kernel can live with."},
	{"rule",
	 "What to do with the devices that match. The first rule that matches decides. All "
	 "criteria of a rule have to match; a rule without any matches every device, except "
	 "that mode = system-ram never means persistent memory unless match-kind names it. "
	 "A device that no rule matches is handed to its default driver."},
};

const size_t config_n_sections = ARRAY_SIZE(config_sections);

const struct config_key config_keys[] = {
	{
		.section = "daemon",
		.name = "claim",
		.parse = value_bool,
		.offset = PLACE(struct config, claim, bool),
		.fallback = "yes",
		.allowed = "yes or no",
		.doc = "Whether the daemon holds drivers_autoprobe of the dax bus at 0 while it "
		       "runs, so that it sees a new device before any driver does. With no, the "
		       "kernel may bind kmem first and online the memory into the wrong zone; "
		       "then convert says what becomes of it.",
	},
	{
		.section = "daemon",
		.name = "settle",
		.parse = value_usec,
		.offset = PLACE(struct config, settle_usec, uint64_t),
		.limits = {.numbers = {0, SETTLE_MAX_USEC}},
		.fallback = "200ms",
		.allowed = "a number with us, ms or s (alone: seconds), at most 10s",
		.example = "200ms",
		.doc = "How long the daemon waits after an event, in case there are more, before "
		       "it looks at the host.",
	},
	{
		.section = "daemon",
		.name = "convert",
		.parse = value_word,
		.offset = PLACE(struct config, convert, enum convert_mode),
		.limits = {.word = convert_mode_from_string},
		.fallback = "hot-added",
		.allowed = "never, hot-added or always",
		.doc = "Which memory that is already online, but not as its rule says, may be "
		       "taken offline to put that right: none, that of devices which appeared "
		       "while the daemon ran, or any. If a block will not go offline, all is put "
		       "back as it was. What may not be taken offline, or will not go, is left "
		       "alone and reported as mismatch.",
	},
	{
		.section = "memmap",
		.name = "min-size",
		.parse = value_size,
		.offset = PLACE(struct config, memmap_min_size, uint64_t),
		.limits = {.numbers = {0, UINT64_MAX}},
		.fallback = "64G",
		.allowed = "bytes, or K, M, G, T, P or E",
		.example = "64G",
		.doc = "A device of this size or more keeps its memmap on itself.",
	},
	{
		.section = "memmap",
		.name = "max-distance",
		.parse = value_number,
		.offset = PLACE(struct config, memmap_max_distance, uint64_t),
		.limits = {.numbers = {DISTANCE_LOCAL, DISTANCE_UNREACHABLE}},
		.fallback = "40",
		.allowed = "a NUMA distance from 10 (local) to 255",
		.doc = "A device that is farther than this from the nearest node with CPUs has its "
		       "memmap in DRAM, whatever its size, since the kernel reads a memmap often.",
	},
	{
		.section = "memmap",
		.name = "dram-budget",
		.parse = value_percent,
		.offset = PLACE(struct config, memmap_dram_budget, unsigned),
		.limits = {.numbers = {0, 10000}},
		.fallback = "5%",
		.allowed = "a percentage from 0% to 100% with at most two decimals",
		.example = "5%",
		.doc = "The share of DRAM that the memmaps of all devices together may take. A "
		       "device whose memmap would exceed it keeps it on itself, however small or "
		       "far it is.",
	},
	{
		.section = "regions",
		.name = "create-regions",
		.parse = value_bool,
		.offset = PLACE(struct config, create_regions, bool),
		.fallback = "no",
		.allowed = "yes or no",
		.doc = "Whether the daemon makes regions. What is made depends on nothing but this "
		       "policy, so after a boot the same regions are made again. Never say yes "
		       "for memory that hosts share: what they keep there would be overwritten.",
	},
	{
		.section = "regions",
		.name = "only",
		.parse = value_serials,
		.offset = PLACE(struct config, regions_only, struct u64_list),
		.limits = {.numbers = {0, UINT64_MAX}},
		.allowed = "serial numbers, decimal or hexadecimal with 0x, with commas",
		.example = "0xabc1,0xabc2",
		.doc = "The memory devices that regions are made of. Without it, all.",
	},
	{
		.section = "regions",
		.name = "never",
		.parse = value_serials,
		.offset = PLACE(struct config, regions_never, struct u64_list),
		.limits = {.numbers = {0, UINT64_MAX}},
		.allowed = "serial numbers, decimal or hexadecimal with 0x, with commas",
		.example = "0xabc3",
		.doc = "The memory devices that no region is ever made of, also where only names "
		       "them.",
	},
	{
		.section = "regions",
		.name = "interleave",
		.parse = value_ways,
		.offset = PLACE(struct config, interleave_ways, unsigned),
		.limits = {.numbers = {2, 16}},
		.fallback = "none",
		.allowed = "2, 4, 8 or 16, or none",
		.doc = "Over how many memory devices a region is spread. They have to be of the "
		       "same capacity, below the same host bridge, and to come within the time "
		       "that gather gives; fewer are left without a region, and reported. With "
		       "none, each memory device gets a region of its own.",
	},
	{
		.section = "regions",
		.name = "granularity",
		.parse = value_granularity,
		.offset = PLACE(struct config, interleave_granularity, uint64_t),
		.limits = {.numbers = {256, 16384}},
		.fallback = "auto",
		.allowed = "a power of two from 256 to 16K, or auto",
		.example = "256",
		.doc = "After so many bytes the next memory device of a region follows. With auto, "
		       "as the window of addresses has it.",
	},
	{
		.section = "regions",
		.name = "gather",
		.parse = value_usec,
		.offset = PLACE(struct config, interleave_gather_usec, uint64_t),
		.limits = {.numbers = {0, GATHER_MAX_USEC}},
		.fallback = "5s",
		.allowed = "a number with us, ms or s (alone: seconds), at most 600s",
		.example = "5s",
		.doc = "How long after a memory device others may come to be interleaved with it.",
	},
	{
		.section = "movable",
		.name = "max-ratio",
		.parse = value_ratio,
		.offset = PLACE(struct config, movable_max_ratio, unsigned),
		.limits = {.numbers = {1, RATIO_MAX}},
		.fallback = "4",
		.allowed = "a whole number from 1 to 1000, or none",
		.doc = "ZONE_MOVABLE may be at most this many times as large as the memory that "
		       "the kernel can use for itself. A device that would exceed that is held "
		       "back as a whole, reported, and taken up as soon as it fits; one that is "
		       "partly online is finished. With none, no device is held back.",
	},
	{
		.section = "rule",
		.name = "match-kind",
		.parse = value_kinds,
		.offset = PLACE(struct rule, match_kinds, unsigned),
		.allowed = "cxl, hmem or pmem, or several of them with commas",
		.example = "cxl,hmem",
		.doc = "What the device is: a CXL RAM region (cxl), memory that firmware set aside "
		       "(hmem), or a devdax namespace of persistent memory (pmem). A rule with "
		       "mode = system-ram matches pmem only if it is named here, since what a "
		       "namespace holds would be lost.",
	},
	{
		.section = "rule",
		.name = "match-device",
		.parse = value_patterns,
		.offset = PLACE(struct rule, match_devices, struct strv),
		.allowed = "shell patterns for names, with commas",
		.example = "dax0.*",
		.doc = "The device's name. Names depend on the order in which devices appear; a "
		       "serial number is the better name for a CXL device.",
	},
	{
		.section = "rule",
		.name = "match-region",
		.parse = value_patterns,
		.offset = PLACE(struct rule, match_regions, struct strv),
		.allowed = "shell patterns for names, with commas",
		.example = "region0",
		.doc = "The name of its CXL region. Devices of other kinds have none and do not "
		       "match.",
	},
	{
		.section = "rule",
		.name = "match-serial",
		.parse = value_numbers,
		.offset = PLACE(struct rule, match_serials, struct u64_list),
		.limits = {.numbers = {0, UINT64_MAX}},
		.allowed = "serial numbers, decimal or hexadecimal with 0x, with commas",
		.example = "0xabc1,0xabc2",
		.doc = "The serial number of a CXL memory device behind it; of several, one is "
		       "enough. Devices of other kinds have none and do not match.",
	},
	{
		.section = "rule",
		.name = "match-target-node",
		.parse = value_numbers,
		.offset = PLACE(struct rule, match_target_nodes, struct u64_list),
		.limits = {.numbers = {0, NODE_MAX}},
		.allowed = "node numbers from 0 to 1023 with commas",
		.example = "2,3",
		.doc = "The NUMA node that its memory is in once it is online.",
	},
	{
		.section = "rule",
		.name = "match-initiator-node",
		.parse = value_numbers,
		.offset = PLACE(struct rule, match_initiator_nodes, struct u64_list),
		.limits = {.numbers = {0, NODE_MAX}},
		.allowed = "node numbers from 0 to 1023 with commas",
		.example = "0,1",
		.doc = "The nearest NUMA node with CPUs.",
	},
	{
		.section = "rule",
		.name = "match-size",
		.parse = value_size_span,
		.offset = PLACE(struct rule, match_size, struct u64_span),
		.set = PLACE(struct rule, match_size_set, bool),
		.limits = {.numbers = {0, UINT64_MAX}},
		.allowed = "A..B, A.., ..B or A in bytes, or with K, M, G, T, P or E",
		.example = "64G..",
		.doc = "Its size. Both ends are included.",
	},
	{
		.section = "rule",
		.name = "match-distance",
		.parse = value_number_span,
		.offset = PLACE(struct rule, match_distance, struct u64_span),
		.set = PLACE(struct rule, match_distance_set, bool),
		.limits = {.numbers = {0, DISTANCE_UNREACHABLE}},
		.allowed = "A..B, A.., ..B or A with NUMA distances up to 255",
		.example = "20..40",
		.doc = "Its distance from the nearest NUMA node with CPUs. Both ends are included. "
		       "A device whose distance is not known does not match.",
	},
	{
		.section = "rule",
		.name = "mode",
		.parse = value_word,
		.offset = PLACE(struct rule, mode, enum rule_mode),
		.limits = {.word = rule_mode_from_string},
		.allowed = "system-ram, devdax or ignore",
		.example = "system-ram",
		.doc = "What becomes of the device: ordinary memory, whatever it held before "
		       "(system-ram), a character device /dev/daxX.Y (devdax), or what the kernel "
		       "makes of it by default (ignore). There is no default, so every rule has to "
		       "say it.",
	},
	{
		.section = "rule",
		.name = "memmap-on-memory",
		.parse = value_word,
		.offset = PLACE(struct rule, memmap, enum memmap_choice),
		.limits = {.word = memmap_choice_from_string},
		.fallback = "auto",
		.allowed = "auto, yes or no",
		.doc = "Whether its memmap is on the device itself rather than in DRAM; auto "
		       "decides by [memmap]. Only with mode = system-ram.",
	},
	{
		.section = "rule",
		.name = "zone",
		.parse = value_word,
		.offset = PLACE(struct rule, zone, enum target_zone),
		.limits = {.word = target_zone_from_string},
		.fallback = "movable",
		.allowed = "movable or kernel",
		.doc = "Whether its memory goes to ZONE_MOVABLE, from where it can be released "
		       "again, or to a zone that the kernel uses for itself, and may never give "
		       "back. Only with mode = system-ram.",
	},
};

const size_t config_n_keys = ARRAY_SIZE(config_keys);
_Static_assert(ARRAY_SIZE(config_keys) <= CONFIG_KEYS_MAX, "more rows than CONFIG_KEYS_MAX");

const struct config_section *config_section_find(const char *name)
{
	for (size_t i = 0; i < config_n_sections; i++)
		if (strcmp(config_sections[i].name, name) == 0)
			return &config_sections[i];
	return NULL;
}

const struct config_key *config_key_find(const char *section, const char *name)
{
	for (size_t i = 0; i < config_n_keys; i++)
		if (strcmp(config_keys[i].section, section) == 0 &&
		    strcmp(config_keys[i].name, name) == 0)
			return &config_keys[i];
	return NULL;
}

const char *config_section_near(const char *name)
{
	const char *near = NULL;
	size_t best = NEAR_DISTANCE + 1;

	for (size_t i = 0; i < config_n_sections; i++) {
		size_t d = text_distance(name, config_sections[i].name, NEAR_DISTANCE);

		if (d < best) {
			best = d;
			near = config_sections[i].name;
		}
	}
	return near;
}

const char *config_key_near(const char *section, const char *name)
{
	const char *near = NULL;
	size_t best = NEAR_DISTANCE + 1;

	for (size_t i = 0; i < config_n_keys; i++) {
		size_t d;

		if (strcmp(config_keys[i].section, section) != 0)
			continue;
		d = text_distance(name, config_keys[i].name, NEAR_DISTANCE);
		if (d < best) {
			best = d;
			near = config_keys[i].name;
		}
	}
	return near;
}

const char *config_key_elsewhere(const char *section, const char *name)
{
	for (size_t i = 0; i < config_n_keys; i++)
		if (strcmp(config_keys[i].section, section) != 0 &&
		    strcmp(config_keys[i].name, name) == 0)
			return config_keys[i].section;
	return NULL;
}

char *config_key_allowed(const struct config_key *key)
{
	/* Where words are listed, one of them is no example. */
	bool example = key->example && !key->limits.word;
	char *s;

	if (asprintf(&s, "%s%s%s", key->allowed, example ? ", as in " : "",
		     example ? key->example : "") < 0)
		return NULL;
	return s;
}

int config_key_set(const struct config_key *key, const char *value, void *object,
		   struct value_problem *ret_problem)
{
	int r;

	r = key->parse(value, &key->limits, (char *)object + key->offset, ret_problem);
	if (r < 0)
		return r;
	if (key->set)
		*(bool *)((char *)object + key->set) = true;
	return 0;
}

int config_keys_set_defaults(const char *section, void *object)
{
	for (size_t i = 0; i < config_n_keys; i++) {
		struct value_problem problem;
		int r;

		if (!config_keys[i].fallback || strcmp(config_keys[i].section, section) != 0)
			continue;
		r = config_key_set(&config_keys[i], config_keys[i].fallback, object, &problem);
		assert(r != -EINVAL); /* the table is wrong */
		if (r < 0)
			return r;
	}
	return 0;
}
