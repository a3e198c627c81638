# SPDX-License-Identifier: GPL-2.0-or-later
"""The shapes of the virtual hosts, and the boots that tests ask for. To add a host or a boot, add a row here."""

import dataclasses
import json

MIB = 1 << 20
GIB = 1 << 30


@dataclasses.dataclass(frozen=True)
class CxlDevice:
    """A CXL type 3 device in a slot (a hot-plug root port) of its own. The size is a multiple of 256 MiB.
    Touching this memory is slow under emulation: keep it small."""
    serial: int
    size: int
    bridge: int = 0             # below which host bridge the slot is
    persistent: bool = False    # all of its capacity; else volatile, all of it
    plugged: bool = True        # at boot; else its slot is empty until a test plugs it in


@dataclasses.dataclass(frozen=True)
class CxlWindow:
    """A CXL fixed memory window, what regions are cut from: a root decoder. Over several bridges it interleaves."""
    size: int
    bridges: tuple = (0,)


@dataclasses.dataclass(frozen=True)
class Nvdimm:
    """Memory behind an nvdimm: at full speed, on a node of its own, with that node's row in the SLIT."""
    node: int
    size: int


@dataclasses.dataclass(frozen=True)
class SetAside:
    """RAM of a node of its own that the kernel is told to leave to drivers, as firmware does with 'specific purpose'
    memory: a dax region from which devices of any ranges can be cut. Idle, it begins as one device of size 0."""
    node: int
    size: int
    idle: bool = True   # else it begins as one device of all of it, as it does without us


@dataclasses.dataclass(frozen=True)
class Host:
    name: str
    nodes: tuple        # RAM of each node with a CPU, from node 0
    distances: dict     # (a, b): SLIT distance, both ways
    unused: int = 0         # of the RAM, from 4 GiB on: the kernel is told to leave it alone
    nvdimms: tuple = ()
    bridges: tuple = ()     # CXL host bridges: the node that each belongs to
    windows: tuple = ()
    cxl: tuple = ()
    set_aside: SetAside = None

    def _set_aside_start(self) -> int:
        """Where QEMU puts it: the last of the RAM; what does not fit below 2 GiB is above 4 GiB."""
        assert sum(self.nodes) >= 2 * GIB and self.set_aside.node >= len(self.nodes)
        return 2 * GIB + sum(self.nodes)

    def append(self) -> str:
        """What the kernel's command line says of this shape."""
        if self.unused:
            return f"memmap={self.unused}${4 * GIB:#x}"
        if not self.set_aside:
            return ""
        # From RAM (1) to EFI's "specific purpose" (0xefffffff).
        made = f"memmap={self.set_aside.size}%{self._set_aside_start():#x}-1+0xefffffff"
        return made + " dax_hmem.region_idle=1" * self.set_aside.idle

    def arguments(self) -> list:
        """The QEMU arguments for this shape."""
        ram = sum(self.nodes) + (self.set_aside.size if self.set_aside else 0)
        # One -machine only: a second one silently drops CXL and the ACPI tables.
        args = ["-machine", "q35,cxl=on,nvdimm=on", "-smp", f"{len(self.nodes)},sockets={len(self.nodes)}",
                "-m", f"{ram // MIB}M,maxmem=160G,slots=8"]
        for node, size in enumerate(self.nodes):
            args += ["-object", f"memory-backend-ram,id=ram{node},size={size},reserve=off",
                     "-numa", f"node,nodeid={node},memdev=ram{node},cpus={node}"]
        for dimm in self.nvdimms:
            args += ["-numa", f"node,nodeid={dimm.node}"]
        if self.set_aside:
            args += ["-object", f"memory-backend-ram,id=aside,size={self.set_aside.size}",
                     "-numa", f"node,nodeid={self.set_aside.node},memdev=aside"]
        for (a, b), distance in self.distances.items():
            args += ["-numa", f"dist,src={a},dst={b},val={distance}"]
        for i, dimm in enumerate(self.nvdimms):
            # No label area: with one, the alignment of the namespace fails.
            args += ["-object", f"memory-backend-ram,id=nv{i},size={dimm.size}",
                     "-device", f"nvdimm,memdev=nv{i},unarmed=off,node={dimm.node}"]
        return args + self._cxl_arguments()

    def _cxl_arguments(self) -> list:
        args = []
        for i, node in enumerate(self.bridges):
            args += ["-device", f"pxb-cxl,bus_nr={12 + 64 * i},bus=pcie.0,id=bridge{i},numa_node={node}"]
        windows = [f"cxl-fmw.{i}.size={window.size}" for i, window in enumerate(self.windows)]
        windows += [f"cxl-fmw.{i}.targets.{way}=bridge{bridge}"
                    for i, window in enumerate(self.windows) for way, bridge in enumerate(window.bridges)]
        if windows:
            args += ["-M", ",".join(windows)]  # one option: QEMU does not put lists together
        for i, device in enumerate(self.cxl):
            args += ["-device", f"cxl-rp,port={i},bus=bridge{device.bridge},id=port{i},chassis=0,slot={self.slot(i)}"]
            if device.plugged:
                backends = self.backends(i)
                for backend in backends.values():
                    args += ["-object", json.dumps(backend)]
                args += ["-device", json.dumps(self.device(i, backends))]
        return args

    def slot(self, index: int) -> int:
        """The number of a CXL device's slot, as in the guest's /sys/bus/pci/slots."""
        return index + 2

    def backends(self, index: int, stay: str = "") -> dict:
        """The memory of a CXL device by the property that names it, as QEMU's object-add takes it. A stay is what sets the
        names apart when the device comes again: QEMU never lets go of the memory that a device had."""
        device = self.cxl[index]
        name = f"cxl{index}{stay}"
        memory = {"qom-type": "memory-backend-ram", "id": f"{name}.memory", "share": True, "size": device.size}
        labels = {"qom-type": "memory-backend-ram", "id": f"{name}.labels", "share": True, "size": MIB}
        return {"persistent-memdev": memory, "lsa": labels} if device.persistent else {"volatile-memdev": memory}

    def device(self, index: int, backends: dict) -> dict:
        """A CXL device, as QEMU's device_add takes it."""
        return {"driver": "cxl-type3", "bus": f"port{index}", "id": f"cxl{index}", "sn": self.cxl[index].serial,
                **{key: backend["id"] for key, backend in backends.items()}}

    def environment(self) -> dict:
        """What guest scripts may know about the shape, so that no number stands twice."""
        env = {"LAB_HOST": self.name, "LAB_CPU_NODES": len(self.nodes), "LAB_CXL_COUNT": len(self.cxl)}
        for i, device in enumerate(self.cxl):
            env |= {f"LAB_CXL{i}_SERIAL": f"{device.serial:#x}", f"LAB_CXL{i}_SIZE": device.size,
                    f"LAB_CXL{i}_SLOT": self.slot(i), f"LAB_CXL{i}_BRIDGE": device.bridge,
                    f"LAB_CXL{i}_KIND": "persistent" if device.persistent else "volatile"}
        for i, dimm in enumerate(self.nvdimms):
            near = min(d for pair, d in self.distances.items() if dimm.node in pair and min(pair) < len(self.nodes))
            env |= {f"LAB_NVDIMM{i}_NODE": dimm.node, f"LAB_NVDIMM{i}_SIZE": dimm.size,
                    f"LAB_NVDIMM{i}_DISTANCE": near}
        if self.set_aside:
            env |= {"LAB_HMEM_NODE": self.set_aside.node, "LAB_HMEM_SIZE": self.set_aside.size,
                    "LAB_HMEM_START": self._set_aside_start()}
        return env


def _distances(nodes: int) -> dict:
    """Between all of them, for those of which nothing is said."""
    return {(a, b): 45 for b in range(nodes) for a in range(b)}


_STOCK = Host(
    # Two sockets, two small CXL devices on the second, and one large, farther memory with its own row in the SLIT.
    name="stock", nodes=(GIB, GIB), distances={(0, 1): 21, (0, 2): 31, (1, 2): 41},
    nvdimms=(Nvdimm(node=2, size=16 * GIB),),
    # The bridge belongs to the last node with a CPU, so that tests can tell it from "node 0 by default".
    bridges=(1,), windows=(CxlWindow(4 * GIB),), cxl=(CxlDevice(0xABC1, GIB), CxlDevice(0xABC2, GIB)))

_SLOTS = Host(
    # Slots to plug cards into. A host bridge of QEMU has four decoders, so it takes four regions: bridge 0 has one device more
    # than that, and bridge 1 four and one that is persistent. The window of bridge 2 is too small for its device.
    name="slots", nodes=(GIB, GIB), distances={(0, 1): 21}, bridges=(0, 1, 1),
    windows=(CxlWindow(4 * GIB, (0,)), CxlWindow(4 * GIB, (1,)), CxlWindow(2 * GIB, (0, 1)), CxlWindow(256 * MIB, (2,))),
    cxl=(CxlDevice(0xC0, 512 * MIB, bridge=0),
         *(CxlDevice(0xC1 + i, 512 * MIB, bridge=0, plugged=False) for i in range(4)),
         *(CxlDevice(0xC5 + i, 512 * MIB, bridge=1, plugged=False) for i in range(4)),
         CxlDevice(0xD0, 512 * MIB, bridge=1, persistent=True, plugged=False),
         CxlDevice(0xE0, 512 * MIB, bridge=2, plugged=False)))

_LARGE = Host(
    # So large that its memory blocks are of 2 GiB. Most of it only makes the host large: told to leave that alone, the kernel spends
    # no GiB on a memmap for it, and it is never touched.
    name="large", nodes=(GIB, 63 * GIB), unused=60 * GIB, distances={(0, 1): 21, (0, 2): 31, (1, 2): 41},
    nvdimms=(Nvdimm(node=2, size=16 * GIB),), bridges=(1,), windows=(CxlWindow(8 * GIB),),
    cxl=(CxlDevice(0xABC1, 4 * GIB), CxlDevice(0xABC2, GIB)))

_NVDIMM = Host(
    # Like the first, without CXL: for kernels that make no RAM regions of it. Two small nvdimms, of eight whole memory blocks each and
    # a bit, are in the place of the CXL devices; and there is memory that firmware set aside. Nodes are numbered as the kernel
    # will: in the order in which QEMU's SRAT has them, RAM first, then nvdimms from the last one on.
    name="nvdimm", nodes=(GIB, GIB),
    distances={**_distances(6), (0, 1): 21, (0, 5): 31, (1, 5): 41, (0, 3): 30, (1, 3): 20, (0, 4): 30, (1, 4): 20},
    nvdimms=(Nvdimm(node=5, size=16 * GIB), Nvdimm(node=4, size=1152 * MIB), Nvdimm(node=3, size=1152 * MIB)),
    set_aside=SetAside(node=2, size=4 * GIB))

# KASAN alone takes an eighth of all memory, hot-plugged or not.
_NVDIMM_LARGE = dataclasses.replace(_NVDIMM, name="nvdimm-large", nodes=(3 * GIB, 3 * GIB))

# Without nvdimms: lockdep takes the removal of a namespace for a deadlock (the attribute "uevent" of all devices is one lock to it),
# reports that, and then looks at nothing any more.
_ASIDE_LARGE = dataclasses.replace(_NVDIMM_LARGE, name="aside-large", distances={(0, 1): 21, (0, 2): 45, (1, 2): 45}, nvdimms=())

_ASIDE = Host(
    # Memory that is a dax device from the boot on, as firmware makes it, and CXL devices of which a test makes some before the daemon.
    name="aside", nodes=(GIB, GIB), distances={(0, 1): 21, (0, 2): 31, (1, 2): 41}, set_aside=SetAside(node=2, size=2 * GIB, idle=False),
    bridges=(1,), windows=(CxlWindow(4 * GIB),), cxl=(CxlDevice(0xABC1, GIB), CxlDevice(0xABC2, GIB)))

HOSTS = {host.name: host for host in (_STOCK, _SLOTS, _ASIDE, _LARGE, _NVDIMM, _NVDIMM_LARGE, _ASIDE_LARGE)}


@dataclasses.dataclass(frozen=True)
class Boot:
    """One boot of a host: a test file names the boots that it runs in."""
    name: str
    what: str
    host: str = "stock"
    kernel: str = "debian"          # a name in kernels.py
    memmap_on_memory: bool = True   # the boot parameter memory_hotplug.memmap_on_memory
    enabled: tuple = ()             # units enabled before the boot
    masked: tuple = ()              # units masked before the boot
    packages: bool = False          # our packages of its release are there to be installed, beside the guest's scripts
    project: bool = True            # with the install tree, if there is one
    append: str = ""                # more of the kernel's command line
    timeout: int = 1800             # seconds for the whole boot
    patience: int = 1               # how many times longer than it says a test file may take, and wait
    by_default: bool = True         # else only when named
    like: str = ""                  # when named, it has the files of this boot as well

    def command_line(self) -> str:
        # Quick and certain ends: reboot at a panic, which -no-reboot turns into QEMU's exit. On a busy machine the emulated timer is late,
        # and a kernel that checks it gives up. The kernel's log is judged at the end: nothing may have been pushed out of it by then.
        return " ".join(filter(None, (
            "root=/dev/vda rw console=ttyS0 panic=-1 no_timer_check log_buf_len=4M systemd.show_status=no net.ifnames=0",
            f"memory_hotplug.memmap_on_memory={int(self.memmap_on_memory)}", HOSTS[self.host].append(), self.append)))


BOOTS = {boot.name: boot for boot in (
    Boot(name="demo", what="the demonstration, and shells"),
    Boot(name="lab", what="the lab itself and the stock kernel, without the daemon", project=False),
    Boot(name="plug", what="cards that are plugged in and pulled out, without the daemon", host="slots", project=False),
    Boot(name="large", what="a host with memory blocks of 2 GiB", host="large"),
    Boot(name="lab-7.3", what="as 'lab', on a newer stock kernel", kernel="debian-7.3", project=False, like="lab"),
    Boot(name="plug-7.3", what="as 'plug', on a newer stock kernel", host="slots", kernel="debian-7.3", project=False, like="plug"),
    Boot(name="main-7.3", what="as 'main', on a newer stock kernel", kernel="debian-7.3", timeout=3600, like="main"),
    Boot(name="memmap-off-7.3", what="as 'memmap-off', on a newer stock kernel", kernel="debian-7.3", memmap_on_memory=False,
         enabled=("daxtierd.service",), like="memmap-off"),
    Boot(name="main", what="the daemon on a stock kernel", timeout=3600),
    Boot(name="cards", what="the daemon, and cards that are plugged in and pulled out", host="slots"),
    Boot(name="cards-7.3", what="as 'cards', on a newer stock kernel", host="slots", kernel="debian-7.3", like="cards"),
    Boot(name="surprise", what="cards that leave with their memory online: what is stuck keeps a bridge's decoders", host="slots"),
    Boot(name="surprise-7.3", what="as 'surprise', on a newer stock kernel", host="slots", kernel="debian-7.3", like="surprise"),
    Boot(name="soak", what="a card that comes and goes a hundred times, and a daemon that is killed as often", host="slots", timeout=7200,
         by_default=False),
    Boot(name="soak-7.3", what="as 'soak', on a newer stock kernel", host="slots", kernel="debian-7.3", timeout=7200, by_default=False, like="soak"),
    Boot(name="memmap-off", what="the daemon, enabled, booted without memory_hotplug.memmap_on_memory",
         memmap_on_memory=False, enabled=("daxtierd.service",)),
    Boot(name="packages", what="installing, upgrading, removing our packages", packages=True, project=False, timeout=3600),
    Boot(name="packages-12", what="the same on Debian 12", host="nvdimm", kernel="debian-12", packages=True, project=False, timeout=3600,
         by_default=False),
    Boot(name="packaged", what="our packages, and memory that is there at boot", host="aside", kernel="debian-packaged", project=False,
         enabled=("daxtier-lab-firmware.service",)),
    Boot(name="packaged-masked", what="the same, and a daemon that nobody will start", host="aside", kernel="debian-packaged", project=False,
         enabled=("daxtier-lab-firmware.service",), masked=("daxtierd.service",)),
    Boot(name="packaged-12", what="our packages on Debian 12, and memory that is there at boot", host="aside", kernel="debian-12-packaged",
         project=False, enabled=("daxtier-lab-firmware.service",), by_default=False),
    Boot(name="reference", what="the knob of a newer stock kernel, which the patched one is compared with", host="nvdimm", project=False),
    Boot(name="patched", what="the ABI and the daemon on 6.1 with the series of kernel-patches/", host="nvdimm", kernel="patched-6.1", timeout=3600),
    Boot(name="patched-off", what="the same kernel, booted without memory_hotplug.memmap_on_memory", host="nvdimm", kernel="patched-6.1",
         memmap_on_memory=False, enabled=("daxtierd.service",)),
    Boot(name="patched-locking", what="the same series, on a kernel that checks its locks", host="aside-large", kernel="patched-6.1-locking",
         project=False, timeout=10800, patience=8, by_default=False),
    Boot(name="patched-memory", what="the same series, on a kernel with KASAN and kmemleak", host="nvdimm-large", kernel="patched-6.1-memory",
         project=False, timeout=10800, patience=8, by_default=False),
)}
