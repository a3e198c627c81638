# SPDX-License-Identifier: GPL-2.0-or-later
# boot: main
# full: patched
#
# Other rules for devices that are there: what differs is shown, what needs nothing taken offline is done, and the rest is not,
# unless it may be converted.
# shellcheck shell=bash
. /usr/lib/daxtier-lab/lib.sh
. /usr/lib/daxtier-lab/source.sh
. /usr/lib/daxtier-lab/life.sh

all="$SMALL_BLOCKS Movable"

# rules MEMMAP MODE CONVERT: of the first device and of the second
rules() {
    policy reload <<CONF
[daemon]
convert = $3
[rule first]
match-kind = $SMALL_KIND
$(small_match 0)
mode = system-ram
memmap-on-memory = $1
[rule second]
match-kind = $SMALL_KIND
$(small_match 1)
mode = $2
CONF
}

daemon_fresh
rules no ignore never
check "a policy for two devices" daxtierctl reload
one=$(small_create 0)
two=$(small_create 1)
check_soon 60 "the first is online" dax_state_is "$one" online
check_soon 20 "the second is nobody's business: its default driver has it" dax_state_is "$two" unmanaged
[ -n "$one" ] && [ -n "$two" ] || finish
check "whoever has it leaves it offline" dax_offline "$two"
told daxtierctl reload
like "$said" "It changes nothing for any device" "a reload of the same policy changes nothing, and says so"

rules yes system-ram never
dry=$(daxtierctl plan --json=short "$one")
journal_mark
told daxtierctl reload
is "$status" 0 "another policy is taken"
like "$said" "What it changes:" "what it changes is shown"
like "$said" "^$one" "for the first"
like "$said" "^$two" "and for the second"
like "$(journal_new DAXTIER_DEVICE="$one")" "decided anew: memmap in DRAM before, on the device now" "the journal has the difference"
check_soon 60 "what needs nothing taken offline is done: the second comes online" dax_state_is "$two" online
is "$(dax_zones "$two")" "$all" "all of it"
is "$(property "$one" State)" mismatch "the first is a mismatch"
like "$(property "$one" Reason)" "left alone, because convert = never" "since nothing may be taken offline"
is "$(dax_zones "$one"), $(cat "$DAX/$one/memmap_on_memory")" "$all, 0" "and is as it was"
isnt "$(daxtierctl plan --json=short "$one")" "$dry" "its plan is another one now"
is "$(daxtierctl plan --json=short "$one" | grep -o '"Steps":\[[^]]*\]')" '"Steps":[]' "without steps"

rules yes ignore always
told daxtierctl reload
is "$status" 0 "now all may be converted, and the second is nobody's business again"
check_soon 60 "the first is bound anew, with its memmap on the device" eval 'dax_state_is "$one" online && [ "$(cat "$DAX/$one/memmap_on_memory")" = 1 ]'
is "$(dax_zones "$one")" "$all" "all of it"
check_soon 20 "the second is unmanaged" dax_state_is "$two" unmanaged
is "$(dax_zones "$two")" "$all" "and nobody takes its memory away"

policy reload <<'CONF'
[rule first
CONF
told daxtierctl reload
is "$status" 5 "a policy with an error is not taken"
is "$(property "$one" State), $(dax_zones "$one")" "online, $all" "and changes nothing"
policy_remove reload
for dax in "$one" "$two"; do
    systemctl stop daxtierd.service
    check "$dax can be taken away" small_destroy "$dax"
done
finish
