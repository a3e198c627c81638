# SPDX-License-Identifier: GPL-2.0-or-later
# boot: main-7.3
#
# On kernels whose dax devices have the attribute 'state': their memory goes and comes with one write, and what the attribute says is
# not believed.
# shellcheck shell=bash
. /usr/lib/daxtier-lab/lib.sh
. /usr/lib/daxtier-lab/source.sh
. /usr/lib/daxtier-lab/life.sh

all="$SMALL_BLOCKS Movable"
gone="$SMALL_BLOCKS absent"
written() { moments_in_sys | sed 's,/sys/bus/dax/devices/,,; s,/sys/devices/system/memory/,,; s,^/sys/.*/\(dax[0-9]\),\1,' | grep -E 'state = ' | xargs; }

daemon_fresh
moments_start
systemctl restart daxtierd.service
dax=$(small_create 0)
check_soon 60 "a device comes online" dax_state_is "$dax" online
[ -n "$dax" ] || finish
check "it has the attribute" has_state "$dax"
: >"$MOMENTS"
check "it is released" daxtierctl release "$dax"
is "$(written)" "$dax/state = unplugged" "by one write, and no block was written to"
is "$(dax_zones "$dax"), $(dax_driver "$dax")" "$gone, none" "its memory is gone, and so is its driver"
check "it is applied" daxtierctl apply "$dax"
is "$(dax_zones "$dax")" "$all" "and online again"

# Unplugged by hand.
: >"$MOMENTS"
sleep 1
check "somebody unplugs it" write "$DAX/$dax/state" unplugged
check_soon 30 "it is plugged in again" eval '[ "$(dax_zones "$dax")" = "$all" ]'
is "$(written)" "$dax/state = online_movable" "by one write as well"
check_soon 10 "and is online" dax_state_is "$dax" online

# What the attribute says, and what is.
sleep 1
block=$(dax_blocks "$dax" | head -n 1)
check "somebody takes a block offline" write "$MEMORY/memory$block/state" offline
like "$(cat "$DAX/$dax/state")" online "the attribute does not notice"
check_soon 30 "the daemon does" eval '[ "$(dax_zones "$dax")" = "$all" ]'

# Blocks in two zones: it has no word for that.
policy never <<'CONF'
[daemon]
convert = never
CONF
check "nothing may be converted" daxtierctl reload
node=$(cat "$DAX/$dax/target_node")
# As fast as a shell can: before the daemon has brought it back.
sh -c "echo offline >$MEMORY/memory$block/state && echo online_kernel >$MEMORY/memory$block/state"
is "$(block_zone "$block")" Normal "somebody brings a block online in Normal"
map=$(dax_map "$dax")
check_soon 10 "the device is a mismatch" dax_state_is "$dax" mismatch
hold pinned "$node"
like " $(dax_blocks "$dax" | xargs) " " ${held_block:-none} " "in a block of the device"
told daxtierctl release --deadline=2s "$dax"
is "$status" 6 "it is not released within 2 s"
is "$(dax_map "$dax")" "$map" "every block is in the zone that it had"
hold_end
check "when nobody holds the page it is released" daxtierctl release --deadline=300s "$dax"
is "$(dax_zones "$dax"), $(dax_driver "$dax")" "$gone, none" "all of it"
check "and is applied" daxtierctl apply "$dax"
is "$(dax_zones "$dax")" "$all" "into Movable"

# By the card: a device's memory that is unplugged leaves nothing behind.
check "it is released once more" daxtierctl release "$dax"
policy_remove never
moments_stop
check "it can be taken away" small_destroy "$dax"
unlike "$(dmesg)" "cannot be hotremoved|stuck online" "nothing is stuck"
finish
