# SPDX-License-Identifier: GPL-2.0-or-later
# boot: main-7.3
#
# The attribute 'state' of a dax device, which 6.12 does not have: what it accepts when, and that what it says is what was last
# written to it, not what the memory blocks are.
# shellcheck shell=bash
. /usr/lib/daxtier-lab/lib.sh

check "the daemon stays out of it" daemon_mask
at_exit daemon_unmask
before=$(auto_online)
write $MEMORY/auto_online_blocks offline
at_exit write $MEMORY/auto_online_blocks "$before"
write /sys/bus/dax/drivers_autoprobe 0
at_exit write /sys/bus/dax/drivers_autoprobe 1
check "kmem can be loaded" modprobe kmem
dax=$(cxl_dax_create "$LAB_CXL0_SERIAL" "$LAB_CXL0_SIZE")
state=$DAX/$dax/state
check_fails "no driver, no state" test -e "$state"
check "kmem takes the device" write "$KMEM/bind" "$dax"
check "then it has a state" test -w "$state"
now() { echo "$(cat "$state"): $(dax_zones "$dax")"; }
is "$(now)" "offline: 8 offline" "its memory is there, offline"

# What can be written, and from which state.
is "$(kernel_says "$state" nonsense)" EINVAL "it takes no other words"
is "$(kernel_says "$state" offline)" EINVAL "offline is not to be written"
is "$(kernel_says "$state" online_movable)" EBUSY "memory that is there, offline, cannot be brought online by it"
is "$(kernel_says "$state" unplugged)" ok "it can be unplugged"
is "$(now)" "unplugged: 8 absent" "then its memory is gone"
is "$(dax_driver "$dax")" kmem "and it is bound still"
is "$(kernel_says "$DAX/$dax/memmap_on_memory" 0)" EBUSY "so memmap_on_memory cannot be changed"
is "$(kernel_says "$state" unplugged)" ok "unplugging it again is no error"
is "$(kernel_says "$state" online_movable)" ok "from unplugged, online_movable"
is "$(now)" "online_movable: 8 Movable" "all of it is in Movable"
is "$(kernel_says "$state" online_movable)" ok "and once more, which changes nothing"
is "$(kernel_says "$state" online_kernel)" EBUSY "to another zone only by way of unplugged"
is "$(kernel_says "$state" unplugged)" ok "unplugged again, in one write"
is "$(now)" "unplugged: 8 absent" "nothing of it is left"

# What it does not see.
is "$(kernel_says "$state" online_movable)" ok "online once more"
last=$(dax_blocks "$dax" | tail -n 1)
check "one block is taken offline by its own attribute" write "$MEMORY/memory$last/state" offline
is "$(now)" "online_movable: 7 Movable, 1 offline" "the state does not say so"
is "$(kernel_says "$state" unplugged)" ok "all can be unplugged nevertheless"
is "$(now)" "unplugged: 8 absent" "and is gone"
check "unbound from unplugged, nothing is stuck" dax_unbind "$dax"
check_fails "and the state is gone" test -e "$state"
is "$(dax_zones "$dax")" "8 absent" "nor is any memory"
check "the region can be destroyed" cxl_region_destroy "$(cxl_dax_region "$dax")"
finish
