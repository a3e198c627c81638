# SPDX-License-Identifier: GPL-2.0-or-later
"""The tree's own checkpatch.pl on each patch."""

import dataclasses
import re
import subprocess

from vmlab import cache, progress

from . import archive, kernel, series


@dataclasses.dataclass
class Totals:
    errors: int = 0
    warnings: int = 0
    checks: int = 0
    lines: int = 0

    def add(self, other: "Totals") -> None:
        for field in dataclasses.fields(self):
            setattr(self, field.name, getattr(self, field.name) + getattr(other, field.name))

    def __str__(self) -> str:
        return f"{self.errors} errors, {self.warnings} warnings, {self.checks} checks, {self.lines} lines"

    @property
    def clean(self) -> bool:
        return self.errors == self.warnings == self.checks == 0


def _totals(output: str) -> Totals:
    match = re.search(r"^total: (\d+) errors, (\d+) warnings, (?:(\d+) checks, )?(\d+) lines checked", output, re.MULTILINE)
    if not match:
        raise progress.Failure(f"checkpatch.pl gave no totals:\n{output}")
    return Totals(*(int(number or 0) for number in match.groups()))


def run(answer) -> int:
    patches = series.patches()
    if not patches:
        raise progress.Failure(f"{series.HERE / 'series'} names no patch to check")
    cache.install("kernel")
    total = Totals()
    with kernel.lock():
        source = archive.source(series.made_for())
        with cache.scratch("checkpatch") as folder:
            with progress.step("Unpacking checkpatch.pl"):
                progress.run(["tar", "-xJf", str(source[1]), "-C", str(folder), "--strip-components=1", "--no-same-owner"],
                             folder / "log", "unpacking the source")
            for patch in patches:
                done = subprocess.run(["perl", str(folder / "scripts/checkpatch.pl"), "--strict", f"--root={folder}", "--color=never", str(patch.path)],
                                      stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
                found = _totals(done.stdout)
                if done.returncode != 0 and found.clean:
                    raise progress.Failure(f"checkpatch.pl failed on {patch.name}:\n{done.stdout}")
                total.add(found)
                if not found.clean:
                    print(done.stdout, file=answer)
                print(f"{patch.name}: {found}", file=answer, flush=True)
    print(f"total: {total} in {len(patches)} patches", file=answer, flush=True)
    return 0 if total.clean else 1
