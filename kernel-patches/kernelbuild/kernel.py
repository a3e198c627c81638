# SPDX-License-Identifier: GPL-2.0-or-later
"""The lab's patched kernel: one image in the cache for each source, series, configuration and way to build."""

import pathlib
import shutil

from vmlab import cache, progress

from . import archive, series, tree

HERE = pathlib.Path(__file__).parent
VARIANTS = ("locking", "memory")  # of debug kernels: linux-6.1/config.NAME
LOCK = "lock-kernel"


def lock():
    """A kernel build takes many minutes, and boots need not wait for it."""
    return cache.lock(LOCK, "kernel-patches/build")


def fragments(variants) -> list:
    return [series.HERE / "config", *(series.HERE / f"config.{name}" for name in VARIANTS if name in variants)]


def log_file(name: str) -> pathlib.Path:
    """Where the output of a build is kept, for a failed one leaves nothing else."""
    log = cache.folder() / f"kernel-{name}.log"
    log.write_text("")
    return log


def key(version: str, patches: list, config: list) -> str:
    """Everything that the image is made of, and how."""
    return cache.digest(version, *(patch.change() for patch in patches), *config, HERE / "kernel.py", HERE / "tree.py")


def image(variants=(), patches=None) -> pathlib.Path:
    """The path of the bzImage, built if the cache has none; of the whole series, if not of these patches."""
    if patches is None:
        patches = series.patches()
    config = fragments(variants)
    name = "-".join(["6.1", *(v for v in VARIANTS if v in variants)])
    # Without the lock where there is one: that another kernel is being built is no reason to wait.
    if there := cache.there("kernel", key(series.made_for(), patches, config)):
        return there / "bzImage"
    with lock():
        source = archive.source(series.made_for())

        def build(fresh: pathlib.Path) -> None:
            cache.install("kernel")
            linux = tree.Tree(fresh, source, log_file(name))
            linux.apply(patches)
            with progress.step(f"Configuring {name}"):
                linux.configure(config)
            with progress.step(f"Building {name} with {len(patches)} patches (ten minutes or more when nothing of it is in ccache)"):
                linux.make(["bzImage"], "building the kernel")
            shutil.copyfile(linux.path / "arch/x86/boot/bzImage", fresh / "bzImage")
            shutil.copyfile(linux.path / ".config", fresh / "config")
            shutil.copyfile(linux.path / "System.map", fresh / "System.map")
            shutil.rmtree(linux.path)

        return cache.built("kernel", key(source[0], patches, config), build) / "bzImage"
