# SPDX-License-Identifier: GPL-2.0-or-later
# boot: main
# full: patched
# not: main-7.3
#
# A device that was there before the daemon, and that the kernel has already onlined into zone Normal: it is reported as
# what it is, with the reason, and left alone, also while another one is taken.
#
# The last file of its boot: what is in zone Normal cannot be taken offline again for certain, and the kernel puts data
# of its own there, which makes an emulated host slow and its accounts hard to read. On 7.3 that place is 89-state-kernel's.
# shellcheck shell=bash
. /usr/lib/daxtier-lab/lib.sh
. /usr/lib/daxtier-lab/source.sh
. /usr/lib/daxtier-lab/life.sh

daemon_fresh
daemon_mask
modprobe kmem
dax=$(small_create 1)
like "$dax" '^dax[0-9]+\.[0-9]+$' "a dax device appears"
[ -n "$dax" ] || finish
udevadm settle --timeout=20 # the kernel binds some by itself
[ "$(dax_driver "$dax")" = kmem ] || small_bind_by_hand "$dax" 0 online
check_soon 60 "once it is bound, the kernel onlines it by itself" dax_is_online "$dax"
is "$(dax_zones "$dax")" "8 Normal" "into zone Normal"
is "$(autoprobe)" 1 "no daemon has claimed the bus"
daemon_unmask

journal_mark
moments_start
check "the daemon can be enabled and started" systemctl enable --now daxtierd.service
is "$(autoprobe)" 0 "it claims the bus"
is "$(property "$dax" State)" mismatch "the device is reported as mismatch"
like "$(property "$dax" Reason)" \
    '^8 of 8 blocks are online in zone Normal, but rule "'$SMALL_RULE'" says zone = movable; left alone, because convert = hot-added' \
    "with the reason, and why nothing is done about it"
like "$(daxtierctl status)" "$dax .*mismatch" "daxtierctl status shows it"
like "$(daxtierctl show "$dax")" "Rule +$SMALL_RULE" "daxtierctl show names the rule"
like "$(daxtierctl show "$dax")" 'Reason +8 of 8 blocks are online in zone Normal' "and the reason"
is "$(daxtierctl plan --json=short "$dax" | grep -o '"Steps":\[[^]]*\]')" '"Steps":[]' "the plan for it has no steps"
like "$(journal_new MESSAGE_ID=717721050d1f469389bb21a4db1e8aa2 -o cat)" "^$dax: mismatch: 8 of 8 blocks" \
    "the journal has it under its message id"
check "a reload is accepted" daxtierctl reload
is "$(property "$dax" State)" mismatch "and changes nothing about it"
is "$(moments_in_sys)" "/sys/bus/dax/drivers_autoprobe = 0" "nothing was written below /sys but the claim"
is "$(dax_zones "$dax")" "8 Normal" "its memory is where it was"
is "$(dax_driver "$dax")" kmem "and bound as it was"

check "zone moves can be recorded" zone_trace_start
at_exit zone_trace_stop
new=$(small_create 0)
check_soon 90 "another one, created now, comes online" dax_state_is "$new" online
is "$(dax_zones "$new")" "8 Movable" "in zone Movable"
is "$(zone_trace "$new" | awk '{ print $2 }' | xargs)" Movable "and was never elsewhere"
is "$(dax_zones "$dax"), $(property "$dax" State)" "8 Normal, mismatch" "the one from before is what it was"
is "$(moments_in_sys | grep -c "$dax/")" 0 "and no attribute of it was ever written"
moments_stop

# Nor can it be converted: with each control group that is made, the daemon's own for one, the kernel puts data about it into the Normal
# zone of every node that has one.
map=$(dax_map "$dax")
told daxtierctl apply --force "$dax"
is "$status" 6 "by force it is tried, and fails"
like "$said" '1 of 8 blocks of .*memory[0-9]+ \(Normal.*only a boot takes it from there' "at one block, in which the kernel has data of its own"
is "$(dax_map "$dax")" "$map" "every block is as it was"
is "$(rests)" "autoprobe 0, auto-online online, held: dax-autoprobe" "and nothing is held or recorded"
finish
