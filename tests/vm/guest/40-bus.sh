# SPDX-License-Identifier: GPL-2.0-or-later
# boot: main
# full: patched
#
# The bus, as a user without privileges sees it; and who may change something.
# shellcheck shell=bash
. /usr/lib/daxtier-lab/lib.sh
. /usr/lib/daxtier-lab/source.sh

as_nobody() { runuser -u nobody -- "$@"; }

daemon_fresh
dax=$(small_create 1)
check_soon 60 "a device comes online" dax_state_is "$dax" online
path=$(device_path "$dax")

tree=$(as_nobody busctl --list tree org.daxtier1)
like "$tree" '^/org/daxtier1$' "busctl tree shows the manager"
like "$tree" "^$path\$" "and the device"
shown=$(as_nobody busctl introspect org.daxtier1 /org/daxtier1)
for name in org.daxtier1.Manager org.freedesktop.DBus.ObjectManager .Plan .Reload .Version .AutoOnline .Claimed .ConfigErrors .Nodes; do
    like "$shown" "^${name//./\\.} " "busctl introspect of the manager shows $name"
done
properties=$(as_nobody busctl introspect org.daxtier1 "$path" org.daxtier1.Device | awk '$2 == "property" { print substr($1, 2) }')
between "$(wc -w <<<"$properties")" 30 60 "busctl introspect of the device shows its properties"
unread=
for name in $properties; do
    as_nobody busctl get-property org.daxtier1 "$path" org.daxtier1.Device "$name" >/dev/null || unread="$unread $name"
done
is "$unread" "" "busctl get-property reads each of them"
is "$(as_nobody busctl get-property org.daxtier1 "$path" org.daxtier1.Device State)" 's "online"' "the state, for one"
is "$(as_nobody busctl get-property org.daxtier1 "$path" org.daxtier1.Device BlocksOnline)" "t 8" "the blocks online, for another"
is "$(as_nobody busctl get-property org.daxtier1 "$path" org.daxtier1.Device Serials)" "at $(small_serials 1)" "and the serial numbers, as far as there are any"
unread=
for name in $(awk '$2 == "property" { print substr($1, 2) }' <<<"$shown"); do
    as_nobody busctl get-property org.daxtier1 /org/daxtier1 org.daxtier1.Manager "$name" >/dev/null || unread="$unread $name"
done
is "$unread" "" "each property of the manager can be read as well"
like "$(as_nobody daxtierctl status)" "$dax .*online" "daxtierctl status works"
like "$(as_nobody daxtierctl show "$dax")" "Rule +$SMALL_RULE" "daxtierctl show works"
like "$(as_nobody busctl --json=short call org.daxtier1 /org/daxtier1 org.daxtier1.Manager Plan s "$dax")" '"State"' "Plan may be called"

denied=$(as_nobody busctl call org.daxtier1 /org/daxtier1 org.daxtier1.Manager Reload 2>&1)
like "$denied" 'is for root, and uid [0-9]+ called|denied' "Reload may not"
check_fails "nor with daxtierctl" as_nobody daxtierctl reload
check_fails "nor may a property be written" as_nobody busctl set-property org.daxtier1 "$path" org.daxtier1.Device State s online
check_fails "nor the name be taken" as_nobody busctl --timeout=5 call org.freedesktop.DBus /org/freedesktop/DBus org.freedesktop.DBus RequestName su org.daxtier1 4
check "root may reload" busctl call org.daxtier1 /org/daxtier1 org.daxtier1.Manager Reload
check "with daxtierctl, too" daxtierctl reload

# A second client, which only listens.
signals=$LAB_TMP/signals
as_nobody dbus-monitor --system "type='signal',sender='org.daxtier1'" >"$signals" 2>&1 &
monitor=$!
at_exit kill $monitor
check_soon 10 "a user may listen" grep -q NameAcquired "$signals"

# states: the values of State in the signals of one kind, for one device, in their order and without repetition
states() { # states FILE MEMBER DAX
    awk -v member="member=$2" -v path="$(device_path "$3")" '
        /^signal / { here = index($0, member) > 0; device = here && index($0, path) > 0; state = 0 }
        here && /object path/ { device = index($0, "\"" path "\"") > 0 }
        here && device && state && /variant/ { gsub(/.*string "|"$/, ""); if ($0 != last) print; last = $0; state = 0; next }
        { state = /string "State"$/ }' "$1" | xargs
}

new=$(small_create 0)
check_soon 60 "another device appears, and comes online" dax_state_is "$new" online
check_soon 10 "the listener was told so" eval 'states "$signals" PropertiesChanged "$new" | grep -q online'
is "$(states "$signals" InterfacesAdded "$new")" pending "a new device appears as pending"
is "$(states "$signals" PropertiesChanged "$new")" "applying online" "and PropertiesChanged tells the states on the way"
like "$(cat "$signals")" 'bind-kmem' "with the step that is being carried out"
policy keep <<CONF
[rule keep]
$(small_match 0)
mode = ignore
CONF
daxtierctl reload
check_soon 10 "a reload that ends its management is told" eval 'states "$signals" PropertiesChanged "$new" | grep -q unmanaged$'
dax_offline "$new"
policy_remove keep
daxtierctl reload
check_soon 60 "taken anew, it comes online" dax_state_is "$new" online
check_soon 10 "the listener was told of each state, pending as well" \
    eval '[ "$(states "$signals" PropertiesChanged "$new")" = "applying online unmanaged pending applying online" ]'
small_destroy "$new"
small_destroy "$dax"
check_soon 20 "and that the device has left" grep -q InterfacesRemoved "$signals"
finish
