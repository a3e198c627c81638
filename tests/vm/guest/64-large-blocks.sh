# SPDX-License-Identifier: GPL-2.0-or-later
# boot: large
#
# Memory blocks of 2 GiB, as hosts with 64 GiB and more have them: what becomes of devices that hold several, one and none.
# shellcheck shell=bash
. /usr/lib/daxtier-lab/lib.sh
daemon_away

gib=$((1 << 30))
write /sys/bus/dax/drivers_autoprobe 0
at_exit write /sys/bus/dax/drivers_autoprobe 1
before=$(auto_online)
write $MEMORY/auto_online_blocks online_movable
at_exit write $MEMORY/auto_online_blocks "$before"
check "kmem can be loaded" modprobe kmem
is "$(block_size)" $((2 * gib)) "a block has 2 GiB"

# 16 GiB, which begin where they begin.
dax=$(nvdimm_dax_create "$LAB_NVDIMM0_NODE")
size=$(cat "$DAX/$dax/size")
blocks=$(dax_blocks "$dax" | wc -l)
between "$blocks" 6 7 "a device of a little less than 16 GiB has six or seven whole blocks"
figure "of the large device, bytes that lie in no block" $((size - blocks * 2 * gib))
write "$DAX/$dax/memmap_on_memory" 1
check "kmem takes it" write /sys/bus/dax/drivers/kmem/new_id "$dax"
check "and no other after it" write /sys/bus/dax/drivers/kmem/remove_id "$dax"
is "$(dax_zones "$dax")" "$blocks Movable" "all of its blocks are online"
is "$(node_kb "$LAB_NVDIMM0_NODE" MemTotal)" $((blocks * 2 * gib / 1024 / 64 * 63)) "its memmap is on the device"
check "it goes offline again" dax_offline "$dax"
check "and is released" dax_unbind "$dax"
check "the namespace can be destroyed" nvdimm_dax_destroy "$LAB_NVDIMM0_NODE"

# 4 GiB at a multiple of 256 MiB: one whole block or two.
dax=$(cxl_dax_create "$LAB_CXL0_SERIAL" "$LAB_CXL0_SIZE")
blocks=$(dax_blocks "$dax" | wc -l)
between "$blocks" 1 2 "a device of 4 GiB has one or two whole blocks"
figure "of the device of 4 GiB, bytes that lie in no block" $((LAB_CXL0_SIZE - blocks * 2 * gib))
write "$DAX/$dax/memmap_on_memory" 0
check "kmem takes it as well" write /sys/bus/dax/drivers/kmem/bind "$dax"
is "$(dax_zones "$dax")" "$blocks Movable" "its whole blocks are online"
is "$(node_kb "$(cat "$DAX/$dax/target_node")" MemTotal)" $((blocks * 2 * gib / 1024)) "and nothing else"
check "it can be destroyed" cxl_dax_destroy "$dax"

# 1 GiB.
dax=$(cxl_dax_create "$LAB_CXL1_SERIAL" "$LAB_CXL1_SIZE")
is "$(dax_blocks "$dax" | wc -l)" 0 "a device of 1 GiB has no whole block"
like "$(write /sys/bus/dax/drivers/kmem/bind "$dax" 2>&1)" "Invalid argument" "kmem refuses it (EINVAL)"
check "it can be destroyed, too" cxl_dax_destroy "$dax"
finish
