# SPDX-License-Identifier: GPL-2.0-or-later
# boot: patched-memory
#
# After all that the other files of this boot did, half-way failures too, and with all of it removed: kmemleak finds no memory of the
# kernel that nobody points to.
# shellcheck shell=bash
. /usr/lib/daxtier-lab/lib.sh

leaks=/sys/kernel/debug/kmemleak

is "$(find $MEMORY/ -name 'memory[0-9]*' | wc -l)" "$(find $NODE/node[01]/ -name 'memory[0-9]*' | wc -l)" "all memory that is there belongs to the nodes with CPUs"
unlike "$(dmesg)" 'kmemleak: (Cannot|Kernel memory leak detector disabled|.*[Pp]ool empty)' "kmemleak has not given up"

# What has just been allocated is not called a leak before it is some seconds old, and a second look clears what only seemed one.
for _ in 1 2; do
    check "a scan" write $leaks scan
    sleep 10
done
check "and a last one" write $leaks scan
found=$(cat $leaks)
note "$found"
is "$(grep -c '^unreferenced object' <<<"$found")" 0 "no leak is found"
finish
