#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""daxtier-troubleshooting(7) has an entry for each state, step and name of an error that there is, and for none that
there is not; the reasons that it goes by are words of the sources.

usage: troubleshooting.py PAGE SOURCE_DIR
"""

import re
import sys
from pathlib import Path


def section(page, name):
    return re.search(rf"^\.Sh {name}\n(.*?)(?=^\.Sh )", page, re.MULTILINE | re.DOTALL)[1]


def items(page, name, macro):
    """What the entries of a section are about; one may be about several."""
    found = []
    for line in re.findall(rf"^\.It {macro} (.*)$", section(page, name), re.MULTILINE):
        found += [word.removeprefix(f"{macro} ") for word in line.split(" , ")]
    return found


def names(source, table):
    """The words of a table of names in lib/model/names.c."""
    return re.findall(r'= "([^"]*)"', re.search(rf"{table}\[.*?\] = {{(.*?)^}};", source, re.MULTILINE | re.DOTALL)[1])


def literals(source):
    """The string literals of a C file, those that stand side by side as one, without escapes."""
    joined = re.sub(r'"\s*\n\s*"', "", source)
    return [re.sub(r"\\(.)", r"\1", text) for text in re.findall(r'"((?:[^"\\\n]|\\.)*)"', joined)]


def compare(what, told, real):
    for name in sorted(set(real) - set(told)):
        yield f"no entry for the {what} {name}"
    for name in sorted(set(told) - set(real)):
        yield f"an entry for the {what} {name}, which there is not"
    for name in sorted({name for name in told if told.count(name) > 1}):
        yield f"two entries for the {what} {name}"


def main():
    page, top = Path(sys.argv[1]).read_text(encoding="utf-8"), Path(sys.argv[2])
    model = (top / "lib/model/names.c").read_text(encoding="utf-8")
    own = re.findall(r'"(org\.daxtier1\.Error\.\w+)"', (top / "lib/variant/bus-name.h").read_text(encoding="utf-8"))
    documented = re.findall(r"^\.It Ql (org\.\S+\.Error\.\w+)$", (top / "man/org.daxtier1.5").read_text(encoding="utf-8"),
                            re.MULTILINE)
    wrong = [*compare("state", items(page, "STATES", "Cm"), names(model, "device_state_names")),
             *compare("step", items(page, "STEPS", "Cm"), names(model, "step_kind_names")),
             *compare("error", items(page, "ERROR NAMES", "Ql"), {*own, *documented})]
    said = [text for room in ("lib", "daemon", "cli") for file in sorted((top / room).rglob("*.c"))
            for text in literals(file.read_text(encoding="utf-8"))]
    reasons = items(page, "REASONS", "Dq") + items(page, "WHEN THE DAEMON DOES NOT RUN", "Dq")
    wrong += [f'no source says "{reason}"' for reason in reasons if not any(reason in text for text in said)]
    if len(reasons) < 10 or len(own) < 5:
        wrong.append("this test does not find what it is about")
    for line in wrong:
        print(f"{Path(sys.argv[1]).name}: {line}", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
