# SPDX-License-Identifier: GPL-2.0-or-later
# boot: main-7.3
#
# The attribute 'state' and the zones that the kernel uses itself: all of a device's memory goes, or nothing does. The last file of its boot:
# what the kernel puts there stays, and so does the memory.
# shellcheck shell=bash
. /usr/lib/daxtier-lab/lib.sh

check "the daemon stays out of it" daemon_mask
at_exit daemon_unmask
before=$(auto_online)
write $MEMORY/auto_online_blocks offline
at_exit write $MEMORY/auto_online_blocks "$before"
write /sys/bus/dax/drivers_autoprobe 0
at_exit write /sys/bus/dax/drivers_autoprobe 1
modprobe kmem
dax=$(cxl_dax_create "$LAB_CXL0_SERIAL" "$LAB_CXL0_SIZE")
state=$DAX/$dax/state
check "kmem takes a device" write "$KMEM/bind" "$dax"
now() { echo "$(cat "$state"): $(dax_zones "$dax")"; }
is "$(kernel_says "$state" unplugged)" ok "its memory, offline, is unplugged"
for word in online_kernel online; do
    is "$(kernel_says "$state" $word)" ok "from unplugged, $word"
    is "$(now)" "$word: 8 Normal" "$word: all of it is in Normal"
    is "$(kernel_says "$state" online_movable)" EBUSY "$word: from there, online_movable"
    answer=$(kernel_says "$state" unplugged)
    case $answer in
    ok) is "$(now)" "unplugged: 8 absent" "$word: unplugged in one write, nothing of it is left" ;;
    *) is "$answer $(now)" "EBUSY $word: 8 Normal" "$word: refused in one write, all of it is there as before" && break ;;
    esac
done
finish
