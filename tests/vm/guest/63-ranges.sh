# SPDX-License-Identifier: GPL-2.0-or-later
# full: plug
#
# Devices of odd shapes, and what kmem makes of them: several ranges, ranges that blocks do not fit into, several devices of one
# region and one node, devices smaller than a block, of no size at all.
# shellcheck shell=bash
. /usr/lib/daxtier-lab/lib.sh

bind() { dax_bind "$1" online_movable; }
release() { dax_offline "$1" && dax_unbind "$1"; }

write /sys/bus/dax/drivers_autoprobe 0
at_exit write /sys/bus/dax/drivers_autoprobe 1
check "kmem can be loaded" modprobe kmem
is "$(block_size)" $((128 << 20)) "a block has 128 MiB"
one=$(cxl_dax_create "$LAB_CXL0_SERIAL" "$LAB_CXL0_SIZE")
is "$(cat "$DAX/$one/size")" $((512 << 20)) "a device of four blocks"
first=$(dax_blocks "$one" | head -n 1)
node=$(cat "$DAX/$one/target_node")

# Two ranges with a gap, and a second device in the gap.
check "it can be cut into two ranges" dax_cut "$one" 0+128 256+256
is "$(find "$DAX/$one/" -maxdepth 1 -name 'mapping[0-9]*' | wc -l)" 2 "it has two"
is "$(($(cat "$DAX/$one/resource")))" $((first * (128 << 20))) "resource is the first of them"
is "$(dax_blocks "$one" | xargs)" "$first $((first + 2)) $((first + 3))" "they are three blocks"
two=$(dax_sibling "$one" 128+128)
like "$two" '^dax[0-9]+\.1$' "a second device can be made in the gap"
is "$(cat "$DAX/$two/target_node")" "$node" "both have one target node"
is "$(cat "$DAX/$one/memmap_on_memory"):$(cat "$DAX/$two/memmap_on_memory")" 1:0 "but not one default for their memmaps"
write "$DAX/$one/memmap_on_memory" 0
check "kmem takes the one of two ranges" bind "$one"
is "$(dax_zones "$one"), $(dax_zones "$two")" "3 Movable, 1 absent" "all of its blocks are online, and nothing of the other"
check "kmem takes the one in the gap" bind "$two"
is "$(dax_zones "$two")" "1 Movable" "it is online as well"
is "$(node_kb "$node" MemTotal)" $((512 << 10)) "their node has the memory of both"
check "one can be released" release "$one"
is "$(dax_zones "$one"), $(dax_zones "$two")" "3 absent, 1 Movable" "and the other stays"
check "then the other one" release "$two"
check_fails "the node is gone, or has no memory" grep -q '[1-9]' <(node_kb "$node" MemTotal)
check "the second device can be removed" dax_sibling_remove "$two"
check_fails "and is gone" test -e "$DAX/$two"

# Ranges that are no whole blocks.
check "it can be cut so that a range is no whole number of blocks" dax_cut "$one" 0+192 320+192
is "$(dax_blocks "$one" | xargs)" "$first $((first + 3))" "it has two whole blocks, and 128 of 384 MiB lie in none"
check "kmem takes it" bind "$one"
is "$(node_kb "$node" MemTotal)" $((256 << 10)) "only they become memory"
check "it can be released" release "$one"
check "it can be cut so that one range holds no block" dax_cut "$one" 0+128 192+128
check "kmem takes it, too" bind "$one"
is "$(dax_zones "$one"):$(node_kb "$node" MemTotal)" "1 Movable:$((128 << 10))" "the other range becomes memory"
check "and can be released" release "$one"

# Nothing to take.
check "it can be cut to less than a block" dax_cut "$one" 0+64
is "$(dax_blocks "$one" | wc -l)" 0 "it has no whole block"
like "$(bind "$one" 2>&1)" "Invalid argument" "kmem refuses it (EINVAL)"
is "$(dax_driver "$one")" none "nobody has it"
check "it can be cut to half a block on each side of a border" dax_cut "$one" 64+128
like "$(bind "$one" 2>&1)" "Invalid argument" "kmem refuses that as well"
check "it can be cut to nothing" dax_cut "$one"
is "$(cat "$DAX/$one/size"):$(cat "$DAX/$one/target_node")" "0:$node" "a device of size 0 is there still, with its node"
like "$(bind "$one" 2>&1)" "Invalid argument|No such device" "kmem refuses it"
three=$(dax_sibling "$one")
is "$(cat "$DAX/$three/size")" 0 "there can be more such devices"
check "and they can be removed" dax_sibling_remove "$three"
is "$(zone_pages "$node" Movable present)" 0 "nothing is left of all that"
check "the region can be destroyed" cxl_region_destroy "$(cxl_dax_region "$one")"
finish
