# SPDX-License-Identifier: GPL-2.0-or-later
# boot: cards
#
# Devices of odd shapes under the daemon: several ranges, two in one node, smaller than a block. They are cut from the region of the card
# that is in at boot.
# shellcheck shell=bash
. /usr/lib/daxtier-lab/lib.sh
. /usr/lib/daxtier-lab/life.sh
. /usr/lib/daxtier-lab/ranges.sh

daemon_fresh
daemon_mask
write /sys/bus/dax/drivers_autoprobe 0
one=$(cxl_dax_create "$LAB_CXL0_SERIAL" "$LAB_CXL0_SIZE")
[ -n "$one" ] || finish
node=$(cat "$DAX/$one/target_node")
check "a device is cut into two ranges" dax_cut "$one" 0+128 256+192
two=$(dax_sibling "$one" 128+128)
like "$two" '^dax[0-9]+\.1$' "another is in the gap between them"
three=$(dax_sibling "$one" 448+64)
like "$three" '^dax[0-9]+\.2$' "a third is smaller than a block"
write /sys/bus/dax/drivers_autoprobe 1
daemon_unmask
journal_mark
check "the daemon starts" systemctl start daxtierd.service
check_soon 60 "the one of two ranges is online" dax_state_is "$one" online
check_soon 60 "so is the one in the gap" dax_state_is "$two" online
is "$(dax_zones "$one"), $(dax_zones "$two")" "2 Movable, 1 Movable" "all of their blocks, in Movable"
is "$(property "$one" LostBytes) $(property "$one" UsableSize)" "$((64 << 20)) $((256 << 20))" "what lies in no whole block is told as lost"
check_soon 20 "the small one is refused" dax_state_is "$three" failed
like "$(property "$three" Reason)" 'block' "since it has no whole block"
is "$(dax_driver "$three")" none "nobody has it"
sleep 3
is "$(journal_new DAXTIER_DEVICE="$three" | grep -c 'bind-kmem')" 0 "and it is not tried"

# One of two in a node.
user_start "$node" $((16 << 20))
told daxtierctl release "$one"
is "$status" 0 "the one of two ranges is released"
is "$(dax_zones "$one"), $(dax_driver "$one")" "2 absent, none" "all of it"
is "$(dax_zones "$two")" "1 Movable" "and nothing of the other in its node"
like "$(user_ask check)" '^intact ' "the process has its contents"
told daxtierctl release --eject "$two"
is "$status" 6 "the other cannot be ejected while three are made from one region"
like "$said" 'is made from region[0-9]+ as well' "which is the reason"
is "$(dax_zones "$two")" "1 Movable" "and nothing was done"
user_stop
check "it can be released" daxtierctl release "$two"
check "both are applied, each by its name" daxtierctl apply "$one"
check "the other, too" daxtierctl apply "$two"
is "$(dax_zones "$one"), $(dax_zones "$two")" "2 Movable, 1 Movable" "and are as before"

systemctl stop daxtierd.service
daemon_mask
for dax in "$one" "$two"; do dax_offline "$dax" && dax_unbind "$dax"; done
check "the third can be removed" dax_sibling_remove "$three"
check "the second can be removed" dax_sibling_remove "$two"
check "the region can be destroyed" cxl_region_destroy "$(cxl_dax_region "$one")"
daemon_unmask
finish
