# SPDX-License-Identifier: GPL-2.0-or-later
# boot: main
# full: main-7.3 patched
# timeout: 900
#
# Somebody else changes things under the daemon: the status tells it within a second, it is put right, but not for ever: then the
# daemon says who seems to compete.
# shellcheck shell=bash
. /usr/lib/daxtier-lab/lib.sh
. /usr/lib/daxtier-lab/source.sh
. /usr/lib/daxtier-lab/life.sh

all="$SMALL_BLOCKS Movable"
rules=/etc/udev/rules.d/40-lab-online.rules

# noticed_after FILTER...: how long after 'start' the journal has such a line
noticed_after() {
    local at
    at=$(journal_ms "$@")
    echo $((${at:-999999999} - start))
}

daemon_fresh
dax=$(small_create 0)
check_soon 60 "a device comes online" dax_state_is "$dax" online
[ -n "$dax" ] || finish
sleep 1
block=$(dax_blocks "$dax" | tail -n 1)

# Blocks, by hand.
for n in 1 2 3; do
    journal_mark
    start=$(now_ms)
    check "$n: somebody takes a block offline" write "$MEMORY/memory$block/state" offline
    check_soon 20 "$n: it is brought back" eval '[ "$(dax_zones "$dax")" = "$all" ]'
    within_a_second "$n: it was noticed within a second" "$(noticed_after DAXTIER_DEVICE="$dax")"
    check_soon 10 "$n: the device is online" dax_state_is "$dax" online
    sleep 0.7
done
echo 'SUBSYSTEM=="memory", ACTION=="add", TEST=="state", ATTR{state}=="offline", ATTR{state}="online"' >$rules
at_exit eval "rm -f $rules; udevadm control --reload"
journal_mark
start=$(now_ms)
check "a fourth time" write "$MEMORY/memory$block/state" offline
check_soon 20 "the device is a mismatch" dax_state_is "$dax" mismatch
within_a_second "as the journal says within a second" "$(noticed_after MESSAGE_ID=08001498968c4feba33c59a37d8347a8)"
like "$(property "$dax" Reason)" '^somebody else changed it 3 times within 10 min, and was corrected each time; left alone now' "with the reason"
like "$(property "$dax" Reason)" "may compete: .*udev rule $rules" "and who may compete"
is "$(property "$dax" BlocksOnline)" $((SMALL_BLOCKS - 1)) "the blocks are counted as they are"
like "$(daxtierctl status)" "$dax .*mismatch" "daxtierctl status says so"
check "a block goes offline once more" write "$MEMORY/memory$(dax_blocks "$dax" | head -n 1)/state" offline
check_soon 20 "that is counted, too" eval '[ "$(property "$dax" BlocksOnline)" = $((SMALL_BLOCKS - 2)) ]'
sleep 3
is "$(dax_zones "$dax")" "$((SMALL_BLOCKS - 2)) Movable, 2 offline" "nothing is done about it"

# Unbound by hand, with its memory offline.
check "somebody takes all of it offline" dax_offline "$dax"
check_soon 20 "that is counted" eval '[ "$(property "$dax" BlocksOnline)" = 0 ]'
check "and unbinds it" dax_unbind "$dax"
check_soon 20 "which is told" eval '[ "$(property "$dax" Driver)" != kmem ]'
isnt "$(property "$dax" State)" online "and it is not online"
sleep 2
is "$(dax_driver "$dax")" none "nobody binds it"
rm -f $rules
told daxtierctl apply "$dax"
is "$status" 0 "apply puts it right"
is "$(dax_zones "$dax")" "$all" "all of it"

# After that it counts anew.
sleep 0.7
check "a block goes offline" write "$MEMORY/memory$block/state" offline
check_soon 20 "and is brought back" eval '[ "$(dax_zones "$dax")" = "$all" ]'

# A rule of udev that takes back what the daemon does, each time.
check "the device is applied" daxtierctl apply "$dax"
sleep 0.7
cat >$rules <<RULES
SUBSYSTEM=="memory", ACTION=="add", ATTR{state}=="offline", ATTR{state}="online"
SUBSYSTEM=="memory", ACTION=="online", KERNEL=="memory$block", PROGRAM=="/bin/sleep 0.5", ATTR{state}="offline"
RULES
udevadm control --reload
journal_mark
check "a rule of udev takes a block offline whenever it comes online; it goes offline" write "$MEMORY/memory$block/state" offline
check_soon 60 "that ends, and it is said who may compete" eval '[[ $(property "$dax" Reason) == *"may compete"* ]]'
is "$(property "$dax" State)" mismatch "with the device as a mismatch"
is "$(journal_new DAXTIER_DEVICE="$dax" DAXTIER_STEP=online-blocks | grep -c 'online-blocks done')" 3 "after three corrections"
like "$(property "$dax" Reason)" "may compete: .*udev rule $rules" "and the rule is named"
sleep 3
is "$(journal_new DAXTIER_DEVICE="$dax" DAXTIER_STEP=online-blocks | grep -c 'online-blocks done')" 3 "it stays at that"
is "$(dax_zones "$dax")" "$((SMALL_BLOCKS - 1)) Movable, 1 offline" "and the block is offline"
rm -f $rules
udevadm control --reload
check "without the rule it can be applied" daxtierctl apply "$dax"
is "$(dax_zones "$dax")" "$all" "all of it"
sleep 0.7

# A block onlined by somebody into another zone than it was in is a mismatch, and nothing is taken offline for it unless it may.
policy never <<'CONF'
[daemon]
convert = never
CONF
check "nothing may be converted" daxtierctl reload
first=$(dax_blocks "$dax" | head -n 1)
# As fast as a shell can: before the daemon has brought it back.
sh -c "echo offline >$MEMORY/memory$first/state && echo online_kernel >$MEMORY/memory$first/state"
is "$(block_zone "$first")" Normal "somebody brings a block online in Normal"
check_soon 20 "the device is a mismatch" dax_state_is "$dax" mismatch
like "$(property "$dax" Reason)" "1 of $SMALL_BLOCKS blocks (is|are) online in zone Normal" "with the reason"
is "$(block_zone "$first")" Normal "and it is left alone"
policy_remove never
check "what appeared while the daemon ran may be converted" daxtierctl reload
check_soon 30 "and is" dax_state_is "$dax" online
is "$(dax_zones "$dax")" "$all" "all of it is in Movable again"
check "it can be taken away" small_destroy "$dax"
finish
