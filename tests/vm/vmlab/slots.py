# SPDX-License-Identifier: GPL-2.0-or-later
"""The slots of a host, and somebody who stands before it: what a guest test asks for in the shared folder, QEMU does.

A request is a file NAME.request of one line: "plug SLOT...", "unplug SLOT..." or "list". The answer, NAME.answer, is "ok", with
the slots that have a device after it for "list", a line each, as "SLOT SERIAL"; or "refused: " and QEMU's words, and then nothing
after what was refused is done. Both files are renamed when they are whole."""

import os
import pathlib
import threading

from . import hosts, qmp

POLL = 0.05


class _Memory:
    """The memory of one CXL device, whenever it is in its slot. QEMU keeps what a device was made with, also after the device has
    left, so each stay needs a backend of its own; all of them are this memory, so that what a guest touches does not pile up."""

    def __init__(self, name: str, size: int):
        self._size = size
        self._file = os.memfd_create(name)

    def renewed(self, backend: dict) -> dict:
        """The backend, made of this memory, which holds nothing of an earlier stay."""
        os.ftruncate(self._file, 0)
        os.ftruncate(self._file, self._size)
        return backend | {"qom-type": "memory-backend-file", "mem-path": f"/proc/{os.getpid()}/fd/{self._file}"}

    def close(self) -> None:
        os.close(self._file)


class Slots:
    def __init__(self, host: hosts.Host, monitor: qmp.Monitor):
        self._host = host
        self._monitor = monitor
        self._index = {host.slot(i): i for i in range(len(host.cxl))}
        self._memories = {}
        self._stays = 0

    def close(self) -> None:
        for memory in self._memories.values():
            memory.close()

    def _index_of(self, slot: int) -> int:
        if slot not in self._index:
            raise qmp.Refused(f"this host has no slot {slot}")
        return self._index[slot]

    def _taken(self) -> dict:
        """The slots with a device, and its index."""
        names = {item["name"] for item in self._monitor.execute("qom-list", path="/machine/peripheral")}
        return {slot: i for slot, i in self._index.items() if f"cxl{i}" in names}

    def _make(self, slot: int) -> dict:
        """The slot's device, ready to go in."""
        index = self._index_of(slot)
        if slot in self._taken():
            raise qmp.Refused(f"slot {slot} has a device already")
        self._stays += 1
        backends = self._host.backends(index, f".{self._stays}")
        for key, backend in backends.items():
            if (index, key) not in self._memories:
                self._memories[index, key] = _Memory(backend["id"], backend["size"])
            self._monitor.execute("object-add", **self._memories[index, key].renewed(backend))
        return self._host.device(index, backends)

    def plug(self, *wanted: int) -> None:
        """Put the devices of these slots in, in the shortest time."""
        for device in [self._make(slot) for slot in wanted]:
            self._monitor.execute("device_add", **device)

    def unplug(self, *wanted: int) -> None:
        """Press the attention buttons of these slots. The guest decides what follows, and when."""
        for index in [self._index_of(slot) for slot in wanted]:
            self._monitor.execute("device_del", id=f"cxl{index}")

    def list(self) -> list:
        return [f"{slot} {self._host.cxl[i].serial:#x}" for slot, i in self._taken().items()]

    def perform(self, request: str) -> list:
        """The lines of the answer."""
        verb, *words = request.split() or [""]
        try:
            wanted = [int(word) for word in words]
            if verb == "list" and not wanted:
                return ["ok", *self.list()]
            if verb in ("plug", "unplug") and wanted:
                (self.plug if verb == "plug" else self.unplug)(*wanted)
                return ["ok"]
        except qmp.Refused as refused:
            return [f"refused: {refused}"]
        except OSError as error:
            return [f"refused: QEMU does not answer: {error}"]
        except ValueError:
            pass
        return [f"refused: no request is written like this: {request.strip()}"]


class Attendant:
    """Answers the requests in a folder, from a thread of its own, as long as the context lasts."""

    def __init__(self, folder: pathlib.Path, slots: Slots):
        self._folder = folder
        self._slots = slots
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._attend, daemon=True)

    def _answer(self, request: pathlib.Path) -> None:
        lines = self._slots.perform(request.read_text())
        request.unlink()
        draft = request.with_suffix(".draft")
        draft.write_text("".join(f"{line}\n" for line in lines))
        draft.rename(request.with_suffix(".answer"))

    def _attend(self) -> None:
        while not self._stop.wait(POLL):
            for request in sorted(self._folder.glob("*.request")):
                self._answer(request)

    def __enter__(self):
        self._folder.mkdir()
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        self._thread.join()
