# SPDX-License-Identifier: GPL-2.0-or-later
"""The kernels that boots can have. To add one, add a row to KERNELS."""

import dataclasses
import functools
import pathlib
import subprocess

from . import cache, image, progress

PATCHED = cache.TOP / "kernel-patches" / "build"


@dataclasses.dataclass(frozen=True)
class Files:
    """What QEMU starts."""
    kernel: pathlib.Path
    initrd: pathlib.Path


@dataclasses.dataclass(frozen=True)
class Kernel:
    """The root image's own: the distribution's, unmodified."""
    name: str
    what: str

    def prepare(self) -> None:
        """What takes many minutes, done before the lab's lock is taken; it has a lock of its own."""

    def files(self, disk: image.Image) -> Files:
        """Called with the lab's lock held."""
        return Files(disk.kernel, disk.initrd)


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

    def files(self, disk: image.Image) -> Files:
        return Files(_patched(self.options), disk.initrd)


KERNELS = {kernel.name: kernel for kernel in (
    Kernel(name="debian", what="Debian's, from the root image"),
    Patched(name="patched-6.1", what="6.1 with the series of kernel-patches/"),
    Patched(name="patched-6.1-locking", what="the same, which checks its locks, contexts, lists and pages", options=("--debug=locking",)),
    Patched(name="patched-6.1-memory", what="the same, with KASAN and kmemleak", options=("--debug=memory",)),
)}
