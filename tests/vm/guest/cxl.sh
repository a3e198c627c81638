# SPDX-License-Identifier: GPL-2.0-or-later
# CXL regions and nvdimm namespaces from the shell. Pure sysfs for CXL: this is the sequence that the kernel
# documents, independent of any tool, and it follows links, for numbers of different objects do not pair.
# Functions that make something print its name, and fail with a message on stderr.
# shellcheck shell=bash

CXL=/sys/bus/cxl/devices
DAX=/sys/bus/dax/devices

cxl_error() { echo "cxl: $*" >&2; return 1; }

# cxl_write FILE VALUE
cxl_write() { printf '%s' "$2" >"$1" || cxl_error "writing '$2' to $1 was refused"; }

cxl_memdev() { # cxl_memdev SERIAL (as 0x…): memN
    local dir
    for dir in "$CXL"/mem*; do
        [ "$(cat "$dir/serial" 2>/dev/null)" = "$1" ] && basename "$dir" && return
    done
    cxl_error "no memdev with serial $1"
}

cxl_endpoint() { # cxl_endpoint MEMDEV: endpointN
    local dir
    for dir in "$CXL"/endpoint*; do
        [ "$(basename "$(readlink -f "$dir/uport")")" = "$1" ] && basename "$dir" && return
    done
    cxl_error "no endpoint port belongs to $1"
}

cxl_endpoint_decoder() { # cxl_endpoint_decoder ENDPOINT: its first decoder that holds no capacity
    local dir
    for dir in "$CXL/$1"/decoder*; do
        [ $(($(cat "$dir/dpa_size" 2>/dev/null || echo 1))) -eq 0 ] && basename "$dir" && return
    done
    cxl_error "$1 has no free decoder"
}

cxl_root_decoder() { # a root decoder that takes volatile regions
    local dir
    for dir in "$CXL"/root*/decoder*; do
        [ "$(cat "$dir/cap_ram" 2>/dev/null)" = 1 ] && basename "$dir" && return
    done
    cxl_error "no root decoder takes RAM regions"
}

cxl_region_create() { # cxl_region_create MEMDEV BYTES: a one-way RAM region, enabled; prints regionN
    local endpoint decoder root region
    endpoint=$(cxl_endpoint "$1") && decoder=$(cxl_endpoint_decoder "$endpoint") && root=$(cxl_root_decoder) || return
    cxl_write "$CXL/$decoder/mode" ram && cxl_write "$CXL/$decoder/dpa_size" "$2" || return
    region=$(cat "$CXL/$root/create_ram_region") && cxl_write "$CXL/$root/create_ram_region" "$region" || return
    cxl_write "$CXL/$region/interleave_granularity" "$(cat "$CXL/$root/interleave_granularity")" &&
        cxl_write "$CXL/$region/interleave_ways" 1 &&
        cxl_write "$CXL/$region/size" "$2" &&
        cxl_write "$CXL/$region/target0" "$decoder" &&
        cxl_write "$CXL/$region/commit" 1 &&
        cxl_write /sys/bus/cxl/drivers/cxl_region/bind "$region" &&
        echo "$region"
}

# cxl_region_destroy REGION: its memory must be offline
cxl_region_destroy() {
    local decoder root
    decoder=$(cat "$CXL/$1/target0") && root=$(basename "$(dirname "$(readlink -f "$CXL/$1")")") || return
    cxl_write /sys/bus/cxl/drivers/cxl_region/unbind "$1" &&
        cxl_write "$CXL/$1/commit" 0 &&
        cxl_write "$CXL/$root/delete_region" "$1" &&
        cxl_write "$CXL/$decoder/dpa_size" 0
}

# cxl_region_dax REGION: the dax device under it. It comes a moment after the region: udev loads dax_cxl for it first.
cxl_region_dax() {
    local dir tries
    for ((tries = 0; tries < 150; tries++)); do
        for dir in "$DAX"/*; do
            case "$(readlink -f "$dir")" in */"$1"/*) basename "$dir" && return ;; esac
        done
        sleep 0.1
    done
    cxl_error "no dax device came under $1"
}

# cxl_dax_create SERIAL BYTES: the whole way from a device to its dax device; prints daxX.Y
cxl_dax_create() {
    local memdev region
    memdev=$(cxl_memdev "$1") && region=$(cxl_region_create "$memdev" "$2") && cxl_region_dax "$region"
}

# cxl_dax_destroy DAX: offline its blocks and take its region apart, which takes the dax device away. It is not unbound
# before: a running daxtierd would bind it again.
cxl_dax_destroy() {
    local region
    region=$(readlink -f "$DAX/$1" | grep -oE 'region[0-9]+' | head -n 1)
    dax_offline "$1" && cxl_region_destroy "$region"
}

dax_driver() { # dax_driver DAX: kmem, device_dax or none
    if [ -e "$DAX/$1/driver" ]; then basename "$(readlink -f "$DAX/$1/driver")"; else echo none; fi
}

dax_unbind() { [ ! -e "$DAX/$1/driver" ] || cxl_write "$DAX/$1/driver/unbind" "$1"; }

nvdimm_namespace() { # nvdimm_namespace NODE: the namespace of the nvdimm on that node; its number varies by boot
    local dir
    for dir in /sys/bus/nd/devices/namespace*; do
        [ "$(cat "$(readlink -f "$dir")/../target_node" 2>/dev/null)" = "$1" ] && basename "$dir" && return
    done
    cxl_error "no nvdimm namespace is on node $1"
}

nvdimm_dax_create() { # nvdimm_dax_create NODE: a devdax device on the whole nvdimm of that node; prints daxX.Y
    local namespace answer
    namespace=$(nvdimm_namespace "$1") || return
    answer=$(ndctl create-namespace -m devdax -a 2M -e "$namespace" -f) &&
        sed -n 's/.*"chardev":"\([^"]*\)".*/\1/p' <<<"$answer" | grep . ||
        cxl_error "ndctl made no devdax namespace of $namespace: $answer"
}

nvdimm_dax_destroy() { # nvdimm_dax_destroy NODE
    local namespace
    namespace=$(nvdimm_namespace "$1") && ndctl destroy-namespace -f "$namespace"
}
