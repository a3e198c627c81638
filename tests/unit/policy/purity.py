#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Check from the symbol tables that policy/ is pure: purity.py NM libpolicy.a [libmodel.a libbase.a …]

Follows every undefined symbol of the first library through the others, object by object, and fails
when one leads outside to anything that is not on the list below: a clock, a file, standard output,
errno. The list names what may be called, not what may not, so that nothing new slips in unseen. Nor
may policy/ keep state of its own.
"""

import re
import subprocess
import sys

ALLOWED = {
    # memory and strings
    "malloc", "calloc", "realloc", "reallocarray", "free",
    "memcpy", "memmove", "memset", "memcmp", "strcmp", "strlen", "strdup", "strchr", "strverscmp", "qsort",
    "strerrorname_np",  # a table of names; takes a number, not errno
    # text into memory
    "asprintf", "vasprintf", "snprintf", "__asprintf_chk", "__vasprintf_chk", "__snprintf_chk",
    # matching
    "fnmatch",
    # what the compiler adds
    "__stack_chk_fail", "_GLOBAL_OFFSET_TABLE_",
}
COMPILER = re.compile(r"__(asan|ubsan|lsan|sanitizer|gcov|llvm|sancov|tsan)_")


def objects(nm, library):
    """Return {object: {kind of symbol: names}} of a static library."""
    output = subprocess.run([nm, "-A", "-P", library], check=True, capture_output=True, text=True).stdout
    found = {}
    for line in output.splitlines():
        # libpolicy.a[match.c.o]: policy_match T 0 17
        fields = re.fullmatch(r".*\[(.+?)\]: (\S+) (\w)\b.*", line)
        if not fields:
            sys.exit(f"{library}: nm says what this test does not understand: {line}")
        name, symbol, kind = fields.groups()
        found.setdefault((library, name), {}).setdefault(kind, set()).add(symbol)
    return found


def complaints(nm, policy, others):
    own = objects(nm, policy)
    if not own:
        yield "no objects: nothing was checked"
    everything = dict(own)
    for library in others:
        everything.update(objects(nm, library))
    home = {
        symbol: key for key, kinds in everything.items() for kind in "TDRBW" for symbol in kinds.get(kind, ())
    }

    # State of its own would be an input that no argument names.
    for (_, name), kinds in own.items():
        for symbol in kinds.get("b", set()) | kinds.get("B", set()) | kinds.get("C", set()):
            yield f"{name} keeps state in {symbol}"

    todo, seen = list(own), set()
    while todo:
        key = todo.pop()
        if key in seen:
            continue
        seen.add(key)
        for symbol in sorted(everything[key].get("U", set()) | everything[key].get("w", set())):
            if symbol in home:
                todo.append(home[symbol])
            elif symbol not in ALLOWED and not COMPILER.match(symbol):
                yield f"{key[1]} refers to {symbol}"


def main(nm, policy, *others):
    found = list(complaints(nm, policy, others))
    for complaint in found:
        print(f"{policy}: {complaint}")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main(*sys.argv[1:])
