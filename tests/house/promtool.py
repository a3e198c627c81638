#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Lets Prometheus' promtool read the metrics that the tests of daxtierctl compare with, in both formats, and the queries
of dashboards; and has it test the alerts.

usage: promtool.py PROMTOOL FILE...
FILE is metrics (.prom, .openmetrics), a dashboard (.json) or a test of rules (.test.yml), with its rules before it (.rules.yml).
"""

import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path


def run(command, text):
    result = subprocess.run(command, input=text, capture_output=True, text=True, check=False)
    said = (result.stdout + result.stderr).strip()
    return result.returncode, said


def check_prometheus(promtool, text):
    """It lints as well: names, units, help."""
    status, said = run([promtool, "check", "metrics"], text)
    if status or said:
        yield said or f"promtool check metrics exited with {status}"


def with_timestamps(text):
    for line in text.splitlines(keepends=True):
        yield line if line.startswith("#") else f"{line.rstrip()} 1700000000\n"


def samples(text):
    return sum(not line.startswith("#") for line in text.splitlines())


def check_openmetrics(promtool, text):
    """The one command that reads OpenMetrics makes a database of them; it wants to know when they were."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "metrics")
        file.write_text("".join(with_timestamps(text)), encoding="utf-8")
        status, said = run([promtool, "tsdb", "create-blocks-from", "openmetrics", str(file), f"{folder}/blocks"], "")
    # A table with a block in each line: ULID, times, duration, samples, chunks, series, size.
    read = sum(int(line.split()[4]) for line in said.splitlines()[1:]) if status == 0 else 0
    if status:
        yield said
    elif read != samples(text):
        yield f"promtool read {read} of {samples(text)} samples"


# What Grafana puts in place of its variables.
VARIABLES = {"$__rate_interval": "5m", "$instance": ".*"}


def queries(dashboard):
    for panel in dashboard["panels"]:
        for target in panel["targets"]:
            text = target["expr"]
            for name, value in VARIABLES.items():
                text = text.replace(name, value)
            yield text


def check_dashboard(promtool, text):
    """As recording rules, whose queries promtool parses. JSON is YAML, too."""
    rules = [{"record": f"query:{i}", "expr": query} for i, query in enumerate(queries(json.loads(text)))]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "rules.yml")
        file.write_text(json.dumps({"groups": [{"name": "dashboard", "rules": rules}]}), encoding="utf-8")
        status, said = run([promtool, "check", "rules", str(file)], "")
    if status:
        yield said
    elif f"{len(rules)} rules found" not in said:
        yield f"promtool did not read {len(rules)} queries: {said}"


def check_alerts(promtool, test, rules):
    """Tests of promtool's own; each alert has to be one that they make fire."""
    with tempfile.TemporaryDirectory() as folder:
        for file in rules:
            Path(folder, file.name).write_text(file.read_text(encoding="utf-8"), encoding="utf-8")
        Path(folder, test.name).write_text(test.read_text(encoding="utf-8"), encoding="utf-8")
        for command in ["check", "rules", *(file.name for file in rules)], ["test", "rules", test.name]:
            result = subprocess.run([promtool, *command], cwd=folder, capture_output=True, text=True, check=False)
            if result.returncode:
                yield (result.stdout + result.stderr).strip()
    fired = re.findall(r'alertname="(\w+)"', test.read_text(encoding="utf-8"))
    for name in re.findall(r"^ *- alert: (\w+)$", "".join(file.read_text(encoding="utf-8") for file in rules), re.MULTILINE):
        if name not in fired:
            yield f"no test makes {name} fire"


def main():
    promtool, names = sys.argv[1], sys.argv[2:]
    checks = {".prom": check_prometheus, ".openmetrics": check_openmetrics, ".json": check_dashboard}
    wrong = []
    rules = [Path(name) for name in names if name.endswith(".rules.yml")]
    for name in names:
        if name.endswith(".yml"):
            if name.endswith(".test.yml"):
                wrong += [f"{name}: {line}" for line in check_alerts(promtool, Path(name), rules)]
            continue
        text = Path(name).read_text(encoding="utf-8")
        if Path(name).suffix != ".json" and not samples(text):
            wrong.append(f"{name}: no sample")
        wrong += [f"{name}: {line}" for line in checks[Path(name).suffix](promtool, text)]
    for line in wrong:
        print(line, file=sys.stderr)
    print(f"{len(names)} files")
    return 1 if wrong or not names else 0


if __name__ == "__main__":
    sys.exit(main())
