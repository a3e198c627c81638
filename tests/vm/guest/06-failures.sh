# SPDX-License-Identifier: GPL-2.0-or-later
# boot: patched patched-locking patched-memory
# timeout: 900
#
# Adding memory fails half-way: at the first allocation inside the kernel, at the second, and so on until one bind needs no
# more than that. After each failure nothing is left of what was added, and the next bind works.
# shellcheck shell=bash
. /usr/lib/daxtier-lab/lib.sh

daemon_away
# x86 finds it worth a warning when it has no memory left to add memory, and then returns the error.
provokes 'WARNING: .* at arch/x86/mm/init_64\.c:\d+ add_pages\+'

# fail-nth counts for the process that arms it, whatever these say; but not the allocations that may wait, unless told.
for what in failslab fail_page_alloc; do
    check "$what also counts allocations that may wait" write /sys/kernel/debug/$what/ignore-gfp-wait N
    write /sys/kernel/debug/$what/verbose 0
done
check "and single pages" write /sys/kernel/debug/fail_page_alloc/min-order 0
check "and those of highmem's kind" write /sys/kernel/debug/fail_page_alloc/ignore-gfp-highmem N

# A neighbour, in the same GiB, keeps what a kernel cannot do without: it stops with a BUG when it cannot register a new node, and
# looks through no pointer when x86 gets no page for the tables of its direct mapping. Neither is about adding memory half-way.
neighbour=$(hmem_dax_create "$(hmem_range 7 1)")
check "another device has memory in the node" dax_bind "$neighbour" offline
dax=$(hmem_dax_create "$(hmem_range 0 3)")
[ -n "$dax" ] || { fail "a device of three blocks"; finish; }
is "$(dax_blocks "$dax" | wc -l)" 3 "a device of three blocks, of which each needs its own"
write "$MEMORY/auto_online_blocks" offline
at_exit write "$MEMORY/auto_online_blocks" online

# leftovers DAX: what a bind left that it should not have
leftovers() {
    [ "$(dax_driver "$dax")" = none ] || echo "driver $(dax_driver "$dax")"
    diff <(echo "$before") <(memory_snapshot)
}

for value in 1 0; do
    where=$([ $value = 1 ] && echo "memmap on the device" || echo "memmap in DRAM")
    write "$(knob "$dax")" $value
    check "$where: a bind that nothing disturbs" dax_bind "$dax" offline
    dax_unbind "$dax"
    before=$(memory_snapshot)
    refused=0 survived=0 wrong=0 dead=0
    unset answers
    declare -A answers=()
    for ((n = 1; n < 2000; n++)); do
        answer=$(/usr/lib/daxtier-lab/attribute write-nth $n "$KMEM/bind" "$dax")
        case "$answer" in
        "ok untouched") break ;;
        # It could do without: an event, a link in sysfs.
        "ok failed") survived=$((survived + 1)) ;;
        # EBUSY and EEXIST: whoever asks for an address range is not told why it cannot be had.
        E*" failed") refused=$((refused + 1)) answers[${answer% *}]=$((${answers[${answer% *}]:-0} + 1)) ;;
        *) dead=$((dead + 1)) && note "allocation $n: '$answer'" ;;
        esac
        [ $((dead + wrong)) -lt 10 ] || break # it only becomes worse
        [ "${answer% *}" != ok ] || dax_unbind "$dax"
        left=$(leftovers)
        if [ -n "$left" ]; then
            wrong=$((wrong + 1))
            [ $wrong -gt 5 ] || note "allocation $n, $answer, left:" "$left"
        fi
        # Now and then all the way; the next try begins with the same bind anyhow.
        if [ $((n % 25)) -eq 0 ]; then
            if ! dax_bind "$dax" online_movable || ! dax_is_online "$dax" || ! dax_offline "$dax" || ! dax_unbind "$dax"; then
                wrong=$((wrong + 1))
                note "after allocation $n: the next bind does not work"
            fi
        fi
    done
    is "$answer" "ok untouched" "$where: one bind needs no more than that many allocations ($((n - 1)))"
    between $refused 20 2000 "$where: most failures refuse the bind"
    # kmemleak's own records of what was allocated are most of what a bind can do without, where there is kmemleak.
    between $survived 0 $((refused * (1 + 3 * $([ -e /sys/kernel/debug/kmemleak ] && echo 1 || echo 0)))) "$where: it can do without the others"
    is $dead 0 "$where: with an error"
    between "${answers[ENOMEM]:-0}" $((refused / 2)) $refused "$where: most often ENOMEM"
    figure "$where: the errors" "$(for error in "${!answers[@]}"; do printf '%s %s, ' "$error" "${answers[$error]}"; done | sed 's/, $//')"
    is $wrong 0 "$where: each time every zone, block and address was as before"
    figure "$where: allocations of one bind, of which refuse it, survive it" "$((n - 1)), $refused, $survived"
    check "$where: the last bind was whole" eval '[ "$(dax_zones "$dax")" = "3 offline" ]'
    check "$where: it can be unbound" dax_unbind "$dax"
    check "$where: the next bind works" dax_bind "$dax" online_movable
    check "$where: it is online" dax_is_online "$dax"
    check "$where: it goes offline" dax_offline "$dax"
    check "$where: it can be unbound again" dax_unbind "$dax"
    is "$(leftovers)" "" "$where: and all is as before"
done
check "the neighbour can be unbound" dax_unbind "$neighbour"
check "and taken back" hmem_dax_destroy "$dax"
check "both" hmem_dax_destroy "$neighbour"
finish
