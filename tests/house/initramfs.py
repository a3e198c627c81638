#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Has initramfs-tools or dracut make an initial RAM disk with the installed hook, and runs what it runs in there, with what is in
there: claims the bus before udev starts, and looks at the root file system.

usage: initramfs.py mkinitramfs|dracut PROGRAM TREE FOLDER
"""

import gzip
import os
import shutil
import subprocess
import sys
import unittest
from pathlib import Path

KIND, PROGRAM, TREE, FOLDER = sys.argv[1], *(Path(arg).resolve() for arg in sys.argv[2:5])
VERSION = "6.1.0-test"  # of a kernel that is not there, and has no modules
ENVIRONMENT = {"PATH": f"{os.environ['PATH']}:/usr/sbin:/sbin", "LC_ALL": "C", "TMPDIR": str(FOLDER)}
HOST = "/usr/libexec/daxtierd", "/usr/sbin/daxtierd"


def run(*command, **options):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False, env=ENVIRONMENT, **options)
    text = done.stdout.decode(errors="replace")
    if done.returncode:
        raise SystemExit(f"{' '.join(map(str, command))}:\n{text}")
    return text


def copy_to(source, target):
    """As it is installed, but with the tree in place of the host."""
    target.parent.mkdir(parents=True, exist_ok=True)
    text = source.read_text(encoding="utf-8")
    for path in HOST:
        text = text.replace(path, f"{TREE}{path}")
    target.write_text(text, encoding="utf-8")
    target.chmod(0o755)


def by_initramfs_tools(image):
    """With klibc and without BusyBox: the least that there may be."""
    conf, below = FOLDER / "conf", TREE / "usr/share/initramfs-tools"
    shutil.copytree("/etc/initramfs-tools", conf)
    (conf / "conf.d").mkdir(exist_ok=True)
    (conf / "conf.d/test").write_text("BUSYBOX=n\nMODULES=list\nCOMPRESS=gzip\n")
    copy_to(below / "hooks/daxtierd", conf / "hooks/daxtierd")
    for moment in ("init-top", "init-bottom"):
        shutil.copytree(below / "scripts" / moment, conf / "scripts" / moment, dirs_exist_ok=True)
    # It asks the kernel's configuration how it may compress.
    (FOLDER / f"config-{VERSION}").write_text("CONFIG_RD_GZIP=y\n")
    program = FOLDER / "mkinitramfs"
    program.write_text(PROGRAM.read_text(encoding="utf-8").replace("/boot/config-", f"{FOLDER}/config-"), encoding="utf-8")
    run("sh", program, "-d", conf, "-o", FOLDER / "image.gz", VERSION)
    image.write_bytes(gzip.decompress((FOLDER / "image.gz").read_bytes()))


def by_dracut(image):
    base = FOLDER / "dracut"
    shutil.copytree("/usr/lib/dracut", base, symlinks=True)
    for source in (TREE / "usr/lib/dracut/modules.d/90daxtierd").iterdir():
        copy_to(source, base / "modules.d/90daxtierd" / source.name)
    ENVIRONMENT["dracutbasedir"] = str(base)
    run(PROGRAM, "--no-kernel", "--no-hostonly", "--no-early-microcode", "--no-compress", "--force", "--tmpdir", FOLDER, "-m", "base daxtierd", image, VERSION)


class InitialRamDisk(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        shutil.rmtree(FOLDER, ignore_errors=True)
        cls.disk, image = FOLDER / "disk", FOLDER / "image"
        cls.disk.mkdir(parents=True)
        {"mkinitramfs": by_initramfs_tools, "dracut": by_dracut}[KIND](image)
        with image.open("rb") as file:
            run("cpio", "-id", "--no-absolute-filenames", "--quiet", "--nonmatching", "dev/*", cwd=cls.disk, stdin=file)

    def setUp(self):
        """What the kernel shows there."""
        for name in ("sys", "run", "proc", "newroot"):
            shutil.rmtree(self.disk / name, ignore_errors=True)
        (self.disk / "sys/bus/dax/devices/dax0.0").mkdir(parents=True)
        (self.disk / "run").mkdir()
        (self.disk / "newroot").mkdir()
        (self.disk / "proc").mkdir()
        (self.disk / "proc/cmdline").write_text("quiet\n")
        (self.disk / "sys/bus/dax/drivers_autoprobe").write_text("1\n")

    def within(self, script):
        prefix = [] if os.geteuid() == 0 else ["unshare", "--map-root-user"]
        return run(*prefix, "chroot", self.disk, "/bin/sh", "-c", script)

    def claim(self):
        if KIND == "dracut":
            self.within(". /usr/lib/dracut/hooks/pre-udev/10-claim.sh")
        else:
            self.within("set -e; . /scripts/init-top/ORDER" if self.only_ours("init-top") else "exit 1")

    def check(self):
        return self.within("NEWROOT=/newroot; . /usr/lib/dracut/hooks/pre-pivot/90-check.sh" if KIND == "dracut"
                           else "rootmnt=/newroot /scripts/init-bottom/daxtierd")

    def only_ours(self, moment):
        """Whether ours is called; then nothing else is, for there is no kernel."""
        order = self.disk / "scripts" / moment / "ORDER"
        lines = [line for line in order.read_text().splitlines() if "/daxtierd " in line]
        order.write_text("\n".join(lines) + "\n")
        return len(lines) == 1

    def state(self):
        run_dir = self.disk / "run/daxtierd"
        names = sorted(path.name for path in run_dir.iterdir()) if run_dir.is_dir() else []
        return (self.disk / "sys/bus/dax/drivers_autoprobe").read_text().strip(), names

    CLAIMED = ("0", ["boot-claim", "dax-autoprobe"])

    def test_a_before_udev(self):
        """First, as the others shorten the list."""
        if KIND == "dracut":
            self.assertTrue((self.disk / "usr/lib/dracut/hooks/pre-udev/10-claim.sh").is_file())
            return
        order = (self.disk / "scripts/init-top/ORDER").read_text()
        self.assertLess(order.index("/init-top/daxtierd "), order.index("/init-top/udev "))
        self.assertIn("/init-bottom/daxtierd ", (self.disk / "scripts/init-bottom/ORDER").read_text())

    def test_claims(self):
        self.claim()
        self.assertEqual(self.state(), self.CLAIMED)

    def test_gives_back(self):
        self.claim()
        said = self.check()
        self.assertIn("there is no /usr/sbin/daxtierd", said)
        self.assertEqual(self.state(), ("1", []))
        self.assertEqual((self.disk / "sys/bus/dax/drivers_probe").read_text(), "dax0.0\n")

    def test_keeps(self):
        root = self.disk / "newroot"
        claim = (TREE / "usr/libexec/daxtierd/boot-claim").read_text(encoding="utf-8")
        unit = next(line.removeprefix("unit=/") for line in claim.splitlines() if line.startswith("unit="))
        for name in ("usr/sbin/daxtierd", unit):
            (root / name).parent.mkdir(parents=True)
            (root / name).touch(mode=0o755)
        (root / "sbin").mkdir()
        (root / "sbin/init").symlink_to("../lib/systemd/systemd")
        self.claim()
        self.assertEqual(self.check(), "")
        self.assertEqual(self.state(), self.CLAIMED)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
