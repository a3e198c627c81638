# SPDX-License-Identifier: GPL-2.0-or-later
# boot: memmap-off patched-off
#
# Without the boot parameter: everything works, the memmap is in DRAM whatever the policy wants, and the status says which
# parameter to set. In this boot the daemon is enabled, and so there from the start.
# shellcheck shell=bash
. /usr/lib/daxtier-lab/lib.sh
. /usr/lib/daxtier-lab/source.sh

is "$(cat /sys/module/memory_hotplug/parameters/memmap_on_memory)" N "the boot parameter is off"
check "the daemon runs since the boot" daemon_is active
is "$(autoprobe)" 0 "and has claimed the bus"
is "$(host_property MemmapParam)" N "it knows of the parameter"
like "$(daxtierctl status)" 'boot with *$|memory_hotplug.memmap_on_memory=1' "status says which parameter to set"
check "zone moves can be recorded" zone_trace_start
at_exit zone_trace_stop
memmap_kb=$((SMALL_KB / 64))

one_run() { # one_run TEXT
    local free
    write "$TRACE/trace" ""
    journal_mark
    free=$(dram_free_kb)
    dax=$(small_create 0)
    like "$dax" '^dax[0-9]+\.[0-9]+$' "$1: a dax device appears"
    [ -n "$dax" ] || finish
    check_soon 60 "$1: it comes online" dax_state_is "$dax" online
    is "$(dax_zones "$dax")" "8 Movable" "$1: in zone Movable"
    is "$(zone_trace "$dax")" "$((SMALL_KB / 4)) Movable" "$1: and never elsewhere"
    between $((free - $(dram_free_kb))) $((memmap_kb * 3 / 4)) $((memmap_kb * 3 / 2)) "$1: its memmap is in DRAM (kB)"
    is "$(node_kb "$(cat "$DAX/$dax/target_node")" MemTotal)" "$SMALL_KB" "$1: its node offers all of it"
    is "$(property "$dax" MemmapEffective)" false "$1: the daemon says so"
}

# The daemon runs since the boot, and the rule for small devices is newer (source.sh).
check "the policy of the lab is taken" daxtierctl reload
one_run "memmap-on-memory = auto"
is "$(property "$dax" MemmapWanted)" false "auto does not want what cannot be"
like "$(property "$dax" MemmapReason)" 'the kernel was not booted with memory_hotplug.memmap_on_memory=1' "for the reason that names the parameter"
check "it can be taken away" small_destroy "$dax"

policy wish <<CONF
[rule wish]
match-kind = $SMALL_KIND
mode = system-ram
memmap-on-memory = yes
CONF
check "a policy that wants it on the device is taken" daxtierctl reload
one_run "memmap-on-memory = yes"
is "$(property "$dax" MemmapWanted)" true "it is wanted, but not effective"
like "$(property "$dax" MemmapReason)" 'memory_hotplug.memmap_on_memory=1' "the reason names the parameter"
like "$(tr -s ' \n' ' ' <<<"$(daxtierctl show "$dax")")" 'Wanted on the device Is in DRAM Reason .*memory_hotplug.memmap_on_memory=1' "show has both, and the parameter"
like "$(tr -s ' \n' ' ' <<<"$(daxtierctl status)")" "$dax online .*memory_hotplug.memmap_on_memory=1" "status has a word about it"
like "$(journal_new MESSAGE_ID=8537ad646f42461a9f1a0548531433da)" "$dax: memmap_on_memory is wanted but has no effect" "the journal warns, under its message id"
check "it can be taken away, too" small_destroy "$dax"
like "$(daxtierctl doctor)" '^warning +The kernel was booted without memory_hotplug.memmap_on_memory' "doctor says it of the host"
like "$(daxtierctl doctor)" '^ +memory_hotplug.memmap_on_memory=1$' "with the line for the kernel's command line"
finish
