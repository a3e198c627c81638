# SPDX-License-Identifier: GPL-2.0-or-later
# boot: main
# full: patched
#
# What the manual pages show and only a whole host can run: the rule for polkit, with the real polkit, and the journal.
# shellcheck shell=bash
. /usr/lib/daxtier-lab/lib.sh
. /usr/lib/daxtier-lab/source.sh

man=/usr/share/man
rules=/etc/polkit-1/rules.d/10-tiering.rules

# example PAGE NAME: the display that follows the mark of that name
example() { sed -n "/^\.\\\\\" @example $2\$/,/^\.Ed/p" "$1" | sed '1,2d;$d; s/\\-/-/g; s/\\(dq/"/g; s/\\e/\\/g'; }

as() { # as USER COMMAND...
    local user=$1
    shift
    runuser -u "$user" -- "$@"
}

daemon_fresh
dax=$(small_create 0)
[ -n "$dax" ] || finish
check_soon 60 "a device comes online" dax_state_is "$dax" online

check "there is a group of operators" groupadd tiering
check "with somebody in it" useradd --groups tiering daxtier-operator
at_exit userdel daxtier-operator
at_exit groupdel tiering
check_fails "without a rule who is in it may not release" as daxtier-operator daxtierctl release "$dax"
example $man/man5/org.daxtier1.5 polkit-rule >$rules
at_exit rm -f $rules
like "$(cat $rules)" 'polkit.addRule' "org.daxtier1(5) shows a rule"
chmod 644 $rules
check "polkit reads it" systemctl restart polkit.service
check_fails "with it nobody else may release" as nobody daxtierctl release "$dax"
check_fails "nor may who is in the group reload" as daxtier-operator daxtierctl reload
is "$(dax_zones "$dax")" "$SMALL_BLOCKS Movable" "nothing has happened so far"
check "but release" as daxtier-operator daxtierctl release "$dax"
is "$(dax_zones "$dax")" "$SMALL_BLOCKS absent" "and the memory is given up"
check "root applies it again" daxtierctl apply "$dax"

while read -r line; do
    line=${line//dax0.0/$dax}
    check "$line" eval "$line"
    [[ $line != *"$dax"* ]] || like "$(eval "$line")" "$dax" "and it tells about the device"
done < <(sed -n 's/^\.Dl \(journalctl.*\)/\1/p' $man/man1/daxtierctl.1 $man/man7/daxtier-troubleshooting.7 $man/man8/daxtierd.8 | sort -u)
like "$(journalctl -x -b DAXTIER_DEVICE="$dax")" "Subject: .*$dax" "the messages are explained"
small_destroy "$dax"
finish
