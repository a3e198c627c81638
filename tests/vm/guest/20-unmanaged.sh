# SPDX-License-Identifier: GPL-2.0-or-later
# boot: main
# full: patched
#
# A device that no rule manages is handed to its default driver and never touched; one that a process holds is refused,
# with that process named, and taken when it lets go.
# shellcheck shell=bash
. /usr/lib/daxtier-lab/lib.sh
. /usr/lib/daxtier-lab/source.sh

io=/usr/lib/daxtier-lab/devdax-io

manage_pmem() {
    policy pmem <<'CONF'
[movable]
max-ratio = none
[rule pmem]
match-kind = pmem
mode = system-ram
CONF
}

daemon_fresh
moments_start
systemctl restart daxtierd.service
dax=$(nvdimm_dax_create "$LAB_NVDIMM0_NODE")
like "$dax" '^dax[0-9]+\.[0-9]+$' "the nvdimm gives a dax device"
[ -n "$dax" ] || finish
check_soon 20 "no rule manages it" dax_state_is "$dax" unmanaged
like "$(property "$dax" Reason)" '^no rule matches; left to driver device_dax$' "which is the reason"
is "$(dax_driver "$dax")" device_dax "it has its default driver"
check_soon 10 "its device node is there" test -c "/dev/$dax"
size=$(cat "$DAX/$dax/size")
blocks=$(dax_blocks "$dax" | wc -l)
check "a program can use it" $io fill "/dev/$dax" "$size"
check "and finds its contents again" $io check "/dev/$dax" "$size"

check "a restart of the daemon" systemctl restart daxtierd.service
policy ignore <<'CONF'
[rule keep]
match-kind = pmem
mode = ignore
CONF
check "a rule with mode = ignore" daxtierctl reload
is "$(property "$dax" State) $(property "$dax" Rule)" "unmanaged keep" "leave it unmanaged"
is "$(dax_driver "$dax")" device_dax "with the same driver"
check "its contents are untouched" $io check "/dev/$dax" "$size"
is "$(moments_in_sys | grep -cF "$dax/")" 0 "no attribute of it was ever written"
is "$(moments_in_sys | sort | uniq -c | sed 's,^ *,,; s,/sys/bus/dax/,,' | xargs)" \
    "2 drivers_autoprobe = 0 1 drivers_autoprobe = 1 1 drivers_probe = $dax" "only the bus was claimed, and the device handed over once"
policy_remove ignore

holder_of() { # holder_of VERB...: start it, and wait until it holds the device
    : >"$LAB_TMP/holder"
    $io "$@" >"$LAB_TMP/holder" &
    holder=$!
    wait_for 180 grep -q ready "$LAB_TMP/holder"
}

holder_gone() {
    kill "$holder" 2>/dev/null
    wait "$holder" 2>/dev/null
}

at_exit eval 'kill "${holder:-}" 2>/dev/null'
for how in open map; do
    words=$([ $how = open ] && echo "held open" || echo mapped)
    holder_of $how "/dev/$dax" "$size"
    manage_pmem
    journal_mark
    check "$words: a policy that wants it is taken" daxtierctl reload
    is "$(property "$dax" State)" failed "$words: it is refused"
    like "$(property "$dax" Reason)" "^$words by $holder \(devdax-io\); stop it, or exclude the device" \
        "$words: the process is named by id and name"
    like "$(daxtierctl show "$dax")" "$holder \(devdax-io\)" "$words: daxtierctl show names it"
    like "$(daxtierctl status)" "$holder \(devdax-io\)" "$words: daxtierctl status names it"
    like "$(journal_new)" "$dax: failed: $words by $holder \(devdax-io\)" "$words: the journal names it"
    is "$(dax_driver "$dax")" device_dax "$words: it keeps its driver"
    [ $how = open ] || break
    # Not wanted after all, so that the next holder finds it as it was.
    policy_remove pmem
    check "$words: the policy is taken back" daxtierctl reload
    holder_gone
    is "$(property "$dax" State)" unmanaged "$words: it is unmanaged again"
done
check "its contents were untouched by all that" $io check "/dev/$dax" "$size"
# That check opened and closed it. Now the holder lets go, and nothing else happens.
holder_gone
check_soon 60 "when the holder is gone the device is taken, with nobody asking" dax_state_is "$dax" online
is "$(dax_zones "$dax")" "$blocks Movable" "all of it, into zone Movable"
is "$(autoprobe)" 0 "the bus stays claimed"
check "the daemon stops, or it would bring back what is taken offline by hand" systemctl stop daxtierd.service
dax_offline "$dax"
check "the namespace can be destroyed" nvdimm_dax_destroy "$LAB_NVDIMM0_NODE"
moments_stop
finish
