#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What a boot does: wait until the host is up, run the files the host chose, save the logs, power off. Every line goes
# to the report in the shared folder, which the host follows, and to the serial console, which outlives a crash.
set -u

share=/run/daxtier-lab
here=/usr/lib/daxtier-lab
. "$share/job"
export LAB_TMP=/run/daxtier-lab-tmp PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root
mkdir -p "$LAB_TMP"

report() { tee -a "$share/report" >/dev/ttyS0; }

# The header line '# timeout: SECONDS' of a test file.
timeout_of() { sed -n 's/^# timeout: \([0-9]*\)$/\1/p' "$1" | grep . || echo 900; }

run_file() { # run_file NAME.sh
    local name=${1%.sh} status seconds start=$SECONDS
    seconds=$(($(timeout_of "$here/$1") * ${LAB_PATIENCE:-1})) # a debug kernel is slow
    echo "## begin $name" | report
    timeout --kill-after=5 "$seconds" bash "$here/$1" 2>&1 | report
    status=${PIPESTATUS[0]}
    case "$status" in
    0 | 1) ;; # 1: assertions failed, and said so
    124 | 137) echo "not ok 0 - $name did not end within $seconds s" | report ;;
    *) echo "not ok 0 - $name stopped with exit code $status" | report ;;
    esac
    echo "## end $name $status, $((SECONDS - start)) s" | report
}

save_logs() {
    dmesg >"$share/kernel.log"
    journalctl -b --no-pager -o short-monotonic >"$share/journal.txt"
    journalctl -b --no-pager -o export >"$share/journal.export"
}

dmesg --console-level err # the console is for the report and for what is wrong
systemctl is-system-running --wait >/dev/null
udevadm settle --timeout=60 # the CXL drivers load late in boot
# Nothing starts by itself any more, like the cleanup of /tmp after a quarter of an hour: with the control group of a unit the kernel puts
# memory into the Normal zone of each node that has one, and such a block stays online for ever.
systemctl stop '*.timer'
cut -d' ' -f1 /proc/uptime | sed 's/^/## up after /' | report

for file in $LAB_TESTS; do run_file "$file"; done

save_logs
echo "## finished" | report
sync
systemctl poweroff -ff
