# SPDX-License-Identifier: GPL-2.0-or-later
"""Reads what guest tests reported (TAP with a frame around each file), and judges it. Silence is a failure."""

import dataclasses
import re

# Kernel messages that no boot of ours may cause.
KERNEL_TROUBLE = re.compile("|".join((
    r"WARNING: CPU|WARNING: .* at |\bBUG: |kernel BUG at |\bOops\b|invalid opcode:|general protection fault",
    r"Kernel panic|Unable to handle kernel|INFO: task .* blocked for more than|INFO: rcu_\w+ .*stall",
    # of debug kernels: locks, and the checker of locks giving up
    r"WARNING: (possible|suspicious|inconsistent|bad unlock|held lock|lock held|Nested lock|[^ ]+ still has locks)",
    r"possible (circular|recursive) locking|suspicious RCU usage|trying to register non-static key|DEBUG_LOCKS_WARN_ON",
    r"turning off the locking correctness validator|BUG: MAX_LOCK",
    # pages (but for those that kept a block from going offline), lists, objects; memory that nobody points to any more, and the one
    # who counts it giving up
    r"page dumped because(?!: (migration failure|unmovable page))|(list_add|list_del) corruption|\bUBSAN: |KASAN: |KFENCE: ",
    r"kmemleak: [1-9]\d* new suspected memory leaks|kmemleak: .*(disabled|Memory pool empty|Cannot)")))

KERNEL_BEGINS = re.compile(r"^\[ +0\.000000\] Linux version ", re.MULTILINE)


@dataclasses.dataclass
class TestFile:
    name: str
    passed: int = 0
    failed: int = 0
    plan: int = -1
    ended: bool = False

    def complaints(self) -> list:
        found = []
        if not self.ended:
            found.append("never ended")
        elif self.plan < 0:
            found.append("ended without reaching its plan")
        elif self.plan != self.passed + self.failed:
            found.append(f"planned {self.plan} tests and reported {self.passed + self.failed}")
        elif self.plan == 0:
            found.append("tested nothing")
        return found


class Results:
    """Fed line by line while the guest runs."""

    def __init__(self, expected: list):
        self.files = {name: TestFile(name) for name in expected}
        self.figures = []
        self.failures = []   # lines for the summary
        self.provoked = []   # what the kernel will say, because a test makes it
        self.finished = False
        self._now = None

    def feed(self, line: str) -> None:
        now = self._now
        if match := re.match(r"## begin (\S+)", line):
            self._now = self.files.setdefault(match[1], TestFile(match[1]))
        elif line.startswith("## end ") and now:
            now.ended = True
            self._now = None
        elif line.startswith("## finished"):
            self.finished = True
        elif match := re.match(r"# figure: (.*)", line):
            self.figures.append(match[1])
        elif match := re.match(r"# provokes: (.*)", line):
            self.provoked.append(match[1])
        elif now and re.match(r"ok \d+", line):
            now.passed += 1
        elif now and re.match(r"not ok \d+", line):
            now.failed += 1
            self.failures.append(f"{now.name}: {line}")
        elif now and (match := re.match(r"1\.\.(\d+)$", line)):
            now.plan = int(match[1])

    def fail(self, what: str) -> None:
        """A failure of the boot itself."""
        self.failures.append(what)

    def judge(self, kernel_log: str) -> None:
        """By all that the kernel said, from its first line on."""
        for file in self.files.values():
            for complaint in file.complaints():
                self.fail(f"{file.name}: {complaint}")
        if not KERNEL_BEGINS.search(kernel_log):
            self.fail("kernel log: lacks its beginning, and what was said there is not known: a larger log_buf_len= keeps it")
        trouble = [line.strip() for line in kernel_log.splitlines() if KERNEL_TROUBLE.search(line)]
        for line in trouble:
            if not any(re.search(provoked, line) for provoked in self.provoked):
                self.fail(f"kernel log: {line}")
        for provoked in self.provoked:
            if not any(re.search(provoked, line) for line in trouble):
                self.fail(f"kernel log: lacks what a test meant to provoke: {provoked}")

    @property
    def is_spotless(self) -> bool:
        """Whether no test has failed and the kernel has complained of nothing but time, as far as the boot came."""
        return not any(file.failed for file in self.files.values()) and \
            not any(failure.startswith("kernel log: [") and " rcu: " not in failure for failure in self.failures)

    @property
    def passed(self) -> int:
        return sum(file.passed for file in self.files.values())

    @property
    def failed(self) -> int:
        return len(self.failures)
