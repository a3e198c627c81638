# SPDX-License-Identifier: GPL-2.0-or-later
"""The command kernel-patches/build."""

import argparse
import pathlib
import platform
import sys

from vmlab import cache, progress

from . import checkpatch, each, kernel, package


def _variants(text: str) -> tuple:
    chosen = tuple(dict.fromkeys(text.split(",")))
    if unknown := [name for name in chosen if name not in kernel.VARIANTS]:
        raise argparse.ArgumentTypeError(f"no debug variant is called {', '.join(unknown)}; there are: {', '.join(kernel.VARIANTS)}")
    return chosen


def _arguments(argv: list, answer) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="kernel-patches/build", add_help=False,
        description="Builds the patched Linux 6.1 that tests/vm boots, if the cache has none of this source, series and"
                    " configuration, and prints the path of its image. Nothing else goes to standard output; progress goes to"
                    " standard error. The options below do something else instead.")
    parser.add_argument("-h", "--help", action="store_true", help="this text")
    parser.add_argument("--debug", metavar="VARIANT,...", nargs="?", const=",".join(kernel.VARIANTS), default=(), type=_variants,
                        help="build a kernel that looks for its own mistakes: locking (lock order, sleeping where it may not, lists,"
                             " pages), memory (KASAN, kmemleak); both in one, if no variant is named")
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--checkpatch", action="store_true", help="check each patch with the tree's own checkpatch.pl --strict")
    what.add_argument("--each", action="store_true",
                      help="build each prefix of the series, from none to all patches: the lab's kernel, one with the dax drivers as"
                           " modules, one without memory hotplug; new warnings are failures. An hour or two")
    what.add_argument("--package", action="store_true",
                      help="build Debian packages of the patched kernel, with Debian's own configuration, for real hosts. Hours; less"
                           " with --lsmod")
    parser.add_argument("--lsmod", type=pathlib.Path, metavar="FILE",
                        help="for --package: only the modules in this listing, which 'lsmod' made on the host that it is for")
    parser.add_argument("--out", type=pathlib.Path, metavar="DIR", default=cache.TOP / "build" / "kernel",
                        help="for --package: where the packages go (default: build/kernel)")
    args = parser.parse_args(argv)
    if args.help:
        parser.print_help(answer)
        sys.exit(0)
    if args.lsmod and not args.package:
        parser.error("--lsmod goes with --package")
    if args.debug and (args.checkpatch or args.each or args.package):
        parser.error("--debug goes with none of the others")
    return args


def _command(args: argparse.Namespace, answer) -> int:
    if platform.machine() != "x86_64":
        raise progress.Failure(f"the patched kernel is built for x86-64, on x86-64 only; this machine is {platform.machine()}")
    if args.checkpatch:
        return checkpatch.run(answer)
    if args.each:
        return each.run(answer)
    if args.package:
        return package.run(answer, args.out, args.lsmod and args.lsmod.resolve())
    print(kernel.image(args.debug), file=answer, flush=True)
    return 0


def main(argv: list, answer) -> int:
    return progress.exit_code(lambda: _command(_arguments(argv, answer), answer))
