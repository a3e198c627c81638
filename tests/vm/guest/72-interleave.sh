# SPDX-License-Identifier: GPL-2.0-or-later
# boot: cards
#
# Regions over two cards that come together; a card that comes alone waits for another, and is then left without a region.
# shellcheck shell=bash
. /usr/lib/daxtier-lab/lib.sh
. /usr/lib/daxtier-lab/life.sh
. /usr/lib/daxtier-lab/cards.sh

daemon_fresh
regions <<'CONF'
create-regions = yes
never = 0xc0
interleave = 2
gather = 4s
CONF
check "regions are to be made of two" daxtierctl reload
check "two cards go in below one bridge, and one below another" plug 3 4 7
check_soon 60 "the two become memory" card_is_online 0xc1
dax=$(card_dax 0xc1)
is "$(card_dax 0xc2)" "$dax" "together"
region=$(cxl_dax_region "$dax")
is "$(cat "$CXL/$region/interleave_ways"):$(($(cat "$CXL/$region/size")))" "2:$((2 * LAB_CXL1_SIZE))" "in a region of two ways"
is "$(dax_zones "$dax")" "8 Movable" "all of it is in Movable"
is "$(property "$dax" Serials)" "[193,194]" "both serial numbers are told"
is "$(cxl_regions | wc -l)" 1 "there is one region"
check_soon 20 "the one that came alone is refused when its time is over" eval '[ "$(memdev_state 0xc5)" = failed ]'
like "$(memdev_reason 0xc5)" '^only 1 of 2 memory devices like it behind its host bridge came within 4 s; it is not put into a smaller region' "with the reason"
is "$(cxl_regions | wc -l)" 1 "no region was made of it"

check "a card more goes in there" plug 8
check_soon 10 "it waits for another" eval '[ "$(memdev_state 0xc6)" = pending ]'
like "$(memdev_reason 0xc6)" 'waiting for 1 more of 2 memory devices like it' "which is told"
check "another one comes in time" plug 9
check_soon 60 "these two become memory" card_is_online 0xc6
is "$(card_dax 0xc7)" "$(card_dax 0xc6)" "together"
is "$(memdev_state 0xc5)" failed "the one that came alone is as before"

# Both ways back.
user_start "$(cat "$DAX/$dax/target_node")" $((16 << 20))
told daxtierctl release --eject --deadline=300s "$dax" # interleaved, this memory is slower still under emulation
is "$status" 0 "a region of two is ejected"
for serial in 0xc1 0xc2; do
    like "$said" "serial number $serial: nothing else is on it, and the card can be pulled" "card $serial is named"
done
like "$(user_ask check)" '^intact ' "the process has its contents"
user_stop
is "$(memdev_state 0xc1) $(memdev_state 0xc2)" "released released" "both are released"
told daxtierctl apply "$(cxl_memdev 0xc1)"
is "$status" 0 "to apply one of them brings back the other, which was released with it"
check_soon 30 "both are memory again" card_is_online 0xc2
for serial in 0xc6 0xc1; do check "the region of $serial can be ejected" daxtierctl release --eject "$(card_dax $serial)"; done
check "the buttons can be pressed" unplug 3 4 7 8 9
check_soon 60 "the cards come out" eval '[ "$(slots_list)" = "$LAB_CXL0_SLOT $LAB_CXL0_SERIAL" ]'
is "$(cxl_regions)" "" "and nothing is left"
policy_remove regions
finish
