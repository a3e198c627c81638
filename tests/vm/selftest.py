#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Tests of the lab's own judgement: that silence, a half-built cache or a foreign file owner is never taken for good.
Needs no boot and no root."""

import contextlib
import io
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import tarfile
import tempfile
import threading
import time
import unittest
import unittest.mock

sys.dont_write_bytecode = True

from vmlab import cache, cli, hosts, image, kernels, overlay, progress, qmp, results, slots, tools  # noqa: E402

GOOD = ["## begin 10-a", "ok 1 - x", "# figure: time = 3", "ok 2 - y", "1..2", "## end 10-a 0", "## finished"]


FIRST = "[    0.000000] Linux version 6.1"


def judged(lines, expected=("10-a",), kernel="", first=FIRST):
    result = results.Results(list(expected))
    for line in lines:
        result.feed(line)
    result.judge(f"{first}\n{kernel}")
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
                     "rcu: RCU lockdep checking is enabled.", "page dumped because: migration failure",
                     "page dumped because: unmovable page"):
            self.assertEqual(judged(GOOD, kernel=f"[ 1.0] {line}").failed, 0, line)

    def test_a_kernel_log_that_lost_its_beginning(self):
        self.assertEqual(judged(GOOD).failed, 0)
        self.assertEqual(judged(GOOD, kernel="[    0.000000] BIOS-e820: x", first="[    0.000000] CPU topo: x").failed, 1)
        self.assertEqual(judged(GOOD, first="").failed, 1)

    def test_kernel_trouble_that_a_test_provokes(self):
        lines = [*GOOD[:2], r"# provokes: WARNING: .* at mm/x\.c:\d+ f\+", *GOOD[2:]]
        wanted, other = "[ 1.0] WARNING: CPU: 1 PID: 0 at mm/x.c:3 f+0x6a", "[ 2.0] WARNING: CPU: 1 PID: 0 at mm/x.c:4 g+0x6a"
        self.assertEqual(judged(lines, kernel=wanted).failures, [])
        self.assertEqual(judged(lines, kernel=f"{wanted}\n{other}").failures, [f"kernel log: {other}"])
        self.assertEqual(judged(lines).failed, 1)


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

    def test_there(self):
        self.assertIsNone(cache.there("thing", "k"))
        path = cache.built("thing", "k", self.build)
        self.assertEqual(cache.there("thing", "k"), path)
        (path / "file").write_text("cut")
        self.assertIsNone(cache.there("thing", "k"))

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


    def test_masking(self):
        with tempfile.TemporaryDirectory() as folder:
            overlay.write(pathlib.Path(folder, "o.tar"), "tests", None, [], masked=["x.service"])
            with tarfile.open(pathlib.Path(folder, "o.tar")) as tar:
                self.assertEqual(tar.getmember(f"{overlay.UNIT_DIR}/x.service").linkname, "/dev/null")


class Packages(unittest.TestCase):
    def test_every_root_has_packages_of_its_release(self):
        for boot in hosts.BOOTS.values():
            kernel = kernels.KERNELS[boot.kernel]
            if boot.packages or getattr(kernel, "packaged", False):
                self.assertIn(kernel.root, kernels.RELEASES)
                self.assertFalse(boot.project, f"{boot.name}: the packages would lie over the install tree")

    def test_a_kernel_of_another_suite_is_asked_for(self):
        named = [name for name in image._packages("trixie", "trixie-backports").split(",") if "/" in name]
        self.assertEqual(named, ["linux-image-amd64/trixie-backports"])
        self.assertNotIn("/", image._packages("bookworm", "bookworm"))
        self.assertNotIn("cxl", image._packages("bookworm", "bookworm").split(","))
        self.assertIn("cxl", image._packages("trixie", "trixie").split(","))

    def test_installed_as_files(self):
        files = [pathlib.Path("/c/a_1.deb"), pathlib.Path("/c/b_1.deb")]
        self.assertEqual(image._install([]), [])
        self.assertIn("install /a_1.deb /b_1.deb", image._install(files)[1])


class FakeQemu(threading.Thread):
    """The other end of a monitor: answers by a function, and keeps what it was asked."""

    def __init__(self, monitor, answer):
        super().__init__(daemon=True)
        self._socket = socket.socket(fileno=os.dup(monitor.passed()[0]))
        self._answer = answer
        self.asked = []
        monitor.started()
        self.start()

    def run(self):
        with self._socket, self._socket.makefile("rw") as file:
            print(json.dumps({"QMP": {}}), file=file, flush=True)
            for line in file:
                question = json.loads(line)
                self.asked.append((question["execute"], question["arguments"]))
                answer = self._answer(*self.asked[-1])
                if answer is None:
                    return
                print(json.dumps({"event": "SOMETHING"}), json.dumps(answer), sep="\n", file=file, flush=True)


class Slots(unittest.TestCase):
    """What a guest asks for reaches QEMU, and QEMU's answer the guest."""
    host = hosts.Host(name="x", nodes=(hosts.GIB, hosts.GIB), distances={}, bridges=(0,), windows=(hosts.CxlWindow(hosts.GIB),),
                      cxl=(hosts.CxlDevice(1, 256 << 20), hosts.CxlDevice(2, 256 << 20, plugged=False),
                           hosts.CxlDevice(3, 256 << 20, persistent=True, plugged=False)))

    def qemu(self, answer=None):
        monitor = qmp.Monitor()
        self.addCleanup(monitor.close)
        self.devices = {"cxl0"}

        def qemu(command, arguments):
            said = answer(command, arguments) if answer else None
            if said:
                return None if said == "leave" else said
            if command == "device_add":
                self.devices.add(arguments["id"])
            if command == "qom-list":
                return {"return": [{"name": name} for name in self.devices]}
            return {"return": {}}

        fake = FakeQemu(monitor, qemu)
        cards = slots.Slots(self.host, monitor)
        self.addCleanup(cards.close)
        return fake, cards

    def test_list(self):
        _, cards = self.qemu()
        self.assertEqual(cards.perform("list\n"), ["ok", "2 0x1"])

    def test_plug_makes_memory_first_and_then_adds_all(self):
        fake, cards = self.qemu()
        self.assertEqual(cards.perform("plug 3 4"), ["ok"])
        asked = [(c, a) for c, a in fake.asked if c in ("object-add", "device_add")]
        self.assertEqual([c for c, _ in asked], ["object-add"] * 3 + ["device_add"] * 2)
        made = [a["id"] for c, a in asked if c == "object-add"]
        one, two = [a for c, a in asked if c == "device_add"]
        self.assertEqual((one["bus"], one["sn"], one["volatile-memdev"]), ("port1", 2, made[0]))
        self.assertEqual((two["bus"], two["persistent-memdev"], two["lsa"]), ("port2", made[1], made[2]))
        self.assertEqual(cards.perform("list"), ["ok", "2 0x1", "3 0x2", "4 0x3"])

    def test_a_second_stay_has_other_names_and_the_same_empty_memory(self):
        fake, cards = self.qemu()
        self.assertEqual(cards.perform("plug 3"), ["ok"])
        path = next(a["mem-path"] for c, a in fake.asked if c == "object-add")
        with open(path, "r+b") as memory:
            memory.write(b"left")
        self.devices.remove("cxl1")
        self.assertEqual(cards.perform("plug 3"), ["ok"])
        made = [a for c, a in fake.asked if c == "object-add"]
        self.assertEqual(len({a["id"] for a in made}), 2)
        self.assertEqual(made[1]["mem-path"], path)
        with open(path, "rb") as memory:
            self.assertEqual(memory.read(4), bytes(4))
            self.assertEqual(os.fstat(memory.fileno()).st_size, 256 << 20)

    def test_unplug(self):
        fake, cards = self.qemu()
        self.assertEqual(cards.perform("unplug 2"), ["ok"])
        self.assertEqual(fake.asked[-1], ("device_del", {"id": "cxl0"}))

    def test_what_qemu_refuses_and_nothing_after_it(self):
        fake, cards = self.qemu(lambda command, _: {"error": {"class": "GenericError", "desc": "no, because"}} if command == "device_add" else None)
        self.assertEqual(cards.perform("plug 3 4"), ["refused: no, because"])
        self.assertEqual([c for c, _ in fake.asked].count("device_add"), 1)

    def test_what_makes_no_sense(self):
        fake, cards = self.qemu()
        for request in ("", "plug", "plug x", "list 3", "eject 3", "plug 99", "unplug 1", "plug 2"):
            with self.subTest(request=request):
                answer = cards.perform(request)
                self.assertEqual(len(answer), 1)
                self.assertRegex(answer[0], "^refused: ")
        self.assertNotIn("device_add", [c for c, _ in fake.asked])

    def test_no_qemu_any_more(self):
        _, cards = self.qemu(lambda command, _: "leave" if command == "device_del" else None)
        self.assertEqual(cards.perform("list"), ["ok", "2 0x1"])
        self.assertRegex(cards.perform("unplug 2")[0], "^refused: QEMU does not answer")
        self.assertRegex(cards.perform("list")[0], "^refused: QEMU does not answer")

    def test_requests_are_files(self):
        _, cards = self.qemu()
        with tempfile.TemporaryDirectory() as folder:
            place = pathlib.Path(folder, "slots")
            with slots.Attendant(place, cards):
                (place / "a.draft").write_text("list\n")
                (place / "a.draft").rename(place / "a.request")
                deadline = time.monotonic() + 10
                while not (place / "a.answer").exists() and time.monotonic() < deadline:
                    time.sleep(0.01)
                self.assertEqual((place / "a.answer").read_text(), "ok\n2 0x1\n")
                self.assertEqual([path.name for path in place.iterdir()], ["a.answer"])


class Emulator(unittest.TestCase):
    """A mistake of QEMU's own is not a failure of what runs in it, once; anything else is."""

    ABORT = "kill -ABRT $$"
    ASSERT = "echo \"qemu: x.c:1: f: Assertion \\`y' failed.\" >&2; "

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.out = pathlib.Path(folder.name, "main")

    def guest(self, script):
        """With a shell that takes QEMU's place."""
        shutil.rmtree(self.out, ignore_errors=True)
        (self.out / "share").mkdir(parents=True)
        fake = unittest.mock.Mock(out=self.out, share=self.out / "share", report=self.out / "share" / "report", console=self.out / "console.log",
                                  messages=self.out / "qemu.log", boot=hosts.BOOTS["main"], host=hosts.HOSTS["stock"])
        fake.report.touch()
        fake.command = lambda serial: ["sh", "-c", script, "qemu"]
        fake.console_text = fake.kernel_log = lambda: FIRST
        return fake

    def boots(self, *scripts):
        """The result of the boot that counts, and how many there were."""
        guests = [self.guest(script) for script in scripts]
        todo = list(guests)

        def next_guest(*_):
            (self.out / "share").mkdir(parents=True, exist_ok=True)
            (self.out / "share" / "report").touch()
            return todo.pop(0)

        with unittest.mock.patch("vmlab.boot.Guest", next_guest), contextlib.redirect_stdout(io.StringIO()):
            result = cli._run_boot(hosts.BOOTS["main"], [pathlib.Path("10-a.sh")], None, self.out, "")
        return result, len(guests) - len(todo)

    def good(self):
        return f"printf '%s\\n' {' '.join(map(repr, GOOD))} >>{self.out}/share/report"

    def test_an_assertion_of_qemu_is_done_over(self):
        result, boots = self.boots(self.ASSERT + self.ABORT, self.good())
        self.assertEqual((result.failures, result.passed, boots), ([], 2, 2))
        self.assertIn("Assertion `y' failed", result.figures[-1])
        self.assertTrue((self.out.with_name("main-stopped") / "qemu.log").exists())

    def test_so_is_one_without_a_timer(self):
        lost = "[  220.6] rcu: rcu_preempt kthread timer wakeup didn't happen for 5248 jiffies! g13277"
        result, boots = self.boots(f'echo "{lost}" >>{self.out}/console.log; exec sleep 60', self.good())
        self.assertEqual((result.failures, result.passed, boots), ([], 2, 2))
        self.assertIn(lost, result.figures[-1])

    def test_what_had_failed_before_stays_a_failure(self):
        lost = "[  220.6] rcu: rcu_preempt kthread timer wakeup didn't happen for 5248 jiffies! g13277"
        first = f"printf '%s\\n' '## begin 10-a' 'not ok 1 - x' >>{self.out}/share/report; "
        result, boots = self.boots(first + self.ASSERT + self.ABORT, self.good())
        self.assertEqual((boots, result.failures[0]), (1, "10-a: not ok 1 - x"))
        guest_log = f"{FIRST}\n[  200.0] BUG: unable to handle page fault\n{lost}"
        with unittest.mock.patch(f"{__name__}.FIRST", guest_log):
            result, boots = self.boots(f'echo "{lost}" >>{self.out}/console.log; exec sleep 60', self.good())
        self.assertEqual(boots, 1)
        self.assertIn("kernel log: [  200.0] BUG: unable to handle page fault", result.failures)

    def test_but_once(self):
        result, boots = self.boots(self.ASSERT + self.ABORT, self.ASSERT + self.ABORT, self.good())
        self.assertEqual((result.passed, boots), (0, 2))
        self.assertIn("QEMU failed (exit code -6)", result.failures[0])

    def test_and_nothing_else(self):
        for script in (self.ABORT, self.ASSERT + "exit 1", self.ASSERT, "kill -SEGV $$"):
            with self.subTest(script=script):
                result, boots = self.boots(script, self.good())
                self.assertEqual(boots, 1)
                self.assertGreater(result.failed, 0)


class Selection(unittest.TestCase):
    """Which files a boot gets: those that name it; and when somebody names it, those of the boot that it is like."""

    def runs(self, header, name, is_named=False, short=False):
        with tempfile.TemporaryDirectory() as folder:
            test = pathlib.Path(folder, "10-a.sh")
            test.write_text(header)
            return cli._runs_in(test, name, is_named, short)

    def test_the_files_of_a_boot(self):
        for header, name, is_named, runs in (
                ("# boot: lab main\n", "main", False, True), ("# boot: lab main\n", "demo", True, False),
                ("# boot: main\n", "main-7.3", False, False), ("# boot: main\n", "main-7.3", True, True),
                ("# boot: main-7.3\n", "main", True, False), ("# boot: main main-7.3\n", "main-7.3", False, True)):
            with self.subTest(header=header, name=name, is_named=is_named):
                self.assertEqual(self.runs(header, name, is_named), runs)

    def test_a_file_may_except_a_boot_that_is_like_its_own(self):
        header = "# boot: main\n# not: main-7.3\n"
        self.assertTrue(self.runs(header, "main", is_named=True))
        self.assertFalse(self.runs(header, "main-7.3", is_named=True))

    def test_a_short_run_leaves_the_repetitions(self):
        header = "# boot: main\n# full: patched main-7.3\n"
        for name, is_named, short, runs in (("main", False, True, True), ("patched", False, True, False), ("patched", True, True, False),
                                            ("patched", False, False, True), ("main-7.3", True, True, True)):
            with self.subTest(name=name, is_named=is_named, short=short):
                self.assertEqual(self.runs(header, name, is_named, short), runs)

    def test_a_file_without_boots_or_with_unknown_ones(self):
        for header in ("", "# boots: main\n", "# boot: main nowhere\n", "# boot: main\n# full: nowhere\n", "# boot: main\n# not: nowhere\n"):
            with self.subTest(header=header):
                self.assertRaises(progress.Failure, self.runs, header, "main")

    def test_every_file_names_boots(self):
        for test in cli.GUEST.glob("[0-9]*.sh"):
            self.assertTrue(cli._header(test))


class Hosts(unittest.TestCase):
    def test_boots_name_hosts(self):
        for boot in hosts.BOOTS.values():
            self.assertIn(boot.host, hosts.HOSTS)
            self.assertIn(boot.kernel, kernels.KERNELS)
            self.assertIn(boot.like or "main", hosts.BOOTS)

    def test_a_boot_that_is_by_default_has_something_to_run(self):
        # Else it would be left out without a word. Those that are like another run what that has, when named.
        for boot in hosts.BOOTS.values():
            if boot.by_default and not boot.like and boot.name != "demo":
                self.assertTrue(any(cli._runs_in(test, boot.name, False) for test in cli._tests("")), boot.name)

    def test_one_machine_option_with_cxl_and_nvdimm(self):
        for host in hosts.HOSTS.values():
            self.assertEqual(host.arguments().count("-machine"), 1)

    def test_sizes_that_cxl_takes(self):
        for host in hosts.HOSTS.values():
            for size in (*(window.size // len(window.bridges) for window in host.windows), *(device.size for device in host.cxl)):
                self.assertEqual(size % (256 << 20), 0)

    def test_devices_and_windows_name_bridges(self):
        for host in hosts.HOSTS.values():
            named = {device.bridge for device in host.cxl} | {bridge for window in host.windows for bridge in window.bridges}
            self.assertEqual(named, set(range(len(host.bridges))), host.name)

    def test_serials_are_unique(self):
        for host in hosts.HOSTS.values():
            self.assertEqual(len({device.serial for device in host.cxl}), len(host.cxl), host.name)

    def test_empty_slots_are_empty(self):
        host = Slots.host
        command = " ".join(host.arguments())
        self.assertEqual((command.count("cxl-rp,"), command.count('"cxl-type3"')), (3, 1))
        self.assertEqual(host.environment()["LAB_CXL2_SLOT"], host.slot(2))

    def test_memory_set_aside_is_the_last_of_the_ram(self):
        for host in (host for host in hosts.HOSTS.values() if host.set_aside):
            nodes = " ".join(host.arguments())
            self.assertIn(f"-m {(sum(host.nodes) + host.set_aside.size) >> 20}M,", nodes)
            self.assertGreater(host.set_aside.node, len(host.nodes) - 1)
            # QEMU leaves a hole from 2 GiB to 4 GiB, and what is said to the kernel and to the tests is one thing.
            self.assertEqual(host.environment()["LAB_HMEM_START"], sum(host.nodes) + (2 << 30))
            self.assertIn(f"%{host.environment()['LAB_HMEM_START']:#x}-1+0xefffffff", host.append())
            self.assertEqual(sorted({node for pair in host.distances for node in pair}), list(range(len(host.nodes) + 1 + len(host.nvdimms))), "QEMU wants all distances")

    def test_command_line_has_what_the_host_says(self):
        for boot in hosts.BOOTS.values():
            self.assertIn(hosts.HOSTS[boot.host].append(), boot.command_line())


class Readme(unittest.TestCase):
    """README.md tells of every boot, and of every test and where it runs."""

    DEBUG = {"patched-locking", "patched-memory"}

    def rows(self, heading):
        text = (pathlib.Path(__file__).parent / "README.md").read_text()
        part = re.split(r"^## ", text, flags=re.MULTILINE)
        found = [section for section in part if section.startswith(heading)]
        return [[cell.strip() for cell in line.split(" | ")] for line in found[0].splitlines() if line.startswith("| ")][1:]

    def test_boots(self):
        told = set(re.findall(r"`([\w.-]+)`", " ".join(" ".join(row) for row in self.rows("Boots"))))
        self.assertEqual(set(hosts.BOOTS) - told, set())

    def test_tests(self):
        told = {}
        for row in self.rows("What is tested where"):
            boots = {name for boot in row[2].strip(" |").split(", ") for name in (self.DEBUG if boot == "debug" else {boot})}
            told.update({name: boots for name in re.findall(r"`(\d\d-[\w-]+)`", row[1])})
        self.assertEqual(told, {test.stem: {*cli._header(test)["boot"], *cli._header(test)["full"]} for test in cli.GUEST.glob("[0-9]*.sh")})


class Answers(unittest.TestCase):
    """The tool that tells the kernel's errno."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        tools.build(pathlib.Path(folder.name) / "tools")
        self.folder = pathlib.Path(folder.name)

    def says(self, *arguments):
        done = subprocess.run([self.folder / "tools" / "attribute", *arguments], capture_output=True, text=True, check=False)
        return done.stdout.strip() or f"exit code {done.returncode}"

    def test_answers(self):
        (self.folder / "file").touch()
        self.assertEqual(self.says("write", self.folder / "file", "1"), "ok")
        self.assertEqual((self.folder / "file").read_text(), "1")
        self.assertEqual(self.says("write", "/dev/full", "1"), "ENOSPC")
        self.assertEqual(self.says("write", self.folder / "none", "1"), "ENOENT")
        self.assertEqual(self.says("write", self.folder, "1"), "EISDIR")
        self.assertEqual(self.says("write"), "exit code 2")


if __name__ == "__main__":
    unittest.main()
