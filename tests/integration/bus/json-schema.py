#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Each document that daxtierctl prints is as cli/daxtierctl.schema.json says, and the schema says nothing else.

usage: json-schema.py SCHEMA DAXTIERCTL BUS_DRIVER FIXTURES CONF

Every verb that --help lists for --json is run, against a daemon that says what it is told to and on captured hosts. The
schema leaves room for members that are added later; here there is none, so that none is added without it.
"""

import contextlib
import copy
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import jsonschema

BUS = """<busconfig><listen>unix:path={}/socket</listen><auth>EXTERNAL</auth><policy context="default">
<allow user="*"/><allow own="*"/><allow send_destination="*"/><allow receive_sender="*"/>
<allow send_type="signal"/><allow send_requested_reply="true" send_type="method_return"/>
<allow send_requested_reply="true" send_type="error"/></policy></busconfig>"""

CONFIG = """[rule all]
match-kind = cxl
match-device = dax0.*
match-region = region*
match-serial = 0x1
match-target-node = 2
match-initiator-node = 0
match-size = 1G..2T
match-distance = 20..40
mode = system-ram
"""

REHEARSAL = {"Device": "dax0.0", "Possible": False, "Reason": "one block may not go", "Memory": 1 << 30, "Node": 2,
             "Used": 1 << 20, "UsedHere": 1 << 19, "Elsewhere": 1 << 21, "Fits": True, "BlocksOnline": 8, "Region": "",
             "Unmovable": [{"Block": 40, "Zone": "Normal", "Why": "it is in a zone of the kernel"}]}

WRONG = "[memmap]\nmin-size = 12Q\n"


def strict(schema):
    """The same, but no object may have members that are not listed."""
    if isinstance(schema, list):
        return [strict(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    tight = {key: strict(part) for key, part in schema.items()}
    if tight.get("type") == "object" and "properties" in tight:
        tight["additionalProperties"] = False
    return tight


def members(schema):
    """The names of all members of objects in the schema."""
    if isinstance(schema, list):
        return set().union(*map(members, schema))
    if not isinstance(schema, dict):
        return set()
    names = set().union(*map(members, schema.values()))
    if isinstance(schema.get("properties"), dict) and "type" in schema:
        names |= set(schema["properties"])
    return names


def keys(document):
    if isinstance(document, list):
        return set().union(*map(keys, document))
    if not isinstance(document, dict):
        return set()
    return set(document).union(*map(keys, document.values()))


class Checker:
    """What was printed so far, held against the schema."""

    def __init__(self, schema):
        jsonschema.Draft202012Validator.check_schema(schema)
        self.schema = schema
        self.strict = strict(copy.deepcopy(schema))
        self.documents = {name.rsplit("/", 1)[1] for name in (part["$ref"] for part in schema["anyOf"])}
        self.checked, self.seen = set(), set()

    def validator(self, name, tight=True):
        schema = self.strict if tight else self.schema
        return jsonschema.Draft202012Validator({"$schema": schema["$schema"], "$defs": schema["$defs"],
                                                "$ref": f"#/$defs/{name}"})

    def check(self, name, document, what):
        self.checked.add(name)
        self.seen |= keys(document)
        for error in self.validator(name).iter_errors(document):
            where = "/".join(map(str, error.absolute_path))
            yield f"{what} is no {name}: at /{where}: {error.message}"

    def left_over(self):
        for name in sorted(self.documents - self.checked):
            yield f"no document was checked as {name}"
        for name in sorted(members(self.schema) - self.seen):
            yield f"the schema has a member {name}, and no document has"

    def unlike(self, document):
        """What the schema has to find wrong, or must not."""
        more = {**document, "Later": 1}
        if not self.validator("status", tight=False).is_valid(more):
            yield "a member that is added is not accepted"
        if self.validator("status").is_valid(more):
            yield "a member that is not listed is not noticed"
        for change in ({"Version": 2}, {"Devices": [{}]}, {"Devices": None}, {"Host": {**document["Host"], "DramTotal": "1"}}):
            if self.validator("status", tight=False).is_valid({**document, **change}):
                yield f"{change} is accepted"


class Daemon:
    """The bus driver of the tests, on a bus of its own."""

    def __init__(self, driver, fixture, stack, folder):
        Path(folder, "bus.conf").write_text(BUS.format(folder), encoding="utf-8")
        bus = stack.enter_context(subprocess.Popen(
            ["dbus-daemon", "--nofork", "--nopidfile", "--nosyslog", "--print-address=1", f"--config-file={folder}/bus.conf"],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True))
        stack.callback(bus.terminate)
        os.environ["DBUS_SYSTEM_BUS_ADDRESS"] = bus.stdout.readline().split(",")[0].strip()
        self.process = stack.enter_context(subprocess.Popen([driver, str(fixture)], stdin=subprocess.PIPE, text=True,
                                                            stdout=subprocess.PIPE, bufsize=1))
        stack.callback(self.process.terminate)
        self.expect("ready")

    def expect(self, wanted):
        line = self.process.stdout.readline().strip()
        if line != wanted:
            raise SystemExit(f"the bus driver says {line!r}, not {wanted!r}")

    def tell(self, **command):
        self.process.stdin.write(json.dumps(command) + "\n")
        self.process.stdin.flush()
        self.expect("done 0")


class Tool:
    """daxtierctl, and which of its verbs were run."""

    def __init__(self, path, checker):
        self.path, self.checker, self.verbs = path, checker, set()

    def run(self, name, *arguments, status=0):
        """Both forms of the output; yields what is wrong."""
        self.verbs.add(arguments[0])
        printed = []
        for form in "pretty", "short":
            result = subprocess.run([self.path, *arguments, f"--json={form}"], capture_output=True, text=True, check=False)
            what = f"daxtierctl {' '.join(arguments)} --json={form}"
            if result.returncode != status:
                yield f"{what}: exit status {result.returncode}, not {status}: {result.stderr}"
            try:
                printed.append(json.loads(result.stdout))
            except ValueError as error:
                yield f"{what}: {error}: {result.stdout!r}"
                continue
            if form == "short" and result.stdout.count("\n") != 1:
                yield f"{what}: is not one line"
            yield from self.checker.check(name, printed[-1], what)

    def monitor(self, daemon, changes):
        self.verbs.add("monitor")
        with subprocess.Popen([self.path, "monitor", "--json=short"], stdout=subprocess.PIPE, text=True) as process:
            yield from self.checker.check("monitor", json.loads(process.stdout.readline()), "monitor")
            for change in changes:
                daemon.tell(**change)
                line = process.stdout.readline()
                yield from self.checker.check("monitor", json.loads(line), f"monitor after {list(change)}")
            daemon.process.send_signal(signal.SIGKILL)
            yield from self.checker.check("monitor", json.loads(process.stdout.readline()), "monitor without a daemon")
            process.terminate()

    def json_verbs(self):
        text = subprocess.run([self.path, "--help"], capture_output=True, text=True, check=True).stdout
        listed = re.search(r"^  --json\S+\s+([^:]+):", text, re.MULTILINE).group(1)
        return {verb.strip() for verb in listed.split(",")}


def plans_of(tool, fixtures, conf):
    """As the daemon would have them: the real ones of a captured host, and one about a region."""
    text = subprocess.run([tool.path, "plan", f"--root={fixtures}/two-devices/host", f"--config={conf}", "--json=short"],
                          capture_output=True, text=True, check=True).stdout
    plans = json.loads(text)["Plans"]
    target = {"Memdev": "mem0", "Serial": 1, "Decoder": "decoder2.0", "Size": 1 << 30}
    return [*plans, {**plans[0], "Device": "mem0", "Purpose": "create-region", "Window": "decoder0.0", "Ways": 1,
                     "Granularity": 256, "Targets": [target]}]


def against_daemon(tool, daemon, fixtures, conf, document):
    device = document["Devices"][0]
    name = device["Name"]
    daemon.tell(Plans=plans_of(tool, fixtures, conf))
    yield from tool.run("status", "status")
    yield from tool.run("show", "show", name)
    yield from tool.run("plan", "plan")
    yield from tool.run("apply", "apply")
    yield from tool.run("apply", "apply", "mem0")
    yield from tool.run("reload", "reload")
    yield from tool.run("release", "release", name)
    yield from tool.run("release", "release", "--eject", name)
    daemon.tell(Rehearsal=REHEARSAL)
    yield from tool.run("release-dry-run", "release", "--dry-run", name, status=6)
    daemon.tell(Error="StepFailed", Message="block 40 is in use")
    yield from tool.run("error", "release", name, status=6)
    yield from tool.run("error", "apply", name, status=6)
    daemon.tell(Error="", Message="")
    daemon.tell(Reload=-22, ReloadErrors=["a:1: wrong"])
    yield from tool.run("error", "reload", status=5)
    yield from tool.run("error", "show", "dax99.0", status=4)
    failure = {"Step": "bind-kmem", "Error": "EBUSY", "Count": 2}
    yield from tool.monitor(daemon, [{"Device": {**device, "State": "releasing", "BlocksOnline": 1}}, {"Remove": name},
                                     {"Device": device}, {"Host": {**document["Host"], "Failures": [failure]}}])
    yield from tool.run("error", "status", status=3)


def without_daemon(tool, fixtures, conf, folder):
    config, wrong = Path(folder, "all.conf"), Path(folder, "wrong.conf")
    config.write_text(CONFIG, encoding="utf-8")
    wrong.write_text(WRONG, encoding="utf-8")
    hosts = sorted(path for path in fixtures.glob("*/host"))
    if not hosts:
        yield f"{fixtures}: no captured host"
    for host in hosts:
        yield from tool.run("status", "status", f"--root={host}")
        yield from tool.run("plan", "plan", f"--root={host}", f"--config={conf}")
    for part in "sys/devices/system/node", "proc":
        Path(folder, "ill", part).mkdir(parents=True)
    Path(folder, "ill/proc/cmdline").write_text("quiet module_blacklist=kmem\n", encoding="utf-8")
    yield from tool.run("doctor", "doctor", f"--root={folder}/ill", status=7)
    yield from tool.run("plan-diff", "plan", "--diff", f"--config={conf}", f"--config={config}", *map(str, hosts),
                        "/nonexistent", status=1)
    yield from tool.run("check-config", "check-config", str(config))
    yield from tool.run("check-config", "check-config", str(conf))
    yield from tool.run("check-config", "check-config", str(wrong), status=5)


def main():
    schema, daxtierctl, driver = sys.argv[1:4]
    fixtures, conf = map(Path, sys.argv[4:6])
    checker = Checker(json.loads(Path(schema).read_text(encoding="utf-8")))
    tool = Tool(daxtierctl, checker)
    online = json.loads((fixtures / "bus/online.json").read_text(encoding="utf-8"))
    wrong = list(checker.unlike(online))
    for path in sorted(fixtures.glob("bus/*.json")):
        wrong += checker.check("status", json.loads(path.read_text(encoding="utf-8")), path)
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        daemon = Daemon(driver, fixtures / "bus/online.json", stack, folder)
        wrong += against_daemon(tool, daemon, fixtures, conf, online)
        wrong += without_daemon(tool, fixtures, conf, folder)
    wrong += checker.left_over()
    wrong += [f"{verb} takes --json, and was not run" for verb in sorted(tool.json_verbs() - tool.verbs)]
    for line in wrong:
        print(line, file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
