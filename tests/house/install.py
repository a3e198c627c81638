#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Installs a build into a folder, and compares what lands there with tests/house/install.list.

usage: install.py CMAKE BUILD_DIR LIST TREE
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path


def expected(path):
    """Lines of "MODE PATH"; the paths are those of a build with the prefix /usr."""
    lines = (line.split("#")[0].split() for line in path.read_text(encoding="utf-8").splitlines())
    files = [(name, mode) for mode, name in (line for line in lines if line)]
    if len(files) != len(dict(files)):
        raise SystemExit(f"{path}: a file is listed twice")
    return dict(files)


def installed(tree):
    return {f"/{path.relative_to(tree)}": f"{path.lstat().st_mode & 0o7777:04o}"
            for path in tree.rglob("*") if path.is_symlink() or not path.is_dir()}


def compare(want, have):
    for name in sorted(want.keys() | have.keys()):
        if name not in have:
            yield f"not installed: {name}"
        elif name not in want:
            yield f"installed, but not in install.list: {name}"
        elif have[name] != want[name]:
            yield f"{name}: mode {have[name]}, not {want[name]}"


def main():
    cmake, build = sys.argv[1:3]
    wanted, tree = map(Path, sys.argv[3:5])
    shutil.rmtree(tree, ignore_errors=True)
    # Modes come from the install rules, not from whoever runs the test.
    os.umask(0o022)
    subprocess.run([cmake, "--install", build], check=True, stdout=subprocess.DEVNULL,
                   env={**os.environ, "DESTDIR": str(tree)})
    wrong = list(compare(expected(wanted), installed(tree)))
    for line in wrong:
        print(line, file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
