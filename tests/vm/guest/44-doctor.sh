# SPDX-License-Identifier: GPL-2.0-or-later
# boot: main
#
# doctor on a host where something is wrong, each thing put right by the line that it gives; and what is captured of a host says
# the same as the host.
# shellcheck shell=bash
. /usr/lib/daxtier-lab/lib.sh

host=$LAB_TMP/host.tar

# finding WORDS: the one whose text has these words, as "severity: fix"; nothing where there is none
finding() {
    daxtierctl doctor | awk -v words="$1" '
        /^(error|warning|note) / { here = index($0, words) > 0; severity = $1 }
        fix && here { sub(/^ +/, ""); print severity ": " $0 }
        { fix = /^ +To fix it, / }'
}

doctor_status() { daxtierctl doctor "$@" >/dev/null; echo $?; }

daemon_fresh
dax=$(cxl_dax_create "$LAB_CXL0_SERIAL" "$LAB_CXL0_SIZE")
at_exit cxl_dax_destroy "$dax"
check_soon 60 "a device comes online" dax_state_is "$dax" online
daxtierctl doctor >"$LAB_TMP/before" 2>&1
note "$(cat "$LAB_TMP/before")"
unlike "$(cat "$LAB_TMP/before")" '^error' "a host that is well has no error"
unlike "$(cat "$LAB_TMP/before")" 'malformed|initramfs: ' "its tables and its initramfs can be read"
unlike "$(cat "$LAB_TMP/before")" daxctl "the rule of daxctl's package does nothing, and is not found"
is "$(finding 'new memory online by itself')" "" "the bus is held, so the kernel's policy is no matter"

# --- a udev rule

mkdir -p /etc/udev/rules.d
at_exit rm -f /etc/udev/rules.d/40-lab.rules
echo 'SUBSYSTEM=="memory", ACTION=="add", ATTR{state}=="offline", ATTR{state}="online"' >/etc/udev/rules.d/40-lab.rules
fix=$(finding 'udev rule')
like "$fix" '^warning: rm /etc/udev/rules\.d/40-lab\.rules' "a udev rule that onlines memory is found"
is "$(doctor_status)" 7 "which its exit status tells"
check "the line that it gives" sh -c "${fix#*: }"
is "$(finding 'udev rule')" "" "puts it right"

# --- daxctl

mkdir -p /etc/daxctl.conf.d
at_exit rm -f /etc/daxctl.conf.d/lab.conf
printf '[reconfigure-device lab]\nnvdimm.uuid = 1\nmode = system-ram\n' >/etc/daxctl.conf.d/lab.conf
check "daxctl's package has its rule" sh -c 'ls /usr/lib/udev/rules.d/*daxctl*.rules'
like "$(finding 'daxctl is configured')" '^(warning|note): ' "with which a section of daxctl is found"
rm -f /etc/daxctl.conf.d/lab.conf

# --- modprobe.d, where lines may be joined

mkdir -p /etc/modprobe.d
at_exit rm -f /etc/modprobe.d/lab.conf
printf 'install dax_cxl \\\n  /bin/false\nblacklist cxl_pci\n' >/etc/modprobe.d/lab.conf
like "$(modprobe --showconfig | grep '^install dax_cxl')" '/bin/false' "modprobe joins lines"
like "$(finding 'module dax_cxl')" '^error: ' "and doctor finds it over two lines"
fix=$(finding 'module cxl_pci')
like "$fix" '^error: sed ' "a blacklist as well"
check "the line that it gives" sh -c "${fix#*: }"
is "$(finding 'module cxl_pci')" "" "puts it right"
rm -f /etc/modprobe.d/lab.conf

# --- the bus, when nobody holds it

systemctl stop daxtierd.service
case "$(auto_online)" in
online) like "$(finding 'new memory online by itself')" '^warning: systemctl enable --now daxtierd' "without the daemon it is" ;;
*) is "$(finding 'new memory online by itself')" "" "without the daemon it is not, as its policy is $(auto_online)" ;;
esac
autoprobe=/sys/bus/dax/drivers_autoprobe
echo 0 >$autoprobe
fix=$(finding 'no daxtierd runs')
like "$fix" '^error: systemctl start daxtierd' "a bus that nobody holds any more is found"
echo 1 >$autoprobe
systemctl start daxtierd.service
check_soon 60 "it takes the device up again" dax_state_is "$dax" online

# --- captured

check "a capture" daxtierctl capture "$host"
is "$(stat -c %a "$host")" 600 "is its owner's alone"
like "$(tar xOf "$host" capture/manifest)" '^format=1' "has a manifest"
unlike "$(tar xOf "$host" capture/manifest)" '^unreadable=' "and root can read all of the host"
like "$(tar xOf "$host" capture/initramfs)" '^file=/boot/initrd' "it has what matters of the initramfs"
between "$(stat -c %s "$host")" 10000 67108864 "and not the image"

# same COMMAND... -- FILTER: what it says of this host it says of the captured one, as far as the filter shows
same() {
    local command=()
    while [ "$1" != -- ]; do command+=("$1"); shift; done
    shift
    daxtierctl "${command[@]}" 2>&1 | eval "$1" >"$LAB_TMP/live"
    daxtierctl "${command[@]}" --root="$host" 2>&1 | eval "$1" >"$LAB_TMP/captured"
    check "${command[0]} has something to say" test -s "$LAB_TMP/live"
    is "$(diff "$LAB_TMP/live" "$LAB_TMP/captured")" "" "and says of the captured host what it says of this one"
}

same doctor -- "sed 's/has [0-9.]* [KMG]iB free//'"
# The order of members is not the same.
same plan --json=pretty "$dax" -- "grep -v '\"Source\":' | tr -d ' ,' | sort"
# What a running daemon alone has, and what changes from moment to moment, is left out.
same status --json=pretty -- "grep -E '\"(Name|Kind|Region|Size|UsableSize|LostBytes|TargetNode|InitiatorNode|Driver|BlocksTotal|BlocksOnline|BlocksMovable|Zone|Rule|MemmapWanted|MemmapEffective|Distance|DistanceSource|BlockSize|AutoOnline|MemmapParameter)\":' | tr -d ' ,' | sort"

masked=$LAB_TMP/masked.tar
check "a capture with its serial numbers masked" daxtierctl capture --mask-serials "$masked"
unlike "$(tar xOf "$masked" | tr -d '\0' | grep -ao "${LAB_CXL0_SERIAL#0x}" | head -n 1)" . "has none of them"
like "$(daxtierctl plan --root="$masked" 2>&1)" "$dax|online" "and can be planned on"
mkdir "$LAB_TMP/unpacked"
tar xf "$host" -C "$LAB_TMP/unpacked"
is "$(daxtierctl doctor --root="$LAB_TMP/unpacked" | sed 's/[0-9.]* [GM]iB free//')" "$(daxtierctl doctor --root="$host" | sed 's/[0-9.]* [GM]iB free//')" "unpacked it says the same"

# --- a bad table, which no running kernel can be given

printf 'X' | dd of="$LAB_TMP/unpacked/sys/firmware/acpi/tables/SRAT" bs=1 seek=9 conv=notrunc status=none
like "$(daxtierctl doctor --root="$LAB_TMP/unpacked")" 'ACPI table SRAT is malformed' "a table with a byte that is wrong is found"
is "$(doctor_status --root="$LAB_TMP/unpacked")" 7 "which is an error"
finish
