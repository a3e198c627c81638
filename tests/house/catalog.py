#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Compares systemd/daxtier.catalog and daxtierd(8) with the message ids and fields of daemon/messages.h.

usage: catalog.py MESSAGES_H CATALOG MAN_PAGE
"""

import re
import subprocess
import sys
import tempfile
from pathlib import Path


def defined_messages(header):
    """The ids by name, and the journal fields that the header says go with them."""
    ids = {}
    for name, value in re.findall(r'^#define\s+(MESSAGE_\w+)[\s\\]+"([^"]*)"', header, re.MULTILINE):
        if not re.fullmatch(r"[0-9a-f]{32}", value):
            raise SystemExit(f"{name}: {value!r} is not 32 lower-case hex digits")
        if value in ids.values():
            raise SystemExit(f"{name}: {value} is used twice")
        ids[name] = value
    comments = re.sub(r"\s+(\* )?", " ", header)  # as one line, however it was broken
    fields = re.search(r"Fields that go with them:(.*?)\*/", comments)
    if not ids or not fields:
        raise SystemExit("messages.h: no message ids, or no list of fields, found")
    return ids, set(re.findall(r"[A-Z][A-Z_]+", fields[1]))


def catalog_entries(text):
    """(id, headers, body) of each entry, as journald's own parser splits them."""
    entries = []
    for part in re.split(r"^-- ", text, flags=re.MULTILINE)[1:]:
        first, _, rest = part.partition("\n")
        head, _, body = rest.partition("\n\n")
        headers = dict(re.findall(r"^([\w-]+): *(.*)$", head, re.MULTILINE))
        entries.append((first.strip(), headers, body.strip()))
    return entries


def compare(ids, fields, entries):
    seen = [entry[0] for entry in entries]
    for name, value in ids.items():
        if seen.count(value) != 1:
            yield f"{name} ({value}) has {seen.count(value)} entries in the catalog, not one"
    for entry, headers, body in entries:
        if entry not in ids.values():
            yield f"the catalog's entry {entry} is no message of messages.h"
        for header in ("Subject", "Defined-By", "Documentation"):
            if not headers.get(header):
                yield f"the catalog's entry {entry} has no {header}:"
        if not body:
            yield f"the catalog's entry {entry} explains nothing"
        for field in re.findall(r"@(\w+)@", headers.get("Subject", "") + body):
            if field not in fields:
                yield f"the catalog's entry {entry} refers to @{field}@, no field of messages.h"


def compare_page(ids, fields, page):
    for name, value in ids.items():
        if value not in page:
            yield f"{name} ({value}) is not in the man page"
    for value in re.findall(r"\b[0-9a-f]{32}\b", page):
        if value not in ids.values():
            yield f"the man page's {value} is no message of messages.h"
    for field in fields:
        if not re.search(rf"\b{field}\b", page):
            yield f"the field {field} is not in the man page"


def compile_catalog(catalog, ids):
    """journald's own parser has the last word."""
    with tempfile.TemporaryDirectory() as root:
        installed = Path(root, "usr/lib/systemd/catalog", catalog.name)
        installed.parent.mkdir(parents=True)
        installed.write_bytes(catalog.read_bytes())
        Path(root, "var/lib/systemd/catalog").mkdir(parents=True)
        journalctl = ["journalctl", f"--root={root}"]
        subprocess.run([*journalctl, "--update-catalog"], check=True)
        listed = subprocess.run([*journalctl, "--list-catalog"], check=True, capture_output=True,
                                text=True).stdout
    known = {line.split()[0] for line in listed.splitlines() if line}
    for name, value in ids.items():
        if value not in known:
            yield f"journalctl does not find {name} ({value}) in the catalog"


def main():
    header, catalog, page = map(Path, sys.argv[1:])
    ids, fields = defined_messages(header.read_text(encoding="utf-8"))
    entries = catalog_entries(catalog.read_text(encoding="utf-8"))
    wrong = [*compare(ids, fields, entries), *compile_catalog(catalog, ids),
             *compare_page(ids, fields, page.read_text(encoding="utf-8"))]
    for line in wrong:
        print(line, file=sys.stderr)
    print(f"{len(ids)} messages, {len(entries)} entries")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
