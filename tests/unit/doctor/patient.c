/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "patient.h"

#include <string.h>

#include "base/cleanup.h"
#include "observe/observe.h"
#include "tree.h"

struct patient patient;

void patient_setup(void)
{
	patient = (struct patient){.root = tree_new()};
	tree_put(patient.root, "proc/sys/kernel/osrelease", RELEASE "\n");
	tree_put(patient.root, "sys/devices/system/node/online", "0\n");
	tree_put(patient.root, "sys/devices/system/node/has_cpu", "0\n");
	tree_put(patient.root, "sys/devices/system/node/has_memory", "0\n");
	tree_put(patient.root, "sys/devices/system/memory/block_size_bytes", "8000000\n");
}

static void forget(void)
{
	findings_done(&patient.findings);
	strv_done(&patient.unseen);
}

void patient_teardown(void)
{
	forget();
	patient.root = tree_remove(patient.root);
}

void patient_examine_below(const char *root)
{
	_cleanup_(sysfs_close) struct sysfs sysfs = {.root_fd = -EBADF};
	_cleanup_(observer_freep) struct observer *observer = NULL;
	_cleanup_(evidence_done) struct evidence evidence = {};
	_cleanup_(facts_freep) struct facts *facts = NULL;

	forget();
	ck_assert_int_eq(sysfs_open(&sysfs, root, NULL, NULL), 0);
	ck_assert_int_eq(observer_new(&sysfs, NULL, &observer), 0);
	ck_assert_int_eq(observe(observer, &facts), 0);
	ck_assert_int_eq(evidence_look(&sysfs, facts, &evidence), 0);
	ck_assert_int_eq(doctor_examine(facts, &evidence, &patient.findings), 0);
	ck_assert_int_eq(strv_copy(&patient.unseen, &evidence.unseen), 0);
	for (size_t i = 0; i < patient.findings.n; i++) {
		ck_assert_str_ne(patient.findings.items[i].what, "");
		ck_assert_int_eq(patient.findings.items[i].file[0], '/');
		ck_assert_str_ne(patient.findings.items[i].value, "");
		ck_assert_str_ne(patient.findings.items[i].where, "");
		ck_assert_str_ne(patient.findings.items[i].fix, "");
	}
}

void patient_examine(void)
{
	patient_examine_below(patient.root);
}

static const struct finding *find(const char *what)
{
	const struct finding *found = NULL;

	for (size_t i = 0; i < patient.findings.n; i++) {
		const struct finding *finding = &patient.findings.items[i];

		if (!strstr(finding->what, what))
			continue;
		ck_assert_msg(!found, "twice: %s", what);
		found = finding;
	}
	return found;
}

const struct finding *patient_finds(enum finding_severity severity, enum finding_about about,
				    const char *what)
{
	const struct finding *finding = find(what);

	ck_assert_msg(finding, "not found: %s", what);
	ck_assert_str_eq(finding_severity_to_string(finding->severity),
			 finding_severity_to_string(severity));
	ck_assert_str_eq(finding_about_to_string(finding->about), finding_about_to_string(about));
	return finding;
}

void patient_lacks(const char *what)
{
	ck_assert_msg(!find(what), "found: %s", what);
}

void patient_is_well(void)
{
	ck_assert_msg(patient.findings.n == 0, "found: %s", patient.findings.items[0].what);
}
