# SPDX-License-Identifier: GPL-2.0-or-later
# boot: main
# full: patched
#
# A configuration with mistakes: all of them are told, with their lines, and it is never taken.
# shellcheck shell=bash
. /usr/lib/daxtier-lab/lib.sh
. /usr/lib/daxtier-lab/source.sh

mistakes() {
    policy mistakes <<'CONF'
[daemon]
settle = soon
colour = green

[memmap]
dram-budget = 105%

[rules]
[rule one]
mode = swap

[rule two]
mode = ignore
CONF
}
file=$POLICY_DIR/mistakes.conf
# One a mistake: where it is, and what each has to name.
expected=('2: \[daemon\] settle: .*soon' '3: \[daemon\] colour: ' '6: \[memmap\] dram-budget: .*105%' '8: .*"rules"' '10: \[rule one\] mode: .*swap')

errors_are_complete() { # errors_are_complete TEXT WHERE
    local pattern
    is "$(grep -cF "$file:" <<<"$1")" ${#expected[@]} "$2: five mistakes give five errors"
    for pattern in "${expected[@]}"; do like "$1" "$file:$pattern" "$2: one is $pattern"; done
}

daemon_fresh
rules=$(host_property ConfigFiles)
mistakes
output=$(daxtierctl check-config 2>&1)
is $? 5 "check-config fails"
errors_are_complete "$output" check-config

journal_mark
output=$(daxtierctl reload 2>&1)
is $? 5 "reload fails"
errors_are_complete "$output" "daxtierctl reload"
like "$output" 'the old configuration stays in force' "and says that the old one stays"
errors_are_complete "$(journal_new MESSAGE_ID=f5fc6b37608741d397c23113bc2e55f1)" "the journal"
like "$(journal_new)" '5 error\(s\), keeping the one in force' "the journal says so, too"
is "$(host_property ConfigErrors | grep -oF "$file:" | wc -l)" 5 "the property ConfigErrors has them"
is "$(host_property ConfigFiles)" "$rules" "the files in force are those from before"
like "$(daxtierctl status)" 'The configuration has errors; the one before stays in force' "status says so"
like "$(systemctl show -p StatusText daxtierd.service)" 'errors' "and the unit's status line"
check "the daemon still runs" daemon_is active
check_fails "systemctl reload says so, too" systemctl reload daxtierd.service
check "SIGHUP does not end it either" systemctl kill --kill-whom=main -s HUP daxtierd.service
check "it is still there" daemon_is active

check "the daemon stops" systemctl stop daxtierd.service
journal_mark
check_fails "it does not start" systemctl start daxtierd.service
is "$(systemctl show --value -p ExecMainStatus daxtierd.service)" 78 "its exit code is EX_CONFIG"
check "the unit has failed" daemon_is failed
errors_are_complete "$(journal_new MESSAGE_ID=f5fc6b37608741d397c23113bc2e55f1)" "the failing start"
sleep 3
is "$(systemctl show --value -p NRestarts daxtierd.service)" 0 "it is not restarted"
check "the unit stays failed" daemon_is failed
is "$(autoprobe)" 1 "the bus was not claimed"

policy_remove mistakes
systemctl reset-failed daxtierd.service
check "with the mistakes gone it starts" systemctl start daxtierd.service
is "$(host_property ConfigErrors)" "[]" "and has no errors to tell"
finish
