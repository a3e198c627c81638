# SPDX-License-Identifier: GPL-2.0-or-later
# boot: main
# full: patched
#
# The other ways in which it starts: the first dax device, and a client on the bus.
# shellcheck shell=bash
. /usr/lib/daxtier-lab/lib.sh
. /usr/lib/daxtier-lab/source.sh

daemon_fresh
systemctl stop daxtierd.service
policy pmem <<'CONF'
[movable]
max-ratio = none
[rule pmem]
match-kind = pmem
mode = system-ram
CONF
check "the daemon can be enabled" systemctl enable daxtierd.service
like "$(busctl --json=short call org.daxtier1 /org/daxtier1 org.daxtier1.Manager Plan s '' 2>&1)" '"data"' "a call on the bus is answered though it is stopped"
check "for it was started" daemon_is active
check "it can be disabled and stopped" systemctl disable --now daxtierd.service
check_fails "when it is not enabled a call does not start it" busctl --timeout=5 call org.daxtier1 /org/daxtier1 org.daxtier1.Manager Plan s ''
check "it stays stopped" daemon_is inactive

dax=$(nvdimm_dax_create "$LAB_NVDIMM0_NODE")
like "$dax" '^dax[0-9]+\.[0-9]+$' "a dax device appears"
check_soon 20 "and udev starts it, enabled or not" daemon_is active
check_soon 90 "the device is taken" dax_state_is "$dax" online
is "$(dax_zones "$dax")" "$(dax_blocks "$dax" | wc -l) Movable" "into zone Movable"
dax_offline "$dax"

# An administrator who stops the daemon to do something by hand is left in peace.
check "it can be stopped" systemctl stop daxtierd.service
dax_unbind "$dax"
udevadm settle --timeout=20
write /sys/bus/dax/drivers/device_dax/bind "$dax"
udevadm settle --timeout=20
sleep 2
check "a driver that is unbound and bound by hand does not start it" daemon_is inactive
is "$(dax_driver "$dax")" device_dax "and has the device"
check "the namespace can be destroyed" nvdimm_dax_destroy "$LAB_NVDIMM0_NODE"

check "it can be masked" daemon_mask
dax=$(nvdimm_dax_create "$LAB_NVDIMM0_NODE")
udevadm settle --timeout=20
check "not even a device starts it" daemon_is inactive
is "$(dax_driver "$dax")" device_dax "and the device has its default driver"
check "the namespace can be destroyed again" nvdimm_dax_destroy "$LAB_NVDIMM0_NODE"
daemon_unmask
finish
