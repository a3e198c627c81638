# SPDX-License-Identifier: GPL-2.0-or-later
"""The patches, in order, and how they are applied: exactly, or not at all."""

import dataclasses
import os
import pathlib
import re
import subprocess

from vmlab import progress

HERE = pathlib.Path(__file__).resolve().parents[1] / "linux-6.1"


@dataclasses.dataclass(frozen=True)
class Patch:
    path: pathlib.Path

    @property
    def name(self) -> str:
        return self.path.name

    def subject(self) -> str:
        match = re.search(r"^Subject: (?:\[[^]]*\] )?(.*(?:\n .*)*)", self.path.read_text(), re.MULTILINE)
        return re.sub(r"\s+", " ", match[1]) if match else self.name

    def change(self) -> str:
        """What it does to the tree, without the words about it."""
        text = self.path.read_text()
        start = text.find("\ndiff --git ")
        return re.sub(r"\n-- \n.*", "\n", text[max(start, 0):], flags=re.DOTALL)

    def files(self) -> list:
        """The files that it changes or adds, relative to the source tree."""
        return [name for name in re.findall(r"^\+\+\+ b/(\S+)", self.path.read_text(), re.MULTILINE)]


def made_for() -> str:
    """The version of Debian's source package that the series applies to."""
    return (HERE / "source").read_text().split()[-1]


def patches() -> list:
    """In the order of the file 'series'. Every patch is named there, and every name is a patch."""
    series = HERE / "series"
    lines = series.read_text().splitlines() if series.exists() else []
    names = [line.strip() for line in lines if line.strip() and not line.startswith("#")]
    there = {path.name for path in HERE.glob("*.patch")}
    if missing := [name for name in names if name not in there]:
        raise progress.Failure(f"{series} names {', '.join(missing)}, which {HERE} does not have")
    if unnamed := sorted(there - set(names)):
        raise progress.Failure(f"{HERE} has {', '.join(unnamed)}, which {series} does not name")
    if len(set(names)) != len(names):
        raise progress.Failure(f"{series} names a patch twice")
    return [Patch(HERE / name) for name in names]


def apply(patch: Patch, tree: pathlib.Path, version: str) -> None:
    """Into the source tree. A hunk that only fits elsewhere, or only nearly, is an error."""
    done = subprocess.run(["patch", "--batch", "--forward", "--fuzz=0", "-p1", "-d", str(tree), "-i", str(patch.path)],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, env=os.environ | {"LC_ALL": "C"})
    file, bad = "", []
    for line in done.stdout.splitlines():
        if match := re.match(r"(?:patching|checking) file (\S+)", line):
            file = match[1]
        elif re.search(r"offset|fuzz|FAILED|Reversed|can't find|malformed|saving rejects|Skipping|garbage", line):
            bad.append(f"  {file or '(no file yet)'}: {line}")
    if done.returncode == 0 and not bad:
        return
    hint = (f"the series is made for {made_for()}, and this is {version}: refresh it (kernel-patches/README.md says how)"
            if version != made_for() else f"this is the source that the series is made for ({version}): the patch is wrong")
    raise progress.Failure(f"{patch.name} does not apply exactly:\n" + "\n".join(bad or [done.stdout]) + f"\n{hint}")
