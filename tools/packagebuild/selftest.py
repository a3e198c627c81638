#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Tests of what tools/package takes out of a checkout. Needs no root and no network."""

import pathlib
import subprocess
import sys
import tempfile
import unittest
from unittest import mock

sys.dont_write_bytecode = True
sys.path[1:1] = [str(pathlib.Path(__file__).resolve().parents[1]), str(pathlib.Path(__file__).resolve().parents[2] / "tests" / "vm")]

from packagebuild import debian, source  # noqa: E402
from vmlab import cache, progress  # noqa: E402


class Source(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.top = pathlib.Path(folder.name)
        for name in ("CMakeLists.txt", "debian/rules", "build/left.o", "lib/a b.c"):
            (self.top / name).parent.mkdir(exist_ok=True)
            (self.top / name).write_text("project(daxtierd VERSION 1.2.3 LANGUAGES C\n")
        (self.top / "debian/rules").chmod(0o755)
        (self.top / "dangling").symlink_to("/nowhere")
        patch = mock.patch.object(cache, "TOP", self.top)
        patch.start()
        self.addCleanup(patch.stop)

    def git(self, *arguments):
        subprocess.run(["git", "-C", self.top, *arguments], check=True, capture_output=True)

    WANTED = ["CMakeLists.txt", "dangling", "debian/rules", "lib/a b.c"]

    def names(self):
        return sorted(str(name) for name in source.files() if str(name) != ".gitignore")

    def test_of_an_unpacked_archive(self):
        self.assertEqual(self.names(), self.WANTED)

    def test_of_a_checkout(self):
        """What git ignores stays; what is new comes along, and what was removed does not."""
        (self.top / ".gitignore").write_text("/build/\n")
        self.git("init", "-q")
        (self.top / "removed").touch()
        self.git("add", "removed", "CMakeLists.txt")
        (self.top / "removed").unlink()
        self.assertEqual(self.names(), self.WANTED)

    def test_export(self):
        with tempfile.TemporaryDirectory() as folder:
            source.export(pathlib.Path(folder))
            self.assertEqual((pathlib.Path(folder) / "debian/rules").stat().st_mode & 0o777, 0o755)
            self.assertTrue((pathlib.Path(folder) / "dangling").is_symlink())
            self.assertFalse((pathlib.Path(folder) / "build").exists())

    def test_digest(self):
        """Of contents, modes, links and names."""
        seen = {source.digest(), source.digest("more")}
        for change in (lambda: (self.top / "CMakeLists.txt").write_text("other"), lambda: (self.top / "debian/rules").chmod(0o644),
                       lambda: (self.top / "lib/a b.c").rename(self.top / "lib/c.c"),
                       lambda: ((self.top / "dangling").unlink(), (self.top / "dangling").symlink_to("/elsewhere"))):
            change()
            self.assertNotIn(source.digest(), seen)
            seen.add(source.digest())
        (self.top / "build/more.o").touch()
        (self.top / "README.md").touch()
        (self.top / "tests").mkdir()
        (self.top / "tests/x.c").touch()
        self.assertIn(source.digest(), seen)

    def test_version(self):
        self.assertEqual(source.version(), "1.2.3")


class Failures(unittest.TestCase):
    def test_are_told_as_what_they_are(self):
        with self.assertRaisesRegex(progress.Failure, "^building failed\n--- the end\n"):
            with debian._told_as("building"):
                raise progress.Failure("fetching packages failed (exit code 25)\n--- the end\nE: x")


class Script(unittest.TestCase):
    def test_is_a_script(self):
        for suite in debian.RELEASES.values():
            for with_tests in (True, False):
                script = debian._script(suite, "daxtierd-1.2.3", with_tests)
                subprocess.run(["sh", "-n"], input=script.encode(), check=True)
                self.assertEqual("nocheck" not in script, with_tests)
                self.assertIn("--fail-on error,warning,info,pedantic", script)


if __name__ == "__main__":
    unittest.main()
