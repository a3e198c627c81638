# SPDX-License-Identifier: GPL-2.0-or-later
# boot: cards
#
# A card goes into a slot and becomes memory with nobody asking, by the policy's [regions]; what the policy or the hardware excludes does
# not, and says why. The way back: its memory goes, its region goes, the card comes out, and the same card comes back as memory.
# shellcheck shell=bash
. /usr/lib/daxtier-lab/lib.sh
. /usr/lib/daxtier-lab/life.sh
. /usr/lib/daxtier-lab/cards.sh

at_rest="autoprobe 0, auto-online online, held: dax-autoprobe"

check "zone moves can be recorded" zone_trace_start
at_exit zone_trace_stop
daemon_fresh

# Without a word of the policy.
there=$(cxl_memdev 0xc0)
is "$(memdev_reason 0xc0)" "it is in no region, and [regions] says create-regions = no" "what is there at boot is left alone, as the shipped policy says"
like "$(daxtierctl status)" "$there.*serial 0xc0" "the status shows it"
is "$(cxl_regions)" "" "and there is no region"
check "the daemon stops" systemctl stop daxtierd.service
daemon_mask

# The plan, before anything is made.
check "a card goes in" plug 3
check_soon 30 "it is ready" cxl_is_ready 0xc1
memdev=$(cxl_memdev 0xc1)
regions <<'CONF'
create-regions = yes
never = 0xc0
CONF
told daxtierctl plan "$memdev"
is "$status" 0 "without the daemon its plan can be seen"
like "$said" "512 MiB in decoder0\.0, of $memdev \(serial 0xc1\)" "the region that it would become"
for step in set-dpa create-region commit-region enable-region; do like "$said" "$step" "by the step $step"; done
like "$(daxtierctl plan "$there")" 'never has its serial, 0xc0' "and none of the other"
is "$(cxl_regions)" "" "there is no region yet"

# What was there before the daemon.
daemon_unmask
write "$TRACE/trace" ""
start=$(now_ms)
check "the daemon starts" systemctl start daxtierd.service
check_soon 60 "the card becomes memory" card_is_online 0xc1
figure "start of the daemon to memory of a card (ms)" $(($(now_ms) - start))
dax=$(card_dax 0xc1)
is "$(dax_zones "$dax"), $(dax_driver "$dax")" "4 Movable, kmem" "all of it in Movable"
is "$(zone_trace "$dax" | awk '{ print $2 }' | xargs)" Movable "and never elsewhere"
is "$(property "$dax" Serials)" "[193]" "its serial number is told"
is "$(cxl_regions | wc -l)" 1 "there is one region"
like "$(memdev_reason 0xc0)" 'never has its serial' "what is never to be in one is not"
is "$(rests)" "$at_rest" "nothing else is held"

# A card that comes.
write "$TRACE/trace" ""
journal_mark
start=$(now_ms)
check "another card goes in" plug 4
check_soon 60 "it becomes memory, with nobody asking" card_is_online 0xc2
figure "card in its slot to memory online (ms)" $(($(now_ms) - start))
two=$(card_dax 0xc2)
is "$(dax_zones "$two")" "4 Movable" "all of it in Movable"
is "$(zone_trace "$two" | awk '{ print $2 }' | xargs)" Movable "and never elsewhere"
is "$(cat "$DAX/$two/target_node")" "$(cat "$DAX/$dax/target_node")" "it shares a node with the first"
like "$(journal_new MESSAGE_ID=88dcf923998047d2a26f61d661a01198)" "$(cxl_memdev 0xc2)" "the journal says which region was made"
is "$(journal_new MESSAGE_ID=88dcf923998047d2a26f61d661a01198 | wc -l)" 1 "once"

# What is left alone.
regions <<'CONF'
create-regions = yes
only = 0xc1, 0xc2, 0xd0, 0xe0
CONF
check "only some are wanted now" daxtierctl reload
check "cards go in" plug 5 11 12
for serial in 0xc3 0xd0 0xe0; do check_soon 30 "card $serial is known" eval '[ -n "$(memdev_reason $serial)" ]'; done
check_soon 10 "one is not among those that are wanted" eval '[[ $(memdev_reason 0xc3) == *"only does not have its serial, 0xc3"* ]]'
is "$(memdev_reason 0xd0)" "it has no volatile capacity, only 512 MiB of persistent" "one is persistent only"
check_soon 10 "one fits into no window" eval '[[ $(memdev_reason 0xe0) == *"no window will do: "* ]]'
like "$(memdev_reason 0xe0)" 'decoder0\.3 has 256 MiB of its 256 MiB free in one piece, and 512 MiB are needed' "with the arithmetic"
is "$(memdev_state 0xe0)" failed "which is a failure"
like "$(daxtierctl status)" "serial 0xe0" "as the status says"
is "$(cxl_regions | wc -l)" 2 "no region was made of any"
told daxtierctl apply "$(cxl_memdev 0xe0)"
is "$status" 6 "nor is one when it is asked for"

# Somebody else's.
check "another card goes in" plug 7
check_soon 30 "it is ready" cxl_is_ready 0xc5
foreign=$(cxl_region_create "$(cxl_memdev 0xc5)" "$LAB_CXL5_SIZE")
like "$foreign" '^region' "somebody makes a region of it"
check_soon 60 "its memory is the daemon's business" card_is_online 0xc5
check "and a card more" plug 8
check_soon 30 "it is ready" cxl_is_ready 0xc6
decoder=$(cxl_endpoint_decoder "$(cxl_endpoint "$(cxl_memdev 0xc6)")")
write "$CXL/$decoder/mode" ram
check "somebody takes capacity of it, and makes no region yet" write "$CXL/$decoder/dpa_size" $((256 << 20))
regions <<'CONF'
create-regions = yes
never = 0xc0, 0xc3
CONF
check "all others are wanted now" daxtierctl reload
sleep 2
like "$(memdev_reason 0xc6)" "$decoder of it holds 256 MiB for somebody else already; it is left alone" "what somebody holds is left alone"
is "$(cxl_regions | wc -l):$(cxl_dax_region "$(card_dax 0xc5)")" "3:$foreign" "and so is the region that somebody made"
write "$CXL/$decoder/dpa_size" 0
check "the daemon is asked to look" daxtierctl apply
check_soon 60 "given back, it becomes memory" card_is_online 0xc6

# The way back.
user_start "$(cat "$DAX/$two/target_node")" $((16 << 20))
region=$(cxl_dax_region "$two")
rehearsal=$(daxtierctl release --dry-run --eject "$two")
like "$rehearsal" "$region would be taken apart" "a rehearsal of an eject names the region"
mark=$(dmesg | wc -l)
told daxtierctl release --eject "$two"
is "$status" 0 "it is ejected"
figure "release --eject of a card (ms)" "$took_ms"
like "$said" "released, and $region is gone" "which is told"
like "$said" "serial number 0xc2: nothing else is on it, and the card can be pulled" "and what can be pulled now"
like "$(user_ask check)" '^intact ' "the process has its contents"
user_stop
check_fails "the region is gone" test -e "$CXL/$region"
check_fails "the dax device is gone" test -e "$DAX/$two"
is "$(($(cat "$CXL/$(cxl_endpoint_decoder "$(cxl_endpoint "$(cxl_memdev 0xc2)")")/dpa_size")))" 0 "its capacity is given back"
is "$(memdev_state 0xc2)" released "the card is released"
check "a restart" systemctl restart daxtierd.service
sleep 2
is "$(memdev_state 0xc2)" released "it stays so"
is "$(cxl_regions | grep -c "^$region$")" 0 "and no region is made"
check "its button can be pressed" unplug 4
check_soon 30 "it comes out" slot_is_empty 4
unlike "$(dmesg | tail -n +"$mark")" 'hotremoved|stuck online' "and nothing is stuck"
is "$(dax_zones "$dax")" "4 Movable" "its neighbour is still online"
check "it goes in again" plug 4
check_soon 60 "and becomes memory again" card_is_online 0xc2

# Ejected, and wanted after all.
two=$(card_dax 0xc2)
check "it can be ejected again" daxtierctl release --eject "$two"
check "and be applied by the name of its memory device" daxtierctl apply "$(cxl_memdev 0xc2)"
check_soon 30 "it is memory again" card_is_online 0xc2

# All of them, for the next one; the last one first, for a bridge's decoders hold ascending addresses.
for serial in 0xc6 0xc5 0xc2 0xc1; do check "card $serial can be ejected" daxtierctl release --eject "$(card_dax $serial)"; done
is "$(cxl_regions)" "" "no region is left"
check "the buttons can be pressed" unplug 3 4 5 7 8 11 12
check_soon 60 "the cards come out" eval '[ "$(slots_list)" = "$LAB_CXL0_SLOT $LAB_CXL0_SERIAL" ]'
policy_remove regions
finish
