# SPDX-License-Identifier: GPL-2.0-or-later
# boot: packaged packaged-masked packaged-12
#
# Memory that is there before the daemon: some that firmware set aside, whose drivers are in the initial RAM disk, and, where the
# kernel makes regions, that of CXL devices, made before the daemon starts. The initial RAM disk is that of the packages: it
# has claimed the bus, and nobody binds before the policy; and where nobody will start the daemon it has given the bus back.
# shellcheck shell=bash
. /usr/lib/daxtier-lab/lib.sh

before=$LAB_TMP/before-daemon
RUN=/run/daxtierd

drivers_before() { awk '{ print $1, $3 }' "$before" | sort | xargs; } # numbers of devices vary
devices() { awk -v kind="$1" '$1 == kind { print $2 }' "$before"; } # devices KIND
said() { dmesg | grep -o 'daxtierd: .*' | paste -sd ' '; } # by the initial RAM disk

is "$(systemctl show --value -p Result daxtier-lab-firmware.service)" success "devices were made before the daemon was to start"
hmem=$(devices hmem)
like "$hmem" '^dax[0-9]+\.[0-9]+$' "memory that firmware set aside is a dax device"
other=$(devices cxl | head -n 1)
cxl=$(devices cxl | tail -n 1)
[ "$LAB_KERNEL" = debian-12-packaged ] || like "$cxl $other" '^dax[0-9]+\.[0-9]+ dax[0-9]+\.[0-9]+$' "the CXL devices are others"
check "the initial RAM disk has the claim" eval 'lsinitramfs "/boot/initrd.img-$(uname -r)" | grep -qx usr/lib/daxtierd/boot-claim'

if [ "$LAB_BOOT" = packaged-masked ]; then
    check "the daemon does not run" daemon_is inactive
    is "$(said)" "daxtierd: daxtierd.service is masked; dax devices get the kernel's drivers" "the kernel's log says why there is no claim"
    is "$(autoprobe)" 1 "the kernel binds new devices by itself"
    check_fails "nothing is recorded" test -e $RUN/boot-claim -o -e $RUN/dax-autoprobe
    is "$(drivers_before)" "cxl kmem cxl kmem hmem kmem" "it has bound all devices"
    like "$(dax_zones "$hmem")" '^[0-9]+ Normal$' "and their memory is where no policy would have it"
    finish
fi

# --- claimed: nobody has bound anything before the daemon

is "$(said)" "" "the initial RAM disk had nothing to complain of"
case "$LAB_KERNEL" in
debian-12*) is "$(drivers_before)" "hmem none" "before the daemon no device had a driver" ;;
*) is "$(drivers_before)" "cxl none cxl none hmem none" "before the daemon no device had a driver" ;;
esac
check "the daemon runs, for the package has enabled it" daemon_is active
is "$(systemctl is-enabled daxtierd.service)" enabled "and it is to run at each boot"
is "$(autoprobe)" 0 "the bus is claimed"
is "$(host_property Claimed)" true "by the daemon, as it says"
like " $(held) " " dax-autoprobe " "with the record of the initial RAM disk"
unlike " $(held) " " boot-claim " "and without its mark"
is "$(sed -n 's/^old=//p' $RUN/dax-autoprobe)" 1 "which knows the value from before the boot"

check_soon 120 "the memory that was set aside comes online" dax_state_is "$hmem" online
like "$(dax_zones "$hmem")" '^[0-9]+ Movable$' "all of it in Movable"
is "$(property "$hmem" Rule)" hmem "by its rule"
if [ -n "$cxl" ]; then
    check_soon 120 "so does that of a CXL device" dax_state_is "$cxl" online
    is "$(dax_zones "$cxl"), $(property "$cxl" Rule)" "8 Movable, cxl" "in Movable, by its rule"
    check_soon 60 "one that no rule manages" dax_state_is "$other" unmanaged
    is "$(dax_driver "$other")" kmem "has got the kernel's driver from the daemon"
fi
unlike "$(journalctl -b -u daxtierd.service -o cat)" 'unbind-driver|offline-blocks' "nothing had to be taken from a driver"

zones=$(for dax in $hmem $cxl; do dax_zones "$dax"; done)
check "the daemon stops" systemctl stop daxtierd.service
is "$(autoprobe), $(held)" "1, " "and puts back what was there before the boot"
is "$(for dax in $hmem $cxl; do dax_zones "$dax"; done)" "$zones" "with all memory online where it was"

# --- claimed, and the daemon cannot start: its devices do not wait for ever

[ -n "$cxl" ] || finish
check "a region is destroyed" cxl_dax_destroy "$cxl"
check "the bus is claimed as in the initial RAM disk" /usr/libexec/daxtierd/boot-claim take
is "$(autoprobe), $(held)" "0, boot-claim dax-autoprobe" "with a record and a mark"
policy wrong <<'CONF'
[rule wrong]
mode = nonsense
CONF
new=$(cxl_dax_create "$LAB_CXL0_SERIAL" "$LAB_CXL0_SIZE") # udev starts the daemon for it
like "$new" '^dax[0-9]+\.[0-9]+$' "a device appears"
check_soon 30 "the daemon is started for it, and cannot be" daemon_is failed
check_soon 30 "so the device gets the kernel's driver" eval '[ "$(dax_driver "$new")" = kmem ]'
is "$(autoprobe), $(held)" "1, " "and the claim is over"
policy_remove wrong
finish
