#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""daxtierctl(1) tells every metric there is, and no other; dashboards and alerts use only these, and labels that they have.

usage: metrics.py MAN_PAGE METRICS... DASHBOARD... RULES...
METRICS (*.prom) is what "daxtierctl metrics --format=prometheus" prints; a DASHBOARD (*.json) is one of Grafana; RULES (*.yml)
are of Prometheus.
"""

import json
import re
import sys
from pathlib import Path


def metrics(text):
    """Names, each with the labels that its samples have."""
    found = {name: set() for name in re.findall(r"^# TYPE (\w+)", text, re.MULTILINE)}
    for name, labels in re.findall(r"^(\w+)(?:{(.*)})? ", text, re.MULTILINE):
        found[name] |= set(re.findall(r'(\w+)="(?:[^"\\]|\\.)*"', labels))
    return found


def check_page(page, real):
    section = re.search(r"^\.Sh METRICS\n(.*?)^\.Sh ", page, re.MULTILINE | re.DOTALL)
    told = re.findall(r"^\.It Va (\w+)$", section[1], re.MULTILINE) if section else []
    for name in sorted(set(told) - set(real)):
        yield f"daxtierctl(1) tells {name}, which does not exist"
    for name in sorted(set(real) - set(told)):
        yield f"daxtierctl(1) does not tell {name}"
    if len(told) != len(set(told)):
        yield "daxtierctl(1) tells a metric twice"


def expressions(value):
    """Whatever a dashboard asks Prometheus for: queries of panels, and of variables."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if key in ("expr", "query", "definition") and isinstance(inner, str):
                yield inner
            else:
                yield from expressions(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from expressions(inner)


ADDED = {"instance", "job"}  # by Prometheus, to every sample


def check_expression(expression, real):
    used = re.findall(r"\b(daxtier_\w+)(?:{([^}]*)})?", expression)
    allowed = set(ADDED)
    for name, matchers in used:
        if name not in real:
            yield f"there is no metric {name}"
            continue
        allowed |= real[name]
        for label in re.findall(r"(\w+)\s*(?:=~|!~|!=|=)", re.sub(r'"[^"]*"', "", matchers)):
            if label not in real[name] | ADDED:
                yield f"{name} has no label {label}"
    for labels in re.findall(r"\b(?:by|without|on|ignoring|group_left|group_right)\s*\(([^)]*)\)", expression):
        for label in filter(None, (label.strip() for label in labels.split(","))):
            if label not in allowed:
                yield f"no metric in it has the label {label}"


def rule_expressions(text):
    """Of YAML that has each on one line, or folded with deeper indentation."""
    for indent, first, rest in re.findall(r"^( *)expr: (.*)\n((?:\1 +.*\n)*)", text, re.MULTILINE):
        yield " ".join([first, *rest.split("\n")])


def check_queries(path, real):
    text = path.read_text(encoding="utf-8")
    every = expressions(json.loads(text)) if path.suffix == ".json" else rule_expressions(text)
    asked = [expression for expression in every if "daxtier_" in expression]
    if not asked:
        yield f"{path.name}: no query"
    for expression in asked:
        for problem in check_expression(expression, real):
            yield f"{path.name}: {expression}: {problem}"


def main():
    page, *paths = map(Path, sys.argv[1:])
    askers = [path for path in paths if path.suffix in (".json", ".yml")]
    real = metrics("".join(path.read_text(encoding="utf-8") for path in paths if path.suffix == ".prom"))
    wrong = list(check_page(page.read_text(encoding="utf-8"), real))
    for path in askers:
        wrong += check_queries(path, real)
    for line in wrong:
        print(line, file=sys.stderr)
    print(f"{len(real)} metrics, {len(askers)} dashboards and files of rules")
    return 1 if wrong or not real else 0


if __name__ == "__main__":
    sys.exit(main())
