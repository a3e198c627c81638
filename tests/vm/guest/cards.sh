# SPDX-License-Identifier: GPL-2.0-or-later
# Cards as the daemon sees them, by their serial numbers: the names of memory devices and of dax devices are others at each stay. A test
# sources this after lib.sh.
# shellcheck shell=bash

regions() { { echo '[regions]'; cat; } | policy regions; } # regions <<CONF: the keys of [regions]

# memdev_field SERIAL KEY: of the memory device, as the daemon has it; nothing when it does not know it
memdev_field() {
    daxtierctl status --json=short | grep -oE '\{"Name":"mem[0-9]+"[^}]*\}' | grep "\"Serial\":$(($1))[,}]" |
        sed -nE "s/.*\"$2\":(\"(([^\"\\\\]|\\\\.)*)\"|[^,}]*).*/\\2/p" | sed 's,\\\(.\),\1,g'
}

memdev_reason() { memdev_field "$1" Reason; } # memdev_reason SERIAL: why it is in no region

memdev_state() { memdev_field "$1" State; } # memdev_state SERIAL

card_dax() { # card_dax SERIAL: the dax device that is, also in part, of this card
    local memdev endpoint decoder region dir
    memdev=$(cxl_memdev "$1") && endpoint=$(cxl_endpoint "$memdev") || return
    for decoder in "$CXL/$endpoint"/decoder*; do
        region=$(cat "$decoder/region" 2>/dev/null)
        [ -n "$region" ] || continue
        for dir in "$DAX"/*; do
            case "$(readlink -f "$dir")" in */"$region"/*) basename "$dir" && return ;; esac
        done
    done
    cxl_error "no dax device is of card $1"
}

card_is_online() { # card_is_online SERIAL: as the daemon and the kernel say
    local dax
    dax=$(card_dax "$1") && dax_state_is "$dax" online && dax_is_online "$dax"
}
