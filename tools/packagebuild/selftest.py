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

from packagebuild import cli, debian, source  # noqa: E402
from vmlab import cache, progress  # noqa: E402

SETUP = pathlib.Path(__file__).resolve().parents[1] / "setup.sh"


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

    def test_has_the_tags_of_its_release_alone(self):
        """What only one release complains of is left out there, and would be told elsewhere."""
        for suite, tag in (("bookworm", "package-supports-alternative-init-but-no-init.d-script"), ("trixie", "out-of-date-standards-version")):
            for other in debian.RELEASES.values():
                self.assertEqual(f"--suppress-tags {tag}" in debian._script(other, "x", True), other == suite, f"{tag}, {other}")


class Out(unittest.TestCase):
    """The folder that a person names."""
    MADE = ["daxtierd-dbgsym_2_amd64.deb", "daxtierd-initramfs_2_all.deb", "daxtierd_2.tar.xz", "daxtierd_2_amd64.deb"]

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.top = pathlib.Path(folder.name)
        self.out = self.top / "out" / "trixie"
        self.out.mkdir(parents=True)
        for patch in (mock.patch.object(debian, "_root", lambda suite: self.top), mock.patch.object(source, "export", lambda folder: folder.mkdir()),
                      mock.patch.object(debian.cache, "folder", lambda: self.top), mock.patch.object(debian.image, "mmdebstrap", self.mmdebstrap),
                      mock.patch.object(progress, "say")):
            patch.start()
            self.addCleanup(patch.stop)

    def mmdebstrap(self, _options, _tar, log, _suite, folder):
        log.write_text("said\n")
        if self.fails:
            raise progress.Failure("fetching packages failed (exit code 25)\n--- the end of its output:\nE: x\n")
        (folder / "out").mkdir()
        for name in self.MADE:
            (folder / "out" / name).touch()

    def build(self, fails=False):
        self.fails = fails
        cli._build("trixie", self.out, True)

    def test_what_is_of_others_stays(self):
        for name in ("daxtierd_1_amd64.deb", "notes"):
            (self.out / name).touch()
        self.build()
        self.assertEqual(sorted(path.name for path in self.out.iterdir()), sorted([*self.MADE, "notes"]))
        self.assertEqual([path.name for path in debian.names(self.out)], ["daxtierd_2_amd64.deb", "daxtierd-initramfs_2_all.deb"])

    def test_failure(self):
        """Leaves no packages to be mistaken for new ones, and tells where to read on."""
        (self.out / "daxtierd_1_amd64.deb").touch()
        with self.assertRaisesRegex(progress.Failure, r"^building the packages, with their tests failed\n--- the end.*\nE: x\n--- all of it: .*/trixie\.log$"):
            self.build(fails=True)
        self.assertEqual(list(self.out.iterdir()), [])

    def test_cannot_be_written(self):
        self.out.rmdir()
        self.out.touch()
        with self.assertRaisesRegex(progress.Failure, "/out/trixie: File exists$"):
            self.build()


class Setup(unittest.TestCase):
    """What tools/setup.sh says for packages."""

    def ask(self, script):
        return subprocess.run(["bash", "-c", f'. "{SETUP}" && {script}'], check=True, capture_output=True, text=True).stdout.split()

    def test_needs_little(self):
        for release in ("debian-12", "debian-13", "ubuntu-24.04"):
            names = self.ask(f"setup_package_names {release} package")
            self.assertIn("mmdebstrap", names)
            self.assertFalse([name for name in names if "qemu" in name or "build-essential" in name])

    def test_mirror(self):
        """Of a list, the first; an address is what it is."""
        with tempfile.NamedTemporaryFile("w", suffix=".list") as file:
            file.write("\n# those\nhttps://one.example/debian\tpriority:1\nhttps://two.example/debian\n")
            file.flush()
            for address in (f"mirror+file:{file.name}/", f"mirror+file://{file.name}"):
                self.assertEqual(self.ask(f"setup_mirror '{address}'"), ["https://one.example/debian"])
        self.assertEqual(self.ask("setup_mirror http://one.example/debian/"), ["http://one.example/debian/"])


if __name__ == "__main__":
    unittest.main()
