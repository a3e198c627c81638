# SPDX-License-Identifier: GPL-2.0-or-later
"""An unpacked source tree, and make in it."""

import os
import pathlib
import re

from vmlab import cache, progress

from . import series

# The same image from the same source, whoever builds it, wherever and whenever; so ccache finds it again, too.
IDENTITY = {"KBUILD_BUILD_USER": "daxtier", "KBUILD_BUILD_HOST": "daxtier", "KBUILD_BUILD_VERSION": "1",
            "KBUILD_BUILD_TIMESTAMP": "2026-01-01 00:00:00 UTC"}


def _jobs() -> int:
    return len(os.sched_getaffinity(0))


class Tree:
    """In a temporary folder of its own, which whoever made it removes."""

    def __init__(self, folder: pathlib.Path, source: tuple, log: pathlib.Path):
        self.version, tarball = source
        self.path = folder / "linux"
        self.log = log
        self.path.mkdir()
        # Paths in the output of the compiler are relative to this folder, so its name does not matter to ccache.
        self._environment = os.environ | IDENTITY | {
            "LC_ALL": "C", "CCACHE_BASEDIR": str(folder), "CCACHE_NOHASHDIR": "1",
            "CCACHE_DIR": os.environ.get("CCACHE_DIR", str(cache.folder() / "ccache"))}
        for name in ("MAKEFLAGS", "ARCH", "CROSS_COMPILE", "KCFLAGS", "LOCALVERSION", "KBUILD_OUTPUT"):
            self._environment.pop(name, None)
        with progress.step(f"Unpacking the source of Linux {self.version}"):
            self.run(["tar", "-xJf", str(tarball), "-C", str(self.path), "--strip-components=1", "--no-same-owner"],
                     f"unpacking {tarball}")

    def run(self, command: list, what: str, environment=None) -> None:
        progress.run(["nice", "-n", "5", *command], self.log, what, self._environment | (environment or {}))

    def apply(self, patches) -> None:
        for patch in patches:
            series.apply(patch, self.path, self.version)

    def make_command(self, targets: list, build: str = "") -> list:
        """With build, the name of a folder in the tree for all that is made."""
        output = [f"O={build}"] if build else []
        return ["make", "-C", str(self.path), f"-j{_jobs()}", "ARCH=x86_64", "CC=ccache gcc", "HOSTCC=ccache gcc", *output, *targets]

    def make(self, targets: list, what: str, build: str = "") -> None:
        self.run(self.make_command(targets, build), f"{what} (the whole log: {self.log})")

    def configure(self, fragments: list, build: str = "") -> None:
        """tinyconfig with the fragments over it."""
        self.make(["tinyconfig"], "make tinyconfig", build)
        self.change(fragments, build)

    def change(self, fragments: list, build: str = "") -> None:
        """The fragments over the configuration that is there."""
        config = self.path / build / ".config"
        with config.open("a", encoding="utf-8") as file:
            for fragment in fragments:
                file.write(fragment.read_text())
        self.make(["olddefconfig"], "make olddefconfig", build)
        verify(fragments, config)


def _values(text: str) -> dict:
    """Symbol to value; one that is not set is 'n'."""
    found = {}
    for line in text.splitlines():
        if match := re.match(r"(CONFIG_\w+)=(.*)$", line):
            found[match[1]] = match[2]
        elif match := re.match(r"# (CONFIG_\w+) is not set$", line):
            found[match[1]] = "n"
    return found


def verify(fragments: list, config: pathlib.Path) -> None:
    """Kconfig drops without a word what lacks a dependency: every symbol of the fragments must have its value."""
    wanted = {}
    for fragment in fragments:
        wanted |= {symbol: (value, fragment) for symbol, value in _values(fragment.read_text()).items()}
    got = _values(config.read_text())
    wrong = [f"  {symbol}: {fragment.name} says {value}, the configuration has {got.get(symbol, 'n')}"
             for symbol, (value, fragment) in wanted.items() if got.get(symbol, "n") != value]
    if wrong:
        raise progress.Failure("the kernel's configuration did not take these symbols; something that they depend on is missing:\n"
                               + "\n".join(wrong))
