# SPDX-License-Identifier: GPL-2.0-or-later
"""QEMU's monitor: commands and answers as JSON, over one end of a pair of sockets. QEMU gets the other end at its start, so
there is no name in a file system, which could be too long, and nothing to wait for."""

import json
import socket

TIMEOUT = 30  # seconds for one answer; QEMU is busy while it starts


class Refused(Exception):
    """QEMU's own words on why it does not do what a command asks."""


class Monitor:
    def __init__(self):
        ours, self._theirs = socket.socketpair()
        ours.settimeout(TIMEOUT)
        self._socket = ours
        self._answers = ours.makefile("r", encoding="utf-8")
        self._is_ready = False

    def arguments(self) -> list:
        """For QEMU's command line; the descriptors of passed() go with it."""
        return ["-chardev", f"socket,id=monitor,fd={self._theirs.fileno()}", "-mon", "chardev=monitor,mode=control"]

    def passed(self) -> tuple:
        return (self._theirs.fileno(),)

    def started(self) -> None:
        """QEMU runs: only it holds its end now, so that its end shows here."""
        self._theirs.close()

    def close(self) -> None:
        self._theirs.close()
        self._answers.close()
        self._socket.close()

    def _message(self) -> dict:
        line = self._answers.readline()
        if not line:
            raise ConnectionError("QEMU has closed its monitor")
        return json.loads(line)

    def _execute(self, command: str, arguments: dict):
        question = {"execute": command, "arguments": arguments}
        self._socket.sendall(json.dumps(question).encode() + b"\n")
        while True:
            message = self._message()
            if "error" in message:
                raise Refused(message["error"]["desc"])
            if "return" in message:
                return message["return"]
            # else an event, which nobody here needs

    def execute(self, command: str, **arguments):
        """QEMU's answer. Raises Refused, or OSError when there is no QEMU to ask."""
        if not self._is_ready:
            self._message()  # the greeting
            self._execute("qmp_capabilities", {})
            self._is_ready = True
        return self._execute(command, arguments)
