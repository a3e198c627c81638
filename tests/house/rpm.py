#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Makes the RPM of a build, and asks rpm what is in it.

usage: rpm.py CPACK BUILD LIST FOLDER
"""

import re
import shutil
import subprocess
import sys
import unittest
from pathlib import Path

CPACK, BUILD, LIST, FOLDER = sys.argv[1], *map(Path, sys.argv[2:5])


def run(*command):
    done = subprocess.run(command, capture_output=True, text=True, check=False, env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8"})
    if done.returncode:
        raise SystemExit(f"{' '.join(map(str, command))}:\n{done.stdout}{done.stderr}")
    return done.stdout


def listed():
    """path: mode, of install.list"""
    return {path: mode for mode, path in re.findall(r"^(\d{4}) (/\S+)$", LIST.read_text(encoding="utf-8"), re.MULTILINE)}


class Rpm(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        shutil.rmtree(FOLDER, ignore_errors=True)
        run(CPACK, "-G", "RPM", "--config", BUILD / "CPackConfig.cmake", "-B", FOLDER)
        found = list(FOLDER.glob("*.rpm"))
        if len(found) != 1:
            raise SystemExit(f"cpack made {found}")
        cls.package = found[0]

    def query(self, *options):
        return run("rpm", "-qp", *options, self.package)

    def test_files(self):
        """All that is installed, with its mode and root's, and no folder that belongs to others."""
        found = {}
        for line in self.query("--queryformat", "[%{FILEMODES:perms} %{FILEUSERNAME}:%{FILEGROUPNAME} %{FILENAMES}\\n]").splitlines():
            perms, owner, name = line.split(" ", 2)
            if name.startswith("/usr/lib/.build-id"):  # rpmbuild's, of every package with programs
                continue
            self.assertEqual(owner, "root:root", name)
            if perms.startswith("d"):
                self.assertRegex(name, r"daxtier", "a folder of somebody else")
            else:
                bits = "".join("0" if c == "-" else "1" for c in perms[1:])
                found[re.sub(r"(/man/.*)\.gz$", r"\1", name)] = f"{int(bits, 2):04o}"
        self.assertEqual(found, listed())

    def test_configuration(self):
        self.assertEqual(self.query("--configfiles"), "/etc/daxtier.conf\n")
        flags = self.query("--queryformat", "[%{FILENAMES} %{FILEFLAGS:fflags}\\n]")
        self.assertIn("/etc/daxtier.conf cn\n", flags)

    def test_scripts(self):
        """Each is a shell's, and does what it is to do with $1, as rpm calls it."""
        scripts = self.query("--scripts")
        self.assertEqual(re.findall(r"^(\w+) scriptlet \(using (\S+)\):", scripts, re.MULTILINE),
                         [("postinstall", "/bin/sh"), ("preuninstall", "/bin/sh"), ("postuninstall", "/bin/sh")])
        self.assertNotRegex(scripts, r"%\{?\w")  # a macro that nobody knew
        for words in (r"install-system-units daxtierd\.service", r"remove-system-units daxtierd\.service", r"mark-restart-system-units daxtierd\.service",
                      r"/usr/sbin/daxtierd --restore"):
            self.assertRegex(scripts, words)

    def test_header(self):
        said = self.query("--queryformat", "%{NAME}|%{VERSION}|%{LICENSE}|%{SUMMARY}")
        version = re.search(r'set\(CPACK_PACKAGE_VERSION "([^"]+)"', (BUILD / "CPackConfig.cmake").read_text())[1]
        self.assertEqual(said.split("|")[:3], ["daxtierd", version, "GPL-2.0-or-later"])
        needed = self.query("--requires")
        for name in ("systemd", "dbus", r"libsystemd\.so\.0", r"libkmod\.so\.2", r"libnuma\.so\.1", r"/bin/sh"):
            self.assertRegex(needed, rf"(?m)^{name}")


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
