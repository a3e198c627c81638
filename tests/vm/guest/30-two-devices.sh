# SPDX-License-Identifier: GPL-2.0-or-later
# boot: main
# full: patched
#
# Two devices of different size and distance get different decisions from the same policy, and 'show' says why.
# shellcheck shell=bash
. /usr/lib/daxtier-lab/lib.sh
. /usr/lib/daxtier-lab/source.sh

daemon_fresh
policy pmem <<'CONF'
[rule far-memory]
match-kind = pmem
match-size = 8G..
mode = system-ram
CONF
check "a policy for both devices is taken" daxtierctl reload
check "zone moves can be recorded" zone_trace_start
at_exit zone_trace_stop

# More Movable memory than the kernel part of this host can carry: first of all it is held back.
far=$(nvdimm_dax_create "$LAB_NVDIMM0_NODE")
like "$far" '^dax[0-9]+\.[0-9]+$' "the nvdimm gives a dax device"
[ -n "$far" ] || finish
blocks=$(dax_blocks "$far" | wc -l)
usable_kb=$((blocks * $(block_size) / 1024))
memmap_kb=$((usable_kb / 64))
check_soon 20 "the movable guard holds it back" dax_state_is "$far" held-back
like "$(property "$far" Reason)" '^held back, because .* raise max-ratio or use zone = kernel$' "with the reason"
is "$(dax_zones "$far")" "$blocks absent" "and nothing of it is plugged in"

policy guard <<'CONF'
[movable]
max-ratio = none
CONF
check "without the guard" daxtierctl reload
check_soon 90 "it comes online" dax_state_is "$far" online
near=$(small_create 0)
check_soon 60 "and so does a small device" dax_state_is "$near" online
is "$(dax_zones "$far"), $(dax_zones "$near")" "$blocks Movable, 8 Movable" "both in zone Movable"
is "$(zone_trace "$far" | awk '{ print $2 }' | xargs), $(zone_trace "$near" | awk '{ print $2 }' | xargs)" "Movable, Movable" \
    "and never elsewhere"

# With the values that are shipped the budget decides: the larger one's memmap would take more DRAM than it may.
is "$(property "$far" MemmapEffective) $(property "$near" MemmapEffective)" "true false" "they get different memmap decisions"
is "$(cat "$DAX/$far/memmap_on_memory") $(cat "$DAX/$near/memmap_on_memory")" "1 0" "which the kernel's knobs show"
is "$(node_kb "$LAB_NVDIMM0_NODE" MemTotal)" $((usable_kb - memmap_kb)) "and so does the large one's node, which offers 63/64"

show_far=$(daxtierctl show "$far")
show_near=$(daxtierctl show "$near")
like "$show_far" 'Rule +far-memory$' "show names the rule of the large one"
like "$show_near" "Rule +$SMALL_RULE\$" "and of the small one"
like "$show_far" "Distance +$LAB_NVDIMM0_DISTANCE from node 0" "show has the distance of the large one, and from where"
like "$show_near" 'Distance +20 from node 1' "and of the small one: from the node that its bridge belongs to"
like "$show_far" 'According to +hwloc$' "show names the source of the distance, for the large one"
like "$show_near" 'According to +hwloc$' "and the small one"
like "$(tr -s ' \n' ' ' <<<"$show_far")" 'on the device, because in DRAM its 250 MiB .*would exceed dram-budget 5% of' "show has the reason for the large one's memmap"
like "$show_near" "in DRAM, because $SMALL_SIZE is below min-size 64 GiB" "and for the small one's"
like "$(daxtierctl status)" "$far +pmem +15.7 GiB +$LAB_NVDIMM0_NODE +$LAB_NVDIMM0_DISTANCE hwloc +online +Movable +device" "status has the large one in a line"
like "$(daxtierctl status)" "$near +$SMALL_KIND +$SMALL_SIZE +[0-9]+ +20 hwloc +online +Movable +DRAM" "and the small one"

# Memory that is online keeps its memmap: a policy that says otherwise is a mismatch, not an upheaval.
policy memmap <<'CONF'
[daemon]
convert = never
[memmap]
min-size = 4G
max-distance = 30
dram-budget = 100%
CONF
check "with another [memmap]" daxtierctl reload
is "$(property "$far" State)" mismatch "the large one does not fit its rule any more"
like "$(property "$far" Reason)" 'online with its memmap on the device, but by rule "far-memory" it belongs in DRAM; left alone' "with the reason"
is "$(property "$near" State)" online "the small one does"

# Before it is bound, the firmware's table is the source.
check "the daemon stops" systemctl stop daxtierd.service
dax_offline "$far"
write /sys/bus/dax/drivers/kmem/unbind "$far"
plan=$(daxtierctl plan --json=short "$far")
like "$plan" 'because distance 31 \(slit\) is beyond max-distance 30' "without the daemon, and unbound: plan takes the distance from the SLIT"
free=$(dram_free_kb)
check "the daemon starts" systemctl start daxtierd.service
check_soon 90 "the large one comes online as the new values say" dax_state_is "$far" online
cost=$((free - $(dram_free_kb)))
is "$(cat "$DAX/$far/memmap_on_memory") $(dax_zones "$far")" "0 $blocks Movable" "with its memmap in DRAM"
like "$(property "$far" MemmapReason)" 'in DRAM, because distance 31 \(hwloc\) is beyond max-distance 30' "because it is too far"
between $cost $((memmap_kb * 3 / 4)) $((memmap_kb * 3 / 2)) "MemFree of DRAM fell by 1/64 of it (kB)"
is "$(property "$near" State)" online "the small one was left as it is"

check "the small one can be taken away" small_destroy "$near"
check "the daemon stops, or it would bring back what is taken offline by hand" systemctl stop daxtierd.service
dax_offline "$far"
check "the namespace can be destroyed" nvdimm_dax_destroy "$LAB_NVDIMM0_NODE"
finish
