# SPDX-License-Identifier: GPL-2.0-or-later
"""The root images, their kernels and, where the machine's own is too old, QEMU: built from Debian packages into the cache."""

import dataclasses
import os
import pathlib
import shutil
import subprocess

from . import cache, progress

SUITE = "trixie"
BACKPORTS = f"{SUITE}-backports"
KERNEL_PACKAGE = "linux-image-amd64"
LACKING = {"bookworm": {"cxl"}}     # packages of the list that a suite does not have
IMAGE_SIZE = "2G"
QEMU_PACKAGES = "qemu-system-x86,ipxe-qemu"
HERE = cache.VM / "image"
SCRIPTS = ("packages", "before-packages", "after-packages", "initramfs-hook", "initramfs-bottom")
PATH = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"  # mke2fs is not in an ordinary user's PATH


@dataclasses.dataclass(frozen=True)
class Image:
    disk: pathlib.Path
    kernel: pathlib.Path
    initrd: pathlib.Path


def _program(name: str) -> str:
    path = shutil.which(name, path=PATH)
    if not path:
        raise progress.Failure(f"the program '{name}' is needed and not installed (tests/vm/README.md lists what is)")
    return path


def _as_owner_of_all() -> list:
    """Prefix for commands that must be able to give files to root, in an image, without being root."""
    return [] if os.geteuid() == 0 else [_program("fakeroot"), "--"]


def _contained() -> list:
    """Prefix for a program that mounts as root: its mounts and its children end with it, and this machine never sees
    them. Where that is not allowed (a container), mounting is not either."""
    prefix = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "--"]
    return prefix if subprocess.run([*prefix, "true"], capture_output=True, check=False).returncode == 0 else []


def mmdebstrap(options: list, tar: pathlib.Path, log: pathlib.Path, suite: str = SUITE, more=(), folder=None) -> None:
    """A root of that suite, with the archive that this machine uses; more suites stand beside it. It is made in folder, or
    beside the tar."""
    env = dict(os.environ, PATH=PATH)
    contained = []
    if os.geteuid() == 0:
        contained = _contained()
        # Its working folder lies in ours, so that nothing stays in /tmp however it ends.
        env["TMPDIR"] = str(folder or tar.parent)
    else:
        # The users of a user namespace cannot enter a folder in somebody's home: there it stays in /tmp.
        options = [*options, "--mode=unshare"]
    archive = cache.setup("setup_archive")
    sources = [f"deb {archive} {name} main" for name in dict.fromkeys((suite, *more))]
    progress.run([*contained, _program("mmdebstrap"), *options, suite, str(tar), *sources], log,
                 "fetching Debian packages (mmdebstrap)", env)


def _packages(suite: str, kernel_suite: str) -> str:
    lines = [line for line in (HERE / "packages").read_text().splitlines() if line and not line.startswith("#")]
    if KERNEL_PACKAGE not in lines:
        raise progress.Failure(f"{HERE}/packages should name {KERNEL_PACKAGE}")
    return ",".join(f"{line}/{kernel_suite}" if line == KERNEL_PACKAGE and kernel_suite != suite else line
                    for line in lines if line not in LACKING.get(suite, ()))


def _install(packages: list) -> list:
    """These packages as well, from files: as an administrator installs them, so that the initrd has what they put into it."""
    copied = " ".join(f"/{path.name}" for path in packages)
    return [f"--customize-hook=copy-in {' '.join(map(str, packages))} /",
            f'--customize-hook=chroot "$1" apt-get -q -y --no-install-recommends install {copied}',
            f'--customize-hook=cd "$1" && rm {copied.replace("/", "./")}'] if packages else []


def _build_image(fresh: pathlib.Path, suite: str, kernel_suite: str, packages: list) -> None:
    tar, tree, log = fresh / "root.tar", fresh / "tree", fresh / "log"
    what = f"Debian {suite}" + (f", kernel of {kernel_suite}" if kernel_suite != suite else "") + (", our packages" if packages else "")
    with progress.step(f"Building the virtual host's root image ({what}; about a minute, once)"):
        options = ["--variant=minbase", f"--include={_packages(suite, kernel_suite)}",
                   f'--extract-hook={HERE}/before-packages "$1"', *_install(packages),
                   f'--customize-hook={HERE}/after-packages "$1"']
        mmdebstrap(options, tar, log, suite, (kernel_suite,))
        tree.mkdir()
        script = 'tar -xf "$1" -C "$2" --exclude="./dev/*" && "$5" -q -t ext4 -d "$2" "$3" "$4"'
        progress.run([*_as_owner_of_all(), "sh", "-c", script, "sh", str(tar), str(tree), str(fresh / "disk.ext4"),
                      IMAGE_SIZE, _program("mke2fs")], log, "making the ext4 image")
        for name in ("vmlinuz", "initrd.img"):
            found = list((tree / "boot").glob(f"{name}-*"))
            if len(found) != 1:
                raise progress.Failure(f"the image should hold one {name}, it holds {len(found)}")
            shutil.copyfile(found[0], fresh / name)
        shutil.rmtree(tree)
        tar.unlink()


def image(kernel_suite: str = SUITE, suite: str = SUITE, packages: tuple = ()) -> Image:
    """The root image of a suite, with the kernel of another one, and with packages from files."""
    files = sorted(packages)
    key = cache.digest(suite, kernel_suite, IMAGE_SIZE, pathlib.Path(__file__), *(HERE / name for name in SCRIPTS), *files)
    path = cache.built("image", key, lambda fresh: _build_image(fresh, suite, kernel_suite, files))
    return Image(path / "disk.ext4", path / "vmlinuz", path / "initrd.img")


def _build_qemu(fresh: pathlib.Path) -> None:
    with progress.step("Fetching a QEMU that emulates CXL memory (this machine's is too old; once)"):
        mmdebstrap(["--variant=extract", f"--include={QEMU_PACKAGES}"], fresh / "qemu.tar", fresh / "log")
        progress.run(["tar", "-xf", str(fresh / "qemu.tar"), "-C", str(fresh), "--no-same-owner", "--exclude=./dev"],
                     fresh / "log", "unpacking QEMU")
        (fresh / "qemu.tar").unlink()


def _has_volatile_cxl(command: list) -> bool:
    """Emulated volatile CXL memory came with QEMU 8.1. Ask for the feature, not for the number."""
    done = subprocess.run([*command, "-device", "cxl-type3,help"], capture_output=True, text=True, check=False)
    return "volatile-memdev" in done.stdout


def qemu() -> list:
    """The command that starts QEMU: the machine's own, else one from a newer Debian run by its own loader."""
    own = shutil.which("qemu-system-x86_64")
    if own and _has_volatile_cxl([own]):
        return [own]
    root = cache.built("qemu", cache.digest(SUITE, QEMU_PACKAGES, pathlib.Path(__file__)), _build_qemu)
    command = [str(root / "usr/lib64/ld-linux-x86-64.so.2"), "--library-path", str(root / "usr/lib/x86_64-linux-gnu"),
               str(root / "usr/bin/qemu-system-x86_64")]
    for firmware in ("qemu", "seabios", "../lib/ipxe/qemu"):
        command += ["-L", str(root / "usr/share" / firmware)]
    if not _has_volatile_cxl(command):
        raise progress.Failure(f"the QEMU in {root} does not start or has no volatile CXL memory: {' '.join(command)}")
    return command
