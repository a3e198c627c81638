# SPDX-License-Identifier: GPL-2.0-or-later
"""One boot of a virtual host: start QEMU, follow what the guest reports, notice every way it can go wrong."""

import contextlib
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import time

from . import cache, hosts, image, kernels, overlay, progress, qmp, results, slots, tools

POLL = 0.2
ASSERTION = re.compile(r"^(?!\$ ).*\bassertion .*failed.*$", re.IGNORECASE | re.MULTILINE)
LOST_TIMER = re.compile(r"rcu: \w+ kthread timer wakeup didn't happen")  # what a kernel says whose CPU idles on after its timer is due
GRACE = 20  # seconds for QEMU to leave after the guest said that it finished


def _escaped(path: pathlib.Path) -> str:
    return str(path).replace(",", ",,")  # QEMU's options are comma separated


class Guest:
    """The folder of one boot, and QEMU's command line for it."""

    def __init__(self, boot: hosts.Boot, out: pathlib.Path, mode: str, tests=(), install_tree=None):
        self.boot = boot
        self.out = out
        self.share = out / "share"
        self.console = out / "console.log"
        self.messages = out / "qemu.log"
        self.report = self.share / "report"
        shutil.rmtree(out, ignore_errors=True)
        self.share.mkdir(parents=True)
        self.report.touch()
        self.host = host = hosts.HOSTS[boot.host]
        columns, rows = shutil.get_terminal_size()
        job = host.environment() | {
            "LAB_MODE": mode, "LAB_BOOT": boot.name, "LAB_KERNEL": boot.kernel, "LAB_MEMMAP_PARAMETER": "Y" if boot.memmap_on_memory else "N",
            "LAB_TESTS": " ".join(tests), "LAB_SEED": os.environ.get("DAXTIER_SEED", ""),
            "LAB_PATIENCE": boot.patience, "LAB_COLUMNS": columns, "LAB_ROWS": rows,
            "LAB_COLOUR": int(progress.HAS_COLOUR)}
        (self.share / "job").write_text(overlay.job(job))
        programs = tools.build(out / "tools") if mode == "tests" else ()
        tree = install_tree if boot.project else None  # else udev starts the daemon
        packages = kernels.packages(kernels.KERNELS[boot.kernel].root) if boot.packages else ()
        overlay.write(self.share / "overlay.tar", mode, tree, boot.enabled, (*programs, *packages), boot.masked)
        self._shape = host.arguments()

    def command(self, serial: str) -> list:
        files = kernels.KERNELS[self.boot.kernel].files()
        # setpriv: QEMU ends with us, however we end.
        # hypervisor=off: the kernel does not commit a CXL region on a CPU that says it is virtual.
        # Every device names its bus: without, it would land on the CXL bridge.
        return ["setpriv", "--pdeathsig", "KILL", *image.qemu(),
                *self._shape, "-accel", "tcg,thread=multi", "-cpu", "max,hypervisor=off",
                "-nodefaults", "-vga", "none", "-display", "none", "-no-reboot", "-serial", serial,
                "-kernel", str(files.kernel), "-initrd", str(files.initrd), "-append", self.boot.command_line(),
                "-drive", f"file={_escaped(files.disk)},if=none,id=root,format=raw,snapshot=on",
                "-device", "virtio-blk-pci,bus=pcie.0,drive=root",
                "-fsdev", f"local,id=lab,path={_escaped(self.share)},security_model=none",
                "-device", "virtio-9p-pci,bus=pcie.0,fsdev=lab,mount_tag=lab"]

    def console_text(self) -> str:
        try:
            return self.console.read_text(errors="replace")
        except FileNotFoundError:
            return ""

    def kernel_log(self) -> str:
        """As the guest saved it; from the console when it could not."""
        saved = self.share / "kernel.log"
        return saved.read_text(errors="replace") if saved.exists() else self.console_text()


def _terminate(process: subprocess.Popen) -> None:
    if process.poll() is None:
        process.kill()
    process.wait()


@contextlib.contextmanager
def _started(guest: Guest, serial: str, **options):
    """QEMU, and somebody who stands before the host's slots."""
    monitor = qmp.Monitor()
    command = [*guest.command(serial), *monitor.arguments()]
    if "stdout" in options:
        print("$", *command, file=options["stdout"], flush=True)
    with contextlib.closing(monitor), contextlib.closing(slots.Slots(guest.host, monitor)) as cards, \
            slots.Attendant(guest.share / "slots", cards):
        process = subprocess.Popen(command, pass_fds=monitor.passed(), **options)
        monitor.started()
        try:
            yield process
        finally:
            _terminate(process)


class _Follower:
    """New whole lines of the guest's report, as they come."""

    def __init__(self, path: pathlib.Path):
        self._file = path.open(encoding="utf-8", errors="replace")
        self._rest = ""
        self.close = self._file.close

    def lines(self) -> list:
        whole, newline, rest = (self._rest + self._file.read()).rpartition("\n")
        self._rest = rest
        return (whole + newline).splitlines()


def _follow(guest: Guest, process: subprocess.Popen, report: _Follower, console: _Follower, result: results.Results, show) -> str:
    """Until QEMU is gone; the reason why the boot failed, or an empty string."""
    start = time.monotonic()
    finished_at = None
    while True:
        running = process.poll() is None
        for line in report.lines():
            result.feed(line)
            show(line)
        for line in console.lines():
            if LOST_TIMER.search(line):  # this host goes on for ever, and gets nowhere
                _terminate(process)
                return line
        if result.finished and finished_at is None:
            finished_at = time.monotonic()
        if not running:
            break
        if finished_at and time.monotonic() - finished_at > GRACE:
            _terminate(process)  # its work is done and reported; only the power-off hangs
            return ""
        if time.monotonic() - start > guest.boot.timeout:
            _terminate(process)
            return f"not finished after {guest.boot.timeout} s"
        time.sleep(POLL)
    if result.finished and process.returncode == 0:
        return ""
    text = guest.console_text()
    if "Kernel panic" in text:
        return "the kernel panicked"
    if process.returncode != 0:
        return f"QEMU failed (exit code {process.returncode}); its messages are in {guest.messages}"
    if not text:
        return "the guest never wrote to its console"
    return "the guest went down before it finished"


def follow(guest: Guest, result: results.Results, show) -> str:
    """Run the boot to its end. show(line) gets each line that the guest reports. Returns what was said when QEMU made a mistake of its
    own, which says nothing about the guest: it stopped at an assertion, or lost a CPU's timer; else an empty string."""
    guest.console.touch()
    with guest.messages.open("w", encoding="utf-8") as log, \
            contextlib.closing(_Follower(guest.report)) as report, contextlib.closing(_Follower(guest.console)) as console, \
            _started(guest, f"file:{_escaped(guest.console)}", stdin=subprocess.DEVNULL, stdout=log, stderr=log) as process:
        trouble = _follow(guest, process, report, console, result, show)
    if trouble:
        result.fail(f"boot {guest.boot.name}: {trouble}")
    result.judge(guest.kernel_log())
    if process.returncode == -signal.SIGABRT and (said := ASSERTION.search(guest.messages.read_text(errors="replace"))):
        return said[0]
    return trouble if LOST_TIMER.search(trouble) else ""


def interactive(guest: Guest) -> None:
    """Give the terminal to the guest's console until it powers off."""
    if not sys.stdin.isatty():
        raise progress.Failure("a shell in the virtual host needs a terminal")
    try:
        with _started(guest, "mon:stdio") as process:
            process.wait()
    finally:
        subprocess.run(["stty", "sane"], check=False)


def prepare(names) -> tuple:
    """Everything slow that can be done before the boots of these names: (QEMU's command, [image, ...])."""
    wanted = [kernels.KERNELS[kernel] for kernel in sorted({hosts.BOOTS[name].kernel for name in names})]
    for kernel in wanted:
        kernel.prepare()
    for boot in (hosts.BOOTS[name] for name in names):
        if boot.packages:
            kernels.packages(kernels.KERNELS[boot.kernel].root)
    with cache.lock():
        return image.qemu(), [kernel.files() for kernel in wanted]
