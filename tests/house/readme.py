#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What README.md shows as a policy is one, and the files and folders that it points to are there.

usage: readme.py README DAXTIERCTL
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


def check_references(text, top):
    links = re.findall(r"\]\((?!https?:)([^)#]+)", text)
    folders = re.findall(r"`([\w./-]+/)`", text)
    commands = re.findall(r"^    (\./\w+)", text, re.MULTILINE)
    for name in {*links, *folders, *commands}:
        if not Path(top, name).exists():
            yield f"{name}: there is no such file"


def main():
    readme, daxtierctl = Path(sys.argv[1]), sys.argv[2]
    text = readme.read_text(encoding="utf-8")
    wrong = [*check_policies(text, daxtierctl), *check_references(text, readme.parent)]
    for line in wrong:
        print(f"README.md: {line}", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
