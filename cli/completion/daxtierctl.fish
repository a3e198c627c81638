# fish completion for daxtierctl(1)
# SPDX-License-Identifier: GPL-2.0-or-later
#
# tests/house/completion.py holds it to what "daxtierctl --help" lists.

# The words behind the command that are neither options nor their values: the verb, and its arguments.
function __daxtierctl_words
    set -l skip no
    for word in (commandline -opc)[2..-1]
        if test $skip = yes
            set skip no
        else if contains -- $word --json --root --config --deadline --format --output
            set skip yes
        else if not string match -q -- '-*' $word
            echo $word
        end
    end
end

function __daxtierctl_needs_verb
    test (count (__daxtierctl_words)) -eq 0
end

# __daxtierctl_verb_is VERB...: before its argument or behind it
function __daxtierctl_verb_is
    set -l words (__daxtierctl_words)
    test (count $words) -gt 0; and contains -- $words[1] $argv
end

# __daxtierctl_needs_argument_of VERB...
function __daxtierctl_needs_argument_of
    test (count (__daxtierctl_words)) -eq 1; and __daxtierctl_verb_is $argv
end

# Options may stand before their verb.
function __daxtierctl_may_take
    __daxtierctl_needs_verb; or __daxtierctl_verb_is $argv
end

function __daxtierctl_compares
    __daxtierctl_verb_is plan; and contains -- --diff (commandline -opc)
end

# From sysfs: at once, and without a word where there is none.
function __daxtierctl_devices
    set -l sys /sys
    set -q DAXTIERCTL_SYS; and set sys $DAXTIERCTL_SYS
    set -l paths $sys/bus/dax/devices/*
    string replace -r '.*/' '' -- $paths
end

function __daxtierctl_memdevs
    set -l sys /sys
    set -q DAXTIERCTL_SYS; and set sys $DAXTIERCTL_SYS
    set -l paths $sys/bus/cxl/devices/mem*
    string replace -r '.*/' '' -- $paths
end

complete -c daxtierctl -f

complete -c daxtierctl -n __daxtierctl_needs_verb -a status -d 'every device and the host at a glance'
complete -c daxtierctl -n __daxtierctl_needs_verb -a show -d 'everything about one device, and why it is so'
complete -c daxtierctl -n __daxtierctl_needs_verb -a plan -d 'what would happen, and why; touches nothing'
complete -c daxtierctl -n __daxtierctl_needs_verb -a apply -d 'bring about what the policy says, now'
complete -c daxtierctl -n __daxtierctl_needs_verb -a release -d 'take its memory offline and give it up'
complete -c daxtierctl -n __daxtierctl_needs_verb -a monitor -d 'each change as it happens, until it is interrupted'
complete -c daxtierctl -n __daxtierctl_needs_verb -a check-config -d 'every error of the configuration, or what it says'
complete -c daxtierctl -n __daxtierctl_needs_verb -a doctor -d 'what keeps memory from becoming tiered, and the fix'
complete -c daxtierctl -n __daxtierctl_needs_verb -a capture -d 'what is read of this host, for --root later'
complete -c daxtierctl -n __daxtierctl_needs_verb -a reload -d 'let the daemon read its configuration anew'
complete -c daxtierctl -n __daxtierctl_needs_verb -a metrics -d 'figures for a monitoring system such as Prometheus'

complete -c daxtierctl -n '__daxtierctl_needs_argument_of show release monitor plan apply; and not __daxtierctl_compares' \
    -a '(__daxtierctl_devices)' -d 'dax device'
complete -c daxtierctl -n '__daxtierctl_needs_argument_of plan apply; and not __daxtierctl_compares' \
    -a '(__daxtierctl_memdevs)' -d 'CXL memory device'
complete -c daxtierctl -n '__daxtierctl_needs_argument_of check-config capture' -F
complete -c daxtierctl -n __daxtierctl_compares -F

complete -c daxtierctl -n '__daxtierctl_may_take status show plan apply release monitor check-config doctor reload' \
    -l json -x -a 'pretty short' -d JSON
complete -c daxtierctl -n '__daxtierctl_may_take status show plan check-config doctor capture' -l root -r -F -d 'another host'
complete -c daxtierctl -n '__daxtierctl_may_take plan' -l config -r -F -d 'by this file alone, without drop-ins'
complete -c daxtierctl -n '__daxtierctl_may_take release' -l deadline -x -d 'put all back if it takes longer'
complete -c daxtierctl -n '__daxtierctl_may_take release' -l eject -d 'take its CXL region apart, too'
complete -c daxtierctl -n '__daxtierctl_may_take release' -l dry-run -d 'tell what is in the way, touch nothing'
complete -c daxtierctl -n '__daxtierctl_may_take apply' -l force -d 'take what is online otherwise offline first'
complete -c daxtierctl -n '__daxtierctl_may_take metrics' -l format -x -a 'openmetrics prometheus' -d 'text format'
complete -c daxtierctl -n '__daxtierctl_may_take metrics' -l output -r -F -d 'replace this file, all at once'
complete -c daxtierctl -n '__daxtierctl_may_take plan' -l diff -d 'what the second --config changes, by host'
complete -c daxtierctl -n '__daxtierctl_may_take capture' -l mask-serials -d 'serial numbers as 0x1, 0x2, ...'
complete -c daxtierctl -n '__daxtierctl_may_take apply release reload' -l no-ask-password -d 'let polkit ask nobody for a password'
complete -c daxtierctl -s h -l help -d 'print a summary'
complete -c daxtierctl -l version -d 'print the version'
