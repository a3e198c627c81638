#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs contrib/initramfs/boot-claim, as an initial RAM disk does, on a folder in place of the host.

usage: boot-claim.py SCRIPT DAEMON UNIT, with the places where it looks for the two
"""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

SCRIPT, DAEMON, UNIT = sys.argv[1], *(path.lstrip("/") for path in sys.argv[2:4])
# What an initial RAM disk may have. BusyBox takes its own cat, mkdir, readlink and rm.
SHELLS = [["sh"], *([["busybox", "sh"]] if shutil.which("busybox") else [])]


class Host:
    """The kernel's files, as plain files, and a root file system that is going to be mounted."""

    def __init__(self, folder, autoprobe="1"):
        self.top = pathlib.Path(folder)
        self.bus, self.run, self.root = self.top / "sys/bus/dax", self.top / "run/daxtierd", self.top / "root"
        for path in (self.bus / "devices", self.top / "run", self.top / "proc", self.root):
            path.mkdir(parents=True)
        self.cmdline("root=/dev/vda quiet")
        if autoprobe is not None:
            self.autoprobe = autoprobe
        os.symlink("/proc/self/fd/1", self.bus / "drivers_probe")  # each write is one line of output

    @property
    def autoprobe(self):
        return (self.bus / "drivers_autoprobe").read_text().strip()

    @autoprobe.setter
    def autoprobe(self, value):
        (self.bus / "drivers_autoprobe").write_text(f"{value}\n")

    def cmdline(self, words):
        (self.top / "proc/cmdline").write_text(f"BOOT_IMAGE=/vmlinuz {words}\n")

    def device(self, name, driver=None):
        (self.bus / "devices" / name).mkdir()
        if driver:
            (self.bus / "devices" / name / "driver").symlink_to(f"../../drivers/{driver}")
            (self.bus / "drivers" / driver).mkdir(parents=True, exist_ok=True)

    def install(self):
        for path in (DAEMON, UNIT):
            (self.root / path).parent.mkdir(parents=True, exist_ok=True)
            (self.root / path).touch(mode=0o755)
        (self.root / "sbin").mkdir(exist_ok=True)
        (self.root / "sbin/init").symlink_to("../lib/systemd/systemd")
        (self.root / "etc/systemd/system").mkdir(parents=True)

    def records(self):
        return {path.name: path.read_text() for path in self.run.iterdir()} if self.run.is_dir() else {}

    def __call__(self, *arguments, shell=("sh",)):
        return subprocess.run([*shell, SCRIPT, *arguments], capture_output=True, text=True, check=False,
                              env={"PATH": os.environ["PATH"], "DAXTIER_ROOT": str(self.top)})


CLAIMED = {"dax-autoprobe": "old=1\nheld=0\n", "boot-claim": ""}


class BootClaim(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def host(self, **options):
        shutil.rmtree(self.folder, ignore_errors=True)
        return Host(self.folder, **options)

    def quietly(self, done):
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))

    def assert_claimed(self, host):
        self.assertEqual((host.autoprobe, host.records()), ("0", CLAIMED))

    def assert_not_claimed(self, host):
        self.assertEqual((host.autoprobe, host.records()), ("1", {}))

    def test_take_and_keep(self):
        for shell in SHELLS:
            with self.subTest(shell=shell):
                host = self.host()
                self.quietly(host("take", shell=shell))
                self.assert_claimed(host)
                host.install()
                self.quietly(host("check", str(host.root), shell=shell))
                self.assert_claimed(host)

    def test_take_again(self):
        host = self.host()
        host("take")
        self.quietly(host("take"))
        self.assert_claimed(host)

    def test_somebody_elses_decision(self):
        host = self.host(autoprobe="0")
        self.quietly(host("take"))
        self.assertEqual((host.autoprobe, host.records()), ("0", {}))
        host.device("dax0.0")
        self.quietly(host("check", str(host.root)))
        self.assertEqual(host.autoprobe, "0")

    def test_no_bus(self):
        host = self.host(autoprobe=None)
        shutil.rmtree(host.bus)
        self.quietly(host("take"))
        self.assertEqual(host.records(), {})
        self.quietly(host("check", str(host.root)))

    def test_command_line(self):
        for word in ("daxtierd.claim=0", "daxtierd.claim=no", "systemd.mask=daxtierd.service", "systemd.mask=daxtierd", "init=/bin/sh"):
            with self.subTest(word=word):
                host = self.host()
                host.cmdline(f"quiet {word} ro")
                done = host("take")
                self.assertEqual(done.returncode, 0)
                self.assertIn(word, done.stderr)
                self.assert_not_claimed(host)
        for word in ("init=/usr/lib/systemd/systemd", "daxtierd.claim=1", "systemd.mask=other.service", "myinit=/bin/sh"):
            with self.subTest(word=word):
                host = self.host()
                host.cmdline(word)
                self.quietly(host("take"))
                self.assert_claimed(host)

    def given_back(self, host, why, shell=("sh",)):
        """Every device without a driver, and no other one, is offered to it."""
        host("take", shell=shell)
        host.device("dax0.0")
        host.device("dax1.0", driver="kmem")
        host.device("dax2.0")
        done = host("check", str(host.root), shell=shell)
        self.assertEqual((done.returncode, done.stdout), (0, "dax0.0\ndax2.0\n"))
        self.assertIn(why, done.stderr)
        self.assert_not_claimed(host)
        self.quietly(host("check", str(host.root), shell=shell))

    def test_not_installed(self):
        for shell in SHELLS:
            with self.subTest(shell=shell):
                self.given_back(self.host(), f"there is no /{DAEMON}", shell)

    def test_no_unit(self):
        host = self.host()
        host.install()
        (host.root / UNIT).unlink()
        self.given_back(host, f"there is no /{UNIT}")

    def test_masked(self):
        for target in ("/dev/null", "../../../dev/null"):
            with self.subTest(target=target):
                host = self.host()
                host.install()
                (host.root / "etc/systemd/system/daxtierd.service").symlink_to(target)
                self.given_back(host, "masked")

    def test_masked_by_an_empty_file(self):
        host = self.host()
        host.install()
        (host.root / "etc/systemd/system/daxtierd.service").touch()
        self.given_back(host, "masked")

    def test_another_unit_in_its_place(self):
        host = self.host()
        host.install()
        (host.root / "etc/systemd/system/daxtierd.service").write_text("[Service]\n")
        host("take")
        self.quietly(host("check", str(host.root)))
        self.assert_claimed(host)

    def test_a_link_that_is_no_mask(self):
        host = self.host()
        host.install()
        (host.root / "etc/systemd/system/daxtierd.service").symlink_to("/opt/daxtierd.service")
        host("take")
        self.quietly(host("check", str(host.root)))
        self.assert_claimed(host)

    def test_another_init(self):
        host = self.host()
        host.install()
        (host.root / "sbin/init").unlink()
        (host.root / "sbin/init").write_text("#!/bin/sh\n")
        self.given_back(host, "not systemd")

    def test_the_daemon_was_there_before(self):
        """Without the mark it is the daemon's claim: whoever unbound a device then did so on purpose."""
        host = self.host()
        host("take")
        (host.run / "boot-claim").unlink()
        host.device("dax0.0")
        self.quietly(host("end"))
        self.assertEqual(host.autoprobe, "0")

    def test_somebody_else_ended_it(self):
        host = self.host()
        host("take")
        host.autoprobe = "1"
        host.device("dax0.0")
        done = host("end")
        self.assertEqual((done.returncode, done.stdout), (0, "dax0.0\n"))
        self.assert_not_claimed(host)

    def test_a_full_run(self):
        """Nothing is claimed of which there is no record."""
        host = self.host()
        host.run.write_text("")  # no directory can be made there
        done = host("take")
        self.assertNotEqual(done.returncode, 0)
        self.assertEqual(host.autoprobe, "1")

    def test_usage(self):
        self.assertEqual(self.host()("claim").returncode, 64)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
