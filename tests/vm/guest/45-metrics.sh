# SPDX-License-Identifier: GPL-2.0-or-later
# boot: main
#
# The timer that writes metrics for node_exporter, in its sandbox.
# shellcheck shell=bash
. /usr/lib/daxtier-lab/lib.sh

DIR=/var/lib/prometheus/node-exporter
FILE=$DIR/daxtier.prom

unit_result() { systemctl show --value -p Result daxtier-metrics.service; }

metric() { sed -n "s/^$1 //p" "$FILE"; } # metric NAME-WITH-LABELS

daemon_fresh
rm -rf "$DIR"
check "without a folder for them" systemctl start daxtier-metrics.service
is "$(systemctl show --value -p ConditionResult daxtier-metrics.service)" no "the service does nothing"

# As Debian's prometheus-node-exporter has it: another user's.
install -d -o nobody -g nogroup -m 755 "$DIR"
at_exit rm -rf "$DIR"
at_exit systemctl stop daxtier-metrics.timer
dax=$(cxl_dax_create "$LAB_CXL0_SERIAL" "$LAB_CXL0_SIZE")
at_exit cxl_dax_destroy "$dax"
check_soon 60 "a device comes online" dax_state_is "$dax" online
check "the service runs" systemctl start daxtier-metrics.service
is "$(unit_result)" success "to its end"
is "$(stat -c '%a %U' "$FILE")" "644 root" "everybody can read the file"
is "$(metric daxtier_up)" 1 "the daemon answered"
is "$(metric 'daxtier_devices{state="online"}')" 1 "one device is online"
is "$(metric "daxtier_device_blocks{device=\"$dax\",state=\"movable\"}")" 8 "with its blocks"
like "$(metric "daxtier_device_time_to_online_seconds{device=\"$dax\"}")" '^[0-9.]+$' "and the time that it took"
like "$(grep -c ^daxtier_demoted_pages_total "$FILE")" '^[1-9]' "what the kernel counts is there"
is "$(find "$DIR" -type f -printf '%f\n' | sort | xargs)" daxtier.prom "nothing else is left in the folder"

# shellcheck disable=SC2034 # for the eval below
first=$(stat -c %i "$FILE")
check "the timer starts" systemctl start daxtier-metrics.timer
check_soon 90 "and has it written anew" eval '[ "$(stat -c %i "$FILE")" != "$first" ]'

# A daemon that does not answer is what an alert is made of, not a stale file.
daemon_mask
check "without the daemon" systemctl start daxtier-metrics.service
is "$(unit_result)" success "the service does not fail"
is "$(metric daxtier_up)" 0 "and the file says that it does not answer"
is "$(metric 'daxtier_devices{state="online"}')" "" "and nothing of devices"
like "$(grep -c ^daxtier_demoted_pages_total "$FILE")" '^[1-9]' "but what the kernel counts"
daemon_unmask
systemctl start daxtierd.service
check_soon 60 "the daemon is back" dax_state_is "$dax" online

# Nothing that it tried was refused by its sandbox.
unlike "$(journalctl -b -u daxtier-metrics.service -o cat)" 'Operation not permitted|Read-only|Permission denied|status=31|SIGSYS' "its sandbox let it do all of it"
finish
