# SPDX-License-Identifier: GPL-2.0-or-later
# boot: patched patched-locking patched-memory
# full: reference
#
# Single blocks go offline and online in random order, while a process uses the node's memory, so that its pages have to be
# migrated; every account is exact after every step. DAXTIER_SEED of tests/vm/run sets the order anew.
# shellcheck shell=bash
. /usr/lib/daxtier-lab/lib.sh

steps=$([ "$LAB_BOOT" = patched ] && echo 80 || echo 30)
held_bytes=$((384 << 20))
block_pages=$(($(block_size) / 4096))
seed=${LAB_SEED:-$(od -An -N2 -tu2 /dev/urandom | tr -d ' ')}
RANDOM=$seed
note "seed $seed"

daemon_away
modprobe -a kmem device_dax 2>/dev/null # where they are modules
before=$(memory_snapshot)
on=$(hmem_dax_create "$(hmem_range 0 4)" "$(hmem_range 6 3)")
off=$(hmem_dax_create "$(hmem_range 4 2)" "$(hmem_range 10 3)")
[ -n "$on" ] && [ -n "$off" ] || { fail "two devices in one node"; finish; }
node=$(cat "$DAX/$on/target_node")
write "$(knob "$on")" 1
write "$(knob "$off")" 0
check "a device with its memmap on itself is bound and online" dax_bind "$on" online_movable
check "so is one with its memmap in DRAM, in the same node" dax_bind "$off" online_movable

declare -A cost=() is_online=() # pages that a block offers; whether it is online
for block in $(dax_blocks "$on"); do cost[$block]=$((block_pages * 63 / 64)) is_online[$block]=1; done
for block in $(dax_blocks "$off"); do cost[$block]=$block_pages is_online[$block]=1; done
blocks=("${!cost[@]}")
is "${#blocks[@]}" 12 "twelve blocks"

accounts() { # accounts: present and managed pages of the node's Movable zone, and the node's MemTotal in kB
    echo "$(zone_pages "$node" Movable present) $(zone_pages "$node" Movable managed) $(node_kb "$node" MemTotal)"
}

expected() {
    local block present=0 managed=0
    for block in "${blocks[@]}"; do
        [ "${is_online[$block]}" = 0 ] || present=$((present + block_pages)) managed=$((managed + cost[$block]))
    done
    echo "$present $managed $((managed * 4))"
}
is "$(accounts)" "$(expected)" "the accounts are exact"

coproc holder { exec /usr/lib/daxtier-lab/node-pages "$node" $held_bytes; }
holder_pid=$holder_PID # which bash forgets when it ends
at_exit eval "kill $holder_pid 2>/dev/null"
ask() { # ask QUESTION: the holder's answer
    local answer
    echo "$1" >&"${holder[1]}"
    read -r -t $((120 * ${LAB_PATIENCE:-1})) -u "${holder[0]}" answer
    echo "$answer"
}
read -r -t $((120 * ${LAB_PATIENCE:-1})) -u "${holder[0]}" answer
is "$answer" ready "a process fills memory of the node"
is "$(ask check)" "intact $((held_bytes / 4096))" "all of its pages are there"

# step BLOCK: the other way round; true when the kernel did it. It may say EBUSY as long as the accounts stay as they were.
step() {
    local state=offline
    [ "${is_online[$1]}" = 1 ] || state=online_movable
    write "$MEMORY/memory$1/state" $state 2>/dev/null || return
    is_online[$1]=$((1 - is_online[$1]))
}

count_online() {
    local block n=0
    for block in "${blocks[@]}"; do n=$((n + is_online[$block])); done
    echo $n
}

done_steps=0 refused=0 wrong=0 migrated=0 damaged=0
for ((i = 0; i < steps; i++)); do
    # Now and then what was migrated elsewhere comes home, to be migrated again.
    if [ $((i % 10)) -eq 0 ]; then
        on_node=$(ask home)
        on_node=${on_node#home }
    fi
    block=${blocks[RANDOM % ${#blocks[@]}]}
    # Four blocks stay, so that the process has a home.
    if [ "${is_online[$block]}" = 1 ] && [ "$(count_online)" -le 4 ]; then continue; fi
    if step "$block"; then done_steps=$((done_steps + 1)); else refused=$((refused + 1)); fi
    [ "$(accounts)" = "$(expected)" ] || { wrong=$((wrong + 1)); note "step $i, block $block: $(accounts), expected $(expected)"; }
    if [ $((i % 10)) -eq 9 ]; then
        answer=$(ask check)
        case "$answer" in
        "intact "*) migrated=$((migrated + on_node - ${answer#intact })) ;;
        *) damaged=$((damaged + 1)) && note "step $i: $answer" ;;
        esac
    fi
done
figure "single blocks, memmap on some: steps, refused, pages migrated away, seed" "$done_steps, $refused, $migrated, $seed"
between $done_steps $((steps / 2)) $steps "blocks went offline and online in random order"
between $refused 0 $((steps / 10)) "the kernel hardly ever refused"
is $wrong 0 "after every step all accounts were exact"
between $migrated 1000 100000000 "pages in use were migrated"
is $damaged 0 "their contents are what they were"

# A memory notifier that says no: half-way into a block, which has to be as before.
if [ "$LAB_BOOT" != reference ]; then # which is not built to
    refuse() { echo "$2" >/sys/kernel/debug/notifier-error-inject/memory/actions/"$1"/error; } # refuse ACTION ERRNO
    for device in "$on" "$off"; do
        block=$(dax_blocks "$device" | tail -n 1)
        for action in GOING_OFFLINE GOING_ONLINE; do
            if [ $action = GOING_OFFLINE ]; then state=offline wanted=1; else state=online_movable wanted=0; fi
            [ "${is_online[$block]}" = $wanted ] || step "$block"
            is "$(accounts)" "$(expected)" "$device: the accounts are exact before"
            refuse MEM_$action -12
            is "$(kernel_says "$MEMORY/memory$block/state" $state)" ENOMEM "$device: MEM_$action fails"
            refuse MEM_$action 0
            is "$(accounts)" "$(expected)" "$device: and has left the accounts as they were"
            is "$(kernel_says "$MEMORY/memory$block/state" $state)" ok "$device: the next try succeeds"
            is_online[$block]=$((1 - wanted))
            is "$(accounts)" "$(expected)" "$device: and the accounts are exact after it"
        done
    done
fi

for block in "${blocks[@]}"; do [ "${is_online[$block]}" = 1 ] || step "$block"; done
is "$(accounts)" "$(expected)" "all online again, the accounts are exact"
like "$(ask home)" '^home [1-9]' "the pages can come home"
for device in "$on" "$off"; do check "$device goes offline, from under the process" dax_offline "$device"; done
is "$(ask check)" "intact 0" "whose contents are intact, and elsewhere"
for device in "$on" "$off"; do check "$device can be unbound" dax_unbind "$device"; done
is "$(ask check)" "intact 0" "also after its removal"
eval "exec ${holder[1]}>&-"
check_soon 10 "the process ends" test ! -e "/proc/$holder_pid"
is "$(memory_snapshot)" "$before" "every zone, block and address is as before"
check "the devices can be taken back" hmem_dax_destroy "$off"
check "both" hmem_dax_destroy "$on"
finish
