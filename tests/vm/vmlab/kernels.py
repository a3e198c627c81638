# SPDX-License-Identifier: GPL-2.0-or-later
"""The kernels that boots can have. To add one, add a row to KERNELS."""

import dataclasses
import pathlib

from . import image


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


KERNELS = {kernel.name: kernel for kernel in (
    Kernel(name="debian", what="Debian's, from the root image"),
)}
