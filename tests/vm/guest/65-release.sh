# SPDX-License-Identifier: GPL-2.0-or-later
# boot: main
# full: main-7.3 patched
# timeout: 900
#
# Memory that is in use is given up: it moves elsewhere with its contents, or, when a page of it will not go, all is as before. What
# was given up stays so until somebody wants it back.
# shellcheck shell=bash
. /usr/lib/daxtier-lab/lib.sh
. /usr/lib/daxtier-lab/source.sh
. /usr/lib/daxtier-lab/life.sh

used=$((24 << 20)) # emulated memory of a CXL device is slow
all="$SMALL_BLOCKS Movable"
gone="$SMALL_BLOCKS absent"
at_rest="autoprobe 0, auto-online online, held: dax-autoprobe"

daemon_fresh
dax=$(small_create 0)
like "$dax" '^dax[0-9]+\.[0-9]+$' "a dax device appears"
[ -n "$dax" ] || finish
check_soon 60 "it comes online" dax_state_is "$dax" online
node=$(cat "$DAX/$dax/target_node")
is "$(rests)" "$at_rest" "nothing but the claim is held"
if has_state "$dax"; then by=state; else by=blocks; fi
note "memory goes by $by"
user_start "$node" $used
is "$(user_ask check)" "intact $((used / 4096))" "all of its pages are there"

# A rehearsal.
map=$(dax_map "$dax")
told daxtierctl release --dry-run "$dax"
is "$status" 0 "a rehearsal says that it can be released"
like "$said" "^$dax: can be released, as far as is known" "in words"
like "$said" "Online +1 GiB in $SMALL_BLOCKS blocks" "with what is online"
rehearsal=$(daxtierctl release --dry-run --json=short "$dax")
like "$rehearsal" '"Possible":true' "as JSON, too"
in_use=$(sed -n 's/.*"UsedHere":\([0-9]*\).*/\1/p' <<<"$rehearsal")
between "$in_use" $used $((used + (64 << 20))) "with how much of it is in use"
like "$rehearsal" '"Fits":true' "that it fits elsewhere"
like "$rehearsal" '"Unmovable":\[\]' "and that no block is known to stay"
is "$(dax_map "$dax")" "$map" "a rehearsal changes nothing"

# Who may call.
check_fails "nobody may not release it" setpriv --reuid=nobody --clear-groups daxtierctl release "$dax"
like "$(setpriv --reuid=nobody --clear-groups busctl call org.daxtier1 /org/daxtier1 org.daxtier1.Manager Release sbt "$dax" false 0 2>&1)" \
    'is for root, and uid [0-9]+ called|[Aa]ccess denied' "nor on the bus"
like "$(setpriv --reuid=nobody --clear-groups busctl call org.daxtier1 /org/daxtier1 org.daxtier1.Manager Apply sb "$dax" true 2>&1)" \
    'is for root, and uid [0-9]+ called|[Aa]ccess denied' "nor apply"
check "but rehearse" setpriv --reuid=nobody --clear-groups daxtierctl release --dry-run "$dax"
is "$(dax_map "$dax")" "$map" "its memory is where it was"
told daxtierctl release dax99.0
is "$status" 4 "a device that there is not is an error of its own"

# A page that cannot be moved, until the deadline.
hold pinned "$node"
like " $(dax_map "$dax") " " $held_block=Movable " "in a block of the device"
told daxtierctl release --deadline=5s "$dax"
is "$status" 6 "with a deadline of 5 s it is not released"
between "$took_ms" 5000 60000 "and gives up not before, and soon after (ms)"
figure "release with a deadline of 5 s, with all put back (ms, by $by)" "$took_ms"
like "$said" "^daxtierctl: $dax was not released: .*deadline" "the deadline is named"
if [ $by = blocks ]; then
    like "$said" "memory$held_block \(Movable" "and the block that would not go"
else
    like "$said" "the memory of $dax was not unplugged" "and that its memory would not go"
fi
like "$said" 'pinned' "and what is known of why"
is "$(dax_map "$dax")" "$map" "every block is back, in the zone that it had"
check_soon 10 "the device is online as before" dax_state_is "$dax" online
is "$(dax_driver "$dax")" kmem "bound as before"
is "$(rests)" "$at_rest" "and nothing is held or recorded"
like "$(user_ask check)" "^intact " "the process has its contents"

# A release that hangs ends when it is to be applied.
background daxtierctl release --deadline=0 "$dax"
check_soon 10 "while a release waits, the device is releasing" dax_state_is "$dax" releasing
told daxtierctl release "$dax"
is "$status" 6 "a second release is refused"
like "$said" 'another call' "since another call is carried out"
sleep 1 # it comes to the page
check "apply ends it" daxtierctl apply "$dax"
background_end
is "$status" 6 "who asked for the release hears that"
like "$said" 'was not released' "in words"
is "$(dax_map "$dax")" "$map" "and every block is where it was"
check_soon 10 "the device is online" dax_state_is "$dax" online

# The worker is killed in the middle; then the daemon.
for who in worker daemon; do
    background daxtierctl release --deadline=0 "$dax"
    check_soon 10 "another release waits" dax_state_is "$dax" releasing
    sleep 1
    journal_mark
    if [ $who = worker ]; then check "kill -9 of its worker" kill -9 "$(worker_pid)"; else check "kill -9 of the daemon" kill -9 "$(daemon_pid)"; fi
    background_end
    isnt "$status" 0 "$who killed: who asked hears that it failed"
    check_soon 60 "$who killed: the device is online again" dax_state_is "$dax" online
    check_soon 10 "$who killed: every block is where it was" eval '[ "$(dax_map "$dax")" = "$map" ]'
    check_soon 10 "$who killed: nothing else is held" eval '[ "$(rests)" = "$at_rest" ]'
done

# The daemon is stopped in the middle.
background daxtierctl release --deadline=0 "$dax"
check_soon 10 "one more release waits" dax_state_is "$dax" releasing
sleep 1
start=$(now_ms)
check "the daemon stops" systemctl stop daxtierd.service
between $(($(now_ms) - start)) 0 30000 "and does not wait for it (ms)"
background_end
is "$status" 6 "who asked hears that"
is "$(dax_map "$dax")" "$map" "every block is where it was"
is "$(rests)" "autoprobe 1, auto-online online, held: " "nothing is held"
check "it starts again" systemctl start daxtierd.service
check_soon 30 "and adopts the device" dax_state_is "$dax" online
hold_end

# Released, with the process using it.
like "$(user_ask home)" '^home ' "the process has its pages on the node"
journal_mark
told daxtierctl release --deadline=300s "$dax"
is "$status" 0 "nobody holds it any more: it is released"
figure "release of $SMALL_KB kB with $((used >> 20)) MiB in use (ms, by $by)" "$took_ms"
like "$said" "^$dax: releasing" "its progress is shown, a line each"
[ $by != blocks ] || like "$said" "^$dax: releasing, .*[1-7] of $SMALL_BLOCKS blocks" "by its blocks"
like "$said" "^$dax: released; \"daxtierctl apply $dax\" takes it up again" "and the outcome"
is "$(dax_driver "$dax")" none "it has no driver"
is "$(dax_zones "$dax")" "$gone" "its memory is gone"
is "$(user_ask check)" "intact 0" "the contents are elsewhere, and intact"
is "$(property "$dax" State)" released "it is released"
like "$(daxtierctl status)" "$dax .*released" "as the status says"
like "$(journal_new MESSAGE_ID=e8e475229ce04b38b882bb5f2ef93b41)" "$dax" "and the journal, under its message id"
unlike "$(dmesg | tail -n 20)" "cannot be hotremoved|stuck online" "the kernel lost nothing"

# It stays so.
check "a reload that changes nothing" daxtierctl reload
is "$(property "$dax" State)" released "leaves it released"
check "a restart" systemctl restart daxtierd.service
is "$(property "$dax" State)" released "as well"
kill -9 "$(daemon_pid)"
check_soon 30 "also one after a kill -9" eval 'daemon_is active && dax_state_is "$dax" released'
sleep 1
is "$(dax_driver "$dax"), $(dax_zones "$dax")" "none, $gone" "nobody has bound it"
told daxtierctl release "$dax"
is "$status" 0 "a second release has nothing to do"

# Until somebody wants it.
told daxtierctl apply "$dax"
is "$status" 0 "apply takes it up"
like "$said" "^$dax: online" "and says so"
is "$(dax_zones "$dax")" "$all" "its memory is online, in Movable"
like "$(user_ask home)" "^home [1-9]" "the process can use it again"
check "it can be released once more" daxtierctl release --deadline=200s "$dax"
is "$(user_ask check)" "intact 0" "with the contents intact"
policy changed <<CONF
[rule changed]
$(small_match 0)
mode = system-ram
match-kind = $SMALL_KIND
memmap-on-memory = yes
CONF
told daxtierctl reload
is "$status" 0 "a rule for it is changed"
like "$said" "$dax" "which is shown"
check_soon 30 "and takes it up" dax_state_is "$dax" online
is "$(cat "$DAX/$dax/memmap_on_memory"), $(dax_zones "$dax")" "1, $all" "as the new rule says"
user_stop
check "it can be released as well" daxtierctl release "$dax"
policy_remove changed
check "it can be taken away" small_destroy "$dax"
check_soon 20 "and is gone from the bus" eval '! busctl introspect org.daxtier1 "$(device_path "$dax")" | grep -q org.daxtier1.Device'
check "the rule is as it was" daxtierctl reload
dax=$(small_create 0)
check_soon 60 "plugged anew it is online" dax_state_is "$dax" online
is "$(rests)" "$at_rest" "and nothing is held"
check "it can be taken away" small_destroy "$dax"
finish
