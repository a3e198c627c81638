# SPDX-License-Identifier: GPL-2.0-or-later
# boot: main main-7.3 patched
#
# The main job: a device appears while the daemon runs. All of it ends in zone Movable, none of it was ever
# elsewhere, and the memmap is where the policy says, by the kernel's own accounts.
# shellcheck shell=bash
. /usr/lib/daxtier-lab/lib.sh
. /usr/lib/daxtier-lab/source.sh

size_kb=$SMALL_KB
memmap_kb=$((size_kb / 64))
events=$LAB_TMP/hot-added-events

daemon_fresh
check "the daemon runs" daemon_is active
is "$(auto_online)" online "auto_online_blocks is the distribution's"
check "zone moves can be recorded" zone_trace_start
at_exit zone_trace_stop

# one_run TEXT: a device is created; leaves dax, cost_kb (of DRAM) and gain_kb (what its node has)
one_run() {
    local free start
    write "$TRACE/trace" ""
    uevents_start "$events"
    journal_mark
    free=$(dram_free_kb)
    start=$(now_ms)
    dax=$(small_create 0)
    like "$dax" '^dax[0-9]+\.[0-9]+$' "$1: a dax device appears"
    [ -n "$dax" ] || finish
    check_soon 60 "$1: the daemon says that it is online" dax_state_is "$dax" online
    cost_kb=$((free - $(dram_free_kb)))
    gain_kb=$(node_kb "$(cat "$DAX/$dax/target_node")" MemTotal)
    check_soon 10 "$1: every block has sent its online event" eval '[ "$(uevents_count "$events" online)" -ge 8 ]'
    figure "$1: $SMALL_KIND, from the first write to the last block online (ms)" $(($(uevents_last_ms "$events" online memory) - start))
    figure "$1: dax device to last block online (ms)" \
        $(($(uevents_last_ms "$events" online memory) - $(uevents_last_ms "$events" add dax)))
    figure "$1: worker" "$(journal_new | sed -n 's/.*plan of \([0-9]* steps\) carried out in \([0-9]* ms\) (\(.*\) of attributes)/\1, \2, \3/p' | xargs)"
    uevents_stop
    is "$(dax_driver "$dax")" kmem "$1: it is bound to kmem"
    is "$(dax_zones "$dax")" "8 Movable" "$1: every block is in zone Movable"
    is "$(zone_trace "$dax")" "$((SMALL_KB / 4)) Movable" "$1: no page of it was ever in another zone"
    is "$(property "$dax" BlocksOnline) $(property "$dax" BlocksMovable) $(property "$dax" Zone)" "8 8 Movable" \
        "$1: the daemon says so too"
    is "$(auto_online)" online "$1: auto_online_blocks is as before"
    is "$(held)" dax-autoprobe "$1: only the claim is recorded as held"
}

one_run "memmap in DRAM"
is "$(property "$dax" MemmapWanted) $(property "$dax" MemmapEffective)" "false false" "memmap in DRAM: as the policy says"
like "$(property "$dax" MemmapReason)" "^in DRAM, because $SMALL_SIZE is below min-size 64 GiB\$" "memmap in DRAM: with the reason"
is "$(cat "$DAX/$dax/memmap_on_memory")" 0 "memmap in DRAM: the knob is off"
between "$cost_kb" $((memmap_kb * 3 / 4)) $((memmap_kb * 3 / 2)) "memmap in DRAM: MemFree of DRAM fell by 1/64 of the device (kB)"
is "$gain_kb" $size_kb "memmap in DRAM: the node offers all of the device"
like "$(journal_new DAXTIER_DEVICE="$dax" DAXTIER_STEP=bind-kmem)" 'bind-kmem done' "the journal has each step, by device and step"
check "it can be taken away" small_destroy "$dax"
check_soon 20 "it is gone from the bus" eval '! busctl introspect org.daxtier1 "$(device_path "$dax")" | grep -q org.daxtier1.Device'

policy memmap <<'CONF'
[memmap]
# The size of the device, so that its distance decides, and that is a forecast until it is bound.
min-size = 1G
CONF
check "a policy that wants it on the device is taken" daxtierctl reload
one_run "memmap on the device"
is "$(property "$dax" MemmapWanted) $(property "$dax" MemmapEffective)" "true true" "memmap on the device: as the policy says"
like "$(property "$dax" MemmapReason)" "^on the device, because $SMALL_SIZE reaches min-size 1 GiB and distance 20 \(hwloc\) is within max-distance 40" \
    "memmap on the device: with the reason"
is "$(cat "$DAX/$dax/memmap_on_memory")" 1 "memmap on the device: the knob is on"
between "$cost_kb" -$memmap_kb $((memmap_kb / 2)) "memmap on the device: DRAM did not pay (kB)"
is "$gain_kb" $((size_kb - memmap_kb)) "memmap on the device: the node offers 63/64 of the device"
like "$(journal_new)" "distance 20 \($SMALL_FROM\) is a forecast: the real one is known after the bind" \
    "since its distance was a forecast, it was bound with its memory offline first"
like "$(journal_new)" "8 of 8 blocks are offline, and rule \"$SMALL_RULE\" wants them online in zone movable" \
    "and onlined when the real distance gave the same answer"
check "it can be taken away, too" small_destroy "$dax"

# What somebody bound by hand, with the memmap in the wrong place and nothing online yet, is bound anew.
check "the daemon is masked" daemon_mask
policy_remove memmap
write "$MEMORY/auto_online_blocks" offline
dax=$(small_create 0)
check "without it an administrator binds the device" small_bind_by_hand "$dax" 1 offline
write "$MEMORY/auto_online_blocks" online
is "$(dax_zones "$dax")" "8 offline" "all of its memory is offline"
is "$(cat "$DAX/$dax/memmap_on_memory")" 1 "and its memmap on the device"
write "$TRACE/trace" ""
daemon_unmask
check "the daemon starts" systemctl start daxtierd.service
check_soon 60 "it makes the device what the policy says" dax_state_is "$dax" online
is "$(cat "$DAX/$dax/memmap_on_memory") $(dax_zones "$dax")" "0 8 Movable" "with the memmap in DRAM, and in zone Movable"
is "$(zone_trace "$dax" | awk '{ print $2 }' | xargs)" Movable "no page of it was ever in another zone"
check "it can be taken away at last" small_destroy "$dax"
finish
