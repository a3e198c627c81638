#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What contrib/kubernetes/node-features makes of metrics, and that its README tells the same features.

usage: node-features.py CONTRIB_KUBERNETES METRICS_FOLDER
"""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

# A daxtierctl that prints a file and exits as told.
STUB = """#!/bin/sh
[ "$*" = "metrics --format=prometheus" ] || exit 2
cat "$METRICS"
exit "$STATUS"
"""

WANTED = {
    "metrics-online.prom": ["ready=true", "devices-online=2", "devices-failed=0", "cpuless-memory-gib=16",
                            "movable-memory-gib=16"],
    "metrics-trouble.prom": ["ready=true", "devices-online=1", "devices-failed=3", "cpuless-memory-gib=8",
                             "movable-memory-gib=8"],
    "metrics-down.prom": ["ready=false"],
}


def run(script, bin_folder, metrics, status, *arguments):
    environment = {**os.environ, "PATH": f"{bin_folder}:{os.environ['PATH']}", "METRICS": str(metrics),
                   "STATUS": str(status)}
    return subprocess.run([script, *arguments], env=environment, capture_output=True, text=True, check=False)


def check_features(script, bin_folder, metrics):
    for name, wanted in WANTED.items():
        result = run(script, bin_folder, metrics / name, 3 if "down" in name else 0)
        said = result.stdout.splitlines()
        if result.returncode or said != [f"daxtier.{feature}" for feature in wanted]:
            yield f"{name}: exit status {result.returncode}, {said} {result.stderr}"


def check_file(script, bin_folder, metrics, folder):
    file = folder / "daxtier"
    result = run(script, bin_folder, metrics / "metrics-online.prom", 0, file)
    if result.returncode or "daxtier.devices-online=2\n" not in file.read_text(encoding="utf-8"):
        yield f"it does not write its file: {result.stderr}"
    if file.stat().st_mode & 0o777 != 0o644:
        yield f"the file has the mode {file.stat().st_mode:o}"
    before = file.read_text(encoding="utf-8")
    result = run(script, bin_folder, "/dev/null", 1, file)
    if result.returncode == 0 or file.read_text(encoding="utf-8") != before:
        yield "a failure of daxtierctl is none of it, or changes the file"
    if [path.name for path in folder.iterdir()] != ["daxtier"]:
        yield f"it leaves {sorted(path.name for path in folder.iterdir())}"


def check_readme(readme):
    told = re.findall(r"^\| `daxtier\.([\w-]+)` ", readme, re.MULTILINE)
    real = [feature.split("=")[0] for feature in WANTED["metrics-online.prom"]]
    if told != real:
        yield f"README.md tells {told}, not {real}"


def main():
    contrib, metrics = map(Path, sys.argv[1:3])
    script = contrib / "node-features"
    with tempfile.TemporaryDirectory() as bin_folder, tempfile.TemporaryDirectory() as folder:
        stub = Path(bin_folder, "daxtierctl")
        stub.write_text(STUB, encoding="utf-8")
        stub.chmod(0o755)
        wrong = [*check_features(script, bin_folder, metrics), *check_file(script, bin_folder, metrics, Path(folder)),
                 *check_readme((contrib / "README.md").read_text(encoding="utf-8"))]
    for line in wrong:
        print(line, file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
