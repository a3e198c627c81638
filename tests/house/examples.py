#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Every display of a manual page has a name, by which a test takes it from the page and tries it. The command lines of the
pages (.Dl) need none: tests/integration/daemon/test-examples.c runs them all, of all pages but daxtier.conf(5).

usage: examples.py SOURCE_DIR
"""

import re
import sys
from pathlib import Path

# Pages without command lines.
SILENT = {"daxtier.conf.5.in"}


def main():
    top = Path(sys.argv[1])
    tests = [file.read_text(encoding="utf-8") for pattern in ("unit/**/*.c", "integration/**/*.c", "vm/guest/*.sh")
             for file in (top / "tests").glob(pattern)]
    runner = (top / "tests/integration/daemon/test-examples.c").read_text(encoding="utf-8")
    wrong, displays = [], 0
    for page in sorted(file for file in (top / "man").iterdir() if re.search(r"\.[1-9](\.in)?$", file.name)):
        text = page.read_text(encoding="utf-8")
        marked = re.findall(r'^\.\\" @example ([\w-]+)\n\.Bd -literal', text, re.MULTILINE)
        displays += len(marked)
        if len(marked) != len(re.findall(r"^\.Bd -literal", text, re.MULTILINE)):
            wrong.append(f"{page.name}: a display (.Bd -literal) has no name (@example)")
        for name in marked:
            if not any(re.search(rf'"{name}"|@?example \S+ {name}\b', test) for test in tests):
                wrong.append(f"{page.name}: no test takes the example {name}")
        commands = re.search(r"^\.Dl ", text, re.MULTILINE)
        if bool(commands) == (page.name in SILENT) or (commands and f'"{page.name}"' not in runner):
            wrong.append(f"{page.name}: its command lines are not among those that test-examples.c runs")
    if displays < 5:
        wrong.append("hardly a display is there: this test does not find what it is about")
    for line in wrong:
        print(line, file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
