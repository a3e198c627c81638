#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Every file names its licence near its top, or REUSE.toml does for it; every licence named has its text in LICENSES/.

usage: spdx.py < LIST_OF_FILES
"""

import fnmatch
import re
import sys
import tomllib
from pathlib import Path

TOP_LINES = 6
EXEMPT = ("LICENSES/*", "COPYING", "REUSE.toml")


def annotations():
    """(pattern, licence) of REUSE.toml, where "**" crosses folders and "*" does not; here both may."""
    data = tomllib.loads(Path("REUSE.toml").read_text(encoding="utf-8"))
    for entry in data["annotations"]:
        paths = entry["path"] if isinstance(entry["path"], list) else [entry["path"]]
        for path in paths:
            yield path.replace("**", "*"), entry["SPDX-License-Identifier"]


def licence_of(name, annotated):
    with open(name, "rb") as file:
        head = b"".join(file.readline(4096) for _ in range(TOP_LINES)).decode("utf-8", "replace")
    match = re.search(r"SPDX-License-Identifier: *([^\s*<]+(?: +(?:OR|AND|WITH) +[^\s*<]+)*)", head)
    if match:
        return match[1]
    return next((licence for pattern, licence in annotated if fnmatch.fnmatchcase(name, pattern)), None)


def main():
    annotated = list(annotations())
    used, wrong, count = {licence for _, licence in annotated}, [], 0
    for name in sys.stdin.read().splitlines():
        if any(fnmatch.fnmatchcase(name, pattern) for pattern in EXEMPT):
            continue
        count += 1
        licence = licence_of(name, annotated)
        if licence:
            used |= set(re.split(r" +(?:OR|AND|WITH) +", licence))
        else:
            wrong.append(f"{name}: no SPDX-License-Identifier in its first {TOP_LINES} lines")
    texts = {path.stem for path in Path("LICENSES").glob("*.txt")}
    wrong += [f"LICENSES/{licence}.txt: there is no such text, but a file names it" for licence in used - texts]
    wrong += [f"LICENSES/{licence}.txt: no file names this licence" for licence in texts - used]
    for line in wrong:
        print(line, file=sys.stderr)
    print(f"{count} files: {', '.join(sorted(used))}")
    return 1 if wrong or not count else 0


if __name__ == "__main__":
    sys.exit(main())
