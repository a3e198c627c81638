#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What tidy.py leaves out, with a clang-tidy and a ninja that stand in for the real ones.

usage: tidy-selftest.py
"""

import json
import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

TIDY = Path(__file__).with_name("tidy.py")
# It finds fault with what says "bad", and speaks of other code as the real one does.
CLANG_TIDY = """#!/bin/sh
[ "$1" = --version ] && { cat "$VERSION"; exit; }
for source; do :; done
echo "$source" >>"$CALLS"
echo "3 warnings generated." >&2
! grep bad "$source"
"""
NINJA = """#!/bin/sh
cat "$DEPS"
"""


class Tidy(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.top = Path(folder.name).resolve()
        for name, text in (("clang-tidy", CLANG_TIDY), ("ninja", NINJA)):
            self.write(f"bin/{name}", text).chmod(0o755)
        # It takes the checks of the checkout that it is in itself.
        self.tidy = self.write("tests/house/tidy.py", TIDY.read_text(encoding="utf-8"))
        for name in ("a.c", "b.c", "a.h", "version", ".clang-tidy"):
            self.write(name, name)
        self.write("deps", "a.o: #deps 2, deps mtime 1 (VALID)\n    ../a.c\n    ../a.h\n\n"
                           "b.o: #deps 1, deps mtime 1 (VALID)\n    ../b.c\n\n")
        self.commands("cc", "cc")
        self.environment = {**os.environ, "PATH": f"{self.top}/bin:{os.environ['PATH']}", "DEPS": str(self.top / "deps"),
                            "CALLS": str(self.top / "calls"), "VERSION": str(self.top / "version")}

    def write(self, name, text):
        path = self.top / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def commands(self, *compilers):
        entries = [{"directory": f"{self.top}/build", "file": f"{self.top}/{name}.c", "command": f"{compiler} -o {name}.o -c x"}
                   for name, compiler in zip("ab", compilers)]
        self.write("build/compile_commands.json", json.dumps(entries))

    def looked_at(self, status=0):
        """What it has run clang-tidy on."""
        calls = self.write("calls", "")
        result = subprocess.run([sys.executable, "-B", self.tidy, self.top / "build", self.top / "cache"], env=self.environment,
                                capture_output=True, text=True, check=False)
        self.assertEqual(result.returncode, status, result.stdout + result.stderr)
        self.assertNotIn("generated", result.stdout)
        return sorted(Path(line).name for line in calls.read_text(encoding="utf-8").splitlines())

    def test_once(self):
        self.assertEqual(self.looked_at(), ["a.c", "b.c"])
        self.assertEqual(self.looked_at(), [])

    def test_change(self):
        self.looked_at()
        self.write("a.h", "other")
        self.assertEqual(self.looked_at(), ["a.c"])
        self.write("b.c", "other")
        self.assertEqual(self.looked_at(), ["b.c"])
        self.commands("cc -DX", "cc")
        self.assertEqual(self.looked_at(), ["a.c"])
        for name in ("version", ".clang-tidy"):
            self.write(name, "other")
            self.assertEqual(self.looked_at(), ["a.c", "b.c"])

    def test_finding_is_found_again(self):
        self.write("a.c", "bad")
        self.assertEqual(self.looked_at(1), ["a.c", "b.c"])
        self.assertEqual(self.looked_at(1), ["a.c"])

    def test_unknown_is_looked_at(self):
        self.looked_at()
        deps = (self.top / "deps").read_text(encoding="utf-8")
        self.write("deps", deps.replace("(VALID)", "(STALE)", 1))
        self.assertEqual(self.looked_at(), ["a.c"])
        self.write("deps", "")
        self.assertEqual(self.looked_at(), ["a.c", "b.c"])

    def test_no_sources(self):
        self.commands()
        self.assertEqual(self.looked_at(1), [])


if __name__ == "__main__":
    unittest.main()
