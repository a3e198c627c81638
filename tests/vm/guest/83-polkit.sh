# SPDX-License-Identifier: GPL-2.0-or-later
# boot: main packaged-12
#
# The distribution's polkit: who is not root may do what a rule says, told apart by method and device, and nothing else.
# shellcheck shell=bash
. /usr/lib/daxtier-lab/lib.sh

RULES=/etc/polkit-1/rules.d
user=nobody

# What the daemon says where polkit would ask for a password; and busctl, whatever the daemon says, where the answer is no.
ASKS='polkit would have to ask for a password'
REFUSES='[Aa]ccess denied'

as_user() { runuser -u $user -- "$@"; }

# manager OPTION METHOD ARGUMENT...: what the daemon answers this user; "ok" for no error
manager() {
    local said
    if said=$(as_user busctl --timeout=30 "--allow-interactive-authorization=$1" call org.daxtier1 /org/daxtier1 org.daxtier1.Manager "${@:2}" 2>&1); then
        echo ok
    else
        echo "${said//$'\n'/ }"
    fi
}

manager_is() { like "$(manager "${@:3}")" "$1" "$2"; } # manager_is REGEX TEXT OPTION METHOD ARGUMENT...

# rule: the body of a rule's function, from standard input; polkit takes notice of a changed file by itself, a moment later
rule() {
    { echo 'polkit.addRule(function(action, subject) {'; cat; echo '});'; } >"$RULES/50-lab.rules.new"
    chmod 644 "$RULES/50-lab.rules.new"
    mv "$RULES/50-lab.rules.new" "$RULES/50-lab.rules"
}
at_exit rm -f "$RULES/50-lab.rules"
at_exit systemctl unmask --runtime polkit.service

daemon_fresh
check_soon 60 "the daemon runs" daemon_is active
dax=$(find /sys/bus/dax/devices/ -mindepth 1 -printf '%f\n' | sort -V | head -n 1)
if [ -z "$dax" ]; then
    dax=$(cxl_dax_create "$LAB_CXL1_SERIAL" "$LAB_CXL1_SIZE")
    at_exit cxl_dax_destroy "$dax"
fi
check_soon 60 "a device comes online" dax_state_is "$dax" online
blocks=$(dax_zones "$dax")
note "polkit $(pkaction --version 2>&1), kernel $(uname -r)"

check "polkit knows the action" pkaction --action-id org.daxtier1.manage
like "$(pkaction --verbose --action-id org.daxtier1.manage)" 'implicit any: +auth_admin' "which takes an administrator's password"
mkdir -p "$RULES"

# As shipped: nobody is there to type a password.
manager_is "$ASKS" "a user may not reload where nobody may be asked" no Reload
manager_is "$ASKS" "nor where nobody can be asked" yes Reload
manager_is "$ASKS" "nor release" no Release sbt "$dax" false 0
check "root may" busctl call org.daxtier1 /org/daxtier1 org.daxtier1.Manager Reload
is "$(bus_value /org/daxtier1 org.daxtier1.Manager Version >/dev/null && echo read)" read "reading takes no authority"

# By method.
rule <<JS
    if (action.id == "org.daxtier1.manage" && action.lookup("method") == "Reload" && subject.user == "$user")
        return polkit.Result.YES;
JS
check_soon 20 "a rule lets the user reload" eval '[ "$(manager no Reload)" = ok ]'
manager_is "$ASKS" "and do nothing else" no Release sbt "$dax" false 0
check "with daxtierctl as well" as_user daxtierctl reload

# By device, and a plain no, which is told apart from a question.
rule <<JS
    if (action.id == "org.daxtier1.manage" && subject.user == "$user")
        return action.lookup("method") == "Apply" && action.lookup("device") == "$dax" ? polkit.Result.YES : polkit.Result.NO;
JS
check_soon 20 "another rule is in force" eval 'manager yes Reload | grep -q "$REFUSES"'
manager_is '^ok$' "it lets the user apply the policy to one device" no Apply sb "$dax" false
manager_is "$REFUSES" "to that one, not to all" no Apply sb '' false
manager_is "$REFUSES" "and release none" no Release sbt "$dax" false 0
is "$(dax_zones "$dax")" "$blocks" "all of its memory is where it was"

# Somebody who asks and leaves takes nothing with him, and polkit that goes away is no yes.
rule <<JS
    if (action.id == "org.daxtier1.manage" && subject.user == "$user")
        polkit.spawn(["/bin/sleep", "8"]); // 10 s are as long as polkit lets it
JS
check_soon 60 "a rule that takes its time" eval 'start=$(now_ms); manager no Reload >/dev/null; [ $(($(now_ms) - start)) -gt 7000 ]'
as_user timeout 1 busctl call org.daxtier1 /org/daxtier1 org.daxtier1.Manager Reload >/dev/null 2>&1
start=$(now_ms)
check "root does not wait for it" busctl call org.daxtier1 /org/daxtier1 org.daxtier1.Manager Reload
between $(($(now_ms) - start)) 0 6000 "and is answered before the other one could be (ms)"
rm -f "$RULES/50-lab.rules"
systemctl mask --runtime --now polkit.service 2>/dev/null
manager_is "$REFUSES" "without polkit it is for root alone" no Reload
check "who still may" daxtierctl reload
systemctl unmask --runtime polkit.service 2>/dev/null
check_soon 30 "and with it, it is asked again" eval 'manager no Reload | grep -q "$ASKS"'
check "the daemon was there all the time" daemon_is active
is "$(systemctl show --value -p NRestarts daxtierd.service)" 0 "and was not started anew"
finish
