# SPDX-License-Identifier: GPL-2.0-or-later
# boot: patched
# full: reference
#
# What memmap_on_memory does, by the kernel's own accounts: on, the memmap is on the device, 1/64 of it; off, DRAM pays.
# Either way nothing is left of it after the unbind, however often, and whatever else is in the same node.
# shellcheck shell=bash
. /usr/lib/daxtier-lab/lib.sh

# Each cycle is two lines of the same thing; a stock kernel, with which this only compares, needs fewer.
cycles=$([ "$LAB_BOOT" = patched ] && echo 50 || echo 6)
words=("memmap in DRAM" "memmap on the device")
block_pages=$(($(block_size) / 4096))

daemon_away
modprobe -a kmem device_dax 2>/dev/null # where they are modules

# one_bind DAX KNOB TEXT: bound with its memory offline, and then brought online
one_bind() {
    local node usable memmap free bound cost text="$3, ${words[$2]}"
    node=$(cat "$DAX/$1/target_node")
    usable=$(dax_usable_kb "$1")
    memmap=$((usable / 64))
    write "$(knob "$1")" "$2"
    free=$(dram_free_kb)
    check "$text: kmem takes it" dax_bind "$1" offline
    bound=$(dram_free_kb)
    cost=$((free - bound))
    for block in $(dax_blocks "$1"); do write "$MEMORY/memory$block/state" online_movable; done
    is "$(dax_zones "$1")" "$((usable * 1024 / $(block_size))) Movable" "$text: all of it comes online in zone Movable"
    figure "$text: DRAM paid at bind, and until it was online (kB)" "$cost, $((free - $(dram_free_kb)))"
    if [ "$2" = 1 ]; then
        # What DRAM pays is a name and a number for each block.
        between $cost -1023 1023 "$text: DRAM pays less than 1 MiB (kB)"
        is "$(node_kb "$node" MemTotal)" $((usable - memmap)) "$text: the node offers exactly 63/64 of its blocks"
        is "$(zone_pages "$node" Movable managed)" $((usable / 4 * 63 / 64)) "$text: so many pages are managed"
    else
        between $cost $((memmap - 1023)) $((memmap + 1023)) "$text: DRAM pays 1/64 of it (kB)"
        is "$(node_kb "$node" MemTotal)" $usable "$text: the node offers all of its blocks"
        is "$(zone_pages "$node" Movable managed)" $((usable / 4)) "$text: so many pages are managed"
    fi
    is "$(zone_pages "$node" Movable present)" $((usable / 4)) "$text: all pages are present, memmap or not"
    check "$text: it goes offline" dax_offline "$1"
    check "$text: it can be unbound" dax_unbind "$1"
    between $((free - $(dram_free_kb))) -1023 1023 "$text: DRAM has back what it paid (kB)"
}

# both_ways DAX TEXT: the first bind of all creates what stays: the node's own data
both_ways() {
    local before value
    dax_bind "$1" offline && dax_unbind "$1"
    before=$(memory_snapshot)
    for value in 1 0; do
        one_bind "$1" $value "$2"
        is "$(memory_snapshot)" "$before" "$2, ${words[$value]}: unbound, every zone, block and address is as before"
    done
}

# cycles_of DAX TEXT COUNT: the knob alternating
cycles_of() {
    local before i value wrong=0 online=0 start
    before=$(memory_snapshot)
    start=$(now_ms)
    for ((i = 0; i < $3; i++)); do
        value=$((i % 2))
        if write "$(knob "$1")" $value && dax_bind "$1" online_movable && dax_is_online "$1"; then online=$((online + 1)); fi
        dax_offline "$1" && dax_unbind "$1"
        [ "$(memory_snapshot)" = "$before" ] || wrong=$((wrong + 1))
    done
    is "$online" "$3" "$2: $3 times bound and online, the knob off and on in turn"
    is $wrong 0 "$2: each time every zone, block and address was as before"
    figure "$2: a cycle of bind and unbind (ms)" $((($(now_ms) - start) / $3))
}

# A device whose size and place are whole blocks, of 4 GiB.
blocks=$((LAB_HMEM_SIZE / $(block_size)))
dax=$(hmem_dax_create "$(hmem_range 0 $blocks)")
like "$dax" '^dax[0-9]+\.[0-9]+$' "a device of whole blocks"
[ -n "$dax" ] || finish
is "$(cat "$DAX/$dax/size"), $(dax_usable_kb "$dax")" "$LAB_HMEM_SIZE, $((LAB_HMEM_SIZE / 1024))" "none of it is lost"
both_ways "$dax" "4 GiB"
cycles_of "$dax" "4 GiB" "$cycles"
check "it can be taken back" hmem_dax_destroy "$dax"

# One that begins and ends within a block.
dax=$(nvdimm_dax_create "$LAB_NVDIMM0_NODE")
like "$dax" '^dax[0-9]+\.[0-9]+$' "a device whose size is no multiple of a block"
[ -n "$dax" ] || finish
check "kmem would take it" dax_claim "$dax"
isnt $(($(cat "$DAX/$dax/size") % $(block_size))) 0 "its size is none"
both_ways "$dax" "$(dax_usable_kb "$dax" | awk '{ printf "%.3g GiB", $1 / 1048576 }') in whole blocks of a larger one"
check "it can be given back" dax_unclaim "$dax"
check "and destroyed" nvdimm_dax_destroy "$LAB_NVDIMM0_NODE"

# Two devices of two ranges each, interleaved in one node: each has its own memmaps, whatever the neighbour has.
before=$(memory_snapshot)
on=$(hmem_dax_create "$(hmem_range 0 3)" "$(hmem_range 5 4)")
off=$(hmem_dax_create "$(hmem_range 3 2)" "$(hmem_range 10 5)")
node=$(cat "$DAX/$on/target_node")
is "$(ls -d "$DAX/$on"/mapping[0-9] "$DAX/$off"/mapping[0-9] | wc -l)" 4 "two devices with two ranges each"
is "$(dax_blocks "$on" | xargs | tr ' ' '\n' | wc -l) $(dax_blocks "$off" | wc -l)" "7 7" "of seven blocks each"
for order in "$on $off" "$off $on"; do
    write "$(knob "$on")" 1
    write "$(knob "$off")" 0
    for dax in $order; do check "mixed, in the order $order: $dax is bound and online" dax_bind "$dax" online_movable; done
    is "$(dax_zones "$on"), $(dax_zones "$off")" "7 Movable, 7 Movable" "mixed, in the order $order: all of both is in zone Movable"
    is "$(zone_pages "$node" Movable present) $(zone_pages "$node" Movable managed)" "$((14 * block_pages)) $((7 * block_pages + 7 * block_pages * 63 / 64))" \
        "mixed, in the order $order: one offers all of its blocks, the other 63/64"
    for dax in $order; do
        check "mixed, in the order $order: $dax goes offline" dax_offline "$dax"
        check "mixed, in the order $order: $dax can be unbound" dax_unbind "$dax"
    done
    is "$(memory_snapshot)" "$before" "mixed, in the order $order: every zone, block and address is as before"
done
check "the one can be taken back" hmem_dax_destroy "$off"
check "and the other" hmem_dax_destroy "$on"
finish
