# SPDX-License-Identifier: GPL-2.0-or-later
# boot: patched patched-memory
# full: reference
#
# The attribute memmap_on_memory of dax devices: what it reads, what it takes, and with which errors it refuses. The same file
# runs on a newer stock kernel, which has the attribute: what that does is what a patched one has to do.
# shellcheck shell=bash
. /usr/lib/daxtier-lab/lib.sh

as_nobody() { runuser -u nobody -- "$@"; }

daemon_away
modprobe -a kmem device_dax 2>/dev/null # where they are modules
is "$(cat /sys/module/memory_hotplug/parameters/memmap_on_memory)" Y "the boot parameter is on"

pmem=$(nvdimm_dax_create "$LAB_NVDIMM1_NODE")
like "$pmem" '^dax[0-9]+\.[0-9]+$' "an nvdimm gives a dax device"
hmem=$(hmem_dax_create "$(hmem_range 0 4)")
like "$hmem" '^dax[0-9]+\.[0-9]+$' "so does memory that firmware set aside"
[ -n "$pmem" ] && [ -n "$hmem" ] || finish
at_exit nvdimm_dax_destroy "$LAB_NVDIMM1_NODE"

devices=0
for dir in "$DAX"/dax*; do
    devices=$((devices + 1))
    name=$(basename "$dir")
    is "$(stat -c %a "$dir/memmap_on_memory")" 644 "$name has the attribute, with mode 0644"
    is "$(od -An -tx1 "$dir/memmap_on_memory" | xargs)" "30 0a" "$name: the default is 0, and reads as that and a newline"
done
between $devices 2 9 "those were all dax devices"
is "$(find $DAX/*/ -name memmap_on_memory | wc -l)" $devices "nothing but a device has it"

# knob_takes DAX TEXT: both values, as the kernel writes and reads a boolean
knob_takes() {
    local value
    for value in 1 0; do
        is "$(kernel_says "$(knob "$1")" $value), $(cat "$(knob "$1")")" "ok, $value" "$2: $value is taken, and read back"
        is "$(kernel_says "$(knob "$1")" $value)" ok "$2: and once more"
    done
}

# knob_refuses_junk DAX TEXT
knob_refuses_junk() {
    local junk before
    for before in 1 0; do
        write "$(knob "$1")" $before
        for junk in 2 -1 9 +1 x o maybe ' 1' ' ' $'\n' ',' "$(printf '7%.0s' {1..4000})"; do
            is "$(kernel_says "$(knob "$1")" "$junk")" EINVAL "$2, at $before: $(printf %.9q "$junk") is EINVAL"
        done
        is "$(cat "$(knob "$1")")" $before "$2, at $before: it has not changed"
    done
}

knob_takes "$hmem" "bound to nobody"
knob_refuses_junk "$hmem" "bound to nobody"
for pair in y=1 n=0 Y=1 N=0 on=1 off=0 $'1\n=1' $'0\n=0'; do
    is "$(kernel_says "$(knob "$hmem")" "${pair%=*}"), $(cat "$(knob "$hmem")")" "ok, ${pair#*=}" "a boolean in other words: $(printf %q "${pair%=*}")"
done

is "$(dax_driver "$pmem")" device_dax "the kernel bound the namespace to device_dax"
knob_takes "$pmem" "bound to device_dax"
knob_refuses_junk "$pmem" "bound to device_dax"

# Who may not.
is "$(as_nobody cat "$(knob "$pmem")")" 0 "a user without privileges may read it"
is "$(as_nobody /usr/lib/daxtier-lab/attribute write "$(knob "$pmem")" 1)" EACCES "and may not write it"
is "$(cat "$(knob "$pmem")")" 0 "so it has not changed"

# Bound to kmem: whatever the memory does.
check "the namespace can be had by kmem" dax_claim "$pmem"
knob_takes "$pmem" "bound to nobody again"
for device in "$pmem" "$hmem"; do
    for value in 0 1; do
        other=$((1 - value))
        what="$device, bound to kmem at $value"
        write "$(knob "$device")" $value
        check "$what" dax_bind "$device" offline
        is "$(dax_driver "$device"), $(dax_zones "$device" | cut -d' ' -f2)" "kmem, offline" "$what: its memory is there, and offline"
        for state in offline online_movable; do
            if [ $state = online_movable ]; then
                for block in $(dax_blocks "$device"); do write "$MEMORY/memory$block/state" $state; done
                is "$(dax_zones "$device" | cut -d' ' -f2)" Movable "$what: its memory comes online"
            fi
            is "$(kernel_says "$(knob "$device")" $other)" EBUSY "$what, memory ${state%_*}: $other is EBUSY"
            is "$(kernel_says "$(knob "$device")" $value)" ok "$what, memory ${state%_*}: $value, the present value, is taken"
            is "$(kernel_says "$(knob "$device")" 2)" EINVAL "$what, memory ${state%_*}: junk is EINVAL all the same"
            is "$(cat "$(knob "$device")")" $value "$what, memory ${state%_*}: it has not changed"
        done
        check "$what: its memory goes offline" dax_offline "$device"
        is "$(kernel_says "$(knob "$device")" $other)" EBUSY "$what, memory offline again: $other is EBUSY"
        check "$what: it can be unbound" dax_unbind "$device"
        is "$(cat "$(knob "$device")")" $value "$what: unbound, it keeps its value"
        is "$(kernel_says "$(knob "$device")" $other), $(cat "$(knob "$device")")" "ok, $other" "$what: unbound, it can be changed"
    done
done

# A device that somebody makes anew begins anew.
write "$(knob "$hmem")" 1
check "the device that was cut can be taken back" hmem_dax_destroy "$hmem"
check "the namespace goes back to its driver" dax_unclaim "$pmem"
write "$(knob "$pmem")" 1
check "the namespace can be destroyed" nvdimm_dax_destroy "$LAB_NVDIMM1_NODE"
again=$(nvdimm_dax_create "$LAB_NVDIMM1_NODE")
is "$(cat "$(knob "$again")")" 0 "a new device has the default, whatever the one before it had"
finish
