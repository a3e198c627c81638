# SPDX-License-Identifier: GPL-2.0-or-later
"""The project's files: what git tracks, and what is new and not ignored; in an unpacked archive, everything but build/."""

import pathlib
import re
import shutil
import subprocess

from vmlab import cache


def files() -> list:
    """Sorted, relative to the checkout."""
    done = subprocess.run(["git", "-C", str(cache.TOP), "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
    if done.returncode == 0:
        names = {pathlib.Path(name.decode()) for name in done.stdout.split(b"\0") if name}
    else:
        names = {path.relative_to(cache.TOP) for path in cache.TOP.rglob("*") if not path.is_dir() or path.is_symlink()}
        names = {name for name in names if name.parts[0] not in ("build", ".git")}
    return sorted(name for name in names if (cache.TOP / name).is_symlink() or (cache.TOP / name).is_file())


# Of these there is nothing in a package that is built without the tests.
ASIDE = (".ci", "kernel-patches", "tests", "tools", "check", "try")


def digest(*more) -> str:
    """Of what goes into packages, by name, content and mode, and of whatever else is given."""
    parts = []
    for name in files():
        if name.parts[0] in ASIDE or name.suffix == ".md":
            continue
        path = cache.TOP / name
        parts += [f"{name} {path.lstat().st_mode:o}", str(path.readlink()) if path.is_symlink() else path]
    return cache.digest(*parts, *more)


def export(folder: pathlib.Path) -> None:
    """A copy of them, so that nothing is ever built in the checkout."""
    for name in files():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(cache.TOP / name, target, follow_symlinks=False)


def version() -> str:
    return re.search(r"^project\(daxtierd VERSION (\S+)", (cache.TOP / "CMakeLists.txt").read_text(), re.MULTILINE)[1]
