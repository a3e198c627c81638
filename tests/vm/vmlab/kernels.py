# SPDX-License-Identifier: GPL-2.0-or-later
"""The kernels that boots can have. To add one, add a row to KERNELS."""

import dataclasses
import functools
import pathlib
import subprocess

from . import cache, image, progress

PATCHED = cache.TOP / "kernel-patches" / "build"
PACKAGE = cache.TOP / "tools" / "package"
RELEASES = {"bookworm": "12", "trixie": "13"}


@functools.cache
def packages(suite: str) -> tuple:
    """Our packages for that suite. Built under a lock of its own, if the cache has none of these sources."""
    command = [str(PACKAGE), "--cached", "--release", RELEASES[suite]]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode != 0:
        raise progress.Failure(f"our packages could not be built ({' '.join(command)}); why is above")
    return tuple(sorted(pathlib.Path(done.stdout.strip()).glob("*.deb")))


@dataclasses.dataclass(frozen=True)
class Kernel:
    """A distribution's, unmodified: that of the root image whose kernel is from this suite."""
    name: str
    what: str
    suite: str = image.SUITE
    root: str = image.SUITE     # of what else is in the root image
    packaged: bool = False      # our packages are installed in it, and so in its initrd

    def prepare(self) -> None:
        """What takes many minutes, done before the lab's lock is taken; it has a lock of its own."""
        if self.packaged:
            packages(self.root)

    def files(self) -> image.Image:
        """What QEMU starts. Called with the lab's lock held."""
        return image.image(self.suite, self.root, packages(self.root) if self.packaged else ())


@functools.cache
def _patched(options: tuple) -> pathlib.Path:
    done = subprocess.run([str(PATCHED), *options], stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode != 0:
        raise progress.Failure(f"the patched kernel could not be built ({' '.join([str(PATCHED), *options])}); why is above")
    return pathlib.Path(done.stdout.strip())


@dataclasses.dataclass(frozen=True)
class Patched(Kernel):
    """What kernel-patches/build makes. Everything is built in, so the distribution's initrd serves it: the modules in there
    are not its own, and it needs none."""
    options: tuple = ()

    def prepare(self) -> None:
        _patched(self.options)

    def files(self) -> image.Image:
        return dataclasses.replace(super().files(), kernel=_patched(self.options))


KERNELS = {kernel.name: kernel for kernel in (
    Kernel(name="debian", what="Debian's own of the root image's suite"),
    Kernel(name="debian-7.3", what="Debian's newest for that suite: 7.3, or what came after it", suite=image.BACKPORTS),
    Kernel(name="debian-12", what="Debian 12's, with all else of Debian 12", suite="bookworm", root="bookworm"),
    Kernel(name="debian-packaged", what="Debian's own, with our packages in its root image and initrd", packaged=True),
    Kernel(name="debian-12-packaged", what="the same of Debian 12", suite="bookworm", root="bookworm", packaged=True),
    Patched(name="patched-6.1", what="6.1 with the series of kernel-patches/"),
    Patched(name="patched-6.1-locking", what="the same, which checks its locks, contexts, lists and pages", options=("--debug=locking",)),
    Patched(name="patched-6.1-memory", what="the same, with KASAN and kmemleak", options=("--debug=memory",)),
)}
