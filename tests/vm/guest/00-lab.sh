# SPDX-License-Identifier: GPL-2.0-or-later
# full: lab
#
# The lab is what it claims to be, and the stock kernel does what the daemon exists to prevent.
# shellcheck shell=bash
. /usr/lib/daxtier-lab/lib.sh

# The host's shape arrived in the guest.
is "$(cat /sys/module/memory_hotplug/parameters/memmap_on_memory)" "$LAB_MEMMAP_PARAMETER" "the boot parameter memmap_on_memory is as the boot says"
is "$(auto_online)" online "hot-plugged memory is onlined by the kernel, the distribution's default"
is "$(autoprobe)" 1 "dax devices are bound by the kernel, the default"
is "$(cat $NODE/has_cpu)" "0-$((LAB_CPU_NODES - 1))" "the nodes with CPUs are the first ones"
is "$(cat $NODE/node0/distance)" "10 21" "the kernel has the distances of the SLIT"
check "the CXL device is there, by its serial number" cxl_memdev "$LAB_CXL0_SERIAL"
is "$(ls $DAX 2>/dev/null)" "" "no dax device is there yet"

# A CXL region, by sysfs alone, on the stock kernel.
check "the kernel's zone moves can be recorded" zone_trace_start
at_exit zone_trace_stop
events=$LAB_TMP/events
check "block uevents can be recorded" uevents_start "$events"
start=$(now_ms)
dax=$(cxl_dax_create "$LAB_CXL0_SERIAL" "$LAB_CXL0_SIZE")
like "$dax" '^dax[0-9]+\.[0-9]+$' "a CXL region gives a dax device"
[ -n "$dax" ] || finish
check_soon 60 "its memory comes online with nobody asking" dax_is_online "$dax"
figure "stock kernel, region creation to last block online (ms)" $(($(now_ms) - start))
blocks=$((LAB_CXL0_SIZE / $(block_size)))
is "$(dax_driver "$dax")" kmem "the kernel bound it to kmem by itself"
is "$(dax_blocks "$dax" | wc -l)" "$blocks" "it has all its blocks"
is "$(dax_zones "$dax")" "$blocks Normal" "every block is in zone Normal: the problem that daxtierd solves"
like "$(zone_trace "$dax")" ' Normal$' "the record of zone moves says so too"
check_soon 10 "every block sent an online uevent" eval '[ "$(uevents_count "$events" online)" -ge '"$blocks"' ]'
check "memmap_on_memory is there to read and write" test -w "$DAX/$dax/memmap_on_memory"
check_fails "memmap_on_memory cannot be changed while kmem has the device" write "$DAX/$dax/memmap_on_memory" $((1 - $(cat "$DAX/$dax/memmap_on_memory")))
node=$(cat "$DAX/$dax/target_node")
is "$(($(zone_pages "$node" Normal present) * 4096))" "$LAB_CXL0_SIZE" "the zone counters of its node say so too"
like "$(node_kb "$node" MemTotal)" '^[1-9]' "its node has memory"

# The nvdimm: a device with a distance of its own.
dax=$(nvdimm_dax_create "$LAB_NVDIMM0_NODE")
like "$dax" '^dax[0-9]+\.[0-9]+$' "the nvdimm gives a devdax device"
[ -n "$dax" ] || finish
is "$(cat "$DAX/$dax/target_node")" "$LAB_NVDIMM0_NODE" "its target node is the nvdimm's"
is "$(dax_driver "$dax")" device_dax "its driver is device_dax"
check "it has the memmap_on_memory knob" test -w "$DAX/$dax/memmap_on_memory"
check "the namespace can be destroyed" nvdimm_dax_destroy "$LAB_NVDIMM0_NODE"

finish
