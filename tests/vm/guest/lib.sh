# SPDX-License-Identifier: GPL-2.0-or-later
# Assertions for guest tests, in TAP. A test file sources this, asserts, and ends with 'finish'.
# Every assertion prints one line, and on failure what was expected and what came instead.
# shellcheck shell=bash
set -u

. /run/daxtier-lab/job
lab_count=0
lab_failed=0
lab_finished=0
lab_cleanups=()

note() { printf '%s\n' "$@" | sed 's/^/# /'; }

# A number that a person wants from this boot; the host repeats it at the end.
figure() { echo "# figure: $1 = $2"; }

# A message that would fail the boot, and that this file makes the kernel write: it has to be in the kernel's log, and is no failure.
provokes() { echo "# provokes: $1"; } # provokes REGEX (of Python)

pass() { # pass TEXT
    lab_count=$((lab_count + 1))
    echo "ok $lab_count - $1"
}

fail() { # fail TEXT [DETAIL...]
    lab_count=$((lab_count + 1))
    lab_failed=$((lab_failed + 1))
    echo "not ok $lab_count - $1"
    shift
    [ $# -eq 0 ] || note "$@"
    return 0
}

is() { # is GOT EXPECTED TEXT
    if [ "$1" = "$2" ]; then pass "$3"; else fail "$3" "expected: $2" "got:      $1"; fi
}

isnt() { # isnt GOT UNWANTED TEXT
    if [ "$1" != "$2" ]; then pass "$3"; else fail "$3" "expected anything but: $2"; fi
}

like() { # like GOT EXTENDED-REGEX TEXT
    if grep -qE -- "$2" <<<"$1"; then pass "$3"; else fail "$3" "expected a match of: $2" "got: $1"; fi
}

unlike() { # unlike GOT EXTENDED-REGEX TEXT
    if grep -qE -- "$2" <<<"$1"; then fail "$3" "expected no match of: $2" "got: $1"; else pass "$3"; fi
}

between() { # between GOT LOW HIGH TEXT: whole numbers, both ends included
    if [[ $1 =~ ^-?[0-9]+$ ]] && [ "$1" -ge "$2" ] && [ "$1" -le "$3" ]; then
        pass "$4"
    else
        fail "$4" "expected: $2 to $3" "got:      $1"
    fi
}

check() { # check TEXT COMMAND...: it succeeds
    local text=$1 output status
    shift
    output=$("$@" 2>&1)
    status=$?
    if [ $status -eq 0 ]; then pass "$text"; else fail "$text" "command: $*" "exit code $status, output:" "$output"; fi
}

check_fails() { # check_fails TEXT COMMAND...: it fails
    local text=$1 output
    shift
    if output=$("$@" 2>&1); then fail "$text" "command: $*" "succeeded, output:" "$output"; else pass "$text"; fi
}

# wait_for SECONDS COMMAND...: until it succeeds; fails when it never does. No assertion by itself.
wait_for() {
    local deadline=$((SECONDS + $1 * ${LAB_PATIENCE:-1}))
    shift
    until "$@" >/dev/null 2>&1; do
        [ $SECONDS -le "$deadline" ] || return 1
        sleep 0.1
    done
}

# check_soon SECONDS TEXT COMMAND...: the assertion of wait_for, for what takes no longer by itself. That three minutes have not
# been enough is no matter of how busy the machine is; nothing less is a failure.
check_soon() {
    local seconds=$(($1 > 180 ? $1 : 180)) text=$2 output
    shift 2
    if wait_for "$seconds" "$@"; then
        pass "$text"
    else
        output=$("$@" 2>&1)
        fail "$text" "not within $seconds s: $*" "$output"
    fi
}

# Milliseconds since boot, for figures.
now_ms() { local up; read -r up _ </proc/uptime; echo "${up/./}0"; }

# at_exit COMMAND...: run when the test ends, however it ends, last one first
at_exit() { lab_cleanups=("$(printf '%q ' "$@")" ${lab_cleanups[@]+"${lab_cleanups[@]}"}); }

# finish: the end of every test file. A file that stops before this has failed.
finish() {
    lab_finished=1
    echo "1..$lab_count"
    exit $((lab_failed > 0))
}

lab_end() {
    local status=$? cleanup
    for cleanup in ${lab_cleanups[@]+"${lab_cleanups[@]}"}; do eval "$cleanup"; done
    [ $lab_finished -eq 1 ] || fail "the file reaches its end" "it stopped with exit code $status after $lab_count assertions"
    exit $status
}
trap lab_end EXIT

# write FILE VALUE: one write to sysfs, the kernel's answer kept: prints its errno text and fails when refused
write() { printf '%s' "$2" >"$1"; }

. /usr/lib/daxtier-lab/cxl.sh
. /usr/lib/daxtier-lab/memory.sh
. /usr/lib/daxtier-lab/dax.sh
. /usr/lib/daxtier-lab/plug.sh
. /usr/lib/daxtier-lab/ranges.sh
. /usr/lib/daxtier-lab/daemon.sh
