#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Configures the project for several prefixes: what other programs read is installed where they look, whatever the
prefix is, and a second installation keeps a configuration that was edited.

usage: layout.py CMAKE SOURCE_DIR C_COMPILER LIST FOLDER
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

# Those with files that need no compiler.
ROOMS = ("conf", "systemd", "contrib")
# None: the user named no prefix.
PREFIXES = {None: "/usr/local", "/usr/local": "/usr/local", "/opt/daxtier": "/opt/daxtier"}


def run(*command, **environment):
    result = subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, **environment})
    if result.returncode:
        raise SystemExit(f"{' '.join(map(str, command))}:\n{result.stdout}{result.stderr}")
    return result.stdout


def install(cmake, build, tree):
    return "".join(run(cmake, "-P", build / room / "cmake_install.cmake", DESTDIR=str(tree)) for room in ROOMS)


def for_others(listed):
    """The files of install.list that the daemon and other programs look for in one place only."""
    paths = [line.split()[1] for line in listed.read_text(encoding="utf-8").splitlines() if re.match(r"\d+ /", line)]
    return {path for path in paths if re.match(r"/etc/|/usr/lib/|/usr/share/((dbus|polkit)-1|initramfs-tools)/", path)}


def check_places(tree, wanted, prefix):
    installed = {f"/{path.relative_to(tree)}" for path in tree.rglob("*") if path.is_file()}
    for name in sorted(wanted - installed):
        yield f"not installed: {name}"
    for name in sorted(installed - wanted):
        if not name.startswith((f"{prefix}/share/doc/", f"{prefix}/libexec/daxtierd/")):
            yield f"installed to where nothing looks for it: {name}"


def check_unit(tree, prefix):
    unit = next(tree.rglob("daxtierd.service")).read_text(encoding="utf-8")
    programs = re.findall(r"^Exec\w+=(\S+)", unit, re.MULTILINE)
    if len(programs) < 3:
        yield f"the unit starts only {programs}"
    for program in programs:
        if program not in (f"{prefix}/sbin/daxtierd", f"{prefix}/bin/daxtierctl"):
            yield f"the unit starts {program}, which is not installed"


def check_hooks(tree, prefix):
    """What goes into an initial RAM disk is taken from where it is installed, and knows where the daemon is."""
    for path in (*tree.rglob("hooks/daxtierd"), *tree.rglob("module-setup.sh")):
        text = path.read_text(encoding="utf-8")
        taken = re.findall(r"(/\S+) /lib/daxtierd/boot-claim", text)
        if len(taken) != 1 or not (tree / taken[0][1:]).is_file():
            yield f"{path.name} takes {taken}"
        if f"{prefix}/sbin/daxtierd" not in text:
            yield f"{path.name} does not look for {prefix}/sbin/daxtierd"
    claim = next(tree.rglob("boot-claim")).read_text(encoding="utf-8")
    places = dict(re.findall(r"^(daemon|unit)=(\S+)$", claim, re.MULTILINE))
    if places.get("daemon") != f"{prefix}/sbin/daxtierd" or not (tree / places["unit"][1:]).is_file():
        yield f"boot-claim looks for {places}"


def check_again(install_again, tree, shipped):
    """What becomes of /etc/daxtier.conf when there is one already."""
    present, beside = tree / "etc/daxtier.conf", tree / "etc/daxtier.conf.new"
    if present.read_bytes() != shipped:
        yield "daxtier.conf is not installed as it is shipped"
    install_again()
    if beside.exists():
        yield "daxtier.conf was not edited, and daxtier.conf.new was installed all the same"
    for words, edit in (("edited", lambda: present.write_bytes(shipped + b"# mine\n")),
                        ("empty", lambda: present.write_bytes(b"")),
                        ("a link to nowhere", lambda: (present.unlink(), present.symlink_to("nowhere")))):
        edit()
        before = os.readlink(present) if present.is_symlink() else present.read_bytes()
        beside.unlink(missing_ok=True)
        said = install_again()
        if before != (os.readlink(present) if present.is_symlink() else present.read_bytes()):
            yield f"daxtier.conf was {words}, and was overwritten"
        if not beside.exists() or beside.read_bytes() != shipped:
            yield f"daxtier.conf was {words}, and the new one is not beside it"
        if "daxtier.conf.new" not in said or "Kept: " not in said:
            yield f"daxtier.conf was {words}; nobody is told that it was kept: {said}"


def main():
    cmake, source, compiler, listed, folder = sys.argv[1], *map(Path, sys.argv[2:6])
    wanted, shipped = for_others(listed), (source / "conf/daxtier.conf").read_bytes()
    wrong = []
    shutil.rmtree(folder, ignore_errors=True)
    for number, (given, prefix) in enumerate(PREFIXES.items()):
        build, tree = folder / f"build-{number}", folder / f"tree-{number}"
        run(cmake, "-S", source, "-B", build, "-G", "Ninja", f"-DCMAKE_C_COMPILER={compiler}", "-DBUILD_TESTING=OFF",
            *([f"-DCMAKE_INSTALL_PREFIX={given}"] if given else []))
        install(cmake, build, tree)
        found = [*check_places(tree, wanted, prefix), *check_unit(tree, prefix), *check_hooks(tree, prefix)]
        if not found and number == 0:
            found = list(check_again(lambda: install(cmake, build, tree), tree, shipped))
        wrong += [f"prefix {given or 'not given'}: {line}" for line in found]
    for line in wrong:
        print(line, file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
