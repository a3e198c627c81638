# SPDX-License-Identifier: GPL-2.0-or-later
# boot: main
# full: patched
# not: main-7.3
# timeout: 900
#
# Memory that is online already, but not as its rule says: left alone, or taken offline and brought back as it should be; or, when a
# block will not go, exactly as it was found. Not on 7.3, where the kernel puts a node's threads into the first of its blocks, if that
# comes online in Normal: it never goes.
# shellcheck shell=bash
. /usr/lib/daxtier-lab/lib.sh
. /usr/lib/daxtier-lab/source.sh
. /usr/lib/daxtier-lab/life.sh

all="$SMALL_BLOCKS Movable"
at_rest="autoprobe 0, auto-online online, held: dax-autoprobe"
convert() { policy convert <<<"[daemon]"$'\n'"convert = $1"; } # convert never|hot-added|always

# Nothing here may start a unit while memory is online in Normal: with each control group that is made, the kernel puts data about it
# into the Normal zone of every node that has one, and leaves it there; such a block never goes offline again.

# as_found DAX: bound by hand while no rule wants it, and online as somebody might leave it: 4 blocks in Normal, 2 in Movable, 2 offline
as_found() {
    local block i=0
    policy convert <<CONF
[rule nobody]
$(small_match 1)
mode = ignore
CONF
    daxtierctl reload >"$LAB_TMP/reload" && dax_offline "$1" && dax_unbind "$1" && small_bind_by_hand "$1" 0 offline || return
    for block in $(dax_blocks "$1"); do
        case $i in
        [0-3]) write "$MEMORY/memory$block/state" online_kernel || return ;;
        [45]) write "$MEMORY/memory$block/state" online_movable || return ;;
        esac
        i=$((i + 1))
    done
}

daemon_fresh
daemon_mask
modprobe kmem
before=$(auto_online)
write $MEMORY/auto_online_blocks offline # the kernel binds some by itself
dax=$(small_create 1)
like "$dax" '^dax[0-9]+\.[0-9]+$' "a dax device appears"
[ -n "$dax" ] || finish
udevadm settle --timeout=20
write $MEMORY/auto_online_blocks "$before"
daemon_unmask
policy convert <<<"[daemon]"$'\n'"convert = never"
check "the daemon starts" systemctl start daxtierd.service
check "somebody binds it, and brings some of it online" as_found "$dax"
is "$(dax_zones "$dax")" "2 Movable, 4 Normal, 2 offline" "in two zones"
node=$(cat "$DAX/$dax/target_node")
map=$(dax_map "$dax")

# Left alone.
convert never
check "it may convert nothing" daxtierctl reload
is "$(property "$dax" State)" mismatch "the device is a mismatch"
like "$(property "$dax" Reason)" '4 of 8 blocks are online in zone Normal.*left alone, because convert = never' "with the reason"
convert hot-added
check "it may convert what it saw coming" daxtierctl reload
is "$(property "$dax" State)" mismatch "the device was there before"
like "$(property "$dax" Reason)" 'left alone, because convert = hot-added' "which is the reason"
told daxtierctl apply "$dax"
is "$status" 6 "apply does not convert it, either"
is "$(dax_map "$dax" | tr ' ' '\n' | grep -c Normal)" 4 "what is in Normal stays there"
map=$(dax_map "$dax")

# A block that will not go.
hold kernel "$node"
journal_mark
told daxtierctl apply --force "$dax"
is "$status" 6 "by force it is tried, and fails"
like "$said" 'memory[0-9]+ \(Normal' "with the block that would not go"
like "$said" 'in a zone of the kernel there is memory that cannot be moved' "and why"
is "$(dax_map "$dax")" "$map" "every block is exactly as it was found"
is "$(rests)" "$at_rest" "and nothing is held or recorded"
is "$(property "$dax" State) $(property "$dax" LastErrorStep)" "failed offline-blocks" "it is told to have failed, and where"
like "$(property "$dax" LastErrorMessage)" 'memory[0-9]+ \(Normal' "and at which block"
sleep 3
is "$(journal_new DAXTIER_DEVICE="$dax" DAXTIER_STEP=offline-blocks | grep -c 'offline-blocks failed')" 1 "it was tried once"
hold_end

# By force.
told daxtierctl apply --force "$dax"
is "$status" 0 "when the kernel has given it back, it is converted by force"
like "$said" "^$dax: online" "as is said"
is "$(dax_zones "$dax")" "$all" "every block is in Movable"
is "$(rests)" "$at_rest" "and nothing is held"

# Its memmap.
policy memmap <<CONF
[rule memmap]
match-kind = $SMALL_KIND
$(small_match 1)
mode = system-ram
memmap-on-memory = yes
CONF
told daxtierctl reload
is "$(property "$dax" State)" mismatch "its memmap is wanted on the device: that needs another bind"
like "$said" "$dax" "which the reload shows"
is "$(dax_zones "$dax"), $(cat "$DAX/$dax/memmap_on_memory")" "$all, 0" "and leaves alone"
user_start "$node" $((16 << 20))
told daxtierctl apply --force "$dax"
is "$status" 0 "by force it is bound anew, under the process"
is "$(dax_zones "$dax"), $(cat "$DAX/$dax/memmap_on_memory")" "$all, 1" "with the memmap on the device"
like "$(user_ask check)" "^intact " "the process has its contents"
user_stop
policy_remove memmap

# Always.
check "somebody leaves it in two zones again" as_found "$dax"
user_start "$node" $((16 << 20))
convert always
check "it may convert all" daxtierctl reload
check_soon 60 "it converts the device by itself" dax_state_is "$dax" online
is "$(dax_zones "$dax")" "$all" "every block is in Movable"
like "$(user_ask check)" "^intact " "the process has its contents"
user_stop
is "$(rests)" "$at_rest" "and nothing is held"
check "it can be taken away" small_destroy "$dax"

# Hot-added: the kernel is faster where the bus is not claimed. Only a CXL device is bound by the kernel itself.
if [ "$SMALL_KIND" = cxl ]; then
    for may in never hot-added; do
        policy convert <<<"[daemon]"$'\n'"claim = no"$'\n'"convert = $may"
        check "$may: the daemon does not claim the bus" daxtierctl reload
        is "$(autoprobe)" 1 "$may: so the kernel binds what comes"
        dax=$(small_create 0)
        check_soon 60 "$may: a device comes, and the kernel brings it online" dax_is_online "$dax"
        if [ $may = never ]; then
            check_soon 20 "$may: it is a mismatch" dax_state_is "$dax" mismatch
            is "$(dax_zones "$dax")" "$SMALL_BLOCKS Normal" "$may: it is left in Normal"
        else
            check_soon 60 "$may: it is converted" dax_state_is "$dax" online
            is "$(dax_zones "$dax")" "$all" "$may: every block is in Movable"
        fi
        check "$may: the daemon stops" systemctl stop daxtierd.service
        check "$may: the device can be taken away" small_destroy "$dax"
        check "$may: the daemon starts" systemctl start daxtierd.service
    done
fi
policy_remove convert
finish
