/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Demotion, promotion and swap. */
#include "patient.h"
#include "suites.h"
#include "tree.h"

#define DEMOTION  "sys/kernel/mm/numa/demotion_enabled"
#define BALANCING "proc/sys/kernel/numa_balancing"
#define HEADER	  "Filename\tType\tSize\tUsed\tPriority\n"

static void put_meminfo(unsigned free_mib)
{
	tree_putf(patient.root, "sys/devices/system/node/node1/meminfo",
		  "Node 1 MemTotal: 1048576 kB\nNode 1 MemFree: %u kB\n", free_mib * 1024);
}

static void setup(void)
{
	patient_setup();
	tree_put(patient.root, "sys/devices/system/node/online", "0-1\n");
	put_meminfo(1024);
	tree_put(patient.root, DEMOTION, "true\n");
	tree_put(patient.root, BALANCING, "2\n");
	tree_put(patient.root, "proc/swaps", HEADER "/dev/vda2 partition 1048576 0 -2\n");
}

START_TEST(test_well)
{
	patient_examine();
	patient_is_well();
}
END_TEST

START_TEST(test_demotion)
{
	const struct finding *finding;

	tree_put(patient.root, DEMOTION, "false\n");
	patient_examine();
	finding = patient_finds(FINDING_WARNING, ABOUT_TIER, "Demotion is off");
	ck_assert_str_eq(finding->file, "/" DEMOTION);
	ck_assert_str_eq(finding->value, "false");
	ck_assert_str_eq(finding->fix, "w /" DEMOTION " - - - - 1");
	ck_assert_uint_eq(patient.findings.n, 1);
}
END_TEST

START_TEST(test_balancing)
{
	tree_put(patient.root, BALANCING, "3\n");
	patient_examine();
	patient_is_well();
	tree_put(patient.root, BALANCING, "1\n");
	patient_examine();
	patient_finds(FINDING_NOTE, ABOUT_TIER, "Promotion is off");
	ck_assert_uint_eq(patient.findings.n, 1);
}
END_TEST

START_TEST(test_swap)
{
	tree_put(patient.root, "proc/swaps", HEADER);
	patient_examine();
	patient_finds(FINDING_NOTE, ABOUT_TIER, "There is no swap");
	put_meminfo(8);
	patient_examine();
	patient_finds(FINDING_WARNING, ABOUT_TIER, "Node 1 is nearly full, and there is no swap");
	ck_assert_uint_eq(patient.findings.n, 1);
}
END_TEST

/* It is all areas together that count, and only with a tier that needs them. */
START_TEST(test_full_swap)
{
	const struct finding *finding;

	tree_put(patient.root, "proc/swaps",
		 HEADER
		 "/dev/vda2 partition 1048576 1040000 -2\n/swap\\040file file 1024 1024 -3\n");
	patient_examine();
	patient_is_well();
	put_meminfo(8);
	patient_examine();
	finding = patient_finds(FINDING_WARNING, ABOUT_TIER, "so is the swap");
	ck_assert_str_eq(finding->value, "1016.6 MiB of 1.0 GiB used; node 1 has 8 MiB free");
	ck_assert_uint_eq(patient.findings.n, 1);
	tree_put(patient.root, "proc/swaps",
		 HEADER "/dev/vda2 partition 1048576 1048576 -2\n/swap file 1048576 0 -3\n");
	patient_examine();
	patient_is_well();
}
END_TEST

/* Where there is no slow memory, none of this matters. */
START_TEST(test_one_tier)
{
	tree_put(patient.root, "sys/devices/system/node/online", "0\n");
	tree_put(patient.root, DEMOTION, "false\n");
	tree_put(patient.root, BALANCING, "0\n");
	tree_put(patient.root, "proc/swaps", HEADER);
	patient_examine();
	patient_is_well();
}
END_TEST

Suite *tier_suite(void)
{
	Suite *suite = suite_create("tiers");
	TCase *tcase = tcase_create("tiers");

	tcase_add_checked_fixture(tcase, setup, patient_teardown);
	tcase_add_test(tcase, test_well);
	tcase_add_test(tcase, test_demotion);
	tcase_add_test(tcase, test_balancing);
	tcase_add_test(tcase, test_swap);
	tcase_add_test(tcase, test_full_swap);
	tcase_add_test(tcase, test_one_tier);
	suite_add_tcase(suite, tcase);
	return suite;
}
