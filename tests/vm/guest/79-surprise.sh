# SPDX-License-Identifier: GPL-2.0-or-later
# boot: surprise
#
# Memory that is online and leaves, by the attention button, pulled without asking, or unbound by hand: the daemon says so within a second,
# and goes on with what it has. What is stuck stays until the next boot: the last file of its boot.
# shellcheck shell=bash
. /usr/lib/daxtier-lab/lib.sh
. /usr/lib/daxtier-lab/life.sh
. /usr/lib/daxtier-lab/cards.sh

stuck_id=e432a3d7eb6d43029d358a3565f3ee84

# is_stuck TEXT DAX: told, by all who tell something. There is nothing to release where the device itself has left.
is_stuck() {
    local code=4
    check_soon 10 "$1: the device is stuck" dax_state_is "$2" stuck
    like "$(property "$2" Reason)" "4 of (its )?4 (memory )?blocks .* 4 of them online; they stay until the next boot" "$1: with the reason"
    like "$(daxtierctl status)" "$2 .*stuck" "$1: daxtierctl status says so"
    is "$(journal_new MESSAGE_ID=$stuck_id | grep -c "^$2: stuck")" 1 "$1: the journal says so, once"
    [ ! -e "$DAX/$2" ] || code=6
    told daxtierctl release "$2"
    is "$status" $code "$1: it cannot be released"
    like "$said" "stays? until the next boot" "$1: for that reason"
    told daxtierctl apply --force "$2"
    is "$status" $code "$1: nor applied"
}

# told_after MARK REGEX: how long it was from the kernel's message of that kind since line MARK of its log to the daemon's
told_after() {
    local left told_ms
    left=$(dmesg | tail -n +"$1" | sed -nE "s/^\[ *([0-9]+)\.([0-9]{3}).*($2).*/\1\2/p" | tail -n 1)
    told_ms=$(journal_ms MESSAGE_ID=$stuck_id)
    echo $((${told_ms:-999999999} - ${left:-0}))
}

daemon_fresh
regions <<'CONF'
create-regions = yes
never = 0xc0
CONF
policy memmap <<'CONF'
# With the memmap on a card that is pulled, the kernel would go on with what it reads where the card was.
[rule memmap]
match-kind = cxl
mode = system-ram
memmap-on-memory = no
CONF
check "cards become memory" daxtierctl reload
# One before the other: of two regions below a bridge, that of the card which leaves and comes back has the higher addresses. Where it had
# the lower ones, the kernel (seen on 7.3) refuses it another region (EBUSY) while the other is stuck.
check "one goes in" plug 4
check_soon 60 "and is memory" card_is_online 0xc2
check "the others go in" plug 3 7 8
for serial in 0xc1 0xc2 0xc5 0xc6; do check_soon 60 "card $serial is memory" card_is_online $serial; done

# The button, pressed by somebody who has not released it.
dax=$(card_dax 0xc1)
journal_mark
mark=$(dmesg | wc -l)
check "a button is pressed" unplug 3
check_soon 30 "the card comes out with its memory online" slot_is_empty 3
is_stuck button "$dax"
within_a_second "button: from the kernel's message to the daemon's" "$(told_after "$mark" "kmem $dax: .*(cannot be hotremoved|stuck online)")"

# Pulled.
dax=$(card_dax 0xc5)
journal_mark
mark=$(dmesg | wc -l)
check "a card is pulled out" slot_pull 7
is_stuck pulled "$dax"
within_a_second "pulled: from the kernel's message to the daemon's" "$(told_after "$mark" "kmem $dax: .*(cannot be hotremoved|stuck online)")"

# Unbound by hand.
dax=$(card_dax 0xc2)
journal_mark
mark=$(dmesg | wc -l)
check "somebody unbinds a device with its memory online" dax_unbind "$dax"
is_stuck unbound "$dax"
within_a_second "unbound: from the kernel's message to the daemon's" "$(told_after "$mark" "kmem $dax: .*(cannot be hotremoved|stuck online)")"
is "$(dax_driver "$dax")" none "unbound: nobody binds it again"

# All else goes on.
other=$(card_dax 0xc6)
is "$(property "$other" State), $(dax_zones "$other")" "online, 4 Movable" "another card is online"
check "and can be released" daxtierctl release "$other"
check "and applied" daxtierctl apply "$other"
check "a restart" systemctl restart daxtierd.service
is "$(property "$dax" State)" stuck "what was unbound is stuck still"
is "$(property "$other" State)" online "what is online is online"

# The card comes back.
sleep 2 # the kernel has switched the slot off, and for a second it looks away
check "the first card goes in again" plug 3
check_soon 60 "and becomes memory, elsewhere" card_is_online 0xc1
check "it can be ejected" daxtierctl release --eject "$(card_dax 0xc1)"
is "$(rests)" "autoprobe 0, auto-online online, held: dax-autoprobe released" "nothing else is held"
finish
