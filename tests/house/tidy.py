#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""clang-tidy on every source of a build; but not on those that it had nothing to say about before, as they are now, with
the headers, options and checks of now.

usage: tidy.py BUILD_FOLDER CACHE_FOLDER
The build is one by ninja, and finished: what each source includes is known from it.
"""

import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
KEPT_SECONDS = 30 * 24 * 3600


def run(*command):
    return subprocess.run(command, capture_output=True, text=True, check=False)


@lru_cache(maxsize=None)
def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "missing"


def included(build):
    """By object, the files that it was made from. One that is out of date is not there."""
    found, files = {}, None
    for line in run("ninja", "-C", build, "-t", "deps").stdout.splitlines():
        head = re.match(r"(\S.*): #deps \d+, deps mtime \d+ \((\w+)\)$", line)
        if head:
            files = found.setdefault(head[1], []) if head[2] == "VALID" else []
        elif line.startswith("    "):
            files.append(line.strip())
    return found


def checks_of(source):
    return [folder / ".clang-tidy" for folder in source.parents if folder.is_relative_to(TOP)]


def key(entry, files, version):
    """Of all that the outcome depends on, the same in every checkout; None where that is not known."""
    output = re.search(r" -o (\S+)", entry["command"])
    names = files.get(output and output[1])
    if not names:
        return None
    every = checks_of(Path(entry["file"])) + [Path(os.path.normpath(Path(entry["directory"], name))) for name in names]
    lines = [version, entry["command"], *(f"{path} {digest(path)}" for path in every)]
    return hashlib.sha256("\n".join(lines).replace(str(TOP), "").encode()).hexdigest()


def tidy(commands, source, marker):
    """Whether there is nothing to say about it."""
    result = run("clang-tidy", "--quiet", "-p", commands, source)
    # Of other code, and not shown: "3 warnings generated."
    said = re.sub(r"^\d+ warnings? generated\.\n", "", result.stdout + result.stderr, flags=re.MULTILINE)
    print(said, end="", flush=True)
    if result.returncode == 0 and not said and marker:
        marker.touch()
    return result.returncode == 0


def forget_old(cache):
    for marker in cache.iterdir():
        if marker.stat().st_mtime < time.time() - KEPT_SECONDS:
            marker.unlink(missing_ok=True)


def main():
    build, cache = Path(sys.argv[1]).resolve(), Path(sys.argv[2])
    cache.mkdir(parents=True, exist_ok=True)
    forget_old(cache)
    version, files = run("clang-tidy", "--version").stdout, included(build)
    # Those that many programs are made of are looked at once, as the first of them has it.
    every = json.loads((build / "compile_commands.json").read_text(encoding="utf-8"))
    entries = list({entry["file"]: entry for entry in reversed(every)}.values())
    todo = []
    for entry in entries:
        name = key(entry, files, version)
        if name and (cache / name).exists():
            (cache / name).touch()
        else:
            todo.append((entry["file"], cache / name if name else None))
    print(f"{len(todo)} sources; {len(entries) - len(todo)} others are as they were", flush=True)
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(os.cpu_count()) as pool:
        Path(folder, "compile_commands.json").write_text(json.dumps(entries), encoding="utf-8")
        fine = list(pool.map(lambda one: tidy(folder, *one), sorted(todo, key=lambda one: one[0])))
    return 0 if entries and all(fine) else 1


if __name__ == "__main__":
    sys.exit(main())
