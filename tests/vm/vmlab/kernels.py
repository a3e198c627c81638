# SPDX-License-Identifier: GPL-2.0-or-later
"""The kernels that boots can have. To add one, add a row to KERNELS."""

import dataclasses
import functools
import pathlib
import subprocess

from . import cache, image, progress

PATCHED = cache.TOP / "kernel-patches" / "build"


@dataclasses.dataclass(frozen=True)
class Kernel:
    """A distribution's, unmodified: that of the root image whose kernel is from this suite."""
    name: str
    what: str
    suite: str = image.SUITE

    def prepare(self) -> None:
        """What takes many minutes, done before the lab's lock is taken; it has a lock of its own."""

    def files(self) -> image.Image:
        """What QEMU starts. Called with the lab's lock held."""
        return image.image(self.suite)


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
    Patched(name="patched-6.1", what="6.1 with the series of kernel-patches/"),
    Patched(name="patched-6.1-locking", what="the same, which checks its locks, contexts, lists and pages", options=("--debug=locking",)),
    Patched(name="patched-6.1-memory", what="the same, with KASAN and kmemleak", options=("--debug=memory",)),
)}
