#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Lets systemd-analyze verify the units of an installed tree, with the programs and man pages of that tree.

usage: units.py TREE UNITDIR MANDIR
"""

import re
import subprocess
import sys
import tempfile
from pathlib import Path


def rooted(unit, tree):
    """The unit with those of its programs that the tree has taken from there."""
    def program(match):
        inside = Path(f"{tree}{match[2]}")
        return f"{match[1]}{inside if inside.exists() else match[2]}"
    return re.sub(r"^(Exec\w+=)(/\S+)", program, unit, flags=re.MULTILINE)


def missing_pages(unit, mandir):
    for page, section in re.findall(r"\bman:([\w.-]+)\((\d)\)", unit.read_text(encoding="utf-8")):
        if not Path(mandir, f"man{section}", f"{page}.{section}").exists():
            yield f"{unit.name}: there is no page {page}({section}) in {mandir}"


def verify(unit, folder):
    """What systemd-analyze has to say of this unit; it exits 0 also after "unknown key, ignoring"."""
    result = subprocess.run(
        ["systemd-analyze", "verify", "--recursive-errors=no", "--man=no", f"{folder}/{unit}"],
        capture_output=True, text=True, check=False)
    said = [line for line in (result.stdout + result.stderr).splitlines() if unit in line]
    if result.returncode and not said:
        said = [f"{unit}: systemd-analyze exited with {result.returncode}", result.stderr.strip()]
    return said


def main():
    tree, unitdir, mandir = sys.argv[1:4]
    units = sorted(Path(f"{tree}{unitdir}").glob("*.*"))
    if not units:
        print(f"no unit in {tree}{unitdir}", file=sys.stderr)
        return 1
    wrong = []
    with tempfile.TemporaryDirectory() as folder:
        for unit in units:
            Path(folder, unit.name).write_text(rooted(unit.read_text(encoding="utf-8"), tree), encoding="utf-8")
        for unit in units:
            wrong += verify(unit.name, folder)
            wrong += missing_pages(unit, f"{tree}{mandir}")
    for line in wrong:
        print(line, file=sys.stderr)
    print(f"{len(units)} units")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
