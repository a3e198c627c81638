# SPDX-License-Identifier: GPL-2.0-or-later
# daxtierd from the outside: its unit, its policy files, what it says on the bus and in the journal, what it writes.
# shellcheck shell=bash

POLICY_DIR=/etc/daxtier.conf.d
UNIT_DIR=/run/systemd/system/daxtierd.service.d

# --- the unit

daemon_pid() { systemctl show --value -p MainPID daxtierd.service; }

daemon_is() { [ "$(systemctl show --value -p ActiveState daxtierd.service)" = "$1" ]; } # daemon_is active|inactive|failed

# Reading all units takes seconds under emulation.
unit_reread() { [ "$(systemctl show --value -p NeedDaemonReload daxtierd.service)" = no ] || systemctl daemon-reload; }

# daemon_fresh: running, with the configuration it ships and nothing of an earlier test
daemon_fresh() {
    systemctl stop daxtierd.service
    daemon_unmask
    rm -rf "$POLICY_DIR" "$UNIT_DIR"
    unit_reread
    systemctl reset-failed daxtierd.service 2>/dev/null
    systemctl start daxtierd.service
}

autoprobe() { cat /sys/bus/dax/drivers_autoprobe; }

held() { find /run/daxtierd -type f ! -name '*lock' ! -name in-use -printf '%f\n' | sort | xargs; } # what is recorded as to be put back (in-use only remembers)

# Its unit masked: else the udev rule starts it as soon as a dax device appears.
daemon_mask() { systemctl stop daxtierd.service && systemctl mask --runtime daxtierd.service 2>/dev/null; }

# daemon_away: for tests of the kernel alone, whether the project is installed there or not
daemon_away() { [ ! -e /usr/lib/systemd/system/daxtierd.service ] || daemon_mask; }

daemon_unmask() { [ ! -L /run/systemd/system/daxtierd.service ] || systemctl unmask --runtime daxtierd.service 2>/dev/null; }

# --- policy

# policy NAME: the drop-in of that name, from standard input
policy() { mkdir -p "$POLICY_DIR" && cat >"$POLICY_DIR/$1.conf"; }

policy_remove() { rm -f "$POLICY_DIR/$1.conf"; }

# --- the bus

device_path() { echo "/org/daxtier1/device/${1/./_2e}"; } # device_path daxX.Y

# bus_value PATH INTERFACE PROPERTY: a string without its quotes, anything else as JSON
bus_value() {
    busctl --json=short get-property org.daxtier1 "$1" "$2" "$3" | sed 's/^.*"data":\(.*\)}$/\1/; s/^"\(.*\)"$/\1/; s/\\"/"/g'
}

property() { bus_value "$(device_path "$1")" org.daxtier1.Device "$2"; } # property DAX NAME

host_property() { bus_value /org/daxtier1 org.daxtier1.Manager "$1"; } # host_property NAME

dax_state_is() { [ "$(property "$1" State)" = "$2" ]; } # dax_state_is DAX STATE

# --- the journal

journal_mark() { journal_cursor=$(journalctl -n 1 --show-cursor -o cat | sed -n 's/^-- cursor: //p'); }

# journal_new [OPTION...]: what the unit has logged since journal_mark
journal_new() {
    journalctl --sync
    journalctl -u daxtierd.service --after-cursor="$journal_cursor" --no-pager -o cat "$@"
}

# --- every change that the daemon and its workers make, in the order in which they make them

MOMENTS=$LAB_TMP/moments

# moments_start [VARIABLE=VALUE...]: records them from the daemon's next start on; see tools/moments.c
moments_start() {
    printf '%s\n' LD_PRELOAD=/usr/lib/daxtier-lab/moments.so "MOMENTS_LOG=$MOMENTS" "MOMENTS_ONCE=$MOMENTS.once" "$@" >"$MOMENTS.environment"
    rm -f "$MOMENTS" "$MOMENTS.once"
    : >"$MOMENTS"
    [ ! -e "$UNIT_DIR/moments.conf" ] || return 0
    mkdir -p "$UNIT_DIR"
    cat >"$UNIT_DIR/moments.conf" <<UNIT
[Unit]
StartLimitIntervalSec=0
[Service]
ReadWritePaths=$LAB_TMP
EnvironmentFile=$MOMENTS.environment
UNIT
    systemctl daemon-reload
}

moments_stop() {
    rm -f "$UNIT_DIR/moments.conf"
    unit_reread
}

# moments_of PROCESS: those of the daemon, the worker or the restore of ExecStopPost=
moments_of() { grep "^$1 " "$MOMENTS"; }

# moments_in_sys: what was written below /sys, a line each, as "/sys/… = 0"
moments_in_sys() { sed -n 's,^[a-z]* write \(/sys/.*\)$,\1,p' "$MOMENTS"; }
