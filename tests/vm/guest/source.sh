# SPDX-License-Identifier: GPL-2.0-or-later
# The small dax devices of a host, which come and go while the daemon runs. What they are made of differs: CXL regions, or
# namespaces of nvdimms where the kernel makes no RAM regions of CXL memory. The daemon's tests stand on this alone, so that the
# same files run on both. There are two of them, 0 and 1, of eight whole memory blocks each.
#
#   SMALL_KIND    as the daemon names it                     SMALL_RULE    the rule that takes it
#   SMALL_KB      its whole blocks, in kB                    SMALL_SIZE    its size in words, as a regular expression
#   SMALL_FROM    the source of its distance before the bind
#
# Persistent memory is not managed unless a rule names it, so there is one: below /run, where no test removes it, and the last one,
# so that a test can add rules of its own.
# shellcheck shell=bash
# shellcheck disable=SC2034 # for those who source this

SMALL_BLOCKS=8
SMALL_KB=$((SMALL_BLOCKS * $(block_size) / 1024))

if [ -n "${LAB_CXL0_SIZE:-}" ]; then
    SMALL_KIND=cxl SMALL_RULE=cxl SMALL_SIZE='1 GiB' SMALL_FROM=default

    small_create() { # small_create N: prints daxX.Y
        local serial=LAB_CXL$1_SERIAL size=LAB_CXL$1_SIZE
        cxl_dax_create "${!serial}" "${!size}"
    }

    small_destroy() { cxl_dax_destroy "$1"; } # small_destroy DAX: offline, and gone; with a daemon running, too

    small_serials() { local serial=LAB_CXL$1_SERIAL && echo "1 $((serial))"; } # small_serials N: as busctl prints the property

    small_match() { local serial=LAB_CXL$1_SERIAL && echo "match-serial = ${!serial}"; } # small_match N: a rule's line that means only it
else
    SMALL_KIND=pmem SMALL_RULE=small-pmem SMALL_SIZE='1\.1 GiB' SMALL_FROM=slit

    small_node() { local node=LAB_NVDIMM$(($1 + 1))_NODE && echo "${!node}"; }

    small_create() { nvdimm_dax_create "$(small_node "$1")"; }

    small_destroy() {
        local node
        node=$(cat "$DAX/$1/target_node") && dax_offline "$1" && nvdimm_dax_destroy "$node"
    }

    small_serials() { echo 0; }

    small_match() { echo "match-target-node = $(small_node "$1")"; }

    mkdir -p /run/daxtier.conf.d
    cat >/run/daxtier.conf.d/zz-small-pmem.conf <<'CONF'
[rule small-pmem]
match-kind = pmem
match-size = ..2G
mode = system-ram
CONF

    # The region of memory that firmware set aside always has a device, idle if nothing else. It is no part of these tests.
    for small_hmem in /sys/bus/platform/drivers/hmem/hmem.*; do
        [ ! -e "$small_hmem" ] || write "${small_hmem%/*}/unbind" "${small_hmem##*/}"
    done
fi

# small_bind_by_hand DAX KNOB POLICY: as an administrator would, with no daemon; its memory offline or online_movable, or "online"
small_bind_by_hand() {
    udevadm settle --timeout=20 # what the kernel does by itself is over
    dax_offline "$1" && dax_claim "$1" && write "$(knob "$1")" "$2" && dax_bind "$1" "$3" && write "$KMEM/remove_id" "$1"
}
