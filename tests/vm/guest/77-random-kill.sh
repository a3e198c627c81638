# SPDX-License-Identifier: GPL-2.0-or-later
# boot: soak
# full: cards
# timeout: 5400
#
# kill -9 of the daemon, or of its worker, at random moments of a device's life: while its region is made, while it comes online, while it
# is released or ejected; a hundred times in boot 'soak', a few elsewhere. It always converges. DAXTIER_SEED of tests/vm/run repeats an order.
# shellcheck shell=bash
. /usr/lib/daxtier-lab/lib.sh
. /usr/lib/daxtier-lab/life.sh
. /usr/lib/daxtier-lab/cards.sh

case "$LAB_BOOT" in soak*) kills=100 ;; *) kills=6 ;; esac
seed=${LAB_SEED:-$(od -An -N2 -tu2 /dev/urandom | tr -d ' ')}
RANDOM=$seed
note "seed $seed"
declare -A hits=()
used=$((16 << 20))

# kill_at MS WHO: so long from now; sets 'met' to who it was: the daemon, if there is no worker at that moment
kill_at() {
    local pid=""
    met=$2
    sleep "$(printf '%d.%03d' $(($1 / 1000)) $(($1 % 1000)))"
    [ "$2" != worker ] || pid=$(worker_pid)
    if [ "${pid:-0}" -le 1 ] || ! kill -9 "$pid" 2>/dev/null; then
        met=daemon
        pid=$(daemon_pid)
        [ "${pid:-0}" -gt 1 ] && kill -9 "$pid"
    fi
}

is_at_rest() { [ "$(rests)" = "autoprobe 0, auto-online online, held: dax-autoprobe" ]; }

is_up() { daemon_is active && busctl status org.daxtier1; }

# wanted: asked for what the policy says, as an operator would after a crash, until it is there
wanted() {
    card_is_online 0xc1 && return
    daxtierctl apply "$(card_dax 0xc1 2>/dev/null || cxl_memdev 0xc1)"
    card_is_online 0xc1
}

lasts=3000 # what a release or a creation may take; each one measures it anew
mkdir -p "$UNIT_DIR"
daemon_fresh
mkdir -p "$UNIT_DIR"
printf '[Unit]\nStartLimitIntervalSec=0\n[Service]\nRestartSec=100ms\n' >"$UNIT_DIR/often.conf"
systemctl daemon-reload
regions <<'CONF'
create-regions = yes
only = 0xc1
CONF
check "a card is to become memory" daxtierctl reload
check "it goes in" plug 3
check_soon 60 "and is memory" card_is_online 0xc1

damaged=0 wrong=0
for ((n = 1; n <= kills; n++)); do
    dax=$(card_dax 0xc1)
    node=$(cat "$DAX/$dax/target_node")
    user_start "$node" $used
    who=$([ $((RANDOM % 2)) -eq 0 ] && echo daemon || echo worker)
    what=$([ $((RANDOM % 3)) -eq 0 ] && echo release || echo eject)
    way=$([ $((RANDOM % 2)) -eq 0 ] && echo away || echo back)
    option=$([ $what = eject ] && echo --eject)
    if [ $way = away ]; then
        start=$(now_ms)
        # shellcheck disable=SC2086 # an option, or none
        background daxtierctl release $option "$dax"
    else
        # shellcheck disable=SC2086 # an option, or none
        told daxtierctl release $option --deadline=60s "$dax"
        [ "$status" -eq 0 ] || note "$n: not released: $said"
        start=$(now_ms)
        background daxtierctl apply "$(card_dax 0xc1 2>/dev/null || cxl_memdev 0xc1)"
    fi
    moment=$(((RANDOM * 32768 + RANDOM) % lasts))
    kill_at $moment $who && hits[$met-$what-$way]=$((${hits[$met-$what-$way]:-0} + 1))
    background_end
    lasts=$(($(now_ms) - start + 200))
    [ $lasts -le 5000 ] || lasts=5000
    ended=yes
    wait_for 180 is_up || ended="the daemon is not up"
    [ "$ended" != yes ] || wait_for 180 wanted || ended="it is not online"
    wait_for 180 is_at_rest || ended="$(rests)"
    answer=$(user_ask check)
    [[ $answer == "intact "* ]] || damaged=$((damaged + 1))
    user_stop
    [ "$ended" = yes ] && [ "$(dax_zones "$(card_dax 0xc1)")" = "4 Movable" ] && [ "$(cxl_regions | wc -l)" -eq 1 ] || {
        wrong=$((wrong + 1))
        fail "kill $n ($met, $what, $way, after $moment ms of seed $seed): it converges" "$ended" "$(rests)" "$(cxl_regions)" "$(daxtierctl status 2>&1)" \
            "$(journalctl -u daxtierd -n 40 -o short-monotonic)"
        break
    }
done
total=0
for key in "${!hits[@]}"; do
    note "$key: ${hits[$key]}"
    total=$((total + hits[$key]))
done
figure "random kills: rounds, kills that met somebody, seed" "$((n - 1)), $total, $seed"
is "$((n - 1)) $wrong" "$kills 0" "after each of $kills rounds it converged"
is $total $kills "each of them met somebody"
is $damaged 0 "what a process had in this memory was never damaged"
unlike "$(dmesg)" "cannot be hotremoved|stuck online" "and nothing is stuck"
rm -f "$UNIT_DIR/often.conf"
unit_reread
check "the card can be ejected" daxtierctl release --eject "$(card_dax 0xc1)"
check "its button can be pressed" unplug 3
check_soon 30 "it comes out" slot_is_empty 3
policy_remove regions
finish
