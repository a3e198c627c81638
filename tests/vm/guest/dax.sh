# SPDX-License-Identifier: GPL-2.0-or-later
# dax devices of any kind by hand: their drivers, the knob, and devices cut from memory that firmware set aside.
# shellcheck shell=bash

KMEM=/sys/bus/dax/drivers/kmem

knob() { echo "$DAX/$1/memmap_on_memory"; } # knob DAX: its path

# kernel_says FILE VALUE: what one write(2) is answered, as "ok" or EBUSY
kernel_says() { /usr/lib/daxtier-lab/attribute write "$1" "$2"; }

# kmem_allow DAX: puts its name on kmem's list. That binds every device on the list which nobody has, so those are unbound again.
kmem_allow() {
    local before dir names=
    for dir in "$DAX"/dax*; do [ -e "$dir/driver" ] || names="$names ${dir##*/}"; done
    before=$(auto_online)
    write "$MEMORY/auto_online_blocks" offline
    write "$KMEM/new_id" "$1"
    write "$MEMORY/auto_online_blocks" "$before"
    for dir in $names; do dax_unbind "$dir" || return; done
}

# dax_claim DAX: bound to nobody, and kmem would take it
dax_claim() { kmem_allow "$1" && dax_unbind "$1"; }

# dax_unclaim DAX: kmem would not take it any more; its memory is offline
dax_unclaim() { dax_unbind "$1" && write "$KMEM/remove_id" "$1"; }

# dax_bind DAX POLICY: to kmem, with its memory offline or online_movable
dax_bind() {
    local before status
    before=$(auto_online)
    write "$MEMORY/auto_online_blocks" "$2"
    write "$KMEM/bind" "$1"
    status=$?
    write "$MEMORY/auto_online_blocks" "$before"
    return $status
}

dax_usable_kb() { echo $(($(dax_blocks "$1" | wc -l) * $(block_size) / 1024)); } # in whole blocks

# --- memory that firmware set aside: a dynamic region, from which devices of any ranges can be cut

# hmem_region: the folder of its attributes. Its number is not its own: all kinds of regions are counted together.
hmem_region() {
    local dir
    for dir in /sys/bus/platform/drivers/hmem/hmem.*/dax_region; do
        [ -e "$dir/create" ] && readlink -f "$dir" && return
    done
    cxl_error "no dax region is of memory that firmware set aside"
}

# hmem_range FIRST COUNT: so many memory blocks of the region, as the attribute 'mapping' takes it
hmem_range() {
    local size
    size=$(block_size)
    printf '%x-%x\n' $((LAB_HMEM_START + $1 * size)) $((LAB_HMEM_START + ($1 + $2) * size - 1))
}

# hmem_dax_create RANGE...: a device of these ranges, bound to nobody, and kmem would take it; prints daxX.Y
hmem_dax_create() {
    local region dax dir range
    region=$(hmem_region) || return
    for dir in "${region%/dax_region}"/dax[0-9]*; do
        # The one that is always there, when it is idle.
        [ "$(cat "$dir/size" 2>/dev/null)" != 0 ] || dax=$(basename "$dir")
    done
    if [ -z "${dax:-}" ]; then
        cxl_write "$region/create" 1 || return
        dax=$(cat "$region/create")
    fi
    # While it has no range nobody can bind it, and its name can be put on kmem's list.
    kmem_allow "$dax" || return
    for range; do cxl_write "$DAX/$dax/mapping" "$range" || return; done
    echo "$dax"
}

# hmem_dax_destroy DAX: its memory is offline. The region keeps its first device, idle.
hmem_dax_destroy() {
    dax_unclaim "$1" && cxl_write "$DAX/$1/size" 0 || return
    case "$1" in
    *.0) ;;
    *) cxl_write "$(hmem_region)/delete" "$1" ;;
    esac
}
