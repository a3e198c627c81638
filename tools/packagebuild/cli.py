# SPDX-License-Identifier: GPL-2.0-or-later
"""The command tools/package."""

import argparse
import os
import pathlib
import shlex
import sys

from vmlab import cache, progress

from . import debian

LOCK = ("lock-package", "tools/package")


def _own_release() -> str:
    name = cache.setup("setup_distribution")
    release = debian.RELEASES.get(name.removeprefix("debian-")) if name.startswith("debian-") else None
    if not release:
        raise progress.Failure("this machine is no Debian 12 or 13: say which release the packages are for, with --release")
    return release


def _arguments(argv: list, answer) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="tools/package", add_help=False,
        description="Builds packages of this checkout, without leaving anything in it, and prints where they are. Debian packages"
                    " are built in a root of their release, run the unit tests, and are checked by lintian; this machine gets"
                    " none of what that needs. The root is kept in the cache folder.")
    parser.add_argument("-h", "--help", action="store_true", help="this text")
    parser.add_argument("--release", choices=sorted(debian.RELEASES), help="of Debian (default: this machine's)")
    parser.add_argument("--no-tests", action="store_true", help="build without the tests")
    parser.add_argument("--cached", action="store_true",
                        help="only the packages to be installed, built without the tests, in the cache, where they stay for as long as the"
                             " sources are the same")
    parser.add_argument("--out", type=pathlib.Path, metavar="DIR", default=cache.TOP / "build" / "package",
                        help="where the packages go, in a folder of their release (default: build/package)")
    args = parser.parse_args(argv)
    if args.help:
        parser.print_help(answer)
        sys.exit(0)
    return args


def _build(suite: str, out: pathlib.Path, with_tests: bool) -> None:
    log = out.with_suffix(".log")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        log.unlink(missing_ok=True)
        debian.build(suite, out, log, with_tests)
    except OSError as error:
        raise progress.Failure(f"{error.filename or out}: {error.strerror}") from None
    except progress.Failure as failure:
        where = f"\n--- all of it: {log}" if log.exists() else ""
        raise progress.Failure(f"{str(failure).rstrip()}{where}") from None
    progress.say(f"What the build and lintian said: {log}")
    progress.say(f"To install them: sudo apt install {shlex.join(map(str, debian.names(out)))}")


def _command(args: argparse.Namespace, answer) -> int:
    suite = debian.RELEASES[args.release] if args.release else _own_release()
    cache.install("package")
    if os.geteuid() != 0:
        # Without root the build stands below this folder, and /tmp may be in memory.
        os.environ.setdefault("TMPDIR", "/var/tmp")
    with cache.lock(*LOCK):
        if args.cached:
            print(debian.cached(suite), file=answer, flush=True)
            return 0
        out = args.out.resolve() / suite
        _build(suite, out, not args.no_tests)
    print(out, file=answer, flush=True)
    return 0


def main(argv: list, answer) -> int:
    return progress.exit_code(lambda: _command(_arguments(argv, answer), answer))
