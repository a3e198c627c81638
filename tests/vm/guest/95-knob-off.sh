# SPDX-License-Identifier: GPL-2.0-or-later
# boot: patched-off
#
# The attribute memmap_on_memory where it can have no effect, since the boot parameter is off.
# shellcheck shell=bash
. /usr/lib/daxtier-lab/lib.sh

daemon_away
is "$(cat /sys/module/memory_hotplug/parameters/memmap_on_memory)" N "the boot parameter is off"
dax=$(nvdimm_dax_create "$LAB_NVDIMM1_NODE")
like "$dax" '^dax[0-9]+\.[0-9]+$' "an nvdimm gives a dax device"
[ -n "$dax" ] || finish

refuses() { # refuses TEXT
    is "$(kernel_says "$(knob "$dax")" 1), $(cat "$(knob "$dax")")" "EOPNOTSUPP, 0" "$1: 1 is EOPNOTSUPP"
    is "$(kernel_says "$(knob "$dax")" 0), $(cat "$(knob "$dax")")" "ok, 0" "$1: 0, the present value, is taken"
    is "$(kernel_says "$(knob "$dax")" 2), $(cat "$(knob "$dax")")" "EINVAL, 0" "$1: junk is EINVAL"
}

is "$(stat -c %a "$(knob "$dax")") $(cat "$(knob "$dax")")" "644 0" "the attribute is there, and reads 0"
refuses "bound to device_dax"
check "kmem would take it" dax_claim "$dax"
refuses "bound to nobody"
before=$(memory_snapshot)
free=$(dram_free_kb)
memmap_kb=$(($(dax_usable_kb "$dax") / 64))
check "it is bound to kmem" dax_bind "$dax" offline
between $((free - $(dram_free_kb))) $((memmap_kb - 1023)) $((memmap_kb + 1023)) "DRAM pays for its memmap (kB)"
refuses "bound to kmem"
for block in $(dax_blocks "$dax"); do write "$MEMORY/memory$block/state" online_movable; done
is "$(node_kb "$(cat "$DAX/$dax/target_node")" MemTotal)" "$(dax_usable_kb "$dax")" "the node offers all of it"
refuses "bound to kmem, memory online"
check "it goes offline" dax_offline "$dax"
check "it can be unbound" dax_unbind "$dax"
is "$(memory_snapshot)" "$before" "every zone, block and address is as before"
check "it can be given back" dax_unclaim "$dax"
check "the namespace can be destroyed" nvdimm_dax_destroy "$LAB_NVDIMM1_NODE"
finish
