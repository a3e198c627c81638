#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Check from the symbol tables that policy/ is pure: purity.py NM libpolicy.a [libmodel.a libbase.a …]

Follows every undefined symbol of the first library through the others, object by object, and fails
when one leads outside to anything that is not on the list below: a clock, a file, standard output,
errno. The list names what may be called, not what may not, so that nothing new slips in unseen.
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
    """Yield (object, defined, undefined) of a static library."""
    output = subprocess.run([nm, "-P", library], check=True, capture_output=True, text=True).stdout
    name, defined, undefined = None, set(), set()
    for line in output.splitlines():
        member = re.fullmatch(r".*\[(.+)\]:", line)
        if member:
            if name:
                yield name, defined, undefined
            name, defined, undefined = member.group(1), set(), set()
            continue
        fields = line.split()
        if len(fields) < 2:
            continue
        if fields[1] in "Uw":
            undefined.add(fields[0])
        elif fields[1].isupper():
            defined.add(fields[0])
    if name:
        yield name, defined, undefined


def main(nm, policy, *others):
    todo = [("policy/" + name, undefined) for name, _, undefined in objects(nm, policy)]
    if not todo:
        sys.exit(f"{policy}: no objects: nothing was checked")
    home = {}
    for library in (policy, *others):
        for name, defined, undefined in objects(nm, library):
            for symbol in defined:
                home[symbol] = (name, undefined)

    seen, impure = set(), []
    while todo:
        name, undefined = todo.pop()
        if name in seen:
            continue
        seen.add(name)
        for symbol in sorted(undefined):
            if symbol in home:
                todo.append(home[symbol])
            elif symbol not in ALLOWED and not COMPILER.match(symbol):
                impure.append(f"{name} refers to {symbol}")
    for line in impure:
        print(line)
    sys.exit(1 if impure else 0)


if __name__ == "__main__":
    main(*sys.argv[1:])
