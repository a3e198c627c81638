# SPDX-License-Identifier: GPL-2.0-or-later
# boot: packages packages-12
# timeout: 1500
#
# The life of our packages on a host with memory in use: installed, upgraded while the daemon runs, removed, installed again,
# purged. The memory is online all the time; when the daemon goes, the bus is as it was.
# shellcheck shell=bash
. /usr/lib/daxtier-lab/lib.sh
. /usr/lib/daxtier-lab/source.sh

export DEBIAN_FRONTEND=noninteractive
daemon_deb=$(echo /usr/lib/daxtier-lab/daxtierd_*.deb)
hook_deb=$(echo /usr/lib/daxtier-lab/daxtierd-initramfs_*.deb)
metrics=/var/lib/prometheus/node-exporter/daxtier.prom

version() { dpkg-query -W -f '${Version}' "$1" 2>/dev/null; }
status() { dpkg-query -W -f '${db:Status-Abbrev}' "$1" 2>/dev/null | xargs; } # status PACKAGE: ii, rc, or nothing
units() { find /etc/systemd /var/lib/systemd/deb-systemd-helper-* -name '*daxtier*' ! -name 'daxtier-lab*' 2>/dev/null; }
image_has_claim() { lsinitramfs "/boot/initrd.img-$(uname -r)" | grep -q 'daxtierd/boot-claim$'; }

# What becomes of the memory blocks of a device while something is done: a line for each look at which one was not online.
watch_start() { # watch_start DAX
    local blocks
    blocks=$(dax_blocks "$1")
    watched=$LAB_TMP/watched
    : >"$watched"
    (
        while :; do
            for block in $blocks; do
                state=$(block_zone "$block")
                [ "$state" = Movable ] || echo "$block $state" >>"$watched"
            done
            echo >>"$watched.looks"
            sleep 0.05
        done
    ) >/dev/null 2>&1 &
    watch_pid=$!
    rm -f "$watched.looks"
    uevents_start "$LAB_TMP/watched-events"
}

watch_stop() {
    [ -z "$watch_pid" ] || kill "$watch_pid"
    watch_pid=
}
watch_pid=
at_exit watch_stop

watch_end() { # watch_end WHAT: the assertion
    uevents_stop
    watch_stop
    is "$(cat "$watched")" "" "$1: its memory was online at each of $(wc -l <"$watched.looks") looks"
    is "$(grep -cE '^ACTION=(offline|remove|online)$' "$LAB_TMP/watched-events")" 0 "$1: and no block has changed in between"
}

# another FOLDER VERSION [COMMAND]: the package of the daemon as a later version, changed by a command in its folder; prints its file
another() {
    rm -rf "$1"
    dpkg-deb -R "$daemon_deb" "$1" && sed -i "s/^Version: .*/Version: $2/" "$1/DEBIAN/control" && (cd "$1" && eval "${3:-:}") &&
        dpkg-deb -Znone -b "$1" "$1.deb" >&2 && echo "$1.deb"
}

# --- installed

is "$(status daxtierd)$(units)" "" "nothing of ours is installed"
old_autoprobe=$(autoprobe)
old_settings="$old_autoprobe, $(auto_online)" # Debian 12 leaves new memory offline, Debian 13 does not
is "$old_autoprobe" 1 "the kernel binds new devices by itself"
check "the packages are installed" dpkg -i "$daemon_deb" "$hook_deb"
is "$(status daxtierd) $(status daxtierd-initramfs)" "ii ii" "and configured"
check "the daemon runs" daemon_is active
is "$(systemctl is-enabled daxtierd.service)" enabled "and is enabled"
is "$(systemctl is-enabled daxtier-metrics.timer 2>/dev/null)" disabled "the timer of the metrics is not"
is "$(autoprobe)" 0 "the bus is claimed"
is "$(daxtierctl status >/dev/null; echo $?)" 0 "daxtierctl gets an answer over the bus"
is "$(runuser -u nobody daxtierctl status >/dev/null; echo $?)" 0 "also for somebody else than root"
check "the configuration has no error" daxtierctl check-config
like "$(journalctl -x -b -u daxtierd.service MESSAGE_ID=214d377eb0194332ab323484ec181378)" 'New dax devices wait for daxtierd' "journalctl explains messages"
check "polkit knows the action" pkaction --action-id org.daxtier1.manage
check "the initial RAM disk has the claim" image_has_claim
is "$(dpkg -V daxtierd daxtierd-initramfs)" "" "all files are as in the packages"

dax=$(small_create 0)
check_soon 90 "a device that appears comes online" dax_state_is "$dax" online
is "$(dax_zones "$dax")" "8 Movable" "in Movable"

# --- upgraded while the daemon runs

echo '# mine' >>/etc/daxtier.conf
later=$(another "$LAB_TMP/later" 99.1)
watch_start "$dax"
pid=$(daemon_pid)
check "an upgrade" dpkg -i "$later"
is "$(version daxtierd)" 99.1 "there is the later version"
check "the daemon runs" daemon_is active
isnt "$(daemon_pid)" "$pid" "and is that of the later version"
is "$(readlink "/proc/$(daemon_pid)/exe")" /usr/sbin/daxtierd "from a file that is still there"
check_soon 30 "the device is adopted" dax_state_is "$dax" online
is "$(autoprobe), $(held)" "0, dax-autoprobe" "the bus is claimed"
like "$(tail -n 1 /etc/daxtier.conf)" '^# mine$' "an edited configuration is kept"
watch_end "upgrade"

# Whoever has stopped it meant it.
systemctl disable --now daxtierd.service 2>/dev/null
is "$(autoprobe)" "$old_autoprobe" "a stop gives the bus back"
watch_start "$dax"
later=$(another "$LAB_TMP/later" 99.2 'echo "# theirs" >>etc/daxtier.conf')
check "an upgrade of a daemon that is disabled and stopped" dpkg --force-confold -i "$later"
check "does not start it" daemon_is inactive
is "$(systemctl is-enabled daxtierd.service)" disabled "nor enable it"
like "$(tail -n 1 /etc/daxtier.conf)" '^# mine$' "an edited configuration is kept also where the shipped one has changed"
check "which is beside it" grep -q '^# theirs$' /etc/daxtier.conf.dpkg-dist
watch_end "upgrade while stopped"
check "it is enabled again" systemctl enable --now daxtierd.service

# --- removed

# As whoever has a collector does.
mkdir -p "${metrics%/*}"
check "the timer of the metrics is enabled" systemctl enable --now daxtier-metrics.timer
check "metrics are written" eval 'systemctl start daxtier-metrics.service && test -s $metrics'
watch_start "$dax"
check "the packages are removed" dpkg -r daxtierd-initramfs daxtierd
is "$(status daxtierd)" rc "their configuration is still there"
check_fails "the daemon is gone" systemctl is-active daxtierd.service
check_fails "and the timer of the metrics" systemctl is-active daxtier-metrics.timer
check_fails "with what would be told for ever" test -e $metrics
is "$(autoprobe), $(held)" "$old_autoprobe, " "the bus is as it was before, and nothing is held"
is "$(dax_zones "$dax"), $(dax_driver "$dax")" "8 Movable, kmem" "the memory is where it was"
check "an edited configuration is still there" grep -q '^# mine$' /etc/daxtier.conf
check_fails "the initial RAM disk has no claim any more" image_has_claim
watch_end "removal"

# What becomes of the initial RAM disk has been seen; each takes a minute under emulation.
sed -i 's/^update_initramfs=.*/update_initramfs=no/' /etc/initramfs-tools/update-initramfs.conf
check "the initial RAM disk is left as it is" grep -qx 'update_initramfs=no' /etc/initramfs-tools/update-initramfs.conf

# --- installed again, and purged

watch_start "$dax"
check "they are installed again" dpkg --force-confold -i "$daemon_deb" "$hook_deb"
check "the daemon runs" daemon_is active
is "$(systemctl is-enabled daxtierd.service)" enabled "and is enabled as before"
check_soon 30 "the device is adopted" dax_state_is "$dax" online
check "they are purged" dpkg -P daxtierd-initramfs daxtierd
is "$(status daxtierd)$(units)" "" "nothing of them is left"
check_fails "no configuration" test -e /etc/daxtier.conf
check_fails "no state" test -e /run/daxtierd
is "$(autoprobe), $(auto_online)" "$old_settings" "the kernel's settings are as before"
watch_end "purge"

# --- removed while the bus is claimed, and no daemon was ever there to look after it

systemctl mask daxtierd.service 2>/dev/null
check "they are installed while the daemon is masked" dpkg -i "$daemon_deb" "$hook_deb"
check "so it does not run" daemon_is inactive
check "the bus is claimed as in the initial RAM disk" /usr/libexec/daxtierd/boot-claim take
new=$(small_create 1)
udevadm settle --timeout=20
is "$(dax_driver "$new")" none "a device waits"
check "they are removed" dpkg -P daxtierd-initramfs daxtierd
is "$(autoprobe)" "$old_autoprobe" "the bus is as it was"
isnt "$(dax_driver "$new")" none "and the device has its driver"
systemctl unmask daxtierd.service 2>/dev/null
finish
