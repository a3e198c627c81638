# SPDX-License-Identifier: GPL-2.0-or-later
# full: plug
#
# Cards go into slots and come out of them, and what the kernel makes of it by itself, before anybody acts: the device's
# drivers and nothing else. Its memory must be offline when it goes; 62-pulled has the other case.
# shellcheck shell=bash
. /usr/lib/daxtier-lab/lib.sh

cards="3 4 5 6 7 8 9 10" # the volatile ones below bridges 0 and 1 that are not there at boot
card() { local name=LAB_CXL$(($1 - 2))_SERIAL; echo "${!name}"; } # card SLOT: its serial
all_ready() { local slot; for slot in $cards; do cxl_is_ready "$(card "$slot")" || return; done; }
endpoints() { find $CXL/ -name 'endpoint*' | wc -l; }
blocks_total() { find $MEMORY -maxdepth 1 -name 'memory[0-9]*' | wc -l; }

check "binding by the kernel can be held back" write /sys/bus/dax/drivers_autoprobe 0
at_exit write /sys/bus/dax/drivers_autoprobe 1

# The host at boot, and what QEMU refuses.
is "$(slots_list)" "$LAB_CXL0_SLOT $LAB_CXL0_SERIAL" "one card is in its slot at boot"
is "$(find $SLOTS/ -mindepth 1 -maxdepth 1 | wc -l)" "$LAB_CXL_COUNT" "the kernel has all slots"
is "$(cat $CXL/mem*/serial)" "$LAB_CXL0_SERIAL" "the kernel has one memdev"
like "$(plug "$LAB_CXL0_SLOT" 2>&1)" "refused: slot $LAB_CXL0_SLOT has a device already" "a taken slot takes no other card"
like "$(unplug 3 2>&1)" "refused: Device 'cxl1' not found" "an empty slot gives none, in QEMU's words"
like "$(plug 99 2>&1)" "refused: this host has no slot 99" "there is no slot 99"
like "$(slots_ask "plug a 3" 2>&1)" "refused: no request" "a request that makes no sense is refused"
is "$(slots_list)" "$LAB_CXL0_SLOT $LAB_CXL0_SERIAL" "nothing of that moved a card"

# Eight at once.
blocks=$(blocks_total)
start=$(now_ms)
# shellcheck disable=SC2086 # numbers
check "eight cards go in at once" plug $cards
check_soon 60 "every one gets an endpoint" eval '[ "$(endpoints)" -eq 9 ]'
figure "eight cards, from the request to the last endpoint (ms)" $(($(now_ms) - start))
check_soon 60 "and is a memdev with a free decoder" all_ready
spread=$(dmesg | sed -n 's/^\[ *\([0-9]*\)\.\([0-9]\{3\}\).*pciehp: Slot.*Button press: will power on.*/\1\2/p' | sed -n '1p;$p' | xargs)
figure "eight cards, from the first in its slot to the last (ms)" $((${spread#* } - ${spread% *}))
between $((${spread#* } - ${spread% *})) 0 20000 "they came within a moment (ms; about 100 where nothing else runs)"
is "$(cxl_regions; ls $DAX)" "" "no region and no dax device comes with them"
is "$(blocks_total)" "$blocks" "and no memory"

# Two of them become memory; they share a window, so they share a node that was not there.
one=$(cxl_dax_create "$(card 3)" "$LAB_CXL1_SIZE")
two=$(cxl_dax_create "$(card 4)" "$LAB_CXL2_SIZE")
like "$one $two" '^dax[0-9]+\.0 dax[0-9]+\.0$' "regions by hand give dax devices"
[ -n "$one" ] && [ -n "$two" ] || finish
node=$(cat "$DAX/$one/target_node")
is "$(cat "$DAX/$two/target_node")" "$node" "two devices of one window share their target node"
check_fails "no such node is there yet" test -e "$NODE/node$node"
check "kmem can be loaded" modprobe kmem
before=$(auto_online)
write $MEMORY/auto_online_blocks offline
at_exit write $MEMORY/auto_online_blocks "$before"
check "kmem takes one" write /sys/bus/dax/drivers/kmem/bind "$one"
check "kmem takes the other" write /sys/bus/dax/drivers/kmem/bind "$two"
is "$(dax_zones "$one"), $(dax_zones "$two")" "4 offline, 4 offline" "their memory is there, and offline"
is "$(blocks_total)" $((blocks + 8)) "all of it"
for block in $(dax_blocks "$one"); do write "$MEMORY/memory$block/state" online_movable; done
is "$(dax_zones "$one"), $(dax_zones "$two")" "4 Movable, 4 offline" "what is brought online of one is not of the other"
is "$(node_kb "$node" MemTotal)" $((LAB_CXL1_SIZE / 1024 * 63 / 64)) "the node they share has the memory of one, less its memmap"
check "its memory goes offline again" dax_offline "$one"

# The button, with nothing in use.
gone=$(dax_blocks "$one")
region=$(cxl_dax_region "$one")
mark=$(dmesg | wc -l)
check "the button of a card whose memory is offline can be pressed" unplug 3
start=$(now_ms)
check_soon 30 "the card comes out" slot_is_empty 3
figure "from the button to the card being out (ms)" $(($(now_ms) - start))
is "$(for block in $gone; do block_state "$block"; done | sort -u)" absent "its memory is gone"
check_fails "its dax device is gone" test -e "$DAX/$one"
check_fails "its memdev is gone" cxl_memdev "$(card 3)"
is "$(dax_zones "$two")" "4 offline" "the other's memory is not"
unlike "$(dmesg | tail -n +$mark)" 'hotremoved|stuck online' "nothing is stuck"
is "$(cat "$CXL/$region/commit"):$(cat "$CXL/$region/target0")" "0:" "a region is left of it, without a target"
like "$(cat /proc/iomem)" " : $region\$" "and keeps its part of the window"
check "the region that is left can be deleted" cxl_region_destroy "$region"
unlike "$(cat /proc/iomem)" " : $region\$" "and then gives its part back"
check "the other one can be taken apart as well" cxl_dax_destroy "$two"

# The same card again: as new.
check "the card goes in again" plug 3
check_soon 30 "it is ready again" cxl_is_ready "$(card 3)"
dax=$(cxl_dax_create "$(card 3)" "$LAB_CXL1_SIZE")
check "it is of use as a device" dax_to_device_dax "$dax"
check "it can be written" /usr/lib/daxtier-lab/devdax-io fill "/dev/$dax" "$LAB_CXL1_SIZE"
check "it keeps what was written" /usr/lib/daxtier-lab/devdax-io check "/dev/$dax" "$LAB_CXL1_SIZE"
region=$(cxl_dax_region "$dax")
check "its slot can be switched off by an operator" slot_off 3
check "that takes the card out at once" slot_is_empty 3
check "what is left of its region can be deleted" cxl_region_destroy "$region"
check "the card goes in a third time" plug 3
check_soon 30 "it is ready once more" cxl_is_ready "$(card 3)"
dax=$(cxl_dax_create "$(card 3)" "$LAB_CXL1_SIZE")
check "its region is as good as the first" dax_to_device_dax "$dax"
check_fails "it holds nothing of the stay before" /usr/lib/daxtier-lab/devdax-io check "/dev/$dax" "$LAB_CXL1_SIZE"
check "the region can be destroyed" cxl_dax_destroy "$dax"

# shellcheck disable=SC2086 # numbers
check "all the buttons can be pressed at once" unplug $cards
check_soon 60 "and all of these cards come out" eval '[ "$(slots_list)" = "$LAB_CXL0_SLOT $LAB_CXL0_SERIAL" ]'
is "$(cat $CXL/mem*/serial)" "$LAB_CXL0_SERIAL" "the kernel has the one that was there at boot"
finish
