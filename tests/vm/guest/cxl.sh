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

cxl_is_ready() { # cxl_is_ready SERIAL: its drivers have taken it, and regions can be made of it
    local memdev endpoint
    memdev=$(cxl_memdev "$1") && endpoint=$(cxl_endpoint "$memdev") && cxl_endpoint_decoder "$endpoint"
}

cxl_host_bridge() { basename "$(readlink -f "$CXL/$1" | grep -oE '^/sys/devices/pci[^/]*')"; } # cxl_host_bridge MEMDEV: as pci0000:0c

cxl_root_decoder() { # cxl_root_decoder MEMDEV...: one that takes volatile regions over these devices' bridges, and over no other
    local dir target wanted got
    wanted=$(for target; do cxl_host_bridge "$target"; done | sort -u)
    for dir in "$CXL"/root*/decoder*.*; do
        got=$(for target in $(tr , ' ' <"$dir/target_list"); do basename "$(readlink -f "$dir/../dport$target")"; done | sort -u)
        [ "$(cat "$dir/cap_ram" 2>/dev/null)" = 1 ] && [ "$got" = "$wanted" ] && basename "$dir" && return
    done
    cxl_error "no root decoder takes RAM regions over $wanted"
}

# cxl_region_commit REGION ROOT BYTES DECODER...: from a fresh region to an enabled one
cxl_region_commit() {
    local region=$CXL/$1 decoder way=0
    cxl_write "$region/interleave_granularity" "$(cat "$CXL/$2/interleave_granularity")" &&
        cxl_write "$region/interleave_ways" $(($# - 3)) && cxl_write "$region/size" "$3" || return
    for decoder in "${@:4}"; do
        cxl_write "$region/target$way" "$decoder" || return
        way=$((way + 1))
    done
    cxl_write "$region/commit" 1 && cxl_write /sys/bus/cxl/drivers/cxl_region/bind "$1"
}

# cxl_interleave BYTES MEMDEV...: a RAM region over these devices, in this order, enabled; prints regionN. Over two bridges
# a window that interleaves needs the devices by turns. Nothing is left of a region that the kernel refuses.
cxl_interleave() {
    local memdev endpoint decoder root region decoders=()
    root=$(cxl_root_decoder "${@:2}") || return
    for memdev in "${@:2}"; do
        endpoint=$(cxl_endpoint "$memdev") && decoder=$(cxl_endpoint_decoder "$endpoint") &&
            cxl_write "$CXL/$decoder/mode" ram && cxl_write "$CXL/$decoder/dpa_size" $(($1 / ($# - 1))) ||
            { cxl_decoders_free ${decoders[@]+"${decoders[@]}"}; return 1; }
        decoders+=("$decoder")
    done
    region=$(cat "$CXL/$root/create_ram_region") && cxl_write "$CXL/$root/create_ram_region" "$region" || return
    if cxl_region_commit "$region" "$root" "$1" "${decoders[@]}"; then
        echo "$region"
    else
        cxl_write "$CXL/$root/delete_region" "$region"
        cxl_decoders_free "${decoders[@]}"
        return 1
    fi
}

cxl_region_create() { cxl_interleave "$2" "$1"; } # cxl_region_create MEMDEV BYTES: of one device

cxl_decoders_free() { # cxl_decoders_free DECODER...
    local decoder
    for decoder; do cxl_write "$CXL/$decoder/dpa_size" 0 || return; done
}

# cxl_region_destroy REGION: its memory must be offline. Also one that is left over, with its devices gone.
cxl_region_destroy() {
    local dir=$CXL/$1 root target decoders
    root=$(basename "$(dirname "$(readlink -f "$dir")")")
    decoders=$(for target in "$dir"/target[0-9]*; do cat "$target" 2>/dev/null; done)
    [ ! -e "$dir/driver" ] || cxl_write /sys/bus/cxl/drivers/cxl_region/unbind "$1" || return
    [ "$(cat "$dir/commit")" = 0 ] || cxl_write "$dir/commit" 0 || return
    cxl_write "$CXL/$root/delete_region" "$1" || return
    # shellcheck disable=SC2086 # names
    cxl_decoders_free $decoders
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

cxl_regions() { find "$CXL/" -maxdepth 1 -name 'region*' -printf '%f\n' | sort -V; } # all of them

cxl_dax_region() { readlink -f "$DAX/$1" | grep -oE 'region[0-9]+' | head -n 1; } # cxl_dax_region DAX

# cxl_dax_destroy DAX: offline its blocks and take its region apart, which takes the dax device away. It is not unbound
# before: a running daxtierd would bind it again.
cxl_dax_destroy() {
    local region
    region=$(cxl_dax_region "$1")
    dax_offline "$1" && cxl_region_destroy "$region"
}

dax_driver() { # dax_driver DAX: kmem, device_dax or none
    if [ -e "$DAX/$1/driver" ]; then basename "$(readlink -f "$DAX/$1/driver")"; else echo none; fi
}

dax_unbind() { [ ! -e "$DAX/$1/driver" ] || cxl_write "$DAX/$1/driver/unbind" "$1"; }

# dax_to_device_dax DAX: as /dev/DAX for programs. A CXL device is meant for kmem: device_dax has to be told about it.
dax_to_device_dax() {
    modprobe device_dax && cxl_write /sys/bus/dax/drivers/device_dax/new_id "$1" &&
        cxl_write /sys/bus/dax/drivers/device_dax/remove_id "$1" && [ "$(dax_driver "$1")" = device_dax ]
}

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
