# SPDX-License-Identifier: GPL-2.0-or-later
# full: plug
#
# Cards that leave while their memory is online: by the button, and pulled without asking. The kernel lets the card go, keeps
# the memory that is not there any more, and that is for good: this file is the last of its boot.
# shellcheck shell=bash
. /usr/lib/daxtier-lab/lib.sh

write /sys/bus/dax/drivers_autoprobe 0
check "kmem can be loaded" modprobe kmem
check "cards go in" plug 3 4 7 8 9
for serial in 0xc1 0xc2 0xc5 0xc6 0xc7; do check_soon 60 "card $serial is ready" cxl_is_ready $serial; done

# online SERIAL BYTES: its dax device, with its memory online in Movable, and its memmap in DRAM: with the memmap on the card,
# the kernel would go on with what it reads where the card was, and hang
online() {
    local dax
    dax=$(cxl_dax_create "$1" "$2") && write "$DAX/$dax/memmap_on_memory" 0 && dax_bind "$dax" online_movable && echo "$dax"
}

stuck() { # stuck TEXT DAX BLOCKS NODE REGION: the marks that such a removal leaves
    local text=$1 block
    check_fails "$text: the dax device is gone" test -e "$DAX/$2"
    is "$(for block in $3; do block_zone "$block"; done | sort | uniq -c | xargs)" "4 Movable" "$text: its blocks are online still"
    isnt "$(node_kb "$4" MemTotal)" 0 "$text: its node has memory still"
    like "$(cat /proc/iomem)" "$(printf '%x-.* : System RAM .kmem.' $((${3%%$'\n'*} * $(block_size))))" "$text: the addresses are taken still"
    is "$(cat "$CXL/$5/commit")" 0 "$text: its region is committed no more"
    check "$text: and can be deleted" cxl_region_destroy "$5"
    like "$(dmesg | tail -n +$mark)" "kmem $2: mapping0: .* (cannot be hotremoved until the next|stuck online until) reboot" "$text: the kernel says that it is stuck"
    # Before anybody uses it.
    for block in $3; do write "$MEMORY/memory$block/state" offline; done
    is "$(for block in $3; do block_zone "$block"; done | sort | uniq -c | xargs)" "4 offline" "$text: what was free of it can be taken offline, not away"
}

# The button, with one block online that could not be taken offline in time: the kernel does not ask.
dax=$(online 0xc1 "$LAB_CXL1_SIZE")
is "$(dax_zones "$dax")" "4 Movable" "a card's memory is online"
blocks=$(dax_blocks "$dax") node=$(cat "$DAX/$dax/target_node") region=$(cxl_dax_region "$dax") mark=$(dmesg | wc -l)
start=$(now_ms)
check "its button can be pressed" unplug 3
check "for some seconds it stays as it was" eval 'sleep 2; slot_has_card 3 && dax_is_online "$dax"'
like "$(unplug 3 2>&1)" "refused: Device cxl1 is already in the process of unplug" "a second press is refused"
check_soon 30 "then the card comes out, with its memory online" slot_is_empty 3
figure "from the button to the card being out, memory online (ms)" $(($(now_ms) - start))
stuck "button" "$dax" "$blocks" "$node" "$region"

# The same card comes back: its old addresses are taken, so it gets others.
check "it can be put in again" plug 3
check_soon 30 "it is ready" cxl_is_ready 0xc1
new=$(online 0xc1 "$LAB_CXL1_SIZE")
is "$(dax_zones "$new")" "4 Movable" "its memory is online again"
unlike "$(dax_blocks "$new" | xargs)" "\b${blocks%%$'\n'*}\b" "at other addresses than before"
check "it can go offline" dax_offline "$new"
check "and be destroyed" cxl_region_destroy "$(cxl_dax_region "$new")"

# Pulled.
dax=$(online 0xc5 "$LAB_CXL5_SIZE")
is "$(dax_zones "$dax")" "4 Movable" "another card's memory is online"
blocks=$(dax_blocks "$dax") node=$(cat "$DAX/$dax/target_node") region=$(cxl_dax_region "$dax") mark=$(dmesg | wc -l)
check "it can be pulled out" slot_pull 7
check "it is out at once" slot_is_empty 7
check_soon 10 "the kernel notices" eval '! cxl_memdev 0xc5'
like "$(dmesg | tail -n +$mark)" "pciehp: Slot\(7\): Card not present" "as a card that is not present any more"
stuck "pulled" "$dax" "$blocks" "$node" "$region"

# Pulled while nothing uses it: nothing is stuck.
dax=$(cxl_dax_create 0xc2 "$LAB_CXL2_SIZE")
region=$(cxl_dax_region "$dax") mark=$(dmesg | wc -l)
check "a card that is not in use can be pulled out" slot_pull 4
check_soon 10 "the kernel notices that, too" eval '! cxl_memdev 0xc2'
unlike "$(dmesg | tail -n +$mark)" "hotremoved|stuck online" "nothing is stuck"
check "its region can be deleted" cxl_region_destroy "$region"

# One of two that make a region.
region=$(cxl_interleave $((2 * LAB_CXL5_SIZE)) "$(cxl_memdev 0xc6)" "$(cxl_memdev 0xc7)")
dax=$(cxl_region_dax "$region")
check "one of two interleaved cards can be pulled out" slot_pull 8
check_soon 10 "the dax device goes with it" eval '[ -n "$dax" ] && [ ! -e "$DAX/$dax" ]'
like "$(cat "$CXL/$region/target1")" '^decoder' "the region keeps its other target"
check "it can be deleted" cxl_region_destroy "$region"
other=$(cxl_region_create "$(cxl_memdev 0xc7)" "$LAB_CXL5_SIZE")
like "$other" '^region' "the other card makes a region of its own"
check "that can be destroyed" cxl_region_destroy "$other"

sleep 2 # the kernel has switched the slot off, and for a second it looks away
check "the card can be put in again" plug 4
check_soon 30 "and is ready again" cxl_is_ready 0xc2
finish
