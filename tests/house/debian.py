#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""debian/ says what the files say: the licence of each in debian/copyright, the version in debian/changelog, what is installed
in *.install.

usage: debian.py SOURCE_DIR
"""

import fnmatch
import os
import re
import subprocess
import sys
from pathlib import Path

import spdx

SHORT = {"GPL-2.0-or-later": "GPL-2+", "GPL-2.0-only": "GPL-2"}


def stanzas(text):
    """(patterns, licence) in their order; the last that matches a file holds."""
    found = []
    for stanza in re.split(r"\n\n+", text):
        fields = dict(re.findall(r"^(Files|License): *((?:.|\n )*)$", stanza, re.MULTILINE))
        if "Files" in fields:
            found.append((fields["Files"].split(), fields["License"].split("\n")[0]))
    return found


def sources():
    done = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], capture_output=True, text=True, check=False)
    names = done.stdout.split("\0") if done.returncode == 0 else [
        str(path)[2:] for path in Path(".").rglob("*") if not str(path).startswith("./build")]
    return [name for name in names if os.path.isfile(name) and not os.path.islink(name)]


def check_copyright():
    known, annotated = stanzas(Path("debian/copyright").read_text(encoding="utf-8")), list(spdx.annotations())
    texts = re.findall(r"^License: (\S+)\n ", Path("debian/copyright").read_text(encoding="utf-8"), re.MULTILINE)
    count = 0
    for name in sources():
        if any(fnmatch.fnmatchcase(name, pattern) for pattern in spdx.EXEMPT):
            continue
        own = SHORT.get(spdx.licence_of(name, annotated))
        if not own:  # spdx.py says so
            continue
        count += 1
        said = [licence for patterns, licence in known if any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns)]
        if not said or own != said[-1]:
            yield f"{name}: is under {own}, debian/copyright says {said[-1:]}"
    if count < 100:
        yield f"only {count} files were found"
    for licence in {licence for _, licence in known} - set(texts):
        yield f"debian/copyright has no text of {licence}"


def check_version():
    project = re.search(r"^project\(daxtierd VERSION (\S+)", Path("CMakeLists.txt").read_text(encoding="utf-8"), re.MULTILINE)[1]
    changelog = re.match(r"daxtierd \(([^)]+)\)", Path("debian/changelog").read_text(encoding="utf-8"))[1]
    if changelog != project:
        yield f"debian/changelog is of {changelog}, CMakeLists.txt of {project}"


def check_install():
    """Each installed file goes into one package, and each line of a package is of some file."""
    installed = re.findall(r"^\d{4} /(\S+)$", Path("tests/house/install.list").read_text(encoding="utf-8"), re.MULTILINE)
    places = {"${env:PACKAGE_UDEVDIR}": "usr/lib/udev", "${env:PACKAGE_UNITDIR}": "usr/lib/systemd/system"}
    wanted = []
    for path in sorted(Path("debian").glob("*.install")):
        wanted += [(places.get(line, line), path.name) for line in path.read_text(encoding="utf-8").splitlines()]
    for name in installed:
        taken = [where for line, where in wanted if name == line or name.startswith(f"{line}/")]
        if len(taken) != 1:
            yield f"/{name} is named by {' and '.join(taken) or 'no file'} of debian/*.install"
    for line, where in wanted:
        if not any(name == line or name.startswith(f"{line}/") for name in installed):
            yield f"debian/{where} names {line}, of which nothing is installed"


def main():
    os.chdir(sys.argv[1])
    wrong = [*check_copyright(), *check_version(), *check_install()]
    for line in wrong:
        print(line, file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
