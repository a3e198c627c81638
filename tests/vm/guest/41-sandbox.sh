# SPDX-License-Identifier: GPL-2.0-or-later
# boot: main
# full: main-7.3 patched
#
# The unit's sandbox: what daemon and worker may do is what the unit says and no more, what is forbidden is refused, and what the
# work needs is not: a module that is loaded by name, a device held by somebody else's process, memory that comes and is given up.
# shellcheck shell=bash
. /usr/lib/daxtier-lab/lib.sh
. /usr/lib/daxtier-lab/source.sh
. /usr/lib/daxtier-lab/life.sh

unit=/usr/lib/systemd/system/daxtierd.service
# CAP_DAC_READ_SEARCH 2, CAP_SYS_MODULE 16, CAP_SYS_PTRACE 19, CAP_CHECKPOINT_RESTORE 40
capabilities=$(printf '%016x' $((1 << 2 | 1 << 16 | 1 << 19 | 1 << 40)))

daemon_fresh
shown() { systemctl show --value -p "$1" daxtierd.service; }

# privileges PID: of the process, as the kernel has them
privileges() { awk '/^(CapInh|CapPrm|CapEff|CapBnd|CapAmb|NoNewPrivs|Seccomp):/ { printf "%s%s %s", separator, $1, $2; separator = ", " }' "/proc/$1/status"; }
expected="CapInh: 0000000000000000, CapPrm: $capabilities, CapEff: $capabilities, CapBnd: $capabilities, CapAmb: 0000000000000000, NoNewPrivs: 1, Seccomp: 2"

# --- what the service manager says, and what the kernel says

is "$(shown DropInPaths)" "" "the unit runs as it is shipped"
is "$(shown CapabilityBoundingSet | tr ' ' '\n' | sort | xargs)" \
    "cap_checkpoint_restore cap_dac_read_search cap_sys_module cap_sys_ptrace" "it has four capabilities"
is "$(shown RestrictAddressFamilies | tr ' ' '\n' | sort | xargs)" "AF_NETLINK AF_UNIX" "two address families"
for setting in NoNewPrivileges=yes ProtectSystem=strict ProtectHome=yes PrivateTmp=yes PrivateDevices=yes PrivateMounts=yes \
    ProtectKernelTunables=yes ProtectKernelLogs=yes ProtectControlGroups=yes ProtectClock=yes ProtectHostname=yes \
    MemoryDenyWriteExecute=yes LockPersonality=yes RestrictRealtime=yes RestrictSUIDSGID=yes UMask=0077 \
    SystemCallArchitectures=native DevicePolicy=closed PrivateNetwork=no; do
    is "$(shown "${setting%%=*}")" "${setting#*=}" "${setting%%=*} is ${setting#*=}"
done
unlike "$(shown SystemCallFilter)" '\b(ptrace|process_vm_writev|mount|delete_module|bpf|reboot|chown|kexec_load)\b' \
    "no call that it has no use for"
check "its exposure is at most 2.5" systemd-analyze security --no-pager --threshold=25 daxtierd.service
pid=$(daemon_pid)
is "$(privileges "$pid")" "$expected" "the daemon has those capabilities, and nothing can add to them"
is "$(awk '$5 ~ "^/(sys/bus|sys/devices|sys/devices/system|sys/devices/system/memory|sys/devices/virtual|proc|run|run/daxtierd)$" {
    split($6, o, ","); print $5, o[1] }' "/proc/$pid/mountinfo" | LC_ALL=C sort -u | xargs)" \
    "/proc ro /run ro /run/daxtierd rw /sys/bus rw /sys/devices rw /sys/devices/system ro /sys/devices/system/memory rw \
/sys/devices/virtual ro" "of /proc, /run and /sys it may write what it has to"
is "$(held)$(find /run/daxtierd -type f -perm /077 -printf ', %f: %m')" dax-autoprobe "what it records is for root only"

# --- the main job, and a worker at work

dax=$(small_create 0)
like "$dax" '^dax[0-9]+\.[0-9]+$' "a dax device appears"
[ -n "$dax" ] || finish
check_soon 60 "it comes online" dax_state_is "$dax" online
is "$(dax_zones "$dax")" "$SMALL_BLOCKS Movable" "all of it, in Movable"
hold pinned "$(cat "$DAX/$dax/target_node")"
background daxtierctl release --deadline=0 "$dax"
check_soon 10 "a release waits for a page" dax_state_is "$dax" releasing
wait_for 180 worker_pid
worker=$(worker_pid)
is "$(privileges "$worker")" "$expected" "its worker has no more capabilities than the daemon"
is "$(readlink "/proc/$worker/ns/mnt")" "$(readlink "/proc/$pid/ns/mnt")" "and sees the same files"
hold_end
background_end
is "$status" 0 "the release succeeds once the page is gone"
is "$(dax_zones "$dax")" "$SMALL_BLOCKS absent" "none of its memory is left"
check "apply brings it back" daxtierctl apply "$dax"
is "$(dax_zones "$dax")" "$SMALL_BLOCKS Movable" "all of it"
small_destroy "$dax"

# --- a module that is loaded by its name; where kmem is one

if [ -e /sys/module/kmem/initstate ]; then
    check "kmem can be unloaded" modprobe -r kmem
    # By its alias udev would load it first. Not by a blacklist: of a new folder in /run udev takes no notice until it is started anew.
    at_exit udevadm control --reload
    at_exit rm -f /run/udev/rules.d/80-drivers.rules
    mkdir -p /run/udev/rules.d
    ln -s /dev/null /run/udev/rules.d/80-drivers.rules
    udevadm control --reload
    journal_mark
    dax=$(small_create 0)
    check_soon 60 "with udev told not to load kmem, the device comes online" dax_state_is "$dax" online
    like "$(journal_new DAXTIER_STEP=load-module)" "$dax.*kmem" "since a worker loaded it"
    small_destroy "$dax"
fi
unlike "$(journalctl -b -u daxtierd.service -o cat --no-pager)" '(EPERM|EROFS|Operation not permitted|Read-only file system)' \
    "in this boot the sandbox was never in the daemon's way"

# --- a process in the same sandbox, which tries what the daemon never does

probe=$LAB_TMP/probe
cat >"$probe.sh" <<'PROBE'
tools=/usr/lib/daxtier-lab
writes() { echo "write:$1 $($tools/attribute write "$1" "$2")"; }
makes() { echo "make:$1 $( (: >"$1/sandbox-probe") 2>/dev/null && echo made || echo refused)"; }
reads() { echo "read:$1 $(head -c "$2" "$1" 2>/dev/null | tr -d '\0')"; }

writes /sys/bus/dax/drivers_autoprobe 0
writes /sys/devices/system/memory/auto_online_blocks "$AUTO_ONLINE"
writes /sys/devices/system/memory/memory0/uevent change
writes /sys/devices/system/cpu/cpu0/uevent change
writes /sys/devices/virtual/mem/null/uevent change
writes /sys/module/printk/parameters/time Y
writes /sys/kernel/rcu_expedited 0
writes /sys/fs/cgroup/cgroup.procs 0
writes /proc/sys/kernel/panic -1
writes /proc/sysrq-trigger h
writes /proc/1/mem x
writes /proc/self/oom_score_adj 0
for folder in /etc /usr /run /var /dev /run/daxtierd /tmp; do makes $folder; done
reads /sys/firmware/acpi/tables/SRAT 4
reads /proc/kcore 1
reads /dev/kmsg 1
echo "fd:$HOLDER $(find "/proc/$HOLDER/fd" -lname '*sandbox-held' | wc -l)"
echo "dev $(stat -L -c %F /proc/1/root/dev/null)"
echo "home $(find /root /home 2>/dev/null | wc -l)"
kill -0 "$HOLDER" 2>/dev/null && echo "kill ok" || echo "kill refused"
$tools/forbidden /tmp
PROBE
: >"$LAB_TMP/sandbox-held"
setpriv --reuid=nobody --clear-groups bash -c "exec sleep 600 <$LAB_TMP/sandbox-held" >/dev/null 2>&1 &
holder=$!
at_exit kill $holder
wait_for 180 grep -qx sleep "/proc/$holder/comm"
{
    # The unit as it is, but for what it runs and when.
    sed -E '/^\[Install\]/,$d; /^(Type|NotifyAccess|BusName|Exec[A-Za-z]*|WatchdogSec|Restart[A-Za-z]*|RuntimeDirectory[A-Za-z]*|Wants|After)=/d' $unit
    echo "Type=oneshot"
    echo "Environment=HOLDER=$holder AUTO_ONLINE=$(auto_online)"
    echo "ExecStart=/bin/bash $probe.sh"
    echo "StandardOutput=truncate:$probe.out"
} >/run/systemd/system/sandbox-probe.service
at_exit rm -f /run/systemd/system/sandbox-probe.service
systemctl daemon-reload
for folder in /etc /usr /run /var /run/daxtierd; do at_exit rm -f $folder/sandbox-probe; done # should it have made one
check "a process runs in the unit's sandbox" systemctl start sandbox-probe.service
note "$(cat "$probe.out")"
says() { awk -v key="$1" '$1 == key { $1 = ""; print substr($0, 2) }' "$probe.out"; }

for path in /sys/bus/dax/drivers_autoprobe /sys/devices/system/memory/auto_online_blocks /sys/devices/system/memory/memory0/uevent; do
    is "$(says write:$path)" ok "it may write $path"
done
for path in /sys/devices/system/cpu/cpu0/uevent /sys/devices/virtual/mem/null/uevent /sys/module/printk/parameters/time \
    /sys/kernel/rcu_expedited /sys/fs/cgroup/cgroup.procs /proc/sys/kernel/panic /proc/sysrq-trigger /proc/1/mem /proc/self/oom_score_adj; do
    [ ! -e $path ] || is "$(says write:$path)" EROFS "it may not write $path"
done
for folder in /etc /usr /run /var /dev; do is "$(says make:$folder)" refused "it can make no file in $folder"; done
is "$(says make:/run/daxtierd)" refused "not even in the run directory of another unit"
is "$(says make:/tmp)" made "but in a /tmp of its own"
is "$(says read:/sys/firmware/acpi/tables/SRAT)" SRAT "it reads firmware's tables"
is "$(says read:/proc/kcore)$(says read:/dev/kmsg)" "" "not the kernel's memory, nor its log"
is "$(says "fd:$holder")" 1 "it sees what somebody else's process has open"
is "$(says dev)" "character special file" "and the host's device nodes, by the first process"
is "$(says kill)" refused "it cannot signal that process"
is "$(says home)" 2 "it sees no home"
for name in unix uevents; do is "$(says $name)" ok "allowed: $name"; done
isnt "$(says load-module)" EPERM "allowed: load-module"
is "$(says inet)" EAFNOSUPPORT "forbidden: inet"
/usr/lib/daxtier-lab/forbidden "$LAB_TMP" >"$probe.free"
for name in trace write-memory mount leave-network unload-module load-program reboot set-clock set-host-name swap-on become-nobody \
    give-away code-to-write data-to-code real-time other-abi device-node setuid-file watch-counters add-key; do
    unlike "$(awk -v key=$name '$1 == key { print $2 }' "$probe.free")" '^(EPERM|EACCES)$' "without the sandbox root may: $name"
    like "$(says $name)" '^(EPERM|EACCES)$' "forbidden: $name" # EACCES where the kernel refuses code by itself
done
is "$(daemon_pid)" "$pid" "the daemon is still the same process"
finish
