# SPDX-License-Identifier: GPL-2.0-or-later
# full: plug
#
# What regions can be made of, and what the kernel says to the others: devices below one bridge and below two, windows and
# decoders that are used up, an order that hardware cannot have, a device that is not volatile.
# shellcheck shell=bash
. /usr/lib/daxtier-lab/lib.sh

size=$LAB_CXL0_SIZE
memdev() { cxl_memdev "$(printf '%#x' "$1")"; }
all_ready() { local serial; for serial in 0xc0 0xc1 0xc2 0xc3 0xc4 0xc5 0xc6 0xd0 0xe0; do cxl_is_ready $serial || return; done; }
refused() { # refused REGEX TEXT BYTES MEMDEV...: no such region, with this answer, and nothing left of it
    local before
    before=$(cxl_regions)
    like "$(cxl_interleave "${@:3}" 2>&1)" "$1" "$2"
    is "$(cxl_regions)" "$before" "$2: and no region is left of it"
}

write /sys/bus/dax/drivers_autoprobe 0
at_exit write /sys/bus/dax/drivers_autoprobe 1
check "cards go in below all bridges" plug 3 4 5 6 7 8 11 12
check_soon 60 "they are ready" all_ready

# Which window is whose.
is "$(cxl_root_decoder "$(memdev 0xc0)")" decoder0.0 "bridge 0 has a window"
is "$(cxl_root_decoder "$(memdev 0xc5)")" decoder0.1 "bridge 1 has a window"
is "$(cxl_root_decoder "$(memdev 0xc0)" "$(memdev 0xc5)")" decoder0.2 "one interleaves over both"
is "$(cat $CXL/decoder0.2/interleave_ways)" 2 "by two ways"
is "$(cat "$CXL/$(memdev 0xc0)/numa_node"):$(cat "$CXL/$(memdev 0xc5)/numa_node")" 0:1 "the bridges belong to different nodes"
is "$(for i in 0 1 2 3; do cat $CXL/decoder0.$i/cap_ram; done | xargs)" "1 1 1 1" "all of them take volatile regions"

# What cannot be.
persistent=$(memdev 0xd0)
is "$(($(cat "$CXL/$persistent/ram/size"))):$(($(cat "$CXL/$persistent/pmem/size")))" "0:$LAB_CXL9_SIZE" "one device has persistent capacity alone"
refused "No such device or address|Invalid argument" "it gives no volatile region (ENXIO, in 7.3 EINVAL)" "$size" "$persistent"
refused "Numerical result out of range" "a window that is too small takes no region of a larger device (ERANGE)" "$size" "$(memdev 0xe0)"
small=$(cxl_interleave $((size / 2)) "$(memdev 0xe0)")
like "$small" '^region' "but one of a part of it that fits"
check "that can be destroyed" cxl_region_destroy "$small"

# Two devices below one bridge.
region=$(cxl_interleave $((2 * size)) "$(memdev 0xc1)" "$(memdev 0xc2)")
like "$region" '^region' "two devices below one bridge make one region"
is "$(cat "$CXL/$region/interleave_ways"):$(($(cat "$CXL/$region/size")))" "2:$((2 * size))" "of two ways and twice the size"
dax=$(cxl_region_dax "$region")
is "$(cat "$DAX/$dax/size")" $((2 * size)) "it gives one dax device"
check "it can be destroyed" cxl_dax_destroy "$dax"

# Two devices below two bridges.
region=$(cxl_interleave $((2 * size)) "$(memdev 0xc1)" "$(memdev 0xc5)")
like "$region" '^region' "two devices below two bridges make one region"
is "$(($(cat "$CXL/$region/resource")))" $(($(cat $CXL/decoder0.2/start))) "in the window that interleaves"
# A bridge's decoders hold ascending addresses: below a region that is there, no other fits, however empty the window is.
refused "Device or resource busy" "while it stands, bridge 0 takes no region in its own window, which lies lower (EBUSY)" "$size" "$(memdev 0xc0)"
check "it can be destroyed as well" cxl_region_destroy "$region"

# Decoders.
regions=()
for serial in 0xc0 0xc1 0xc2 0xc3; do regions+=("$(cxl_region_create "$(memdev $serial)" "$size")"); done
is "${#regions[*]}:$(cxl_regions | wc -l)" 4:4 "a bridge with four decoders takes four regions"
refused "Device or resource busy" "and no fifth, though its window has room (EBUSY)" "$size" "$(memdev 0xc4)"
check "the last of them can be destroyed" cxl_region_destroy "${regions[3]}"
regions[3]=$(cxl_region_create "$(memdev 0xc3)" "$size")
like "${regions[3]}" '^region' "and made again"
check "the first of them can be destroyed" cxl_region_destroy "${regions[0]}"
refused "Device or resource busy" "but not made again while the later ones stand: its place lies lower (EBUSY)" "$size" "$(memdev 0xc0)"
for i in 3 2 1; do check "${regions[i]} can be destroyed" cxl_region_destroy "${regions[i]}"; done
region=$(cxl_region_create "$(memdev 0xc0)" "$size")
like "$region" '^region' "with all of them gone, a first one can be made again"
check "and destroyed" cxl_region_destroy "$region"

check "all buttons can be pressed" unplug 3 4 5 6 7 8 11 12
check_soon 60 "all of the cards come out" eval '[ "$(slots_list)" = "$LAB_CXL0_SLOT $LAB_CXL0_SERIAL" ]'
is "$(cxl_regions)" "" "nothing is left of them"
finish
