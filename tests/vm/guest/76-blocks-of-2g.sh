# SPDX-License-Identifier: GPL-2.0-or-later
# boot: large
#
# Memory blocks of 2 GiB under the daemon: devices with several, one and none of them.
# shellcheck shell=bash
. /usr/lib/daxtier-lab/lib.sh
. /usr/lib/daxtier-lab/life.sh

gib=$((1 << 30))
daemon_fresh
is "$(block_size)" $((2 * gib)) "a block has 2 GiB"
policy pmem <<'CONF'
[movable]
max-ratio = none
[rule pmem]
match-kind = pmem
mode = system-ram
CONF
check "a policy that takes the nvdimm, too" daxtierctl reload
large=$(nvdimm_dax_create "$LAB_NVDIMM0_NODE")
[ -n "$large" ] || finish
check_soon 90 "a device of several blocks comes online" dax_state_is "$large" online
blocks=$(dax_blocks "$large" | wc -l)
is "$(dax_zones "$large")" "$blocks Movable" "all of them in Movable"
is "$(property "$large" BlocksTotal) $(property "$large" LostBytes)" "$blocks $(($(cat "$DAX/$large/size") - blocks * 2 * gib))" "what lies in no whole block is told as lost"

one=$(cxl_dax_create "$LAB_CXL0_SERIAL" "$LAB_CXL0_SIZE")
check_soon 90 "a device of 4 GiB comes online" dax_state_is "$one" online
between "$(dax_blocks "$one" | wc -l)" 1 2 "it has one whole block or two"
is "$(dax_zones "$one")" "$(dax_blocks "$one" | wc -l) Movable" "all of it in Movable"

journal_mark
none=$(cxl_dax_create "$LAB_CXL1_SERIAL" "$LAB_CXL1_SIZE")
check_soon 30 "a device of 1 GiB is refused" dax_state_is "$none" failed
like "$(property "$none" Reason)" '2 GiB' "since it has no whole block of 2 GiB"
sleep 2
is "$(journal_new DAXTIER_DEVICE="$none" | grep -c bind-kmem)" 0 "and it is not tried"

user_start "$LAB_NVDIMM0_NODE" $((256 << 20))
told daxtierctl release --deadline=300s "$large"
is "$status" 0 "the large one is released"
figure "release of $blocks blocks of 2 GiB with 256 MiB in use (ms)" "$took_ms"
is "$(user_ask check)" "intact 0" "the process has its contents"
user_stop
is "$(dax_zones "$large"), $(dax_driver "$large")" "$blocks absent, none" "and the device has no driver"
check "the namespace can be destroyed" nvdimm_dax_destroy "$LAB_NVDIMM0_NODE"
for dax in "$none" "$one"; do check "$dax can be ejected" daxtierctl release --eject "$dax"; done
is "$(cxl_regions)" "" "no region is left"
finish
