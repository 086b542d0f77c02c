"""How QEMU is asked for a virtual machine.

Each device has its place on the bus written down: a saved state finds its devices by it, and the
guest's names for its network cards (ens3, ens4) follow from it.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ironlab import files, kvm, paths
from ironlab.errors import ExitCode, IronlabError
from ironlab.hosts.machine import spec as machine

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ironlab.process import Run

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
START_SECONDS = 120.0
USER = "nobody"  # whom QEMU becomes when root starts it, once its files are open
USER_OPTION_SINCE = (9, 1)
TRANSLATED_MIB = 128  # QEMU's store of translated code: more made no boot faster, and is memory
PROCESSORS = 2  # a machine that is emulated boots in half the time of one that has one
PROCESSORS_VARIABLE = "IRONLAB_MACHINE_PROCESSORS"
MOST_PROCESSORS = 16
MANAGEMENT_SLOT, PRIVATE_SLOT, ROOT_SLOT, RANDOM_SLOT, FIRST_DISK_SLOT = 3, 4, 5, 6, 8
LAST_SLOT = 31
SEGMENT = "239.77.{}.{}"  # multicast, of this machine only, an address for each group
SEGMENT_PORTS = (20000, 40000)


@dataclass(frozen=True)
class Engine:
    """The QEMU of this computer."""

    version: tuple[int, int]
    accelerator: str
    processors: int = PROCESSORS
    """How many a new machine gets."""

    @property
    def label(self) -> str:
        """What a saved state depends on."""
        major, minor = self.version
        return f"qemu-{major}.{minor}-{self.processors}cpu-{self.accelerator}"


def engine(run: Run) -> Engine:
    """Look which QEMU there is, and whether KVM runs guests.

    Raises:
        IronlabError: there is no QEMU, or one that is too old.
    """
    version = kvm.version(run)
    if version is None or version[0] < kvm.OLDEST:
        finding = kvm.qemu(run)
        raise IronlabError(f"QEMU: {finding.seen}", finding.remedy, ExitCode.PREREQUISITE)
    return Engine(version, _accelerator(run, version), _processors())


def _accelerator(run: Run, version: tuple[int, int]) -> str:
    """What runs guests; the probe may take seconds, so its answer is kept until the next boot."""
    known = paths.cache_dir() / "machines" / "accelerator"
    boot = BOOT_ID.read_text(encoding="ascii").strip()
    asked = f"{boot} {version} {os.access(kvm.DEVICE, os.R_OK | os.W_OK)}"
    kept = known.read_text(encoding="ascii").splitlines() if known.exists() else []
    if kept[:1] != [asked]:
        kept = [asked, "kvm" if kvm.works(run).state == "ok" else "tcg"]
        files.write(known, "\n".join(kept))
    return kept[1]


def _processors() -> int:
    said = os.environ.get(PROCESSORS_VARIABLE, str(PROCESSORS))
    if not said.isdecimal() or not 1 <= int(said) <= MOST_PROCESSORS:
        message = f"{PROCESSORS_VARIABLE}={said} is no number from 1 to {MOST_PROCESSORS}"
        raise IronlabError(message, f"unset it, or say {PROCESSORS_VARIABLE}=1", ExitCode.USAGE)
    return int(said)


def disk_node(index: int) -> str:
    """QEMU's name of an extra disk, counted from 0."""
    return f"disk{index}"


def disk_file(index: int) -> str:
    """Its file in the machine's folder."""
    return f"disk{index}.qcow2"


def nodes(disks: Sequence[int]) -> list[str]:
    """QEMU's names of all disks of a machine."""
    return ["root", *map(disk_node, range(len(disks)))]


def block(node: str, file: str) -> dict[str, object]:
    """A disk's file, as QEMU opens it; nothing waits until it is on the computer's own disk."""
    cache = {"direct": False, "no-flush": True}
    protocol = {"driver": "file", "filename": file, "cache": cache}
    return {
        "driver": "qcow2",
        "node-name": node,
        "file": protocol,
        "cache": cache,
        "discard": "unmap",
    }


def disk_device(index: int) -> dict[str, object]:
    """The device of an extra disk: /dev/vdb, /dev/vdc, ... in the guest."""
    node, slot = disk_node(index), FIRST_DISK_SLOT + index
    return {
        "driver": "virtio-blk-pci",
        "drive": node,
        "id": node,
        "serial": node,
        "addr": f"{slot:#x}",
    }


def segment(group: str) -> dict[str, object]:
    """The private network of a group: multicast on the loopback device, which needs no root."""
    digest = hashlib.sha256(group.encode()).digest()
    low, high = SEGMENT_PORTS
    port = low + int.from_bytes(digest[2:4]) % (high - low)
    address = SEGMENT.format(digest[0], digest[1])
    return {
        "type": "dgram",
        "id": "private",
        "local": {"type": "inet", "host": "127.0.0.1", "port": str(port)},
        "remote": {"type": "inet", "host": address, "port": str(port)},
    }


def private_card(name: str) -> dict[str, object]:
    """The card on the private network."""
    return {
        "driver": "virtio-net-pci",
        "netdev": "private",
        "id": "private",
        "mac": machine.mac_address(name, 2),
        "addr": f"{PRIVATE_SLOT:#x}",
        "romfile": "",
    }


def own_devices(spec: machine.Spec) -> list[dict[str, object]]:
    """The devices that not every machine has."""
    return [private_card(spec.name), *map(disk_device, range(len(spec.disks)))]


def options(values: Mapping[str, object], prefix: str = "") -> str:
    """A structure as QEMU's command line takes it: driver=x,file.driver=y."""
    parts = []
    for key, value in values.items():
        if isinstance(value, dict):
            parts.append(options(value, f"{prefix}{key}."))
        else:
            text = ("on" if value else "off") if isinstance(value, bool) else str(value)
            parts.append(f"{prefix}{key}={text.replace(',', ',,')}")
    return ",".join(parts)


def command(
    spec: machine.Spec,
    folder: Path,
    have: Engine,
    *,
    paused: bool = False,
    devices: bool = True,
) -> list[str]:
    """The command that starts a machine in its folder and leaves it running.

    Args:
        spec: the machine.
        folder: where its files are.
        have: the QEMU.
        paused: wait for `cont`, so that a saved state can be loaded, else the machine boots.
        devices: plug its extra disks and its private card in; the state that all machines start
            from knows of neither.
    """
    forward = f"tcp:127.0.0.1:{spec.port}-:22"
    management = {"type": "user", "id": "management", "hostfwd": forward, "restrict": spec.stand_in}
    card = {"mac": "52:54:00:77:00:01", "addr": f"{MANAGEMENT_SLOT:#x}", "romfile": ""}
    root = {"driver": "virtio-blk-pci", "drive": "root", "addr": f"{ROOT_SLOT:#x}", "bootindex": 1}
    entropy = {"driver": "virtio-rng-pci", "addr": f"{RANDOM_SLOT:#x}"}
    console = f"path={machine.CONSOLE},server=on,wait=off,logfile={machine.CONSOLE_LOG}"
    argv = [
        *("env", f"--chdir={folder}"),  # so that no path is too long for a socket
        *(kvm.QEMU, "-name", f"guest=ironlab-{spec.name}"),
        *("-nodefaults", "-no-user-config", "-display", "none", "-daemonize"),
        *("-pidfile", str(folder / machine.PID), *_unprivileged(have)),
        *("-machine", "pc,usb=off,vmport=off", *_processor(have, spec)),
        *("-smp", str(spec.processors), "-m", str(spec.memory), "-rtc", "base=utc,clock=host"),
        *("-action", "shutdown=pause"),  # so that a reboot sees that the guest had its shutdown
        *("-chardev", f"socket,id=monitor,path={machine.MONITOR},server=on,wait=off"),
        *("-mon", "chardev=monitor,mode=control"),
        *("-chardev", f"socket,id=console,{console},logappend=on", "-serial", "chardev:console"),
        *("-blockdev", options(block("root", machine.ROOT)), "-device", options(root)),
        *("-netdev", options(management)),
        *("-device", options({"driver": "virtio-net-pci", "netdev": "management", **card})),
        *("-device", options(entropy)),
    ]
    # the files are opened now: later QEMU may be a user who can't
    for index in range(len(spec.disks)):
        argv += ["-blockdev", options(block(disk_node(index), disk_file(index)))]
    argv += ["-netdev", options(segment(spec.group))]
    if devices:
        for device in own_devices(spec):
            argv += ["-device", options(device)]
    if paused:
        argv += ["-S"]
    return argv


def _processor(have: Engine, spec: machine.Spec) -> list[str]:
    if have.accelerator == "kvm":
        return ["-accel", "kvm", "-cpu", "host"]
    # EL 10's own programs ask for what qemu64 lacks; it is the quicker one to emulate
    model = "qemu64" if spec.stand_in else "max"
    return ["-accel", f"tcg,thread=multi,tb-size={TRANSLATED_MIB}", "-cpu", model]


def _unprivileged(have: Engine) -> list[str]:
    """What QEMU may not do: a guest that breaks out of it finds little."""
    limits = "on,obsolete=deny,resourcecontrol=deny"
    if os.geteuid() != 0:
        return ["-sandbox", f"{limits},elevateprivileges=deny"]
    if have.version >= USER_OPTION_SINCE:
        return ["-sandbox", limits, "-run-with", f"user={USER}"]
    return ["-sandbox", limits, "-runas", USER]


def start(run: Run, argv: list[str], name: str) -> None:
    """Start QEMU; it comes back when the machine runs.

    Raises:
        IronlabError: it did not start.
    """
    done = run(argv, timeout=START_SECONDS)
    if not done.ok:
        message = f"QEMU cannot start host {name}: {done.reason.removeprefix(f'{kvm.QEMU}: ')}"
        raise IronlabError(message, "see `./ironlab doctor`", ExitCode.PREREQUISITE)
