# SPDX-License-Identifier: GPL-2.0-or-later
# boot: cards
#
# More devices than the host can carry in Movable, and more memmaps than DRAM may hold: decided in one order, the rules' and then the names',
# with the arithmetic told; and what is held back is taken up when it fits.
# shellcheck shell=bash
. /usr/lib/daxtier-lab/lib.sh
. /usr/lib/daxtier-lab/life.sh
. /usr/lib/daxtier-lab/cards.sh

slots="3 4 5 6"
serials="0xc1 0xc2 0xc3 0xc4"
all="4 Movable"
ready() { local serial; for serial in $serials; do cxl_is_ready "$serial" >/dev/null || return; done; }
facts() { echo "$1: $(property "$1" State), $(cat "$DAX/$1/memmap_on_memory")"; }

daemon_fresh
daemon_mask
# shellcheck disable=SC2086 # numbers
check "four cards go in" plug $slots
check_soon 30 "the kernel finds them" ready
write /sys/bus/dax/drivers_autoprobe 0
for serial in $serials; do cxl_dax_create "$serial" $((512 << 20)) >/dev/null; done 2>&1
write /sys/bus/dax/drivers_autoprobe 1
first=$(card_dax 0xc3)
rest=$(for serial in 0xc1 0xc2 0xc4; do card_dax $serial; done | sort -V | xargs)
# shellcheck disable=SC2086 # names
set -- $rest
is "$(for dax in $first "$@"; do dax_driver "$dax"; done | xargs)" "none none none none" "each is a device that nobody has"
[ $# -eq 3 ] || finish

# The host has 2 GiB less what the kernel took at boot: three devices of 512 MiB are not more than that, four are. 1% of it is 20 MiB or less:
# two memmaps of 8 MiB.
policy guards <<'CONF'
[movable]
max-ratio = 1
[memmap]
dram-budget = 1%
[rule first]
match-serial = 0xc3
mode = system-ram
CONF
daemon_unmask
check "the daemon starts" systemctl start daxtierd.service
for dax in "$first" "$1" "$2"; do check_soon 60 "$dax comes online" dax_state_is "$dax" online; done
check_soon 20 "$3 is held back" dax_state_is "$3" held-back
is "$(facts "$first")" "$first: online, 0" "the first rule's has its memmap in DRAM"
is "$(facts "$1")" "$1: online, 0" "so has the first by name"
is "$(facts "$2")" "$2: online, 1" "for a third there is no budget left"
like "$(daxtierctl show "$2" | tr -s ' \n' ' ')" 'on the device, because in DRAM its 8 MiB .*would exceed dram-budget 1% of' "as is told"
like "$(property "$3" Reason)" '^held back, because .*max-ratio' "the last would be too much in Movable"
is "$(dax_zones "$3"), $(dax_driver "$3")" "4 absent, none" "as a whole"
all_facts() { local dax; for dax in $first "$@"; do facts "$dax"; done | xargs; }
before=$(all_facts "$@")
check "a reload changes nothing" daxtierctl reload
sleep 2
is "$(all_facts "$@")" "$before" "of these"

# It fits again.
check "the first is released" daxtierctl release "$first"
check_soon 60 "now the last is taken up" dax_state_is "$3" online
is "$(facts "$3")" "$3: online, 0" "with its memmap in DRAM, where there is a budget again"
is "$(dax_zones "$1"), $(dax_zones "$2"), $(dax_zones "$3")" "$all, $all, $all" "and nothing happens to the others"
is "$(facts "$2")" "$2: online, 1" "of which none is converted for that"
told daxtierctl apply "$first"
is "$status" 6 "the first does not fit any more"
is "$(property "$first" State)" held-back "and says so"

# The last region of the bridge first.
for serial in 0xc4 0xc3 0xc2 0xc1; do
    check "card $serial can be ejected" daxtierctl release --eject "$(card_dax $serial)"
done
# shellcheck disable=SC2086 # numbers
check "the buttons can be pressed" unplug $slots
check_soon 60 "and the cards come out" eval '[ "$(slots_list)" = "$LAB_CXL0_SLOT $LAB_CXL0_SERIAL" ]'
policy_remove guards
finish
