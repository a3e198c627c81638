# SPDX-License-Identifier: GPL-2.0-or-later
# Memory blocks, zones and nodes, read from the kernel without the project's help.
# shellcheck shell=bash

MEMORY=/sys/devices/system/memory
NODE=/sys/devices/system/node
TRACE=/sys/kernel/tracing

block_size() { echo $((0x$(cat $MEMORY/block_size_bytes))); }

auto_online() { cat $MEMORY/auto_online_blocks; }

dax_blocks() { # dax_blocks DAX: the numbers of its whole memory blocks, by its mapping ranges
    local size mapping start end
    size=$(block_size)
    for mapping in /sys/bus/dax/devices/"$1"/mapping[0-9]*; do
        start=$(cat "$mapping/start")
        end=$(cat "$mapping/end")
        seq $(((start + size - 1) / size)) $(((end + 1) / size - 1))
    done
}

# Without a process for each of hundreds of blocks.
block_state() { # block_state BLOCK
    local state
    { read -r state <"$MEMORY/memory$1/state"; } 2>/dev/null || state=absent
    echo "$state"
}

block_zone() { # block_zone BLOCK: the zone of an online block; else absent or offline
    local zone
    { read -r zone <"$MEMORY/memory$1/state"; } 2>/dev/null || zone=absent
    [ "$zone" != online ] || read -r zone <"$MEMORY/memory$1/valid_zones"
    echo "$zone"
}

# dax_zones DAX: how many of its blocks are in which zone, as "8 Movable" or "3 Normal, 5 offline"
dax_zones() {
    local block
    for block in $(dax_blocks "$1"); do block_zone "$block"; done | sort | uniq -c | awk '{ printf "%s%s %s", s, $1, $2; s = ", " } END { print "" }'
}

# Its ranges appear only when the kernel's own bind is over: no blocks are not all blocks.
dax_is_online() {
    local zones
    zones=$(dax_zones "$1" 2>/dev/null)
    [ -n "$zones" ] && ! grep -qE 'offline|absent|none' <<<"$zones"
}

dax_offline() { # dax_offline DAX: every online block of it
    local block state
    for block in $(dax_blocks "$1"); do
        { read -r state <"$MEMORY/memory$block/state"; } 2>/dev/null || continue
        [ "$state" != online ] || write "$MEMORY/memory$block/state" offline || return
    done
}

node_kb() { awk -v key="$2:" '$3 == key { print $4 }' "$NODE/node$1/meminfo" 2>/dev/null; } # node_kb NODE MemFree|MemTotal

# dram_free_kb: MemFree of the nodes with CPUs, where a memmap lands that is not on its device, and what lies about free in
# the lists of the CPUs or is accounted for by processes, caches and slabs: that comes and goes, and a memmap is none of it. What
# moves from one account to the other while they are read is in neither, or in both: they are read until that tells the same twice.
dram_free_kb() {
    local last="" now i
    for ((i = 0; i < 50; i++)); do
        now=$(dram_free_once_kb)
        [ -z "$last" ] || [ $((now - last)) -gt 256 ] || [ $((now - last)) -lt -256 ] || break
        last=$now
        sleep 0.1
    done
    echo "$now"
}

dram_free_once_kb() {
    local node
    {
        for ((node = 0; node < LAB_CPU_NODES; node++)); do cat "$NODE/node$node/meminfo"; done
        cat /proc/zoneinfo
    } | awk -v nodes="$LAB_CPU_NODES" '
        $3 ~ /^(MemFree|Active|Inactive|Unevictable|Slab|KernelStack|PageTables):$/ { total += $4 }
        /^Node [0-9]+, zone/ { here = $2 + 0 < nodes }
        here && $1 == "count:" { total += $2 * 4 }
        END { print total }'
}

zone_pages() { # zone_pages NODE ZONE present|managed|spanned: pages of 4 KiB; 0 where there is no such zone
    awk -v node="$1" -v zone="$2" -v key="$3" '
        /^Node / { here = ($2 == node "," && $4 == zone) }
        here && $1 == key { print $2; found = 1; exit }
        END { if (!found) print 0 }' /proc/zoneinfo
}

# zones_snapshot: present, spanned and managed pages of every zone of every node that has any, to be compared exactly
zones_snapshot() {
    awk '
        /^Node / { where = "node " $2 " " $4 }
        $1 == "spanned" || $1 == "present" || $1 == "managed" { pages[$1] = $2 }
        $1 == "managed" {
            sub(",", "", where)
            if (pages["spanned"] + pages["present"] + pages["managed"])
                print where ": spanned", pages["spanned"], "present", pages["present"], "managed", $2
        }' /proc/zoneinfo
}

# memory_snapshot: the zones, the memory blocks with their states, and who has which physical addresses
memory_snapshot() {
    zones_snapshot
    grep -H . $MEMORY/memory[0-9]*/state
    cat /proc/iomem
}

# A record of every page range that the kernel ever puts into a zone, made inside the kernel: proof that no block was
# in Normal even for a moment, which no look at sysfs afterwards can give. A kernel that does not know the names of its arguments
# is asked one call later, where the zone is a number.
zone_trace_start() {
    zone_trace_stop
    {
        echo 'p:daxtier_lab/zone move_pfn_range_to_zone zone=+0(zone->name):string pfn=start_pfn:u64 pages=nr_pages:u64' \
            >"$TRACE/kprobe_events" ||
            echo 'p:daxtier_lab/zone memmap_init_range zone=$arg3:u64 pfn=$arg4:u64 pages=$arg1:u64' >"$TRACE/kprobe_events"
    } 2>/dev/null && echo >"$TRACE/trace" && echo 1 >"$TRACE/events/daxtier_lab/zone/enable"
}

zone_trace_stop() {
    [ ! -e "$TRACE/events/daxtier_lab/zone" ] || echo 0 >"$TRACE/events/daxtier_lab/zone/enable"
    echo >"$TRACE/kprobe_events"
}

# zone_trace DAX: per zone, how many pages of this device went there since zone_trace_start, as "262144 Movable"
zone_trace() {
    local first last size
    size=$(($(block_size) / 4096))
    first=$(($(dax_blocks "$1" | sort -n | head -n 1) * size))
    last=$((($(dax_blocks "$1" | sort -n | tail -n 1) + 1) * size))
    # First the names of the zones in the order of their numbers, then the record.
    {
        sed -n 's/^Node 0, zone *\([^ ]*\)$/\1/p' /proc/zoneinfo
        sed -n 's/.* zone="*\([^" ]*\)"* pfn=\([0-9]*\) pages=\([0-9]*\).*/\1 \2 \3/p' "$TRACE/trace"
    } | awk -v first=$first -v last=$last '
        NF == 1 { name[zones++ ""] = $1 }
        NF == 3 && $2 >= first && $2 < last { n[$1 in name ? name[$1] : $1] += $3 }
        END { for (z in n) print n[z], z }' | sort -k 2
}

# Record the uevents of memory blocks, and of dax devices, into a file until uevents_stop.
uevents_start() { # uevents_start FILE
    udevadm monitor --kernel --property --subsystem-match=memory --subsystem-match=dax >"$1" 2>&1 &
    uevents_pid=$!
    at_exit uevents_stop
    wait_for 180 grep -q '^KERNEL - ' "$1"
}

uevents_stop() {
    [ -n "${uevents_pid:-}" ] || return 0
    kill "$uevents_pid" 2>/dev/null
    wait "$uevents_pid" 2>/dev/null
    uevents_pid=
}

uevents_count() { grep -c "^ACTION=$2\$" "$1"; } # uevents_count FILE add|online|offline|remove

# uevents_last_ms FILE ACTION SUBSYSTEM: when the kernel sent the last such event, in milliseconds since boot
uevents_last_ms() { sed -n "s/^KERNEL\[\([0-9]*\)\.\([0-9]\{3\}\)[0-9]*\] $2 .* ($3)\$/\1\2/p" "$1" | tail -n 1; }
