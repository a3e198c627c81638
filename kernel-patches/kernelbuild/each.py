# SPDX-License-Identifier: GPL-2.0-or-later
"""Every prefix of the series by itself: it builds as the lab's kernel, with the dax drivers as modules, and without memory
hotplug, and brings no warning."""

import re

from vmlab import cache, progress

from . import archive, kernel, series, tree

# What is built besides the lab's kernel: a name, its fragment, whether the files of the series are compiled with W=1 too.
SMALL = (("modules", True), ("no-hotplug", False))


def _warnings(text: str) -> set:
    """Without line numbers, which move."""
    return {re.sub(r":\d+(:\d+)?:", ":", line) for line in text.splitlines() if re.search(r"warning:|WARNING: modpost", line)}


class _Small:
    """A small kernel, built again after each patch in a folder of its own in the tree."""

    def __init__(self, linux: tree.Tree, name: str, extra: bool, sources: list):
        self.name = name
        self._linux, self._extra, self._sources = linux, extra, sources
        self._known = None
        linux.configure([series.HERE / f"config.{name}"], f"build-{name}")

    def build(self) -> set:
        """The warnings that the source had not before the series."""
        start = self._linux.log.stat().st_size
        folder = f"build-{self.name}"
        self._linux.make(["vmlinux", "modules"], f"building the kernel '{self.name}'", folder)
        if self._extra:
            objects = [re.sub(r"\.c$", ".o", name) for name in self._sources]
            self._linux.make(["W=1", *objects], f"compiling with W=1 as '{self.name}'", folder)
        with self._linux.log.open(encoding="utf-8", errors="replace") as log:
            log.seek(start)
            found = _warnings(log.read())
        if self._known is None:
            self._known = found
        return found - self._known


def _outcome(build) -> str:
    try:
        new = build()
    except progress.Failure as failure:
        print(failure, flush=True)
        return "FAILED"
    for line in sorted(new):
        print(line, flush=True)
    return f"{len(new)} new warnings" if new else "ok"


def run(answer) -> int:
    """A line for each prefix and kernel, as it is built; the end is whether all are well."""
    patches = series.patches()
    sources = sorted({name for patch in patches for name in patch.files() if name.endswith(".c")})
    good = True

    def report(count: int, name: str, build) -> None:
        nonlocal good
        with progress.step(f"{count} of {len(patches)} patches: building '{name}'"):
            outcome = _outcome(build)
        good = good and outcome == "ok"
        what = patches[count - 1].name if count else "the source as it is"
        print(f"{count} {name}: {outcome} ({what})", file=answer, flush=True)

    cache.install("kernel")
    with kernel.lock():
        source = archive.source(series.made_for())
        with cache.scratch("each") as folder:
            linux = tree.Tree(folder, source, kernel.log_file("each"))
            small = [_Small(linux, name, extra, sources) for name, extra in SMALL]
            for count in range(len(patches) + 1):
                linux.apply(patches[count - 1:count] if count else [])
                for kind in small:
                    report(count, kind.name, kind.build)
    # These last, for they take longest; and they stay in the cache, so that each can be booted.
    for count in range(len(patches) + 1):
        report(count, "lab", lambda: kernel.image((), patches[:count]) and set())
    return 0 if good else 1
