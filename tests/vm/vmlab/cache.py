# SPDX-License-Identifier: GPL-2.0-or-later
"""The cache folder: things that are slow to build, under a hash of what they are built from."""

import contextlib
import fcntl
import hashlib
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import time

from . import progress

TOP = pathlib.Path(__file__).resolve().parents[3]
VM = TOP / "tests" / "vm"
UNUSED_DAYS = 30


def setup(function: str) -> str:
    """The answer of one function of tools/setup.sh, the only place that knows about the machine."""
    script = f'. "{TOP}/tools/setup.sh" && {function}'
    done = subprocess.run(["bash", "-c", script], stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(done.returncode)  # it said why
    return done.stdout.strip()


def folder() -> pathlib.Path:
    return pathlib.Path(setup("setup_cache_make"))


def install(*groups: str) -> None:
    """The machine has the packages of these groups, or gets them; it is shown which."""
    script = f'. "{TOP}/tools/setup.sh" && setup_packages {" ".join(groups)}'
    if subprocess.run(["bash", "-c", script], stdin=subprocess.DEVNULL, check=False).returncode != 0:
        raise SystemExit(1)  # it said why


@contextlib.contextmanager
def lock(name: str = "lock", whose: str = "the lab"):
    """One boot or image build at a time: two emulated hosts on a small machine only time out together. What takes many
    minutes has a lock of its own name."""
    with open(folder() / name, "a+", encoding="ascii") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            with progress.step(f"Waiting for another run of {whose} (process {file.read().strip() or '?'})"):
                fcntl.flock(file, fcntl.LOCK_EX)
        file.truncate(0)
        file.write(f"{os.getpid()}\n")
        file.flush()
        yield


def digest(*inputs) -> str:
    """Hash of strings and files; a file counts by name and content."""
    total = hashlib.sha256()
    for item in inputs:
        if isinstance(item, pathlib.Path):
            total.update(f"file {item.name}\0".encode())
            total.update(item.read_bytes())
        else:
            total.update(f"text {item}".encode())
        total.update(b"\0")
    return total.hexdigest()[:16]


def _sizes(path: pathlib.Path) -> dict:
    return {f.name: f.stat().st_size for f in sorted(path.iterdir()) if f.is_file() and f.name != "complete"}


def _is_complete(path: pathlib.Path) -> bool:
    try:
        return json.loads((path / "complete").read_text()) == _sizes(path)
    except (OSError, ValueError):
        return False


def remove(path: pathlib.Path) -> None:
    """A folder of ours, with all that is in it; but never what is mounted there."""
    mounts = [line.split()[4] for line in pathlib.Path("/proc/self/mountinfo").read_text().splitlines()]
    if any(mount.startswith(f"{path.resolve()}/") for mount in mounts):
        raise progress.Failure(f"something is mounted under {path}; unmount it first")
    shutil.rmtree(path)


def _fresh(cache: pathlib.Path, name: str) -> pathlib.Path:
    for left in cache.glob(f".building-{name}-*"):  # of an interrupted build: we hold the lock, so nobody owns it
        remove(left)
    return pathlib.Path(tempfile.mkdtemp(prefix=f".building-{name}-", dir=cache))


@contextlib.contextmanager
def scratch(name: str):
    """A folder for what is not kept. The caller holds the lock."""
    fresh = _fresh(folder(), name)
    try:
        yield fresh
    finally:
        remove(fresh)


def _prune(cache: pathlib.Path, name: str, keep: pathlib.Path) -> None:
    oldest = time.time() - UNUSED_DAYS * 86400
    for path in cache.glob(f"{name}-*"):
        if path != keep and path.is_dir() and path.stat().st_mtime < oldest:
            remove(path)


def there(name: str, key: str):
    """The folder NAME-KEY of the cache, or None. Needs no lock: it got its name when it was complete."""
    path = folder() / f"{name}-{key}"
    if not _is_complete(path):
        return None
    os.utime(path)
    return path


def built(name: str, key: str, build) -> pathlib.Path:
    """The folder NAME-KEY of the cache. When it is not there, build(folder) fills a temporary one, which takes the
    final name only when all of it is there: an interrupted or failed build leaves nothing to be mistaken for one.
    The caller holds the lock."""
    cache = folder()
    final = cache / f"{name}-{key}"
    if final.exists() and not _is_complete(final):
        progress.say(f"{final} is damaged and will be built again")
        remove(final)
    if not final.exists():
        fresh = _fresh(cache, name)
        try:
            build(fresh)
            (fresh / "complete").write_text(json.dumps(_sizes(fresh)))
            fresh.chmod(0o755)
            os.sync()
            fresh.rename(final)
        except BaseException:
            remove(fresh)
            raise
    os.utime(final)
    _prune(cache, name, final)
    return final
