# SPDX-License-Identifier: GPL-2.0-or-later
# boot: cards
#
# Eight cards at once; and eight devices that are there at the start, in the order of the policy and of their names.
# shellcheck shell=bash
. /usr/lib/daxtier-lab/lib.sh
. /usr/lib/daxtier-lab/life.sh
. /usr/lib/daxtier-lab/cards.sh

slots="3 4 5 6 7 8 9 10"
serials="0xc1 0xc2 0xc3 0xc4 0xc5 0xc6 0xc7 0xc8"
region_made=88dcf923998047d2a26f61d661a01198
online=c250c0a91e4145d6aa7ea5baba643300
all_online() { local serial; for serial in $serials; do card_is_online "$serial" || return; done; }
devices() { local serial; for serial in $serials; do card_dax "$serial"; done; }
field() { journal_new -o json "$2" | sed -n "s/.*\"$1\":\"\([^\"]*\)\".*/\1/p"; } # field NAME FILTER: of each such line

check "zone moves can be recorded" zone_trace_start
at_exit zone_trace_stop
daemon_fresh
regions <<'CONF'
create-regions = yes
never = 0xc0
CONF
policy order <<'CONF'
[rule first]
match-serial = 0xc7
mode = system-ram
[rule second]
match-serial = 0xc3, 0xc4
mode = system-ram
CONF
check "a policy that puts some first" daxtierctl reload
write "$TRACE/trace" ""
journal_mark
start=$(now_ms)
# shellcheck disable=SC2086 # numbers
check "eight cards go in at once" plug $slots
check_soon 120 "all become memory" all_online
figure "eight cards, from their slots to memory online (ms)" $(($(now_ms) - start))
is "$(for dax in $(devices); do dax_zones "$dax"; done | sort | uniq -c | sed 's/^ *//')" "8 4 Movable" "all of it in Movable"
is "$(for dax in $(devices); do zone_trace "$dax" | awk '{ print $2 }'; done | sort | uniq -c | sed 's/^ *//')" "8 Movable" "and never elsewhere"
is "$(cxl_regions | wc -l)" 8 "there are eight regions"
is "$(field DAXTIER_DEVICE MESSAGE_ID=$region_made | sort | uniq -c | awk '{ print $1 }' | xargs)" "1 1 1 1 1 1 1 1" "each was made once"
is "$(field DAXTIER_DEVICE MESSAGE_ID=$online | sort | xargs)" "$(devices | sort | xargs)" "each device came online once"
is "$(journal_new | grep -cvE '^(mem|dax)[0-9.]+: ')" 0 "each line of the journal says whom it is about"
is "$(for dax in $(devices); do property "$dax" Rule; done | xargs)" "cxl cxl second second cxl cxl first cxl" "each has its rule"

# The order of a start.
check "the daemon stops" systemctl stop daxtierd.service
daemon_mask
write /sys/bus/dax/drivers_autoprobe 0
for dax in $(devices); do dax_offline "$dax" && dax_unbind "$dax"; done
is "$(for dax in $(devices); do dax_driver "$dax"; done | sort -u)" none "all are taken from their driver"
write /sys/bus/dax/drivers_autoprobe 1
expected=$({ card_dax 0xc7; { card_dax 0xc3; card_dax 0xc4; } | sort -V; for serial in 0xc1 0xc2 0xc5 0xc6 0xc8; do card_dax $serial; done | sort -V; } | xargs)
journal_mark
daemon_unmask
check "the daemon starts" systemctl start daxtierd.service
check_soon 120 "all are memory again" all_online
is "$(journal_new | sed -n 's/^\(dax[0-9.]*\): bind-kmem done.*/\1/p' | xargs)" "$expected" "in the order of the rules, then by name"
is "$(field DAXTIER_DEVICE MESSAGE_ID=$online | sort | uniq -c | awk '{ print $1 }' | sort -u)" 1 "each once"

# Back, the last first.
for dax in $(devices | tac); do check "$dax can be ejected" daxtierctl release --eject "$dax"; done
is "$(cxl_regions)" "" "no region is left"
# shellcheck disable=SC2086 # numbers
check "all the buttons can be pressed" unplug $slots
check_soon 60 "all the cards come out" eval '[ "$(slots_list)" = "$LAB_CXL0_SLOT $LAB_CXL0_SERIAL" ]'
policy_remove regions
policy_remove order
finish
