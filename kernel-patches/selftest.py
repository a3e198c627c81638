#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Tests of what kernel-patches/build decides: what applies exactly, which symbols were dropped, what is built again.
Builds no kernel and needs no network."""

import contextlib
import io
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest
from unittest import mock

sys.dont_write_bytecode = True
TOP = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(1, str(TOP / "tests" / "vm"))

from kernelbuild import archive, checkpatch, each, kernel, package, series, tree  # noqa: E402
from vmlab import cache, kernels, progress  # noqa: E402

LINES = [f"line {number}\n" for number in range(1, 31)]
PATCH = """From 0 Mon Sep 17 00:00:00 2001
Subject: [PATCH 6.1 1/1] file: change the tenth line, with a subject that
 goes on

Words about it.
---
diff --git a/dir/file.c b/dir/file.c
--- a/dir/file.c
+++ b/dir/file.c
@@ -7,7 +7,7 @@
 line 7
 line 8
 line 9
-line 10
+line ten
 line 11
 line 12
 line 13
-- 
2.39.5
"""


class Folder(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def file(self, name: str, text: str) -> pathlib.Path:
        path = self.folder / name
        path.parent.mkdir(exist_ok=True, parents=True)
        path.write_text(text)
        return path


class Applying(Folder):
    def apply(self, lines, patch=PATCH):
        self.file("tree/dir/file.c", "".join(lines))
        series.apply(series.Patch(self.file("0001-x.patch", patch)), self.folder / "tree", series.made_for())
        return (self.folder / "tree/dir/file.c").read_text()

    def test_exact(self):
        self.assertIn("line 9\nline ten\nline 11\n", self.apply(LINES))

    def test_nothing_but_exact(self):
        for name, lines in {"an offset": ["another line\n", *LINES], "fuzz": [*LINES[:6], "changed\n", *LINES[7:]],
                            "there already": [*LINES[:9], "line ten\n", *LINES[10:]], "another line": ["x\n"] * 30}.items():
            with self.subTest(name), self.assertRaisesRegex(progress.Failure, r"(?s)0001-x\.patch .*dir/file\.c"):
                self.apply(lines)

    def test_a_file_that_is_not_there(self):
        with self.assertRaisesRegex(progress.Failure, r"0001-x\.patch"):
            self.apply(LINES, PATCH.replace("file.c", "other.c"))

    def test_the_hint_names_versions(self):
        self.file("tree/dir/file.c", "x\n")
        with self.assertRaisesRegex(progress.Failure, f"made for {series.made_for()}, and this is 6.1.999-1"):
            series.apply(series.Patch(self.file("0001-x.patch", PATCH)), self.folder / "tree", "6.1.999-1")


class Patches(Folder):
    def patch(self, text=PATCH):
        return series.Patch(self.file("0001-x.patch", text))

    def test_reading(self):
        self.assertEqual(self.patch().subject(), "file: change the tenth line, with a subject that goes on")
        self.assertEqual(self.patch().files(), ["dir/file.c"])

    def test_words_do_not_count_and_changes_do(self):
        before = self.patch().change()
        self.assertEqual(self.patch(PATCH.replace("Words about it", "Other words").replace("2.39.5", "2.47")).change(), before)
        self.assertNotEqual(self.patch(PATCH.replace("line ten", "line X")).change(), before)
        self.assertNotEqual(self.patch(PATCH.replace("line 13", "line 14")).change(), before)

    def test_ours(self):
        for patch in series.patches():
            self.assertTrue(patch.files(), patch.name)
            self.assertTrue(patch.change().startswith("\ndiff --git "), patch.name)
            for line in ("Signed-off-by: ", "Subject: [PATCH 6.1 "):
                self.assertIn(f"\n{line}", patch.path.read_text(), patch.name)

    def test_series_and_files_are_the_same(self):
        here, before = self.folder, series.HERE
        series.HERE = here
        self.addCleanup(setattr, series, "HERE", before)
        self.assertEqual(series.patches(), [])
        self.patch()
        self.assertRaisesRegex(progress.Failure, "does not name", series.patches)
        self.file("series", "# first\n0001-x.patch\n")
        self.assertEqual([patch.name for patch in series.patches()], ["0001-x.patch"])
        self.file("series", "0001-x.patch\n0002-y.patch\n")
        self.assertRaisesRegex(progress.Failure, "does not have", series.patches)
        self.file("series", "0001-x.patch\n0001-x.patch\n")
        self.assertRaisesRegex(progress.Failure, "twice", series.patches)


class Configuration(Folder):
    def verify(self, config, *fragments):
        tree.verify([self.file(f"fragment{i}", text) for i, text in enumerate(fragments)], self.file(".config", config))

    def test_taken(self):
        self.verify('CONFIG_A=y\n# CONFIG_B is not set\nCONFIG_C="x y"\n', "CONFIG_A=y\n# CONFIG_B is not set\n", '# why\nCONFIG_C="x y"\n')

    def test_absent_is_not_set(self):
        self.verify("CONFIG_A=y\n", "# CONFIG_B is not set\n")

    def test_a_later_fragment_wins(self):
        self.verify("CONFIG_A=m\n", "CONFIG_A=y\n", "CONFIG_A=m\n")

    def test_not_taken(self):
        for config, fragment in (("", "CONFIG_A=y"), ("CONFIG_A=m", "CONFIG_A=y"), ("CONFIG_A=y", "# CONFIG_A is not set"),
                                 ('CONFIG_A="x"', 'CONFIG_A=""'), ("CONFIG_AB=y", "CONFIG_A=y"), ("# CONFIG_A is not set", "CONFIG_A=y")):
            with self.subTest(config=config), self.assertRaisesRegex(progress.Failure, "CONFIG_A: fragment0 says"):
                self.verify(config, fragment)

    def test_no_symbol_stands_twice(self):
        for path in (*kernel.fragments(()), *(series.HERE / f"config.{name}" for name in ("locking", "memory", "modules", "no-hotplug"))):
            names = [line.split("=")[0].removeprefix("# ").split()[0] for line in path.read_text().splitlines() if "CONFIG_" in line]
            self.assertEqual(len(names), len(set(names)), f"{path}: {sorted(n for n in names if names.count(n) > 1)}")

    def test_packages_keep_what_the_daemon_needs(self):
        self.assertRaises(progress.Failure, self.verify, "CONFIG_DEV_DAX=m\n", package.NEEDED)


class Key(unittest.TestCase):
    def test_variants_differ(self):
        patches = series.patches()
        keys = {kernel.key("6.1.1-1", patches, kernel.fragments(variants)) for variants in ((), ("locking",), ("memory",), kernel.VARIANTS)}
        self.assertEqual(len(keys), 4)
        keys |= {kernel.key("6.1.1-2", patches, kernel.fragments(())), kernel.key("6.1.1-1", patches[:-1], kernel.fragments(()))}
        self.assertEqual(len(keys), 4 + 1 + bool(patches))

    def test_the_order_of_variants_does_not_matter(self):
        self.assertEqual(kernel.fragments(("memory", "locking")), kernel.fragments(("locking", "memory")))

    def test_made_for(self):
        self.assertRegex(series.made_for(), r"^6\.1\.\d+-\d+$")


class Archive(unittest.TestCase):
    def test_versions(self):
        line = " linux-source-6.1 | {} | http://x.example bookworm-security/main amd64 Packages\n"
        self.assertEqual(archive._versions(line.format("6.1.9-2") + line.format("6.1.9-1") + line.format("6.1.9-2")), ["6.1.9-2", "6.1.9-1"])
        self.assertEqual(archive._versions("N: Unable to locate package x\n"), [])

    def test_without_the_archive(self):
        """What is in the cache serves; with nothing there, the archive's failure is what a person has to know."""
        with tempfile.TemporaryDirectory() as name, \
                mock.patch.object(archive, "Archive", side_effect=progress.Failure("no answer")), \
                mock.patch.object(cache, "folder", return_value=pathlib.Path(name)), \
                mock.patch.object(cache, "built", side_effect=lambda kind, key, _: pathlib.Path(name) / f"{kind}-{key}"), \
                contextlib.redirect_stdout(io.StringIO()) as said:
            with self.assertRaisesRegex(progress.Failure, "no answer"):
                archive.source("6.1.9-1")
            for version, age in (("6.1.10-1", 20), ("6.1.11-1", 10)):
                (pathlib.Path(name) / f"linux-source-{version}").mkdir()
                os.utime(pathlib.Path(name) / f"linux-source-{version}", (1000 - age, 1000 - age))
            self.assertEqual(archive.source("6.1.9-1")[0], "6.1.11-1")
            self.assertEqual(archive.source("6.1.10-1")[0], "6.1.10-1")
        self.assertIn("no answer\nUsing linux-source-6.1 6.1.11-1", said.getvalue())


class Checkpatch(unittest.TestCase):
    def test_totals(self):
        self.assertEqual(checkpatch._totals("x\ntotal: 1 errors, 2 warnings, 3 checks, 40 lines checked\n"), checkpatch.Totals(1, 2, 3, 40))

    def test_no_totals_are_no_success(self):
        self.assertRaises(progress.Failure, checkpatch._totals, "")

    def test_any_finding_counts(self):
        self.assertTrue(checkpatch.Totals(lines=5).clean)
        for name in ("errors", "warnings", "checks"):
            self.assertFalse(checkpatch.Totals(**{name: 1}).clean)


class Warnings(unittest.TestCase):
    def test_line_numbers_do_not_matter(self):
        self.assertEqual(each._warnings("a.c:1:2: warning: x [-Wy]\n  CC a.o\n"), each._warnings("a.c:70:2: warning: x [-Wy]\n"))
        self.assertNotEqual(each._warnings("a.c:1:2: warning: x\n"), each._warnings("a.c:1:2: warning: z\n"))


class Command(unittest.TestCase):
    def run_it(self, *arguments):
        return subprocess.run([str(TOP / "kernel-patches" / "build"), *arguments], capture_output=True, text=True, check=False)

    def test_help_is_an_answer(self):
        done = self.run_it("--help")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        for option in ("--debug", "--checkpatch", "--each", "--package", "--lsmod"):
            self.assertIn(option, done.stdout)

    def test_mistakes_are_not(self):
        for arguments in (["--debug=nonsense"], ["--lsmod", "x"], ["--each", "--debug"], ["--each", "--package"], ["nonsense"]):
            done = self.run_it(*arguments)
            self.assertEqual((done.returncode, done.stdout), (2, ""), arguments)
            self.assertIn("error:", done.stderr)

    def test_the_lab_asks_for_what_there_is(self):
        for row in kernels.KERNELS.values():
            for option in getattr(row, "options", ()):
                self.assertIn(option.removeprefix("--debug="), kernel.VARIANTS)


if __name__ == "__main__":
    unittest.main()
