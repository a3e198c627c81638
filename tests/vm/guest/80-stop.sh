# SPDX-License-Identifier: GPL-2.0-or-later
# boot: main
# full: patched
#
# The daemon stops and starts again: memory stays online, what is there is adopted and not written to. Then it idles.
# shellcheck shell=bash
. /usr/lib/daxtier-lab/lib.sh
. /usr/lib/daxtier-lab/source.sh

daemon_fresh
dax=$(small_create 0)
check_soon 60 "a device comes online" dax_state_is "$dax" online

check "systemctl stop" systemctl stop daxtierd.service
is "$(autoprobe)" 1 "autoprobe is as before"
is "$(auto_online)" online "so is auto_online_blocks"
is "$(dax_zones "$dax"), $(dax_driver "$dax")" "8 Movable, kmem" "the memory is still online"
is "$(held)" "" "nothing is recorded as held"
like "$(daxtierctl status 2>&1)" 'not running; start it with' "daxtierctl says how to start it"
like "$(daxtierctl plan "$dax")" 'all 8 blocks are online in zone movable' "daxtierctl plan works without it"

events=$LAB_TMP/adopt-events
uevents_start "$events"
journal_mark
moments_start
check "systemctl start" systemctl start daxtierd.service
is "$(property "$dax" State)" online "the device is adopted"
is "$(property "$dax" Rule)" "$SMALL_RULE" "under its rule"
check "a reload" daxtierctl reload
sleep 2
is "$(moments_of worker)" "" "no worker has written anything"
is "$(moments_in_sys | sed 's,.*/,,')" "drivers_autoprobe = 0" "nothing below /sys was written but the claim"
is "$(grep -cE '^ACTION=' "$events")" 0 "no block and no device has changed"
is "$(dax_zones "$dax")" "8 Movable" "its memory is where it was"
uevents_stop
moments_stop

check "a restart" systemctl restart daxtierd.service # without the recorder
pid=$(daemon_pid)
# How often it slept until something came. To lose the processor to somebody else is no wakeup.
switches() { awk '/^voluntary_ctxt_switches/ { n += $2 } END { print n }' /proc/"$pid"/task/*/status; }
key() { awk -v key="$1:" '$1 == key { print $2 }' "/proc/$pid/status"; }
all_dax_blocks() { for dax_of_block in "$DAX"/dax*; do dax_blocks "${dax_of_block##*/}"; done; }

sleep 3 # it has just started
before=$(switches)
uevents_start "$events"
# Of blocks that are no device's; those of a device, be it stuck since an earlier test, are what it has to hear of.
others=$(comm -23 <(printf '%s\n' "$MEMORY"/memory[0-9]* | sed 's/.*memory//' | sort) <(all_dax_blocks | sort) | head -n 16)
began=$SECONDS
for _ in 1 2; do
    for block in $others; do write "$MEMORY/memory$block/uevent" change; done
done
check_soon 10 "memory blocks of nobody have events" eval '[ "$(uevents_count "$events" change)" -ge 16 ]'
# The kernel has sent them; the daemon hears of each when udev is through with it, which takes a busy machine a while.
check "udev is through with them" udevadm settle --timeout=120
took=$((SECONDS - began))
sleep 1
woken=$(($(switches) - before))
# Once, and again each half second that more come; the service manager's watchdog is fed every 15 s.
between $woken 0 $((8 + 4 * took)) "which hardly wakes the daemon"
figure "wakeups of the daemon by $(grep -c ^ACTION= "$events") events of blocks of nobody in $took s" $woken
uevents_stop

idle=$([ "$LAB_BOOT" = main ] && echo 60 || echo 20) # the daemon is the same on every kernel
before=$(switches)
sleep "$idle"
woken=$(($(switches) - before))
figure "wakeups of the idle daemon in $idle s" $woken
between $woken 1 $((idle / 5)) "idle, it wakes for the watchdog and for little else"
figure "resident memory of the idle daemon (kB)" "$(key VmRSS)"
figure "peak resident memory of the daemon (kB)" "$(key VmHWM)"
between "$(key VmRSS)" 500 20000 "its resident memory is modest (kB)"
is "$(daemon_pid)" "$pid" "it is still the same process"
check "it can be taken away" small_destroy "$dax"
finish
