#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The files, folders and functions that ARCHITECTURE.md names are there, each function in a file that is named in the same
breath, and no room is left out.

usage: architecture.py PAGE
"""

import re
import sys
from pathlib import Path


def paths(text):
    """What looks like a path of the project, in code quotes or drawn."""
    return set(re.findall(r"(?<![\w./-])(?:daemon|lib|cli|tests|systemd|conf|contrib|man)/[\w./-]*[\w/]", text))


def breaths(page):
    """Items of a list, rows of a table, paragraphs."""
    return re.split(r"\n\n|\n(?=\d+\. |- |\|)", page)


def defines(file, function):
    return re.search(rf"^(?:[a-z][\w *]*[ *])?{function}\(", file.read_text(encoding="utf-8"), re.MULTILINE)


def check_functions(page, top):
    everywhere = [file for room in ("daemon", "lib") for file in sorted((top / room).rglob("*.c"))]
    found = 0
    for breath in breaths(page):
        named = [top / path for path in paths(breath) if path.endswith(".c") and (top / path).exists()]
        for function in re.findall(r"`(\w+)\(\)`", breath):
            found += 1
            where = [file for file in everywhere if defines(file, function)]
            if not where:
                yield f"{function}() is nowhere"
            elif named and not any(file.parent in {one.parent for one in named} for file in where):
                yield f"{function}() is in {where[0].relative_to(top)}, and not where the page is at that moment"
    if found < 5:
        yield f"only {found} functions are named: this test does not find what it is about"


def check_rooms(page, top):
    told = set(re.findall(r"^\| `(lib/\w+/|daemon/|cli/)` \|", page, re.MULTILINE))
    real = {f"lib/{room.name}/" for room in (top / "lib").iterdir() if (room / "CMakeLists.txt").exists()} | {"daemon/", "cli/"}
    for room in sorted(real - told):
        yield f"the room {room} has no row"
    for room in sorted(told - real):
        yield f"there is no room {room}"


def main():
    page_path = Path(sys.argv[1])
    page, top = page_path.read_text(encoding="utf-8"), page_path.parent
    wrong = [f"there is no {path}" for path in sorted(paths(page)) if not (top / path).exists()]
    wrong += [f"there is no {link}" for link in re.findall(r"\]\((?!https?:)([^)#]+)", page) if not (top / link).exists()]
    wrong += [*check_functions(page, top), *check_rooms(page, top)]
    if len(paths(page)) < 20:
        wrong.append("hardly a file is named: this test does not find what it is about")
    for line in wrong:
        print(f"{page_path.name}: {line}", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
