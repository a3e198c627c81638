#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Before the daemon starts: makes regions of the CXL devices, which QEMU's firmware does not, with the drivers of dax devices
# there; then writes down what has become of all dax devices: a line "KIND DAX DRIVER ZONES" of each.
# shellcheck shell=bash
export LAB_TMP=/run/daxtier-lab-tmp
mkdir -p "$LAB_TMP"
. /usr/lib/daxtier-lab/lib.sh
trap - EXIT # of a test

kind() {
    case "$(readlink -f "$DAX/$1")" in
    */hmem.*) echo hmem ;;
    */region*) echo cxl ;;
    *) echo other ;;
    esac
}

set -e
modprobe -a kmem device_dax # as udev does for the first dax device
# The second CXL device is nobody's by policy.
sed -i "s/^\[rule cxl\]/[rule keep]\nmatch-serial = $LAB_CXL1_SERIAL\nmode = ignore\n\n&/" /etc/daxtier.conf
case "$LAB_KERNEL" in
debian-12*) ;; # 6.1 makes no regions of volatile CXL memory
*)
    wait_for 60 cxl_is_ready "$LAB_CXL0_SERIAL"
    wait_for 60 cxl_is_ready "$LAB_CXL1_SERIAL"
    cxl_dax_create "$LAB_CXL1_SERIAL" "$LAB_CXL1_SIZE"
    cxl_dax_create "$LAB_CXL0_SERIAL" "$LAB_CXL0_SIZE" # the last one can be destroyed and made again
    ;;
esac
udevadm settle --timeout=60
sleep 1 # who binds a device onlines its memory within the same write, but perhaps not within ours
for dir in "$DAX"/dax*; do
    dax=${dir##*/}
    echo "$(kind "$dax") $dax $(dax_driver "$dax") $(dax_zones "$dax" 2>/dev/null)"
done >"$LAB_TMP/before-daemon"
