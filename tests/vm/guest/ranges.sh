# SPDX-License-Identifier: GPL-2.0-or-later
# dax devices of any ranges, cut from a CXL region: fragmented ones, ones smaller than a memory block, several of one region. A range
# is written OFFSET+SIZE, in MiB from the start of the region. The devices must be bound to nobody.
# shellcheck shell=bash

dax_region_dir() { dirname "$(readlink -f "$DAX/$1")"; } # dax_region_dir DAX

dax_cut() { # dax_cut DAX [RANGE...]: it has these ranges and no other
    local start range first
    start=$(($(cat "$(dax_region_dir "$1")/../resource"))) || return
    cxl_write "$DAX/$1/size" 0 || return
    for range in "${@:2}"; do
        first=$((start + (${range%+*} << 20)))
        cxl_write "$DAX/$1/mapping" "$(printf '%x-%x' $first $((first + (${range#*+} << 20) - 1)))" || return
    done
}

dax_sibling() { # dax_sibling DAX [RANGE...]: one more device of the same region, of these ranges; prints daxX.Y
    local region dax
    region=$(dax_region_dir "$1")/dax_region
    cxl_write "$region/create" 1 && dax=$(cat "$region/create") && dax_cut "$dax" "${@:2}" && echo "$dax"
}

dax_sibling_remove() { # dax_sibling_remove DAX: not the first one of a region, which cannot go
    cxl_write "$DAX/$1/size" 0 && cxl_write "$(dax_region_dir "$1")/dax_region/delete" "$1"
}
