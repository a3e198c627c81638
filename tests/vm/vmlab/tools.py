# SPDX-License-Identifier: GPL-2.0-or-later
"""The small C programs that guest tests need, compiled on the host; the guest has no compiler."""

import pathlib
import subprocess

from . import cache, progress

FLAGS = ["-std=gnu17", "-D_GNU_SOURCE", "-O2", "-g", "-Wall", "-Wextra", "-Wshadow", "-Wformat=2", "-Werror"]
TOOLS = {"attribute": ["attribute.c"], "devdax-io": ["devdax-io.c"], "forbidden": ["forbidden.c"], "hold-page": ["hold-page.c"],
         "knob-race": ["knob-race.c"], "moments.so": ["-fPIC", "-shared", "moments.c"], "node-pages": ["node-pages.c"]}


def build(folder: pathlib.Path) -> list:
    """Compiles all of them into folder, which it makes."""
    folder.mkdir(parents=True)
    for name, arguments in TOOLS.items():
        command = ["cc", *FLAGS, "-o", str(folder / name), *arguments]
        done = subprocess.run(command, cwd=cache.VM / "tools", capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise progress.Failure(f"a tool of the guest tests does not compile: {' '.join(command)}\n{done.stderr}")
    return [folder / name for name in TOOLS]
