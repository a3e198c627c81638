# SPDX-License-Identifier: GPL-2.0-or-later
"""What a person sees while slow things happen."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time

IS_TERMINAL = sys.stdout.isatty()
HAS_COLOUR = IS_TERMINAL and not os.environ.get("NO_COLOR") and os.environ.get("TERM", "dumb") != "dumb"
QUIET_SECONDS = 15  # without a terminal: a line this often, so that nobody thinks it hangs


class Failure(Exception):
    """Something a person must know about; shown without a traceback."""


def exit_code(command, *args) -> int:
    """Of a command line's whole work: what command(*args) returns, or 2 after a failure, which is shown, or 130."""
    # Termination unwinds like Ctrl-C: temporary folders go, QEMU goes, make goes.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        return command(*args)
    except Failure as failure:
        print(f"error: {failure}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("\nstopped", file=sys.stderr)
        return 130


def colour(code: str, text: str) -> str:
    return f"\033[{code}m{text}\033[0m" if HAS_COLOUR else text


def say(text: str) -> None:
    print(f"{colour('1;34', '==>')} {text}", flush=True)


class Step:
    """One line that counts the seconds until it is ended."""

    def __init__(self, text: str):
        self.text = text
        self.start = time.monotonic()
        self._shown = self.start
        self._stop = threading.Event()
        if not IS_TERMINAL:
            say(f"{text} …")
        self._thread = threading.Thread(target=self._tick, daemon=True)
        self._thread.start()

    def elapsed(self) -> int:
        return round(time.monotonic() - self.start)

    def _tick(self) -> None:
        while not self._stop.wait(0.5):
            if IS_TERMINAL:
                print(f"\r{colour('1;34', '==>')} {self.text} … {self.elapsed()} s ", end="", flush=True)
            elif time.monotonic() - self._shown >= QUIET_SECONDS:
                self._shown = time.monotonic()
                print(f"    … {self.text}, {self.elapsed()} s so far", flush=True)

    def end(self, outcome: str = "done") -> None:
        if self._stop.is_set():
            return
        self._stop.set()
        self._thread.join()
        if IS_TERMINAL:
            print("\r\033[K", end="")
        say(f"{self.text}: {outcome} in {self.elapsed()} s")


@contextlib.contextmanager
def step(text: str):
    shown = Step(text)
    try:
        yield shown
    except BaseException:
        shown.end("stopped")
        raise
    shown.end()


def _finish(process: subprocess.Popen) -> None:
    """Ask it to end, so that it can clean up behind itself; insist after a while."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            process.kill()
    process.wait()


def run(command: list, log, what: str, env=None) -> None:
    """Run one command with its output in a log file; a failure shows the end of it."""
    with open(log, "a", encoding="utf-8") as file:
        print("$", *command, file=file, flush=True)
        # setpriv: it does not outlive us, not even when we are killed, and fill a folder that nobody owns any more.
        process = subprocess.Popen(["setpriv", "--pdeathsig", "KILL", *command], stdin=subprocess.DEVNULL, stdout=file, stderr=file, env=env)
        try:
            process.wait()
        finally:
            _finish(process)
    if process.returncode != 0:
        with open(log, encoding="utf-8", errors="replace") as file:
            end = "".join(file.readlines()[-30:])
        raise Failure(f"{what} failed (exit code {process.returncode})\n--- the end of its output:\n{end}")
