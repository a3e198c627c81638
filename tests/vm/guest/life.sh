# SPDX-License-Identifier: GPL-2.0-or-later
# What becomes of memory that is in use: processes that use it, or are in the way; and what the daemon is asked to do with it. A test
# sources this after lib.sh.
# shellcheck shell=bash disable=SC2034 # for those who source this

tools=/usr/lib/daxtier-lab

# dax_map DAX: each block of it with its zone, so that two moments can be compared exactly
dax_map() {
    local block
    for block in $(dax_blocks "$1"); do echo "$block=$(block_zone "$block")"; done | xargs
}

has_state() { [ -e "$DAX/$1/state" ]; } # has_state DAX: the kernel can unplug it with one write; only while kmem has it

# --- a process that uses memory of a node, and knows its contents

# user_start NODE BYTES: an assertion by itself, for the process has to be this shell's
user_start() {
    local answer
    coproc user { exec $tools/node-pages "$1" "$2" 2>&1; }
    user_pid=$user_PID # which bash forgets when it ends
    at_exit user_stop
    read -r -t 600 -u "${user[0]}" answer
    is "$answer" ready "a process uses $(($2 >> 20)) MiB of node $1"
}

user_answer() {
    local answer
    read -r -t 600 -u "${user[0]}" answer
    echo "$answer"
}

user_ask() { # user_ask check|home: "intact PAGES-ON-THE-NODE"
    echo "$1" >&"${user[1]}"
    user_answer
}

user_stop() {
    [ -n "${user_pid:-}" ] || return 0
    kill "$user_pid" 2>/dev/null
    wait "$user_pid" 2>/dev/null
    user_pid=
}

# --- somebody in the way

# hold pinned|kernel NODE: a page that cannot be moved, held_block is its block, where that is known; an assertion by itself
hold() {
    : >"$LAB_TMP/hold"
    $tools/hold-page "$1" "$2" >"$LAB_TMP/hold" 2>&1 &
    hold_pid=$!
    at_exit hold_end
    wait_for 180 grep -q '^ready' "$LAB_TMP/hold"
    held_block=$(sed -n 's/^ready //p' "$LAB_TMP/hold")
    like "$(cat "$LAB_TMP/hold")" '^ready' "a $1 page of node $2 cannot be moved"
}

hold_end() {
    [ -n "${hold_pid:-}" ] || return 0
    kill "$hold_pid" 2>/dev/null
    wait "$hold_pid" 2>/dev/null
    hold_pid=
}

# --- calls that wait

# told COMMAND...: leaves status, its exit code, said, all that it printed, and took_ms
told() {
    local start
    start=$(now_ms)
    said=$("$@" 2>&1)
    status=$?
    took_ms=$(($(now_ms) - start))
}

# background COMMAND...: told, but not waited for; background_end does
background() {
    "$@" >"$LAB_TMP/background" 2>&1 &
    background_pid=$!
}

background_end() {
    wait "$background_pid"
    status=$?
    said=$(cat "$LAB_TMP/background")
}

worker_pid() { # the process that changes something at the moment; fails when there is none
    local file
    for file in /proc/[0-9]*/cmdline; do
        { tr '\0' ' ' <"$file" | grep -q 'daxtierd.* --worker'; } 2>/dev/null && basename "$(dirname "$file")" && return
    done
    return 1
}

# --- when it was known

# journal_ms [FILTER...]: when the daemon logged its first line since journal_mark that matches, in milliseconds since boot
journal_ms() {
    journal_new -o json --output-fields=__MONOTONIC_TIMESTAMP,MESSAGE "$@" |
        sed -n 's/.*"__MONOTONIC_TIMESTAMP":"\([0-9]*\)[0-9]\{3\}".*/\1/p' | head -n 1
}

# within_a_second TEXT MS: so long was it until the daemon told of something. A second is what an idle machine keeps; a busy one, which is
# nobody's mistake, is known by how long it takes to ask for the status.
within_a_second() {
    local start limit
    start=$(now_ms)
    daxtierctl status >/dev/null
    limit=$((20 * ($(now_ms) - start)))
    between "$2" -100 $((limit > 1000 ? limit : 1000)) "$1 (ms)"
    figure "$1 (ms)" "$2"
}

# what has to be true whenever nothing goes on
rests() { echo "autoprobe $(autoprobe), auto-online $(auto_online), held: $(held)"; }
