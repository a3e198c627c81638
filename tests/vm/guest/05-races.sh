# SPDX-License-Identifier: GPL-2.0-or-later
# boot: patched patched-locking patched-memory
# full: reference
#
# Two writers of the knob, one who binds and unbinds the device, and one who reads every attribute of it, of its mappings and of
# its region, all at once. The kernel's log is judged at the end of the boot, as always; here it is what they were answered, that each of
# them really did something, and that all is well afterwards.
# shellcheck shell=bash
. /usr/lib/daxtier-lab/lib.sh

daemon_away
modprobe -a kmem device_dax 2>/dev/null # where they are modules

count_of() { sed -n "s/^$1: .*\b$2 \([0-9]*\).*/\1/p" <<<"$answers" | grep . || echo 0; } # count_of ACTOR ANSWER

# race SECONDS TEXT DAX FOLDER...
race() {
    local before seconds=$1 text=$2 dax=$3 status
    shift 3
    before=$(memory_snapshot)
    echo offline >$MEMORY/auto_online_blocks
    answers=$(/usr/lib/daxtier-lab/knob-race "$seconds" "$dax" "$@")
    status=$?
    echo online >$MEMORY/auto_online_blocks
    note "$answers"
    is $status 0 "$text: nobody was answered what he must not be"
    # Little, for an emulated debug kernel.
    between "$(count_of "writer in turn" ok)" $((seconds * 5)) 1000000000 "$text: the one writer wrote"
    between "$(count_of "writer by chance" ok)" $((seconds * 5)) 1000000000 "$text: and the other"
    between "$(count_of "writer in turn" EBUSY)" 1 1000000000 "$text: also while it was bound"
    between "$(count_of "reader" ok)" $((seconds * 10)) 1000000000 "$text: the reader read"
    between "$(count_of "binder, unbind" ok)" $((seconds / 3 / ${LAB_PATIENCE:-1})) 1000000000 "$text: the device was bound and unbound"
    between "$(count_of "binder, online and offline" ok)" 2 1000000000 "$text: and brought online and offline"
    between "$(count_of binder off)" 1 1000000000 "$text: with the knob off"
    between "$(count_of binder on)" 1 1000000000 "$text: and with the knob on"
    figure "$text, $seconds s" "$(xargs -d '\n' <<<"$answers" | sed 's/ \(reader\|writer\|binder\)/; \1/g')"
    is "$(memory_snapshot)" "$before" "$text: every zone, block and address is as before"
    check "$text: it can be bound" dax_bind "$dax" online_movable
    is "$(dax_zones "$dax" | cut -d' ' -f2)" Movable "$text: and its memory brought online"
    check "$text: and offline" dax_offline "$dax"
    check "$text: and it can be unbound" dax_unbind "$dax"
    is "$(memory_snapshot)" "$before" "$text: and all is as before"
}

# Of two ranges, in a region with more attributes than that of an nvdimm.
dax=$(hmem_dax_create "$(hmem_range 0 2)" "$(hmem_range 4 1)")
[ -n "$dax" ] || { fail "a device of two ranges"; finish; }
race "$([ "$LAB_BOOT" = reference ] && echo 15 || echo 60)" "a device of two ranges" "$dax" "$(readlink -f "$DAX/$dax")" "$(hmem_region)"
check "it can be taken back" hmem_dax_destroy "$dax"

# The host of the boot for locks has no nvdimm (vmlab/hosts.py says why).
[ "$LAB_BOOT" != patched-locking ] || finish

dax=$(nvdimm_dax_create "$LAB_NVDIMM1_NODE")
[ -n "$dax" ] || { fail "a namespace"; finish; }
check "kmem would take the namespace" dax_claim "$dax"
race "$([ "$LAB_BOOT" = patched-memory ] && echo 60 || echo 15)" "a namespace" "$dax" "$(readlink -f "$DAX/$dax")" "$(dirname "$(readlink -f "$DAX/$dax")")"
check "it can be given back" dax_unclaim "$dax"
check "and destroyed" nvdimm_dax_destroy "$LAB_NVDIMM1_NODE"
finish
