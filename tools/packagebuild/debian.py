# SPDX-License-Identifier: GPL-2.0-or-later
"""Debian packages, built in a root of the release that they are for: this machine needs none of what a build needs."""

import contextlib
import pathlib
import re
import shutil

from vmlab import cache, image, progress

from . import source

RELEASES = {"12": "bookworm", "13": "trixie"}
# How a root to build in is made.
# ca-certificates: the archive may be one that is reached by https, and build-dep asks it from within.
ROOT = ("--variant=buildd", "--include=ca-certificates,lintian", "--skip=cleanup/apt/lists",
        '--customize-hook=mkdir "$1/build-dep"', "--customize-hook=copy-in @TOP@/debian /build-dep",
        '--customize-hook=chroot "$1" apt-get -q -y --no-install-recommends build-dep /build-dep',
        '--customize-hook=chroot "$1" apt-get clean', '--customize-hook=rm -rf "$1/build-dep"')
# Tags that only one of the two releases has, so that an override in the package would be a mistake to the other.
SUPPRESSED = {
    # The daemon needs systemd as the init: what it holds is put back by ExecStopPost= however it ended, udev starts it
    # through a unit, and it lives in the sandbox of that unit.
    "bookworm": ["package-supports-alternative-init-but-no-init.d-script"],
    # The same source says the version of the policy that the older release has.
    "trixie": ["out-of-date-standards-version"]}


def _build_root(fresh: pathlib.Path, suite: str) -> None:
    with progress.step(f"Making a root to build in (Debian {suite}; one to three minutes, once)"):
        options = [option.replace("@TOP@", str(cache.TOP)) for option in ROOT]
        image.mmdebstrap(options, fresh / "all.tar", fresh / "log", suite)
        # Devices cannot be made in every root that this is unpacked into, and are bound from here.
        progress.run(["sh", "-c", 'mmtarfilter --path-exclude="/dev/*" <"$1" >"$2" && rm "$1"', "sh",
                      str(fresh / "all.tar"), str(fresh / "root.tar")], fresh / "log", "leaving out /dev")


def _root(suite: str) -> pathlib.Path:
    needed = re.search(r"^Build-Depends:\n( .*\n)+", (cache.TOP / "debian" / "control").read_text(), re.MULTILINE)[0]
    key = cache.digest(suite, *ROOT, needed)
    return cache.built("package-root", key, lambda fresh: _build_root(fresh, suite)) / "root.tar"


def _script(suite: str, folder: str, with_tests: bool) -> str:
    """What happens inside the root."""
    environment = 'export LC_ALL=C.UTF-8 DEB_BUILD_OPTIONS="parallel=$(nproc)' + ("" if with_tests else " nocheck") + '"'
    suppressed = "".join(f" --suppress-tags {tag}" for tag in SUPPRESSED[suite])
    lines = ["set -e", environment, f"cd /build/{folder}", "chown -R root:root .",
             "dpkg-buildpackage --build=full --no-sign" + ("" if with_tests else " --build-profiles=nocheck"), "cd ..",
             f"lintian --allow-root --info --display-info --pedantic --fail-on error,warning,info,pedantic{suppressed} ./*.changes",
             "mkdir out", "mv ./*.deb ./*.dsc ./*.tar.* ./*.changes ./*.buildinfo out"]
    return "\n".join(lines)


@contextlib.contextmanager
def _told_as(what: str):
    """mmdebstrap fails here because of what it runs."""
    try:
        yield
    except progress.Failure as failure:
        raise progress.Failure(f"{what} failed\n{str(failure).partition(chr(10))[2]}") from None


def names(folder: pathlib.Path) -> list:
    """The packages there that are for installing, the daemon's first."""
    return sorted(path for path in folder.glob("daxtierd*.deb") if "-dbgsym_" not in path.name)[::-1]


def build(suite: str, out: pathlib.Path, log: pathlib.Path, with_tests: bool) -> None:
    """Into the folder out, in place of what an earlier build has left there."""
    out.mkdir(parents=True, exist_ok=True)
    for path in out.glob("daxtierd*_*"):
        path.unlink()
    root = _root(suite)
    with cache.scratch("package") as scratch:
        folder = f"daxtierd-{source.version()}"
        source.export(scratch / folder)
        script = scratch / "build-package"
        script.write_text(_script(suite, folder, with_tests))
        what = "building the packages" + (", with their tests" if with_tests else "")
        with progress.step(f"Debian {suite}: {what}"), _told_as(what):
            image.mmdebstrap(["--variant=custom", "--skip=update,cleanup",
                              f"--setup-hook=tar-in {root} /",
                              '--customize-hook=mkdir -p "$1/build"', f"--customize-hook=copy-in {scratch}/{folder} {script} /build",
                              '--customize-hook=chroot "$1" sh /build/build-package',
                              f"--customize-hook=copy-out /build/out {scratch}"],
                             pathlib.Path("/dev/null"), log, suite, folder=scratch)
        for path in (scratch / "out").iterdir():
            shutil.move(path, out)


def cached(suite: str) -> pathlib.Path:
    """The folder of these sources' packages in the cache, built without the tests. The caller holds the lock."""
    key = source.digest(suite)
    return cache.built("packages", key, lambda fresh: _into(fresh, suite))


def _into(fresh: pathlib.Path, suite: str) -> None:
    build(suite, fresh / "all", fresh / "log", False)
    for path in names(fresh / "all"):
        path.rename(fresh / path.name)
    shutil.rmtree(fresh / "all")
