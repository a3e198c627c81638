# bash completion for daxtierctl(1)
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Needs nothing of the package bash-completion but to be found by it. tests/house/completion.py holds it to what
# "daxtierctl --help" lists.

# From sysfs: at once, and without a word where there is none. With "memdevs", CXL memory devices as well.
_daxtierctl_devices() {
    local sys=${DAXTIERCTL_SYS:-/sys} path
    for path in "$sys"/bus/dax/devices/*; do
        [[ -e $path ]] && printf '%s\n' "${path##*/}"
    done
    [[ ${1-} == memdevs ]] || return 0
    for path in "$sys"/bus/cxl/devices/mem*; do
        [[ -e $path ]] && printf '%s\n' "${path##*/}"
    done
    return 0
}

_daxtierctl_files() { # _daxtierctl_files BEGINNING
    compopt -o filenames
    mapfile -t COMPREPLY < <(compgen -f -- "$1")
}

_daxtierctl_words() { # _daxtierctl_words BEGINNING WORD...
    local begin=$1
    shift
    mapfile -t COMPREPLY < <(compgen -W "$*" -- "$begin")
    # What goes on behind "=" gets no space.
    if [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *= ]]; then
        compopt -o nospace
    fi
}

_daxtierctl_value() { # _daxtierctl_value OPTION BEGINNING: whether the option takes one
    case $1 in
    --json) _daxtierctl_words "$2" pretty short ;;
    --format) _daxtierctl_words "$2" openmetrics prometheus ;;
    --root | --config | --output) _daxtierctl_files "$2" ;;
    --deadline) ;;
    *) return 1 ;;
    esac
}

_daxtierctl() {
    local -A options=(
        [status]='--json= --root='
        [show]='--json= --root='
        [plan]='--json= --root= --config= --diff'
        [apply]='--json= --force --no-ask-password'
        [release]='--json= --deadline= --eject --dry-run --no-ask-password'
        [monitor]='--json='
        [check-config]='--json= --root='
        [doctor]='--json= --root='
        [capture]='--root= --mask-serials'
        [reload]='--json= --no-ask-password'
        [metrics]='--format= --output='
    )
    local current=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} verb="" word i n=0 diff=no
    COMPREPLY=()

    # "=" is a word of its own, as bash splits them.
    if [[ $current == "=" ]]; then
        _daxtierctl_value "$before" ""
        return
    fi
    if [[ $before == "=" ]]; then
        _daxtierctl_value "${COMP_WORDS[COMP_CWORD - 2]}" "$current"
        return
    fi
    if _daxtierctl_value "$before" "$current"; then
        return
    fi

    # The verb, and how many arguments it has already.
    for ((i = 1; i < COMP_CWORD; i++)); do
        word=${COMP_WORDS[i]}
        case $word in
        --json | --root | --config | --deadline | --format | --output)
            [[ ${COMP_WORDS[i + 1]} == "=" ]] && ((i++))
            ((i++))
            ;;
        --diff) diff=yes ;;
        -*) ;;
        *)
            if [[ -z $verb ]]; then verb=$word; else ((n++)); fi
            ;;
        esac
    done

    if [[ $current == -* ]]; then
        if [[ -z $verb ]]; then
            _daxtierctl_words "$current" "${options[@]}" --help --version
        else
            _daxtierctl_words "$current" "${options[$verb]-}" --help --version
        fi
        return
    fi
    case $verb:$n in
    :0) _daxtierctl_words "$current" "${!options[@]}" ;;
    plan:*)
        if [[ $diff == yes ]]; then
            _daxtierctl_files "$current"
        elif [[ $n -eq 0 ]]; then
            _daxtierctl_words "$current" "$(_daxtierctl_devices memdevs)"
        fi
        ;;
    apply:0) _daxtierctl_words "$current" "$(_daxtierctl_devices memdevs)" ;;
    show:0 | release:0 | monitor:0) _daxtierctl_words "$current" "$(_daxtierctl_devices)" ;;
    check-config:0 | capture:0) _daxtierctl_files "$current" ;;
    esac
}

complete -F _daxtierctl daxtierctl
