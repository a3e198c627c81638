# SPDX-License-Identifier: GPL-2.0-or-later
"""The shapes of the virtual hosts, and the boots that tests ask for. To add a host or a boot, add a row here."""

import dataclasses

MIB = 1 << 20
GIB = 1 << 30


@dataclasses.dataclass(frozen=True)
class CxlDevice:
    """A CXL type 3 device with volatile memory, under its own root port. The size is a multiple of 256 MiB.
    Touching this memory is slow under emulation: keep it small."""
    serial: int
    size: int


@dataclasses.dataclass(frozen=True)
class Nvdimm:
    """Memory behind an nvdimm: at full speed, on a node of its own, with that node's row in the SLIT."""
    node: int
    size: int


@dataclasses.dataclass(frozen=True)
class Host:
    name: str
    nodes: tuple        # RAM of each node with a CPU, from node 0
    distances: dict     # (a, b): SLIT distance, both ways
    cxl: tuple
    cxl_window: int     # the CXL fixed memory window: what regions can be cut from
    nvdimms: tuple

    def arguments(self) -> list:
        """The QEMU arguments for this shape."""
        # One -machine only: a second one silently drops CXL and the ACPI tables.
        args = ["-machine", "q35,cxl=on,nvdimm=on", "-smp", f"{len(self.nodes)},sockets={len(self.nodes)}",
                "-m", f"{sum(self.nodes) // MIB}M,maxmem=160G,slots=8"]
        for node, size in enumerate(self.nodes):
            args += ["-object", f"memory-backend-ram,id=ram{node},size={size}",
                     "-numa", f"node,nodeid={node},memdev=ram{node},cpus={node}"]
        for dimm in self.nvdimms:
            args += ["-numa", f"node,nodeid={dimm.node}"]
        for (a, b), distance in self.distances.items():
            args += ["-numa", f"dist,src={a},dst={b},val={distance}"]
        for i, dimm in enumerate(self.nvdimms):
            # No label area: with one, the alignment of the namespace fails.
            args += ["-object", f"memory-backend-ram,id=nv{i},size={dimm.size}",
                     "-device", f"nvdimm,memdev=nv{i},unarmed=off,node={dimm.node}"]
        if self.cxl:
            # The bridge belongs to the last node with a CPU, so that tests can tell it from "node 0 by default".
            args += ["-device", f"pxb-cxl,bus_nr=12,bus=pcie.0,id=cxl.1,numa_node={len(self.nodes) - 1}",
                     "-M", f"cxl-fmw.0.targets.0=cxl.1,cxl-fmw.0.size={self.cxl_window}"]
        for i, device in enumerate(self.cxl):
            args += ["-device", f"cxl-rp,port={i},bus=cxl.1,id=rp{i},chassis=0,slot={i + 2}",
                     "-object", f"memory-backend-ram,id=vmem{i},share=on,size={device.size}",
                     "-device", f"cxl-type3,bus=rp{i},volatile-memdev=vmem{i},id=m{i},sn={device.serial:#x}"]
        return args

    def environment(self) -> dict:
        """What guest scripts may know about the shape, so that no number stands twice."""
        env = {"LAB_HOST": self.name, "LAB_CPU_NODES": len(self.nodes), "LAB_CXL_WINDOW": self.cxl_window}
        for i, device in enumerate(self.cxl):
            env |= {f"LAB_CXL{i}_SERIAL": f"{device.serial:#x}", f"LAB_CXL{i}_SIZE": device.size}
        for i, dimm in enumerate(self.nvdimms):
            near = min(d for pair, d in self.distances.items() if dimm.node in pair and min(pair) < len(self.nodes))
            env |= {f"LAB_NVDIMM{i}_NODE": dimm.node, f"LAB_NVDIMM{i}_SIZE": dimm.size,
                    f"LAB_NVDIMM{i}_DISTANCE": near}
        return env


HOSTS = {host.name: host for host in (
    # Two sockets, two small CXL devices on the second, and one large, farther memory with its own row in the SLIT.
    Host(name="stock", nodes=(GIB, GIB), distances={(0, 1): 21, (0, 2): 31, (1, 2): 41},
         cxl=(CxlDevice(serial=0xABC1, size=GIB), CxlDevice(serial=0xABC2, size=GIB)), cxl_window=4 * GIB, nvdimms=(Nvdimm(node=2, size=16 * GIB),)),
)}


@dataclasses.dataclass(frozen=True)
class Boot:
    """One boot of a host: a test file names the boots that it runs in."""
    name: str
    what: str
    host: str = "stock"
    kernel: str = "debian"          # a name in kernels.py
    memmap_on_memory: bool = True   # the boot parameter memory_hotplug.memmap_on_memory
    enabled: tuple = ()             # units enabled before the boot
    project: bool = True            # with the install tree, if there is one
    append: str = ""                # more of the kernel's command line
    timeout: int = 900              # seconds for the whole boot
    by_default: bool = True         # else only when named

    def command_line(self) -> str:
        # Quick and certain ends: reboot at a panic, which -no-reboot turns into QEMU's exit.
        return " ".join(filter(None, (
            "root=/dev/vda rw console=ttyS0 panic=-1 systemd.show_status=no net.ifnames=0",
            f"memory_hotplug.memmap_on_memory={int(self.memmap_on_memory)}", self.append)))


BOOTS = {boot.name: boot for boot in (
    Boot(name="demo", what="the demonstration, and shells"),
    Boot(name="lab", what="the lab itself and the stock kernel, without the daemon", project=False),
    Boot(name="main", what="the daemon on a stock kernel", timeout=2400),
    Boot(name="memmap-off", what="the daemon, enabled, booted without memory_hotplug.memmap_on_memory",
         memmap_on_memory=False, enabled=("daxtierd.service",)),
)}
