# SPDX-License-Identifier: GPL-2.0-or-later
"""What the host puts over the guest's root file system before its PID 1 starts: our guest scripts and the project."""

import io
import pathlib
import tarfile

from . import cache, progress

UNIT_DIR = "etc/systemd/system"
WANTS_DIR = f"{UNIT_DIR}/multi-user.target.wants"
GUEST_DIR = "usr/lib/daxtier-lab"
MODE_UNIT = {"tests": "daxtier-lab.service", "demo": "daxtier-lab.service", "shell": "daxtier-lab-shell.service"}


def _normal(info: tarfile.TarInfo) -> tarfile.TarInfo:
    """Everything belongs to root, whoever built it; nothing replaces the guest's /lib, a link into /usr."""
    info.uid = info.gid = 0
    info.uname = info.gname = "root"
    if info.name.split("/")[0] in ("lib", "bin", "sbin", "lib64"):
        info.name = f"usr/{info.name}"
    return info


def _link(tar: tarfile.TarFile, name: str, target: str) -> None:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = tarfile.SYMTYPE, target
    tar.addfile(_normal(info))


def _add_install_tree(tar: tarfile.TarFile, tree: pathlib.Path) -> None:
    for path in sorted(tree.rglob("*")):
        if path.is_symlink() or not path.is_dir():  # folders come with their files; the guest's keep their modes
            tar.add(path, str(path.relative_to(tree)), recursive=False, filter=_normal)


def write(target: pathlib.Path, mode: str, install_tree, enabled, programs=(), masked=()) -> None:
    """programs: files that tests need; enabled and masked: units that are so before the boot."""
    with tarfile.open(target, "w") as tar:
        for path in sorted((cache.VM / "guest").iterdir()):
            place = UNIT_DIR if path.suffix == ".service" else GUEST_DIR
            tar.add(path, f"{place}/{path.name}", filter=_normal)
        for path in programs:
            tar.add(path, f"{GUEST_DIR}/{path.name}", filter=_normal)
        if install_tree:
            _add_install_tree(tar, install_tree)
        for unit in (MODE_UNIT[mode], *enabled):
            where = next((d for d in (UNIT_DIR, "usr/lib/systemd/system") if f"{d}/{unit}" in tar.getnames()), None)
            if not where:
                raise progress.Failure(f"the install tree has no unit {unit} to enable")
            _link(tar, f"{WANTS_DIR}/{unit}", f"/{where}/{unit}")
        for unit in masked:
            _link(tar, f"{UNIT_DIR}/{unit}", "/dev/null")


def job(values: dict) -> str:
    """Shell assignments; values are numbers and words of our own tables and file names."""
    out = io.StringIO()
    for key, value in values.items():
        quoted = str(value).replace("'", "'\\''")
        print(f"export {key}='{quoted}'", file=out)
    return out.getvalue()
