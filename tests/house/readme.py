#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What README.md shows as a policy is one, what it shows as daxtierctl status is what that prints, and the files, folders
and sections that it points to are there. What it is, how to try, check and install it, a policy, a card, why and release come
first, on two screens. (Its command lines are run by tests/integration/daemon/test-examples.c.)

usage: readme.py README DAXTIERCTL STATUS
"""

import re
import subprocess
import sys
import tempfile
from pathlib import Path


def policies(text):
    return re.findall(r"^```ini\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def check_policies(text, daxtierctl):
    found = policies(text)
    if not found:
        yield "there is no policy (```ini) in the README"
    for policy in found:
        with tempfile.NamedTemporaryFile("w", suffix=".conf", encoding="utf-8") as file:
            file.write(policy)
            file.flush()
            result = subprocess.run([daxtierctl, "check-config", file.name], capture_output=True, text=True,
                                    check=False)
        if result.returncode:
            yield f"daxtierctl check-config exits with {result.returncode}:\n{result.stdout}{result.stderr}"


def check_picture(text, status):
    """From the beginning of what a test holds daxtierctl to, down to the end of a paragraph."""
    picture = re.search(r"^```\n# daxtierctl status\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    if not picture:
        yield "there is no picture of daxtierctl status"
    elif not f"{status}\n".startswith(f"{picture[1]}\n") or len(picture[1].splitlines()) < 10:
        yield "the picture of daxtierctl status is not what that prints now"


# What somebody types who has just fetched the sources.
COMMANDS = ["./try", "./check"]
FIRST = ["Try it", "Install", "A first policy", "Plug a card", "See why", "Release"]


def check_order(text):
    headings = re.findall(r"^## (.*)$", text, re.MULTILINE)
    if headings[:len(FIRST)] != FIRST:
        yield f"it begins with {headings[:len(FIRST)]}, and not with {FIRST}"
    elif text[:text.index(f"## {headings[len(FIRST)]}")].count("\n") > 120:
        yield "what a stranger needs is longer than two screens"
    if re.findall(r"^    (\S+)", text, re.MULTILINE)[:len(COMMANDS)] != COMMANDS:
        yield f"the first commands are not {COMMANDS}"


def check_sections(text):
    anchors = {re.sub(r"[^\w -]", "", name.lower()).replace(" ", "-") for name in re.findall(r"^#+ (.*)$", text, re.MULTILINE)}
    for name in re.findall(r"\]\(#([^)]+)\)", text):
        if name not in anchors:
            yield f"there is no section #{name}"


def check_references(text, top):
    links = re.findall(r"\]\((?!https?:)([^)#]+)", text)
    folders = re.findall(r"`([\w./-]+/)`", text)
    commands = re.findall(r"^    (\./\w+)", text, re.MULTILINE)
    for name in {*links, *folders, *commands} - {"build/"}:  # which building makes, here or elsewhere
        if not Path(top, name).exists():
            yield f"{name}: there is no such file"


def main():
    readme, daxtierctl, status = Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3]).read_text(encoding="utf-8")
    text = readme.read_text(encoding="utf-8")
    wrong = [*check_policies(text, daxtierctl), *check_picture(text, status), *check_order(text), *check_sections(text),
             *check_references(text, readme.parent)]
    for line in wrong:
        print(f"README.md: {line}", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
