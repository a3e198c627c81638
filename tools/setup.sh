# SPDX-License-Identifier: GPL-2.0-or-later
#
# What this machine must have, and how it gets it. Sourced (bash) by ./try, ./check and the tests; it only
# defines functions and lists, and changes nothing by being sourced.
#
# Promises to the user of the machine: packages are installed only after they are named, no apt source or
# key is added, and everything else lands in one cache folder.
# shellcheck shell=bash disable=SC2086 # the lists below are meant to be split into words

# To compile and install the project.
SETUP_BUILD_PACKAGES="build-essential cmake ninja-build pkg-config ccache libsystemd-dev libudev-dev
    libnuma-dev libinih-dev libhwloc-dev check libjson-c-dev libkmod-dev zlib1g-dev libzstd-dev liblzma-dev liblz4-dev
    libumockdev-dev umockdev dbus"
# To check it: the second compiler, the linters, the memory checker. promtool is apart (setup_promtool).
# Ansible, for the role in contrib; rpmbuild, for the RPM; initramfs-tools and dracut, for their hooks; jq, for the
# examples in man pages; a validator of JSON Schema.
SETUP_CHECK_PACKAGES="clang clang-tidy clang-format valgrind python3 mandoc shellcheck systemd yamllint
    ansible-core rpm jq python3-jsonschema initramfs-tools-core dracut-core cpio"
# The shells that completion is for; with the full check only.
SETUP_SHELL_PACKAGES="zsh fish"
# To boot it in a virtual CXL host. Debian 12's own QEMU is too old; there the lab fetches a newer one into its cache.
SETUP_LAB_PACKAGES="python3 mmdebstrap e2fsprogs util-linux"
SETUP_LAB_PACKAGES_NEWER="qemu-system-x86"       # added where the distribution's QEMU emulates volatile CXL memory
SETUP_LAB_PACKAGES_USER="fakeroot uidmap"        # added when not root: file ownership in the image
SETUP_LAB_PACKAGES_UBUNTU="debian-archive-keyring"
# To build our packages, in a root of the release that they are for; and as above.
SETUP_PACKAGE_PACKAGES="python3 mmdebstrap util-linux"
SETUP_PACKAGE_PACKAGES_USER="uidmap"
# To build the patched kernel, and packages of it. Its source is fetched into the cache and not installed.
SETUP_KERNEL_PACKAGES="build-essential ccache flex bison bc perl python3 patch xz-utils dpkg-dev libelf-dev libssl-dev
    kmod cpio rsync debian-archive-keyring"

# The same needs by program and pkg-config module, for distributions whose package names we do not know.
SETUP_BUILD_PROGRAMS="cc cmake ninja pkg-config dbus-daemon umockdev-run"
SETUP_BUILD_MODULES="libsystemd libudev numa inih hwloc check json-c libkmod zlib libzstd liblzma liblz4 umockdev-1.0"
SETUP_CHECK_PROGRAMS="ccache clang clang-tidy clang-format valgrind python3 mandoc shellcheck systemd-analyze journalctl promtool
    yamllint ansible-playbook rpmbuild cpio jq"
SETUP_LAB_PROGRAMS="python3 mmdebstrap mke2fs setpriv qemu-system-x86_64"
SETUP_PACKAGE_PROGRAMS="python3 mmdebstrap setpriv"
SETUP_KERNEL_PROGRAMS="gcc make ccache flex bison bc perl python3 patch xz apt-get dpkg-deb kmod cpio rsync"
SETUP_KERNEL_MODULES="libelf openssl"

setup_colour() { # setup_colour CODE TEXT: coloured only on a terminal, and never with NO_COLOR
    if [ -t 1 ] && [ -z "${NO_COLOR:-}" ] && [ "${TERM:-dumb}" != dumb ]; then
        printf '\033[%sm%s\033[0m' "$1" "$2"
    else
        printf '%s' "$2"
    fi
}

setup_say() { printf '%s %s\n' "$(setup_colour '1;34' '==>')" "$*"; }

setup_die() {
    printf 'error: %s\n' "$1" >&2
    shift
    [ $# -eq 0 ] || printf '       %s\n' "$@" >&2
    exit 1
}

setup_cache_dir() { printf '%s\n' "${DAXTIER_CACHE:-${XDG_CACHE_HOME:-${HOME:?}/.cache}/daxtier}"; }

# The cache folder, made and marked as one: ./try --clean removes nothing that lacks the mark.
setup_cache_make() {
    local cache
    cache=$(setup_cache_dir)
    if [ ! -d "$cache" ]; then
        mkdir -p "$cache" || setup_die "the cache folder $cache cannot be made"
    fi
    if [ ! -e "$cache/CACHEDIR.TAG" ]; then
        [ -z "$(ls -A "$cache")" ] || setup_die "$cache is in use for something else; set DAXTIER_CACHE to an empty or new folder"
        printf 'Signature: 8a477f597d28d172789f06886806bc55\n# Made by daxtier; ./try --clean removes this folder.\n' \
            >"$cache/CACHEDIR.TAG" || setup_die "the cache folder $cache cannot be written"
    fi
    printf '%s\n' "$cache"
}

# debian-12, debian-13, ubuntu-24.04, or "unknown NAME"
setup_distribution() {
    local id version name
    # shellcheck disable=SC1091
    id=$(. /etc/os-release 2>/dev/null && printf '%s' "${ID:-}")
    # shellcheck disable=SC1091
    version=$(. /etc/os-release 2>/dev/null && printf '%s' "${VERSION_ID:-}")
    # shellcheck disable=SC1091
    name=$(. /etc/os-release 2>/dev/null && printf '%s' "${PRETTY_NAME:-}")
    case "$id-$version" in
    debian-12 | debian-13 | ubuntu-24.04) printf '%s-%s\n' "$id" "$version" ;;
    *) printf 'unknown %s\n' "${name:-(no /etc/os-release)}" ;;
    esac
}

# Package names for the groups given (build, check, shells, lab, package, kernel) on a distribution we know.
setup_package_names() { # setup_package_names DISTRIBUTION GROUP...
    local distribution=$1 group
    shift
    for group; do
        case "$group" in
        build) printf '%s\n' $SETUP_BUILD_PACKAGES ;;
        check) printf '%s\n' $SETUP_CHECK_PACKAGES ;;
        kernel) printf '%s\n' $SETUP_KERNEL_PACKAGES ;;
        shells) printf '%s\n' $SETUP_SHELL_PACKAGES ;;
        lab)
            printf '%s\n' $SETUP_LAB_PACKAGES
            [ "$distribution" = debian-12 ] || printf '%s\n' $SETUP_LAB_PACKAGES_NEWER
            [ "$(id -u)" -eq 0 ] || printf '%s\n' $SETUP_LAB_PACKAGES_USER
            case "$distribution" in ubuntu-*) printf '%s\n' $SETUP_LAB_PACKAGES_UBUNTU ;; esac
            ;;
        package)
            printf '%s\n' $SETUP_PACKAGE_PACKAGES
            [ "$(id -u)" -eq 0 ] || printf '%s\n' $SETUP_PACKAGE_PACKAGES_USER
            case "$distribution" in ubuntu-*) printf '%s\n' $SETUP_LAB_PACKAGES_UBUNTU ;; esac
            ;;
        *) setup_die "setup: no package group named '$group'" ;;
        esac
    done | sort -u
}

setup_is_installed() { [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }

setup_as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        setup_die "installing packages needs root, and sudo is not here" "as root: $*"
    fi
}

# The lists can be absent (fresh container) or stale (a package moved on): both show as a missing candidate.
setup_has_candidate() {
    local candidate
    candidate=$(LC_ALL=C apt-cache policy "$1" 2>/dev/null | sed -n 's/^ *Candidate: *//p')
    [ -n "$candidate" ] && [ "$candidate" != "(none)" ]
}

setup_apt_update() {
    setup_say "Refreshing the package lists (apt-get update)"
    setup_as_root apt-get -q update ||
        setup_die "apt-get update failed" "the messages above say which source; the network may be down"
}

setup_apt_install() {
    setup_as_root env DEBIAN_FRONTEND=noninteractive apt-get -q install -y --no-install-recommends "$@"
}

setup_packages_apt() { # setup_packages_apt DISTRIBUTION GROUP...
    local distribution=$1 package missing=()
    shift
    for package in $(setup_package_names "$distribution" "$@"); do
        setup_is_installed "$package" || missing+=("$package")
    done
    [ ${#missing[@]} -gt 0 ] || return 0

    setup_say "These ${#missing[@]} packages will be installed with apt-get:"
    printf '%s\n' "${missing[*]}" | fold -s -w 88 | sed 's/^/      /'
    for package in "${missing[@]}"; do
        setup_has_candidate "$package" || { setup_apt_update; break; }
    done
    for package in "${missing[@]}"; do
        setup_has_candidate "$package" ||
            setup_die "no apt source of this machine offers the package '$package'"
    done
    # A stale list names files that the archive no longer has: refresh once and try again.
    setup_apt_install "${missing[@]}" || { setup_apt_update; setup_apt_install "${missing[@]}"; } ||
        setup_die "apt-get could not install the packages; its messages are above"
}

setup_packages_unknown() { # setup_packages_unknown NAME GROUP...
    local name=$1 group item programs=() modules=() notes=
    shift
    for group; do
        # shellcheck disable=SC2206 # the lists hold words
        case "$group" in
        build) programs+=($SETUP_BUILD_PROGRAMS) modules+=($SETUP_BUILD_MODULES) notes+=" CMake must be 3.25 or newer." ;;
        check) programs+=($SETUP_CHECK_PROGRAMS) ;;
        lab) programs+=($SETUP_LAB_PROGRAMS) notes+=" QEMU must be 8.1 or newer (cxl-type3 with volatile-memdev)." ;;
        package) programs+=($SETUP_PACKAGE_PROGRAMS) ;;
        shells) programs+=($SETUP_SHELL_PACKAGES) ;;
        kernel) programs+=($SETUP_KERNEL_PROGRAMS) modules+=($SETUP_KERNEL_MODULES) ;;
        esac
    done
    local lack=()
    for item in "${programs[@]}"; do
        PATH=$PATH:/usr/sbin:/sbin command -v "$item" >/dev/null || lack+=("program            $item")
    done
    for item in ${modules[@]+"${modules[@]}"}; do
        pkg-config --exists "$item" 2>/dev/null || lack+=("library (pkg-config) $item")
    done
    [ ${#lack[@]} -gt 0 ] || return 0
    setup_die "this system is $name; packages are installed only on Debian 12, Debian 13 and Ubuntu 24.04" \
        "please install these, with their development files, and run the command again:" \
        "" "${lack[@]/#/  }" ${notes:+"" "${notes# }"}
}

# Make sure that the packages of the groups (build, check, shells, lab, package, kernel) are here. Says what it installs, or what is lacking.
setup_packages() {
    local distribution
    distribution=$(setup_distribution)
    case "$distribution" in
    unknown*) setup_packages_unknown "${distribution#unknown }" "$@" ;;
    *) setup_packages_apt "$distribution" "$@" ;;
    esac
}

# Prints where Prometheus' promtool is: the machine's, else that of the package prometheus, unpacked into the cache. Installed, the
# package would start a server that listens to the network.
setup_promtool() {
    local cache new
    ! command -v promtool || return 0
    cache=$(setup_cache_make)
    if [ ! -x "$cache/promtool" ]; then
        setup_has_candidate prometheus || setup_apt_update >&2
        new=$(mktemp -d "$cache/.building-promtool-XXXXXX")
        (cd "$new" && apt-get -q download prometheus && dpkg-deb --fsys-tarfile prometheus_*.deb | tar x ./usr/bin/promtool) >&2 ||
            setup_die "promtool could not be taken from the package prometheus; the messages above say why"
        mv "$new/usr/bin/promtool" "$cache/promtool"
        rm -rf "$new"
    fi
    printf '%s\n' "$cache/promtool"
}

# The address of an archive; where it is a list of mirrors, as in images for clouds, the first of them: other roots do not have
# the list.
setup_mirror() { # setup_mirror ADDRESS
    local list=${1#mirror+file:}
    if [ "$list" = "$1" ]; then
        printf '%s\n' "$1"
    else
        awk '!/^[[:space:]]*(#|$)/ { print $1; exit }' "${list%/}"
    fi
}

setup_archive_from_apt() {
    local codename
    # shellcheck disable=SC1091
    codename=$(. /etc/os-release && printf '%s' "${VERSION_CODENAME:-}")
    # Origin and Label come from the signed Release file: third-party sources do not carry Debian's.
    # shellcheck disable=SC2016
    apt-get indextargets --format '$(ORIGIN)|$(LABEL)|$(CODENAME)|$(COMPONENT)|$(REPO_URI)' \
        'Created-By: Packages' 2>/dev/null |
        awk -F'|' -v c="$codename" '$1 == "Debian" && $2 == "Debian" && $3 == c && $4 == "main" { print $5; exit }'
}

# The address of a Debian archive, for the lab's root image: the one this machine already uses.
setup_archive() {
    local archive=${DAXTIER_DEBIAN_ARCHIVE:-}
    if [ -z "$archive" ] && command -v apt-get >/dev/null; then
        archive=$(setup_archive_from_apt)
        case "$archive:$(setup_distribution)" in
        :debian-*) # no lists yet: a fresh container
            setup_apt_update >&2
            archive=$(setup_archive_from_apt)
            ;;
        esac
    fi
    [ -n "$archive" ] || setup_die "this machine's apt sources name no Debian archive to build the virtual host from" \
        "set DAXTIER_DEBIAN_ARCHIVE to the address of one (what stands after 'deb' in a Debian sources.list)" \
        "and make its signing keys known (package debian-archive-keyring)"
    setup_mirror "$archive"
}

# The address of the security archive that this machine uses; nothing where it uses none.
setup_security_archive() {
    local archive=${DAXTIER_DEBIAN_SECURITY_ARCHIVE:-}
    if [ -z "$archive" ] && command -v apt-get >/dev/null; then
        # shellcheck disable=SC2016
        archive=$(apt-get indextargets --format '$(ORIGIN)|$(LABEL)|$(COMPONENT)|$(REPO_URI)' 'Created-By: Packages' 2>/dev/null |
            awk -F'|' '$1 == "Debian" && $2 == "Debian-Security" && $3 == "main" { print $4; exit }')
    fi
    [ -z "$archive" ] || setup_mirror "$archive"
}

# Run a slow command with its output in a log; show what is happening and for how long, and the log's end on failure.
setup_step() { # setup_step "What is happening" LOG COMMAND...
    local text=$1 log=$2 start=$SECONDS pid status=0
    shift 2
    "$@" >"$log" 2>&1 </dev/null &
    pid=$!
    if [ -t 1 ]; then
        while kill -0 "$pid" 2>/dev/null; do
            printf '\r%s %s … %d s ' "$(setup_colour '1;34' '==>')" "$text" $((SECONDS - start))
            sleep 0.5
        done
        printf '\r\033[K'
    else
        setup_say "$text …"
    fi
    wait "$pid" || status=$?
    if [ "$status" -ne 0 ]; then
        printf '%s\n' "--- the end of $log:" >&2
        tail -n 30 "$log" >&2
        setup_die "failed (exit code $status): $text" "the command was: $*"
    fi
    setup_say "$text: done in $((SECONDS - start)) s"
}
