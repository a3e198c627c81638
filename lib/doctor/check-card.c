/* SPDX-License-Identifier: GPL-2.0-or-later */
/* CXL memory cards on the way from the PCI bus to a region. */
#include "base/cleanup.h"
#include "doctor/check.h"

static int add_unbound(const char *address, struct findings *findings)
{
	return findings_add(
		findings,
		(struct finding){
			.severity = FINDING_ERROR,
			.about = ABOUT_MODULE,
			.what = finding_text("The CXL memory card at PCI %s has no driver, so its "
					     "memory is not seen",
					     address),
			.file = finding_text("/sys/bus/pci/devices/%s/class", address),
			.value = finding_text("0x050210, and there is no link driver beside it"),
			.where = FIX_IN_SHELL,
			.fix = finding_text("modprobe cxl_pci"),
		});
}

/* Without cxl_mem nothing enumerates the ports; with it, it is the ports that are not found. */
static int add_disabled(const char *name, const struct evidence *evidence,
			struct findings *findings)
{
	static const char *const drivers[] = {"cxl_mem", "cxl_port"};
	const char *missing = NULL;

	for (size_t i = 0; !missing && i < ARRAY_SIZE(drivers); i++)
		if (!strv_contains(&evidence->cxl_drivers, drivers[i]))
			missing = drivers[i];
	return findings_add(
		findings,
		(struct finding){
			.severity = FINDING_ERROR,
			.about = missing ? ABOUT_MODULE : ABOUT_WINDOW,
			.what = missing ? finding_text("%s is not enabled: the driver %s is not "
						       "loaded",
						       name, missing)
					: finding_text("%s is not enabled: the kernel found no way "
						       "from a host bridge to it",
						       name),
			.file = missing ? finding_text("/sys/bus/cxl/drivers")
					: finding_text("/sys/bus/cxl/devices"),
			.value = missing ? finding_text("no %s", missing)
					 : finding_text("no endpoint of %s", name),
			.where = FIX_IN_SHELL,
			.fix = missing ? finding_text("modprobe -a cxl_acpi cxl_port cxl_mem")
				       : finding_text("journalctl -k --grep='cxl|%s'", name),
		});
}

int check_cards(const struct facts *facts, const struct evidence *evidence,
		struct findings *findings)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < evidence->unbound_cards.n; i++)
		r = add_unbound(evidence->unbound_cards.items[i], findings);
	/* A captured host may have the devices without the drivers. */
	if (evidence->cxl_drivers.n == 0)
		return r;
	for (size_t i = 0; r == 0 && i < facts->cxl.n_memdevs; i++)
		if (!facts->cxl.memdevs[i].endpoint && !facts->cxl.memdevs[i].incomplete)
			r = add_disabled(facts->cxl.memdevs[i].name, evidence, findings);
	return r;
}
