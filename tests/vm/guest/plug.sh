# SPDX-License-Identifier: GPL-2.0-or-later
# Cards and slots. A test asks who stands before the host (vmlab/slots.py) to put a card in or to press the attention button,
# or does from the inside what an operator or an accident does.
# shellcheck shell=bash

SLOTS=/sys/bus/pci/slots

slots_error() { echo "slots: $*" >&2; return 1; }

# slots_ask REQUEST: prints the host's answer; fails when QEMU refused, with its words on stderr
slots_ask() {
    local name answer
    name=/run/daxtier-lab/slots/$BASHPID-$(date +%s%N)
    echo "$1" >"$name.draft" && mv "$name.draft" "$name.request" || return
    # shellcheck disable=SC2016 # the inner shell's
    timeout 60 sh -c 'until [ -e "$0" ]; do sleep 0.1; done' "$name.answer" || slots_error "nobody answers" || return
    answer=$(cat "$name.answer")
    rm "$name.answer"
    case "$answer" in
    ok*) sed 1d <<<"$answer" ;;
    *) slots_error "$answer" ;;
    esac
}

# plug SLOT...: the cards are in when this returns, as good as at once. Their memory holds nothing of an earlier stay. The kernel
# finds a card some tenths of a second later: wait_for 30 cxl_is_ready SERIAL
plug() { slots_ask "plug $*"; }

# unplug SLOT...: presses the attention buttons. 5 s later the kernel lets the devices go, whatever uses them: wait_for 30 slot_is_empty
unplug() { slots_ask "unplug $*"; }

slots_list() { slots_ask list; } # the slots with a card, as "SLOT SERIAL"

slot_has_card() { slots_list | grep -q "^$1 "; } # slot_has_card SLOT

slot_is_empty() { ! slot_has_card "$1"; } # slot_is_empty SLOT

# slot_off SLOT: an operator of the host takes its power away, without the button
slot_off() { write "$SLOTS/$1/power" 0; }

slot_port() { # slot_port SLOT: the root port above it, as 0000:0c:01.0
    local bus dir
    bus=$((0x$(cut -d: -f2 "$SLOTS/$1/address")))
    for dir in /sys/bus/pci/devices/*; do
        [ "$(cat "$dir/secondary_bus_number" 2>/dev/null)" = $bus ] && basename "$dir" && return
    done
    slots_error "slot $1 belongs to no port"
}

config_byte() { od -An -tu1 -j "$2" -N 1 "/sys/bus/pci/devices/$1/config" | tr -d ' '; } # config_byte DEVICE OFFSET

pcie_capability() { # pcie_capability DEVICE: where it starts in the configuration space
    local at
    at=$(config_byte "$1" 52) # the first capability: 0x34
    while [ "$at" -ne 0 ] && [ "$(config_byte "$1" "$at")" -ne 16 ]; do at=$(config_byte "$1" $((at + 1))); done
    [ "$at" -ne 0 ] && echo "$at"
}

slot_control_write() { # slot_control_write PORT OFFSET VALUE
    # shellcheck disable=SC2059 # the format is the two bytes
    printf "$(printf '\\x%02x' $(($3 & 255)) $(($3 >> 8)))" |
        dd of="/sys/bus/pci/devices/$1/config" bs=2 seek=$(($2 / 2)) conv=notrunc status=none
}

# slot_pull SLOT: the card is out before the kernel hears of it. QEMU has no way to do that, but it takes a card out at once when the
# slot's power goes off: so that is done behind the kernel's back, with the slot's interrupt held until the power is on again. With
# the power seen off, the kernel would believe that the card had left before.
slot_pull() {
    local port offset control
    port=$(slot_port "$1") && offset=$(pcie_capability "$port") || return
    offset=$((offset + 24))
    control=$(($(config_byte "$port" $offset) | $(config_byte "$port" $((offset + 1))) << 8))
    # No interrupt (0x20), power off (0x400) with its indicator (0x300).
    slot_control_write "$port" $offset $((control & ~0x20 | 0x700)) && slot_control_write "$port" $offset $control
}
