# SPDX-License-Identifier: GPL-2.0-or-later
# boot: soak
# full: cards
# timeout: 5400
#
# A card goes in, becomes memory, is used, is given up while it is used, and comes out; a hundred times in boot 'soak', a few elsewhere.
# At the end every account of the kernel is what it was.
# shellcheck shell=bash
. /usr/lib/daxtier-lab/lib.sh
. /usr/lib/daxtier-lab/life.sh
. /usr/lib/daxtier-lab/cards.sh

size=$LAB_CXL1_SIZE
case "$LAB_BOOT" in soak*) cycles=100 ;; *) cycles=3 ;; esac
# Emulated, this memory is slow: to write, read and move most of it takes minutes. So that is done in each 25th cycle.
little=$((size / 64)) bulk=$((size * 3 / 4))
used=$little
ejected=0 intact=0 used_pages=0 moved=0 out=0
declare -A sum=() most=()

took() { # took WHAT: the time since 'start', into the figures; start begins anew
    local ms=$(($(now_ms) - start))
    sum[$1]=$((${sum[$1]:-0} + ms))
    [ $ms -le "${most[$1]:-0}" ] || most[$1]=$ms
    start=$(now_ms)
}

one_cycle() {
    local dax node answer
    start=$(now_ms)
    plug 3 || return
    wait_for 180 card_is_online 0xc1 || return
    took "card to memory"
    dax=$(card_dax 0xc1)
    [ "$(dax_zones "$dax")" = "4 Movable" ] || return
    node=$(cat "$DAX/$dax/target_node")
    user_start "$node" $used
    answer=$(user_ask check)
    [ "$answer" = "intact $((used / 4096))" ] || { note "$answer"; return 1; }
    used_pages=$((used_pages + used / 4096))
    took "use"
    # It goes on reading all of it while it moves.
    echo check >&"${user[1]}"
    told daxtierctl release --eject --deadline=300s "$dax"
    took "release of what is in use"
    [ "$status" -eq 0 ] || { note "$said"; return 1; }
    ejected=$((ejected + 1))
    [[ $(user_answer) == "intact "* ]] && [ "$(user_ask check)" = "intact 0" ] || return
    intact=$((intact + 1))
    moved=$((moved + used / 4096))
    user_stop
    start=$(now_ms)
    unplug 3 && wait_for 180 slot_is_empty 3 || return
    took "button to card out"
    out=$((out + 1))
}

accounts() { zones_snapshot; grep -H . $MEMORY/memory[0-9]*/state; cat /proc/iomem; cxl_regions; ls $DAX $CXL; }

daemon_fresh
regions <<'CONF'
create-regions = yes
only = 0xc1
CONF
check "a card is to become memory" daxtierctl reload
check "it does, and leaves again" one_cycle
ejected=0 intact=0 used_pages=0 moved=0 out=0 sum=() most=()
before=$(accounts)
free=$(dram_free_kb)
mark=$(dmesg | wc -l)
pid=$(daemon_pid)
rss() { awk '$1 == "VmRSS:" { print $2 }' "/proc/$pid/status"; }
fds() { find "/proc/$pid/fd" -mindepth 1 | wc -l; }
was_rss=$(rss) was_fds=$(fds)
for ((cycle = 1; cycle <= cycles; cycle++)); do
    used=$([ $((cycle % 25)) -eq 0 ] && echo $bulk || echo $little)
    one_cycle || { fail "cycle $cycle goes all the way" "$(slots_list)" "$(daxtierctl status 2>&1)" "$(journalctl -u daxtierd -n 20 -o cat)"; break; }
done
user_stop
is "$((cycle - 1)) $ejected $intact $out" "$cycles $cycles $cycles $cycles" "$cycles cycles: the card came, was released, with all contents intact, and left"
for what in "${!sum[@]}"; do figure "soak, $what: mean, most (ms)" "$((sum[$what] / cycles)), ${most[$what]}"; done
figure "soak: cycles, pages used, pages moved away" "$cycles, $used_pages, $moved"
is "$(accounts)" "$before" "zones, blocks, addresses, regions and devices are as before"
figure "soak: less free in DRAM than before (kB)" $((free - $(dram_free_kb)))
between $((free - $(dram_free_kb))) -65536 $((8192 + 64 * cycles)) "DRAM has lost nothing to speak of (kB)"
is "$(daemon_pid)" "$pid" "the daemon is still the same process"
figure "soak: resident memory of the daemon, before and after (kB)" "$was_rss, $(rss)"
between $(($(rss) - was_rss)) -20000 1024 "its memory has not grown (kB)"
is "$(fds)" "$was_fds" "nor have its open files"
unlike "$(dmesg | tail -n +"$mark")" 'hotremoved|stuck online|WARNING|BUG:|page allocation failure|Call Trace' "the kernel's log has nothing bad"
is "$(rests)" "autoprobe 0, auto-online online, held: dax-autoprobe" "nothing else is held"
policy_remove regions
finish
