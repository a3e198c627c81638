# SPDX-License-Identifier: GPL-2.0-or-later
"""Debian's packages of the kernel's source and configuration, fetched into the cache. They are not installed, and apt
works on lists of its own: a machine with another release, or another distribution, gets the same files."""

import pathlib
import shutil
import subprocess

from vmlab import cache, progress

SUITE = "bookworm"
PACKAGE = "linux-source-6.1"
CONFIG_PACKAGE = "linux-config-6.1"
TARBALL = "linux-source-6.1.tar.xz"
KEYRINGS = ("/usr/share/keyrings/debian-archive-keyring.gpg", "/usr/share/keyrings/debian-archive-keyring.pgp")


def _versions(madison: str) -> list:
    """Newest first, as apt-cache madison prints them; a package can be in several places."""
    rows = [line.split("|") for line in madison.splitlines()]
    return list(dict.fromkeys(row[1].strip() for row in rows if len(row) == 3))


class Archive:
    """apt with everything that it remembers in one folder."""

    def __init__(self, folder: pathlib.Path):
        cache.install("kernel")
        self._folder = folder
        self._log = folder / "log"
        for name in ("lists/partial", "cache/archives/partial", "parts"):
            (folder / name).mkdir(parents=True)
        (folder / "status").touch()
        keyring = next((name for name in KEYRINGS if pathlib.Path(name).exists()), None)
        option = f"[signed-by={keyring}] " if keyring else ""
        sources = [f"deb {option}{cache.setup('setup_archive')} {SUITE} main"]
        if security := cache.setup("setup_security_archive"):
            sources.append(f"deb {option}{security} {SUITE}-security main")
        (folder / "sources.list").write_text("\n".join(sources) + "\n")

    def _options(self) -> list:
        values = {"Dir::Etc::sourcelist": "sources.list", "Dir::Etc::sourceparts": "parts", "Dir::State::lists": "lists",
                  "Dir::State::status": "status", "Dir::Cache": "cache"}
        options = [f"-o{key}={self._folder / value}" for key, value in values.items()]
        # No other user has to read our folder; no hook of the machine belongs to these lists.
        return [*options, "-oAPT::Sandbox::User=", "-oAPT::Architecture=amd64", "-oAPT::Architectures=amd64",
                "-oAcquire::Languages=none", "-oAPT::Update::Post-Invoke-Success::="]

    def refresh(self) -> None:
        progress.run(["apt-get", "-q", *self._options(), "update", "--error-on=any"], self._log,
                     "fetching the list of Debian packages (apt-get update)")

    def version(self, package: str, wanted: str) -> str:
        """The version to fetch: the wanted one, or the newest where the archive no longer has it."""
        done = subprocess.run(["apt-cache", *self._options(), "madison", package], capture_output=True, text=True, check=False)
        found = _versions(done.stdout)
        if not found:
            raise progress.Failure(f"the Debian archive of this machine has no package {package} in {SUITE}\n"
                                   "DAXTIER_DEBIAN_ARCHIVE and DAXTIER_DEBIAN_SECURITY_ARCHIVE choose others (what stands"
                                   f" after 'deb' in a sources.list)\n{done.stderr}")
        if wanted not in found:
            progress.say(f"The archive has no {package} {wanted} any more; using {found[0]}")
            return found[0]
        return wanted

    def fetch(self, package: str, version: str) -> pathlib.Path:
        """The files of a package, unpacked into a folder."""
        target = self._folder / package
        target.mkdir()
        progress.run(["sh", "-c", 'cd "$1" && shift && exec "$@"', "sh", str(target), "apt-get", "-q", *self._options(),
                      "download", f"{package}={version}"], self._log, f"fetching {package} {version}")
        debs = list(target.glob("*.deb"))
        if len(debs) != 1:
            raise progress.Failure(f"apt-get download of {package} {version} left {len(debs)} packages in {target}")
        progress.run(["dpkg-deb", "-x", str(debs[0]), str(target)], self._log, f"unpacking {package}")
        debs[0].unlink()
        return target


def _cached(version: str) -> pathlib.Path:
    return cache.folder() / f"linux-source-{version}"


def _newest_cached():
    """The version of the source in the cache that was used last, or None."""
    found = [path for path in cache.folder().glob("linux-source-*") if path.is_dir()]
    return max(found, key=lambda path: path.stat().st_mtime).name.removeprefix("linux-source-") if found else None


def _fetch_source(fresh: pathlib.Path, archive: Archive, version: str) -> None:
    files = archive.fetch(PACKAGE, version)
    (files / "usr/src" / TARBALL).rename(fresh / TARBALL)
    shutil.rmtree(files)


def source(wanted: str) -> tuple:
    """(version, tarball) of the kernel's source: the wanted version when the cache or the archive has it, else the newest of
    the archive, or what is in the cache when that does not answer. The caller holds the lock."""
    version, archive = wanted, None
    with cache.scratch("apt") as folder:
        if not _cached(wanted).exists():
            try:
                with progress.step("Asking the Debian archive for the kernel's source"):
                    archive = Archive(folder)
                    archive.refresh()
                version = archive.version(PACKAGE, wanted)
            except progress.Failure as failure:
                version, archive = _newest_cached(), None
                if version is None:
                    raise
                progress.say(f"{failure}\nUsing {PACKAGE} {version}, which is in the cache")

        def build(fresh: pathlib.Path) -> None:
            nonlocal archive
            if archive is None:  # it was in the cache, and damaged
                archive = Archive(folder)
                archive.refresh()
            with progress.step(f"Fetching {PACKAGE} {version} (140 MB, once)"):
                _fetch_source(fresh, archive, version)

        path = cache.built("linux-source", version, build)
    return version, path / TARBALL


def configuration(version: str, target: pathlib.Path) -> None:
    """Debian's own configuration for amd64, of that version or the newest, written to target. The caller holds the lock."""
    with cache.scratch("apt") as folder, progress.step(f"Fetching Debian's configuration ({CONFIG_PACKAGE})"):
        archive = Archive(folder)
        archive.refresh()
        version = archive.version(CONFIG_PACKAGE, version)
        files = archive.fetch(CONFIG_PACKAGE, version)
        packed = files / "usr/src" / CONFIG_PACKAGE / "config.amd64_none_amd64.xz"
        if not packed.exists():
            raise progress.Failure(f"{CONFIG_PACKAGE} {version} has no {packed.name}")
        done = subprocess.run(["xz", "-dc", str(packed)], capture_output=True, check=False)
        if done.returncode != 0:
            raise progress.Failure(f"{packed.name} of {CONFIG_PACKAGE} {version} cannot be unpacked: {done.stderr.decode()}")
        target.write_bytes(done.stdout)
