#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The shells complete what daxtierctl's own table of verbs and options has, and nothing else.

usage: completion.py bash|zsh|fish SHELL DAXTIERCTL FOLDER

The shell itself is run and asked; what it has to answer is made of "daxtierctl --help": each verb, the options of each,
their values, and for arguments that are devices, those in a made-up sysfs.
"""

import os
import pty
import re
import subprocess
import sys
import tempfile
from pathlib import Path

DEVICES, MEMDEVS, FILES = {"dax0.0", "dax10.0"}, {"mem0"}, {"one.conf", "two.tar"}
GENERAL = {"--help", "--version"}
# Which verbs know a CXL memory device by its name, is no matter of the table.
WITH_MEMDEVS = {"plan", "apply"}


def table(daxtierctl):
    """{verb: synopsis of its argument} and {option: (synopsis of its value, verbs)}."""
    text = subprocess.run([daxtierctl, "--help"], capture_output=True, text=True, check=True).stdout
    text = re.sub(r"\n {23}(?=\S)", " ", text)
    verbs, options = text.split("\nVerbs:\n")[1].split("\nOptions:\n")
    found_verbs = dict(re.findall(r"^  ([a-z-]+) (\S*) *", verbs, re.MULTILINE))
    found_options = {}
    for name, value, names in re.findall(r"^  (--[a-z-]+)(=\S+)? +([a-z, -]+):", options, re.MULTILINE):
        found_options[name] = (value.lstrip("="), [verb.strip() for verb in names.split(",")])
    return found_verbs, found_options


def expectations(verbs, options):
    """(words of the command line up to the cursor, what has to be offered there)"""
    def written(name):
        return name + "=" if options[name][0] else name

    yield [""], set(verbs)
    yield ["--"], {written(name) for name in options} | GENERAL
    for verb, synopsis in verbs.items():
        own = {name for name in options if verb in options[name][1]}
        yield [verb, "--"], {written(name) for name in own} | GENERAL
        yield [verb[:-1]], {name for name in verbs if name.startswith(verb[:-1])}
        for name in own:
            value = options[name][0]
            if "|" in value:
                yield [verb, name + "="], set(value.split("|"))
                yield [verb, name + "=" + value[0]], {word for word in value.split("|") if word[0] == value[0]}
                yield [verb, name, ""], set(value.split("|"))
            elif value in ("FILE", "DIR"):
                yield [verb, name + "="], FILES
                yield [verb, name, "o"], {"one.conf"}
            elif value:
                yield [verb, name + "="], set()
        if "DEVICE" in synopsis:
            devices = DEVICES | (MEMDEVS if verb in WITH_MEMDEVS else set())
            yield [verb, ""], devices
            yield [verb, "dax1"], {"dax10.0"}
            yield ["--json=short", verb, "dax1"], {"dax10.0"}
            yield [verb, "dax0.0", "dax1"], set()
        elif "FILE" in synopsis:
            yield [verb, ""], FILES
            yield [verb, "one.conf", ""], set()
        else:
            yield [verb, ""], set()
    yield ["plan", "--diff", "--config=one.conf", "--config=two.tar", ""], FILES
    yield ["plan", "--diff", "one.conf", ""], FILES
    yield ["nonsense", ""], set()


class Bash:
    """Asked as its own completion does: the function that is registered, with the words split at "="."""

    SCRIPT = r"""
source "$1/daxtierctl.bash"
function_name=$(complete -p daxtierctl) || exit 1
function_name=${function_name#* -F }
function_name=${function_name%% *}
compopt() { :; } # there is no line that is being edited
while IFS= read -r line; do
    IFS=$'\x1f' read -r -a COMP_WORDS <<<"$line"
    [[ $line != *$'\x1f' ]] || COMP_WORDS+=("")
    COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
    COMPREPLY=()
    "$function_name" daxtierctl "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
    [[ ${#COMPREPLY[@]} -eq 0 ]] || printf '%s\n' "${COMPREPLY[@]}"
    echo .
done
"""

    def __init__(self, shell, folder):
        self.process = subprocess.Popen([shell, "--norc", "--noprofile", "-c", self.SCRIPT, "bash", str(folder)],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, words):
        split = [part for word in words for part in re.split(r"(=)", word)]
        # An empty word behind "=" is none: the cursor is at "=".
        split = [part for i, part in enumerate(split) if part or i == 0 or split[i - 1] != "="]
        self.process.stdin.write("\x1f".join(["daxtierctl", *split]) + "\n")
        self.process.stdin.flush()
        return set(iter(lambda: self.process.stdout.readline().rstrip("\n"), "."))

    def close(self):
        self.process.stdin.close()
        self.process.wait()


class Fish:
    def __init__(self, shell, folder):
        self.shell, self.folder = shell, folder
        self.process = subprocess.Popen(
            [shell, "--no-config", "-c", f"source {folder}/daxtierctl.fish; while read -l line; complete -C $line; echo .; end"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, words):
        self.process.stdin.write(" ".join(["daxtierctl", *words]) + "\n")
        self.process.stdin.flush()
        offers = {line.split("\t")[0] for line in iter(lambda: self.process.stdout.readline().rstrip("\n"), ".")}
        # It offers a value together with its option, and both forms of an option with a value.
        offers = {offer.split("=", 1)[1] if "=" in words[-1] else offer for offer in offers}
        return offers

    def close(self):
        self.process.stdin.close()
        self.process.wait()


class Zsh:
    """On a terminal of its own, since there is no completion without; what is offered goes through compadd."""

    SETUP = r"""
PS1= PS2= RPS1=
fpath=($1 $fpath)
autoload -Uz compinit && compinit -D -u
zstyle ':completion:*' completer _complete
zstyle ':completion:*' use-cache no
compadd() {
    local -a hits
    # Those that only sort or count what another call adds.
    if [[ ${@[1,(i)(-|--)]} == *-(O|A|D)\ * ]]; then
        builtin compadd "$@"
        return
    fi
    builtin compadd -A hits -D hits "$@"
    [[ $#hits -eq 0 ]] || print -rl -- ${(Q)hits} >$ANSWERS
    builtin compadd "$@"
}
ask() {
    _main_complete
    compstate[insert]= compstate[list]=
    print -r -- . >$ANSWERS
}
zle -C ask complete-word ask
bindkey -e
bindkey '^I' ask
bindkey '^U' kill-whole-line
print ready >$ANSWERS
"""

    def __init__(self, shell, folder):
        self.scratch = tempfile.TemporaryDirectory()
        setup, answers = Path(self.scratch.name, "setup"), Path(self.scratch.name, "answers")
        setup.write_text(self.SETUP.replace("$1", str(folder)).replace("$ANSWERS", f"{answers}"), encoding="utf-8")
        os.mkfifo(answers)
        self.pid, self.terminal = pty.fork()
        if self.pid == 0:
            os.environ["TERM"] = "dumb"
            os.execv(shell, [shell, "-f", "-i"])
        # Both ends, so that it never ends.
        self.answers = os.fdopen(os.open(answers, os.O_RDWR), encoding="utf-8")
        os.write(self.terminal, f"source {setup}\n".encode())
        self.read("ready")

    def read(self, end):
        lines = set()
        for line in iter(lambda: self.answers.readline().rstrip("\n"), end):
            lines.add(line)
        os.set_blocking(self.terminal, False)
        try:
            while os.read(self.terminal, 65536):
                pass
        except BlockingIOError:
            pass
        return lines

    def ask(self, words):
        os.write(self.terminal, b"\x15" + " ".join(["daxtierctl", *words]).encode() + b"\t")
        offers = self.read(".")
        # Where nothing else can follow, it offers options.
        return {offer for offer in offers if words[-1] or not offer.startswith("-")}

    def close(self):
        os.close(self.terminal)
        os.waitpid(self.pid, 0)
        self.scratch.cleanup()


def normal(offers):
    """As they differ from shell to shell: "--json=" and "--json", the last part of a path, short options."""
    return {offer.rstrip("/").rsplit("/", 1)[-1].removesuffix("=") for offer in offers} - {"-h"}


def differences(shell, verbs, options):
    for words, wanted in expectations(verbs, options):
        offered, wanted = normal(shell.ask(words)), normal(wanted)
        if offered != wanted:
            line = " ".join(["daxtierctl", *words])
            yield f"{line!r}: lacks {sorted(wanted - offered)}, and has besides {sorted(offered - wanted)}"


def make_host(folder):
    for name in DEVICES:
        Path(folder, "sys/bus/dax/devices", name).mkdir(parents=True)
    for name in MEMDEVS | {"region0", "decoder0.0"}:
        Path(folder, "sys/bus/cxl/devices", name).mkdir(parents=True)
    Path(folder, "files").mkdir()
    for name in FILES:
        Path(folder, "files", name).touch()


def main():
    kind = {"bash": Bash, "zsh": Zsh, "fish": Fish}[sys.argv[1]]
    program, daxtierctl, completions = sys.argv[2], sys.argv[3], Path(sys.argv[4]).resolve()
    verbs, options = table(daxtierctl)
    if len(verbs) < 10 or len(options) < 10:
        raise SystemExit(f"--help is not understood: {verbs}, {options}")
    with tempfile.TemporaryDirectory() as folder:
        make_host(folder)
        os.chdir(Path(folder, "files"))
        os.environ.update(HOME=folder, LC_ALL="C.UTF-8", DAXTIERCTL_SYS=f"{folder}/sys")
        shell = kind(program, completions)
        wrong = list(differences(shell, verbs, options))
        shell.close()
        # A host without any such bus: no device, and not a word about it.
        os.environ["DAXTIERCTL_SYS"] = "/nonexistent"
        shell = kind(program, completions)
        offered = normal(shell.ask(["show", ""]))
        if offered:
            wrong.append(f"without a dax bus there is {sorted(offered)}")
        shell.close()
    for line in wrong:
        print(f"{sys.argv[1]}: {line}", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
