# SPDX-License-Identifier: GPL-2.0-or-later
"""Debian packages of the patched kernel, for real hosts: Debian's own configuration, by the kernel's own bindeb-pkg."""

import pathlib
import shutil

from vmlab import cache, progress

from . import archive, kernel, series, tree

LOCALVERSION = "-daxtier"
REVISION = "+daxtier1"  # after Debian's version: newer than Debian's own of the same source
# What the daemon needs, whatever a listing of modules says; as Debian has it.
NEEDED = """
CONFIG_MEMORY_HOTPLUG=y
CONFIG_MEMORY_HOTREMOVE=y
CONFIG_MHP_MEMMAP_ON_MEMORY=y
CONFIG_ZONE_DEVICE=y
CONFIG_ACPI_HMAT=y
CONFIG_ACPI_NFIT=m
CONFIG_LIBNVDIMM=m
CONFIG_NVDIMM_DAX=y
CONFIG_DEV_DAX=m
CONFIG_DEV_DAX_PMEM=m
CONFIG_DEV_DAX_HMEM=m
CONFIG_DEV_DAX_KMEM=m
CONFIG_CXL_BUS=y
CONFIG_CXL_PCI=m
CONFIG_CXL_ACPI=m
CONFIG_CXL_MEM=m
CONFIG_CXL_REGION=y
"""
# Debug information multiplies size and time; and nobody here has Debian's key to sign with.
CHANGES = """
# CONFIG_DEBUG_INFO_DWARF_TOOLCHAIN_DEFAULT is not set
CONFIG_DEBUG_INFO_NONE=y
# CONFIG_DEBUG_INFO_BTF is not set
# CONFIG_SECURITY_LOCKDOWN_LSM is not set
# CONFIG_MODULE_SIG is not set
CONFIG_SYSTEM_TRUSTED_KEYS=""
CONFIG_BUILD_SALT=""
CONFIG_LOCALVERSION=""
# CONFIG_LOCALVERSION_AUTO is not set
"""


def _fragment(folder: pathlib.Path, name: str, text: str) -> pathlib.Path:
    path = folder / name
    path.write_text(text)
    return path


def _configure(linux: tree.Tree, folder: pathlib.Path, lsmod) -> None:
    changes = [_fragment(folder, "what --package changes", CHANGES), _fragment(folder, "what daxtierd needs", NEEDED)]
    if lsmod:
        # It asks about what is new, and would wait.
        linux.run(["sh", "-c", 'yes "" | "$@"', "sh", *linux.make_command(["localmodconfig"])], "make localmodconfig",
                  {"LSMOD": str(lsmod)})
    linux.change(changes)


def run(answer, out: pathlib.Path, lsmod) -> int:
    """Prints the paths of the packages: the image and the headers."""
    patches = series.patches()
    cache.install("kernel")
    if lsmod and not lsmod.is_file():
        raise progress.Failure(f"{lsmod} is no file: make one on the host that the kernel is for, with: lsmod > FILE")
    out.mkdir(parents=True, exist_ok=True)
    with kernel.lock():
        source = archive.source(series.made_for())
        version = source[0]
        with cache.scratch("package") as folder:
            linux = tree.Tree(folder, source, kernel.log_file("package"))
            linux.apply(patches)
            archive.configuration(version, linux.path / ".config")
            _configure(linux, folder, lsmod)
            with progress.step(f"Building packages of Linux {version} with {len(patches)} patches ({'some' if lsmod else 'all'}"
                               f" modules of Debian's; log: {linux.log})"):
                linux.make(["bindeb-pkg", f"LOCALVERSION={LOCALVERSION}", f"KDEB_PKGVERSION={version}{REVISION}"],
                           "building the packages")
            found = sorted(path for kind in ("image", "headers") for path in folder.glob(f"linux-{kind}-*.deb"))
            if len(found) != 2:
                raise progress.Failure(f"expected an image and its headers, got: {' '.join(p.name for p in found) or 'nothing'}")
            for path in found:
                print(shutil.copy(path, out), file=answer, flush=True)
    return 0
