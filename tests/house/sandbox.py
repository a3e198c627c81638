#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Holds the services of an installed tree to a limit of exposure, as "systemd-analyze security" counts it. What it
finds open has to be named in a comment of the unit that says why, and nothing else may be told to be open.

usage: sandbox.py TREE UNITDIR DBUS_SERVICE
"""

import configparser
import json
import re
import subprocess
import sys
from pathlib import Path

# The highest exposure, from 0 to 10. A service that is not here has none of its own to have.
LIMITS = {"daxtierd.service": 2.5, "daxtier-metrics.service": 1.0}


def analyze(unit, *options):
    result = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--no-pager", *options, str(unit)],
        capture_output=True, text=True, check=False)
    if result.returncode:
        raise SystemExit(f"systemd-analyze security {unit}: exit code {result.returncode}\n{result.stderr}")
    return result.stdout


def exposure(unit):
    match = re.search(r"Overall exposure level for \S+: ([0-9.]+)", analyze(unit))
    if not match:
        raise SystemExit(f"systemd-analyze security {unit} does not tell its exposure")
    return float(match[1])


def open_ones(unit):
    """What a comment has to name, for each exposure: "User=", "CAP_SYS_PTRACE", "AF_UNIX", "@module"."""
    settings = dict(re.findall(r"^(CapabilityBoundingSet)=(.*)$", unit.read_text(encoding="utf-8"), re.MULTILINE))
    yield from settings["CapabilityBoundingSet"].split()
    for row in json.loads(analyze(unit, "--json=short")):
        if row["set"] is not False:
            continue
        name, _, what = row["name"].partition("=")
        if name == "CapabilityBoundingSet":
            continue  # the bounding set says it by each capability's own name
        yield what.removeprefix("~") if what.startswith("~") else f"{name}="


def comments(unit):
    return " ".join(line.lstrip("# ") for line in unit.read_text(encoding="utf-8").splitlines() if line.startswith("#"))


def check_service(unit):
    level, limit, words = exposure(unit), LIMITS[unit.name], comments(unit)
    if level > limit:
        yield f"{unit.name}: the exposure is {level}, and may be {limit}"
    needed = set(open_ones(unit))
    for name in sorted(needed):
        if not re.search(rf"(?<![\w@]){re.escape(name)}(?!\w)", words):
            yield f"{unit.name}: no comment says why {name} is open"
    # Capabilities that were needed once.
    headed = re.findall(r"^# (CAP_\w+(?:, CAP_\w+)*):", unit.read_text(encoding="utf-8"), re.MULTILINE)
    for name in sorted({name for names in headed for name in names.split(", ")} - needed):
        yield f"{unit.name}: a comment says why there is {name}, but there is none"


def check_activation(tree, unitdir, file):
    """The bus starts what the unit calls itself, and only while it is enabled: by the alias."""
    entry = configparser.ConfigParser(interpolation=None)
    entry.optionxform = str
    entry.read_string(Path(f"{tree}{file}").read_text(encoding="utf-8"))
    asked = entry["D-BUS Service"]
    unit = Path(f"{tree}{unitdir}/daxtierd.service").read_text(encoding="utf-8")
    own = dict(re.findall(r"^(BusName|Alias|User|Type)=(.*)$", unit, re.MULTILINE))
    for key, value, meaning in (("Name", own.get("BusName"), "the unit's BusName="),
                                ("SystemdService", own.get("Alias"), "the unit's Alias="),
                                ("User", own.get("User", "root"), "the unit's User=")):
        if asked.get(key) != value:
            yield f"{file}: {key} is {asked.get(key)}, {meaning} {value}"
    if asked.get("Exec") != "/bin/false":
        yield f"{file}: without systemd nothing may be started, and Exec is {asked.get('Exec')}"


def main():
    tree, unitdir, activation = sys.argv[1:4]
    units = sorted(Path(f"{tree}{unitdir}").glob("*.service"))
    wrong = [f"{unit.name}: it has no limit here" for unit in units if unit.name not in LIMITS]
    wrong += [f"{name}: it is not installed" for name in sorted(LIMITS.keys() - {unit.name for unit in units})]
    for unit in units:
        if unit.name in LIMITS:
            wrong += check_service(unit)
    wrong += check_activation(tree, unitdir, activation)
    for line in wrong:
        print(line, file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
