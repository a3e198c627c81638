# SPDX-License-Identifier: GPL-2.0-or-later
# boot: main
# full: patched
# timeout: 900
#
# kill -9 at every change that a plan makes: of the daemon, and separately of its worker. After the restart that systemd
# makes by itself the end is the same as if nothing had happened, and nothing is left held.
# shellcheck shell=bash
. /usr/lib/daxtier-lab/lib.sh
. /usr/lib/daxtier-lab/source.sh

check "zone moves can be recorded" zone_trace_start
at_exit zone_trace_stop
daemon_fresh
dax=$(small_create 0)
check_soon 60 "a device comes online" dax_state_is "$dax" online
policy pmem <<'CONF'
[movable]
max-ratio = none
[rule pmem]
match-kind = pmem
mode = system-ram
CONF

# as_new DAX: the daemon stopped, and the device as the kernel makes it
as_new() {
    systemctl stop daxtierd.service
    dax_offline "$1" && dax_unbind "$1" && write "$DAX/$1/memmap_on_memory" "$2" && write "$TRACE/trace" ""
}

has_ended() { # has_ended DAX: the daemon says that it is online, and no plan runs
    dax_state_is "$1" online
}

# What has to be true at the end, whatever happened on the way.
end_of() { # end_of DAX KNOB
    echo "zones: $(dax_zones "$1"); ever: $(zone_trace "$1" | awk '{ print $2 }' | xargs); knob: $(cat "$DAX/$1/memmap_on_memory");" \
        "auto-online: $(auto_online); autoprobe: $(autoprobe); held: $(held);" \
        "survivors: $(grep -c SURVIVED "$MOMENTS")"
}

# kill_round DAX KNOB OF KILL AT WHEN: knob is what the device comes with
kill_round() {
    local wanted what
    as_new "$1" "$2" || { fail "the device can be made as new" "$(dax_zones "$1")"; return; }
    moments_start "MOMENTS_OF=$3" "MOMENTS_KILL=$4" "MOMENTS_AT=$5" "MOMENTS_WHEN=$6"
    systemctl start --no-block daxtierd.service
    if ! wait_for 180 test -e "$MOMENTS.once"; then
        fail "kill -9 of the $4, $6 moment $5 of the $3" "that moment never came" "$(cat "$MOMENTS")"
        return
    fi
    what="kill -9 of the $4, $6 moment $5 of the $3 ($(grep -B1 killed-at "$MOMENTS" | head -n 1 | cut -d' ' -f2-))"
    wait_for 180 has_ended "$1"
    wanted="zones: $(dax_blocks "$1" | wc -l) Movable; ever: Movable; knob: $((1 - $2)); auto-online: online; autoprobe: 0; held: dax-autoprobe; survivors: 0"
    is "$(end_of "$1")" "$wanted" "$what: the same end"
}

# The moments of a plan that nothing disturbs.
as_new "$dax" 1
moments_start
systemctl start daxtierd.service
check_soon 60 "undisturbed, the plan comes to its end" has_ended "$dax"
undisturbed=$(moments_of worker)
note "the moments of the worker:" "$undisturbed"
moments=$(wc -l <<<"$undisturbed")
between "$moments" 7 30 "it has its moments: writes below /sys, and records in /run"
claim=$(sed '/autoprobe = 0/q' "$MOMENTS" | grep -c '^daemon')
between "$claim" 3 5 "and so has the daemon's claim"

# A device that needs an id of kmem is brought online block by block: of those only the first and the last.
alike=" $(grep -n '/memory[0-9]*/state = ' <<<"$undisturbed" | cut -d: -f1 | sed '1d; $d' | xargs) "
# Where it is only the kernel that differs, every moment is one of the two's.
for ((n = 1; n <= moments; n++)); do
    [[ $alike != *" $n "* ]] || continue
    for who in worker daemon; do
        [ "$LAB_BOOT" = main ] || [ $who = "$([ $((n % 2)) = 1 ] && echo worker || echo daemon)" ] || continue
        kill_round "$dax" 1 worker $who $n before
    done
done
for who in worker daemon; do kill_round "$dax" 1 worker $who "$moments" after; done
# In the middle of the bind, which no signal ends.
bind=$(grep -n 'kmem/\(bind\|new_id\) ' <<<"$undisturbed" | tail -n 1 | cut -d: -f1)
for who in worker daemon; do kill_round "$dax" 1 worker $who "$bind" 100; done
for ((n = 1; n <= claim; n++)); do kill_round "$dax" 1 daemon daemon $n before; done
kill_round "$dax" 1 daemon daemon "$claim" after

check "the daemon stops" systemctl stop daxtierd.service
is "$(autoprobe) $(auto_online)" "1 online" "autoprobe and auto-online are as before all that"
is "$(held)" "" "nothing is recorded as held"
dax_offline "$dax"
check "it can be taken away" small_destroy "$dax"

# A device that needs an id of kmem: at the moment when its name is on the list of kmem.
daemon_mask
dax=$(nvdimm_dax_create "$LAB_NVDIMM0_NODE")
like "$dax" '^dax[0-9]+\.[0-9]+$' "the nvdimm gives a dax device"
[ -n "$dax" ] || finish
dax_unbind "$dax"
write "$DAX/$dax/memmap_on_memory" 0
moments_start
daemon_unmask
systemctl start daxtierd.service
check_soon 90 "it comes online" has_ended "$dax"
remove=$(moments_of worker | grep -n remove_id | cut -d: -f1)
like "$remove" '^[0-9]+$' "its name was on the list of kmem, and taken off again"
# Bound to kmem without a block online; on the way it was on the list.
for who in worker daemon; do kill_round "$dax" 0 worker $who "$remove" before; done
systemctl stop daxtierd.service
moments_stop
dax_offline "$dax"
dax_unbind "$dax"
check_fails "the name is on the list no more" write /sys/bus/dax/drivers/kmem/bind "$dax"
check "the namespace can be destroyed" nvdimm_dax_destroy "$LAB_NVDIMM0_NODE"
finish
