# SPDX-License-Identifier: GPL-2.0-or-later
#
# The demonstration of ./try: a CXL region is created while daxtierd runs. Prints what a person would look at, and
# asserts the little without which it would be a lie.
# shellcheck shell=bash
. /usr/lib/daxtier-lab/lib.sh

heading() {
    echo
    if [ "$LAB_COLOUR" = 1 ]; then printf '\033[1;32m%s\033[0m\n' "$1"; else printf '%s\n' "$1"; fi
    [ $# -lt 2 ] || printf '%s\n' "$2"
    echo
}

command_line() { # command_line COMMAND...: show it, then run it
    if [ "$LAB_COLOUR" = 1 ]; then printf '\033[1m# %s\033[0m\n' "$*"; else printf '# %s\n' "$*"; fi
    "$@"
}

mib() { echo $(($1 / 1024)) MiB; }

show_nodes() {
    local dir node cpus zones zone pages
    printf '%-6s %-6s %12s %12s  %-30s %s\n' node CPUs memory free "zones (managed)" distances
    # shellcheck disable=SC2045 # in the order of the numbers; sysfs has no names with blanks
    for dir in "$NODE"/node[0-9]*; do
        node=${dir##*node}
        cpus=$(cat "$dir/cpulist")
        zones=
        for zone in DMA DMA32 Normal Movable; do
            pages=$(zone_pages "$node" $zone managed)
            [ "$pages" -eq 0 ] || zones="$zones$zone $(mib $((pages * 4)))  "
        done
        printf '%-6s %-6s %12s %12s  %-30s %s\n' "$node" "${cpus:--}" "$(mib "$(node_kb "$node" MemTotal)")" \
            "$(mib "$(node_kb "$node" MemFree)")" "${zones:--}" "$(cat "$dir/distance")"
    done
}

show_dax() {
    local dir name
    for dir in "$DAX"/*; do
        [ -e "$dir" ] || { echo "dax devices: none"; return; }
        name=${dir##*/}
        printf '%s: driver %s, target node %s, blocks by zone: %s\n' \
            "$name" "$(dax_driver "$name")" "$(cat "$dir/target_node")" "$(dax_zones "$name")"
    done
}

show_kernel() {
    echo "kernel $(uname -r), auto_online_blocks = $(auto_online)," \
        "memory_hotplug.memmap_on_memory = $(cat /sys/module/memory_hotplug/parameters/memmap_on_memory)," \
        "dax drivers_autoprobe = $(autoprobe)"
}

heading "1. The host before" "Two CPU nodes; a $((LAB_CXL0_SIZE >> 20)) MiB CXL device (serial $LAB_CXL0_SERIAL) is plugged in, but not memory yet. This kernel, left
alone, would put new memory into zone Normal, where it can never reliably be taken back."
show_nodes
show_dax
show_kernel

heading "2. daxtierd starts, with the configuration it ships"
command_line systemctl start daxtierd.service
check "daxtierd is running" systemctl is-active daxtierd.service
show_kernel

heading "3. A CXL region is created, by sysfs, as a fabric manager or an administrator would"
zone_trace_start
start=$(now_ms)
dax=$(cxl_dax_create "$LAB_CXL0_SERIAL" "$LAB_CXL0_SIZE")
isnt "$dax" "" "the region gives a dax device"
[ -n "$dax" ] || finish
echo "The kernel made ${dax}. Nobody types anything now."
check_soon 60 "all memory of $dax comes online" dax_is_online "$dax"
echo "All its blocks were online $(($(now_ms) - start)) ms after the first write (of an emulated machine, which is slow)."
# The last block is online before the daemon has verified and published it.
check_soon 20 "the daemon says so" dax_state_is "$dax" online

heading "4. What it decided, and why: the journal"
command_line journalctl -u daxtierd.service -o cat --no-pager

heading "5. What an operator sees"
command_line daxtierctl status
echo
command_line daxtierctl show "$dax"

heading "6. The host after"
show_nodes
show_dax
echo "zones that the kernel ever put pages of $dax into: $(zone_trace "$dax" | awk '{ print $2 }' | xargs)"
is "$(zone_trace "$dax" | awk '{ print $2 }' | xargs)" Movable "no page of it was ever in another zone than Movable"
check "daxtierctl status succeeds" daxtierctl status
echo
finish
