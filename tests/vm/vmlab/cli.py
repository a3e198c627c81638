# SPDX-License-Identifier: GPL-2.0-or-later
"""The commands tests/vm/run and tests/vm/lab."""

import argparse
import os
import pathlib
import re
import shutil
import threading

from . import boot, cache, hosts, progress, results

GUEST = cache.VM / "guest"


def _header(test: pathlib.Path) -> dict:
    """The boots named in a test's header: '# boot: NAME...', '# full: NAME...' and '# not: NAME...'."""
    lines = dict(re.findall(r"^# (boot|full|not): (.+)$", test.read_text(), re.MULTILINE))
    header = {key: lines.get(key, "").split() for key in ("boot", "full", "not")}
    unknown = [name for names in header.values() for name in names if name not in hosts.BOOTS]
    if not header["boot"] + header["full"] or unknown:
        raise progress.Failure(f"{test}: needs a line '# boot: NAME...' or '# full: NAME...' with names of {', '.join(hosts.BOOTS)}"
                               + (f", not {', '.join(unknown)}" if unknown else ""))
    return header


def _runs_in(test: pathlib.Path, name: str, is_named: bool, short: bool = False) -> bool:
    """Whether the test says so, by 'boot' and, in a run that is not short, by 'full'; of a boot that somebody named, whether it is the one that
    the boot is like, and the test does not except it."""
    header = _header(test)
    boots = header["boot"] + ([] if short else header["full"])
    return name in boots or is_named and hosts.BOOTS[name].like in boots and name not in header["not"]


def _tests(only: str) -> list:
    tests = sorted(GUEST.glob("[0-9][0-9]-*.sh"))
    if not only:
        return tests
    wanted = only.split(",")
    chosen = [test for test in tests if test.stem in wanted or test.name[:2] in wanted]
    unknown = [w for w in wanted if not any(w in (test.stem, test.name[:2]) for test in tests)]
    if unknown:
        raise progress.Failure(f"no test is called {', '.join(unknown)}; there are: {' '.join(t.stem for t in tests)}")
    return chosen


def _install_tree(path):
    if path is None:
        return None
    tree = pathlib.Path(path).resolve()
    if not (tree / "usr").is_dir():
        raise progress.Failure(f"{tree} is no install tree: make one with DESTDIR={tree} cmake --install BUILD")
    return tree


def _show(line: str, whose: str = "") -> None:
    if line.startswith("## begin "):
        print(f"  {whose}{progress.colour('1', line[9:])}", flush=True)
    elif line.startswith("not ok "):
        print(f"    {whose}{progress.colour('1;31', line)}", flush=True)
    elif not line.startswith("## "):
        print(f"    {whose}{line}", flush=True)


def _run_boot(wanted: hosts.Boot, tests: list, tree, out: pathlib.Path, whose: str) -> results.Results:
    """A boot in which QEMU makes a mistake of its own before anything else was wrong is done over; one more, and it has failed."""
    result, mistake = _try_boot(wanted, tests, tree, out, whose)
    if mistake and result.is_spotless:
        kept = out.with_name(f"{out.name}-stopped")
        shutil.rmtree(kept, ignore_errors=True)
        out.rename(kept)
        progress.say(f"Boot '{wanted.name}': a mistake of QEMU's own ({mistake}; see {kept}), so once more")
        result, _ = _try_boot(wanted, tests, tree, out, whose)
        result.figures.append(f"done over after a mistake of QEMU's own = {mistake}")
    return result


def _try_boot(wanted: hosts.Boot, tests: list, tree, out: pathlib.Path, whose: str) -> tuple:
    result = results.Results([test.stem for test in tests])
    guest = boot.Guest(wanted, out, "tests", [test.name for test in tests], tree)
    step = progress.Step(f"Boot '{wanted.name}': {wanted.what}")

    def show(line: str) -> None:
        if line.startswith("## "):
            step.end("up")
        _show(line, whose)

    try:
        mistake = boot.follow(guest, result, show)
    finally:
        step.end("ended")
    return result, mistake


def _run_boots(plan: dict, tree, out: pathlib.Path, jobs: int) -> dict:
    """As many at once as there are jobs, those that may take long first. The results of each, in the plan's order."""
    todo = sorted(plan, key=lambda name: -hosts.BOOTS[name].timeout)
    done, trouble = {}, []

    def work() -> None:
        while todo and not trouble:
            name = todo.pop(0)
            try:
                done[name] = _run_boot(hosts.BOOTS[name], plan[name], tree, out / name, f"[{name}] " if jobs > 1 else "")
            except BaseException as failure:  # the main thread's to tell
                trouble.append(failure)

    # Daemons: when the main thread is stopped they end with it, and each QEMU with the thread that started it.
    workers = [threading.Thread(target=work, daemon=True) for _ in range(min(jobs, len(todo)))]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    if trouble:
        raise trouble[0]
    return {name: done[name] for name in plan}


def run(argv: list) -> int:
    parser = argparse.ArgumentParser(prog="tests/vm/run", description="Boot virtual CXL hosts and run the guest tests in them.")
    parser.add_argument("--install-tree", metavar="DIR", help="the project, installed with DESTDIR=DIR cmake --install")
    parser.add_argument("--only", default="", metavar="NN,...", help="only these tests, by number or name")
    parser.add_argument("--boot", default="", metavar="NAME,...", help=f"only these boots, and in full, of: {', '.join(hosts.BOOTS)}")
    parser.add_argument("--short", action="store_true", help="no test in the boots of its line '# full:'")
    parser.add_argument("--out", default=str(cache.TOP / "build" / "vm"), metavar="DIR",
                        help="where logs and results go (default: build/vm)")
    parser.add_argument("--jobs", type=int, default=min(2, os.cpu_count() or 1), metavar="N",
                        help="how many boots at once (default: %(default)s); each wants a CPU and 4 GiB")
    args = parser.parse_args(argv)
    tree = _install_tree(args.install_tree)
    out = pathlib.Path(args.out).resolve()
    if args.jobs < 1:
        raise progress.Failure(f"--jobs {args.jobs}: at least one boot has to run")
    chosen = args.boot.split(",") if args.boot else [boot.name for boot in hosts.BOOTS.values() if boot.by_default]
    for name in chosen:
        if name not in hosts.BOOTS:
            raise progress.Failure(f"no boot is called {name}; there are: {', '.join(hosts.BOOTS)}")
    plan = {name: [t for t in _tests(args.only) if _runs_in(t, name, bool(args.boot), args.short)] for name in chosen}
    plan = {name: tests for name, tests in plan.items() if tests}
    if not plan:
        raise progress.Failure("no test is in that selection")
    if tree is None and any(hosts.BOOTS[name].project for name in plan):
        raise progress.Failure("these tests need the project: give --install-tree DIR (or --boot lab for the lab alone)")

    boot.prepare(plan)
    passed, failures, figures = 0, [], []
    with cache.lock():
        done = _run_boots(plan, tree, out, args.jobs)
    for name, result in done.items():
        passed += result.passed
        failures += [f"[{name}] {line}" for line in result.failures]
        figures += [f"[{name}] {line}" for line in result.figures]
    print()
    for line in figures:
        print(f"figure: {line}")
    for line in failures:
        print(progress.colour("1;31", "failed: ") + line)
    print(f"Console, journal and results: {out}/{{{','.join(plan)}}}" if len(plan) > 1 else
          f"Console, journal and results: {out}/{next(iter(plan))}")
    print(f"{passed} passed, {len(failures)} failed")
    return 1 if failures else 0


def _demo(tree, out: pathlib.Path) -> int:
    result = results.Results(["demo"])
    guest = boot.Guest(hosts.BOOTS["demo"], out / "demo", "demo", ["demo.sh"], tree)
    step = progress.Step("Booting the virtual CXL host (an emulated machine; under a minute)")

    def show(line: str) -> None:
        step.end("up")
        if not line.startswith(("## ", "ok ", "1..")):
            print(line, flush=True)

    try:
        boot.follow(guest, result, show)
    finally:
        step.end("ended")
    for line in result.failures:
        print(progress.colour("1;31", "failed: ") + line)
    print(f"Console, journal and kernel log of the virtual host: {guest.out}")
    return 1 if result.failures else 0


def lab(argv: list) -> int:
    parser = argparse.ArgumentParser(prog="tests/vm/lab", description="The virtual CXL host, by hand.")
    parser.add_argument("verb", choices=("prepare", "demo", "shell"), help="prepare: build the caches; demo: show the daemon"
                        " at work and end; shell: a root shell on the host's serial console")
    parser.add_argument("--install-tree", metavar="DIR", help="the project, installed with DESTDIR=DIR cmake --install")
    parser.add_argument("--boot", default="demo", metavar="NAME", choices=tuple(hosts.BOOTS), help="which boot the shell gets")
    parser.add_argument("--out", default=str(cache.folder() / "out"), metavar="DIR", help="where logs go")
    args = parser.parse_args(argv)
    tree = _install_tree(args.install_tree)
    out = pathlib.Path(args.out).resolve()
    command, images = boot.prepare([args.boot])
    if args.verb == "prepare":
        progress.say(f"QEMU: {next(part for part in command if part.endswith('qemu-system-x86_64'))}")
        for image in images:
            progress.say(f"Root image, kernel and initrd: {image.disk}, {image.kernel}, {image.initrd}")
        return 0
    with cache.lock():
        if args.verb == "demo":
            return _demo(tree, out)
        boot.interactive(boot.Guest(hosts.BOOTS[args.boot], out / "shell", "shell", (), tree))
    return 0
