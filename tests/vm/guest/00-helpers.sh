# SPDX-License-Identifier: GPL-2.0-or-later
# full: lab
#
# The helpers that other tests stand on: what they make they can take apart and make again, and the two proofs (zone
# record, memory accounting) tell the cases apart. Here the test does by hand what the daemon will do.
# shellcheck shell=bash
. /usr/lib/daxtier-lab/lib.sh

memmap_kb=$((LAB_CXL0_SIZE / 64 / 1024))

bind_movable() { # bind_movable DAX
    local before status
    before=$(auto_online)
    write "$MEMORY/auto_online_blocks" online_movable
    write /sys/bus/dax/drivers/kmem/bind "$1"
    status=$?
    write "$MEMORY/auto_online_blocks" "$before"
    return $status
}

check "binding by the kernel can be held back" write /sys/bus/dax/drivers_autoprobe 0
at_exit write /sys/bus/dax/drivers_autoprobe 1
check "kmem can be loaded" modprobe kmem
zone_trace_start
at_exit zone_trace_stop

for memmap in 0 1; do
    where=$([ $memmap = 1 ] && echo "on the device" || echo "in DRAM")
    dax=$(cxl_dax_create "$LAB_CXL0_SERIAL" "$LAB_CXL0_SIZE")
    like "$dax" '^dax[0-9]+\.[0-9]+$' "memmap $where: a region gives a dax device"
    [ -n "$dax" ] || finish
    is "$(dax_driver "$dax")" none "memmap $where: nobody took it"
    is "$(dax_zones "$dax")" "8 absent" "memmap $where: no block of it is there"
    check "memmap $where: the knob takes $memmap" write "$DAX/$dax/memmap_on_memory" $memmap
    free=$(dram_free_kb)
    check "memmap $where: kmem takes it" bind_movable "$dax"
    cost=$((free - $(dram_free_kb)))
    is "$(dax_zones "$dax")" "8 Movable" "memmap $where: all is in zone Movable"
    is "$(zone_trace "$dax" | awk '{ print $2 }' | xargs)" Movable "memmap $where: nothing was ever elsewhere"
    node=$(cat "$DAX/$dax/target_node")
    if [ $memmap = 1 ]; then
        is "$(node_kb "$node" MemTotal)" $((LAB_CXL0_SIZE / 1024 - memmap_kb)) "memmap $where: the node offers 63/64 of the device"
        between $cost -$memmap_kb $((memmap_kb / 2)) "memmap $where: DRAM does not pay (kB)"
    else
        is "$(node_kb "$node" MemTotal)" $((LAB_CXL0_SIZE / 1024)) "memmap $where: the node offers all of the device"
        between $cost $((memmap_kb * 3 / 4)) $((memmap_kb * 3 / 2)) "memmap $where: DRAM pays 1/64 of the device (kB)"
    fi
    figure "memmap $where: DRAM paid at bind (kB)" $cost
    check "memmap $where: the region can be taken apart" cxl_dax_destroy "$dax"
    is "$(ls $DAX)" "" "memmap $where: nothing is left of it"
    write "$TRACE/trace" ""
done
finish
