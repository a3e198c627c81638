#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Tests of the lab's own judgement: that silence, a half-built cache or a foreign file owner is never taken for good.
Needs no boot and no root."""

import os
import pathlib
import signal
import subprocess
import sys
import tarfile
import tempfile
import unittest

sys.dont_write_bytecode = True

from vmlab import cache, hosts, kernels, overlay, progress, results, tools  # noqa: E402

GOOD = ["## begin 10-a", "ok 1 - x", "# figure: time = 3", "ok 2 - y", "1..2", "## end 10-a 0", "## finished"]


def judged(lines, expected=("10-a",), kernel=""):
    result = results.Results(list(expected))
    for line in lines:
        result.feed(line)
    result.judge(kernel)
    return result


class Judgement(unittest.TestCase):
    def test_good(self):
        result = judged(GOOD)
        self.assertEqual((result.passed, result.failed, result.figures), (2, 0, ["time = 3"]))
        self.assertTrue(result.finished)

    def test_every_missing_line_but_the_figure_is_noticed(self):
        for i, line in enumerate(GOOD):
            with self.subTest(without=line):
                result = judged(GOOD[:i] + GOOD[i + 1:])
                noticed = result.failed > 0 or not result.finished
                self.assertEqual(noticed, not line.startswith("# figure"))

    def test_not_ok(self):
        result = judged([line.replace("ok 2", "not ok 2") for line in GOOD])
        self.assertEqual((result.passed, result.failures), (1, ["10-a: not ok 2 - y"]))

    def test_a_file_that_never_ran(self):
        self.assertEqual(judged(GOOD, ("10-a", "20-b")).failures, ["20-b: never ended"])

    def test_no_assertions(self):
        self.assertEqual(judged(["## begin 10-a", "1..0", "## end 10-a 0"]).failures, ["10-a: tested nothing"])

    def test_kernel_trouble(self):
        for line in ("WARNING: CPU: 1 PID: 0 at mm/x.c:3 f+0x6a", "BUG: unable to handle page fault",
                     "Oops: 0000", "Kernel panic - not syncing", "INFO: task a:1 blocked for more than 120 s",
                     "kernel BUG at mm/memory_hotplug.c:12!", "invalid opcode: 0000 [#1] PREEMPT SMP",
                     "BUG: sleeping function called from invalid context at mm/x.c:3",
                     "WARNING: possible circular locking dependency detected", "WARNING: possible recursive locking detected",
                     "WARNING: suspicious RCU usage", "WARNING: inconsistent lock state", "WARNING: sh/12 still has locks held!",
                     "INFO: trying to register non-static key.", "turning off the locking correctness validator.",
                     "BUG: KASAN: slab-use-after-free in f+0x1/0x2", "page dumped because: VM_BUG_ON_PAGE(PageTail(page))",
                     "list_del corruption. prev->next should be x", "UBSAN: array-index-out-of-bounds in x.c:1:2",
                     "kmemleak: 3 new suspected memory leaks (see /sys/kernel/debug/kmemleak)",
                     "kmemleak: Kernel memory leak detector disabled", "kmemleak: Cannot allocate a kmemleak_object structure"):
            self.assertEqual(judged(GOOD, kernel=f"[ 1.0] {line}").failed, 1, line)

    def test_kernel_quiet(self):
        for line in ("ACPI: DEBUG: fine", "warning: quiet", "kmemleak: Automatic memory scanning thread started",
                     "kmemleak: Kernel memory leak detector initialized (mem pool available: 15679)",
                     "Lock dependency validator: Copyright (c) 2006 Red Hat, Inc., Ingo Molnar", "KernelAddressSanitizer initialized",
                     "rcu: RCU lockdep checking is enabled."):
            self.assertEqual(judged(GOOD, kernel=f"[ 1.0] {line}").failed, 0, line)


class Tools(unittest.TestCase):
    """The recorder that kills at a chosen moment: it must do that there, then, and once."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        tools.build(self.folder / "tools")
        self.log = self.folder / "log"

    def shell(self, script, **moments):
        environment = os.environ | {"LD_PRELOAD": str(self.folder / "tools" / "moments.so"), "MOMENTS_LOG": str(self.log),
                                    "MOMENTS_ONCE": str(self.folder / "once"), "MOMENTS_OF": "daemon", "MOMENTS_KILL": "daemon",
                                    **moments}
        # A shell that writes by itself: its own process is the one that is recorded.
        return subprocess.run(["/bin/sh", "-c", script], cwd=self.folder, env=environment, check=False).returncode

    def test_records(self):
        self.assertEqual(self.shell("echo one >a; echo two >b; echo nothing | cat >/dev/null"), 0)
        self.assertEqual(self.log.read_text(), f"daemon write {self.folder}/a = one\ndaemon write {self.folder}/b = two\n")

    def test_kills_before_and_after_and_once(self):
        for when, content in (("before", ""), ("after", "two\n")):
            with self.subTest(when=when):
                (self.folder / "once").unlink(missing_ok=True)
                script = "echo one >a; echo two >b; echo three >c"
                self.assertEqual(self.shell(script, MOMENTS_AT="2", MOMENTS_WHEN=when), -signal.SIGKILL)
                self.assertEqual((self.folder / "b").read_text(), content)
                self.assertFalse((self.folder / "c").exists())
                self.assertEqual(self.shell(script, MOMENTS_AT="2", MOMENTS_WHEN=when), 0)
                (self.folder / "c").unlink()


class Cache(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.before = os.environ.get("DAXTIER_CACHE")
        os.environ["DAXTIER_CACHE"] = self.folder.name
        self.addCleanup(lambda: os.environ.pop("DAXTIER_CACHE") if self.before is None
                        else os.environ.update(DAXTIER_CACHE=self.before))
        self.builds = 0

    def build(self, fresh):
        self.builds += 1
        (fresh / "file").write_text("content")

    def names(self):
        return sorted(p.name for p in pathlib.Path(self.folder.name).iterdir() if p.is_dir())

    def test_built_once(self):
        first = cache.built("thing", "k", self.build)
        self.assertEqual(cache.built("thing", "k", self.build), first)
        self.assertEqual((self.builds, self.names()), (1, ["thing-k"]))

    def test_failure_leaves_nothing(self):
        def fail(fresh):
            self.build(fresh)
            raise progress.Failure("no")
        self.assertRaises(progress.Failure, cache.built, "thing", "k", fail)
        self.assertEqual(self.names(), [])

    def test_left_over_of_a_killed_build(self):
        cache.folder()
        left = pathlib.Path(self.folder.name, ".building-thing-x")
        left.mkdir()
        (left / "file").write_text("half")
        cache.built("thing", "k", self.build)
        self.assertEqual(self.names(), ["thing-k"])

    def test_damage_is_noticed(self):
        path = cache.built("thing", "k", self.build)
        (path / "file").write_text("cut")
        cache.built("thing", "k", self.build)
        self.assertEqual((self.builds, (path / "file").read_text()), (2, "content"))

    def test_a_foreign_folder_is_refused(self):
        pathlib.Path(self.folder.name, "precious").touch()
        with self.assertRaises(SystemExit):
            cache.folder()

    def test_digest_sees_every_input(self):
        self.assertEqual(len({cache.digest("a", "b"), cache.digest("ab"), cache.digest("b", "a"),
                              cache.digest("a", "b", pathlib.Path(__file__))}), 4)


class Overlay(unittest.TestCase):
    def test_ownership_merged_usr_and_enabling(self):
        with tempfile.TemporaryDirectory() as folder:
            tree = pathlib.Path(folder, "tree")
            for name in ("usr/lib/systemd/system/x.service", "lib/udev/rules.d/x.rules"):
                (tree / name).parent.mkdir(parents=True)
                (tree / name).touch()
            overlay.write(pathlib.Path(folder, "o.tar"), "tests", tree, ["x.service"])
            with tarfile.open(pathlib.Path(folder, "o.tar")) as tar:
                members = {m.name: m for m in tar.getmembers()}
        self.assertEqual({(m.uid, m.gid) for m in members.values()}, {(0, 0)})
        self.assertIn("usr/lib/udev/rules.d/x.rules", members)
        self.assertEqual(members[f"{overlay.WANTS_DIR}/x.service"].linkname, "/usr/lib/systemd/system/x.service")

    def test_enabling_what_is_not_there(self):
        with tempfile.TemporaryDirectory() as folder:
            with self.assertRaises(progress.Failure):
                overlay.write(pathlib.Path(folder, "o.tar"), "tests", None, ["x.service"])


class Hosts(unittest.TestCase):
    def test_boots_name_hosts(self):
        for boot in hosts.BOOTS.values():
            self.assertIn(boot.host, hosts.HOSTS)
            self.assertIn(boot.kernel, kernels.KERNELS)

    def test_one_machine_option_with_cxl_and_nvdimm(self):
        for host in hosts.HOSTS.values():
            self.assertEqual(host.arguments().count("-machine"), 1)

    def test_sizes_that_cxl_takes(self):
        for host in hosts.HOSTS.values():
            for size in (host.cxl_window, *(device.size for device in host.cxl)):
                self.assertEqual(size % (256 << 20), 0)


if __name__ == "__main__":
    unittest.main()
