"""Hosts as virtual machines of QEMU: what a lab needs that a container can't have.

A machine is a folder, and there is no second list of them that could differ from it.
"""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from ironlab import console as terminal
from ironlab.errors import ExitCode, IronlabError
from ironlab.hosts import HostState, identity
from ironlab.hosts.machine import console, lifecycle, qemu, saved, state
from ironlab.hosts.machine import spec as machine
from ironlab.hosts.names import check_name
from ironlab.locks import lock
from ironlab.process import run as run_here

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ironlab.hosts import Host
    from ironlab.process import Run

MEMORY = 1024
MEMORY_LEAST = 512
DISKS_MOST = qemu.LAST_SLOT - qemu.FIRST_DISK_SLOT + 1
LABEL = "label-"  # before a label of the user's, so that it can be any


class MachineHosts:
    """The backend `machine`; the runner and the image builder are injected."""

    def __init__(
        self,
        build: Callable[[str], object],
        run: Run = run_here,
        tell: Callable[[str], None] = terminal.tell,
        *,
        accept_degraded: bool = False,
    ) -> None:
        """Use `build` to make an image that is missing.

        Args:
            build: makes an image.
            run: runs programs.
            tell: is told what takes long.
            accept_degraded: a host with failed units is ready, too.
        """
        self._build = build
        self._works = lifecycle.Lifecycle(run, tell, accept_degraded=accept_degraded)

    @staticmethod
    def exists(name: str) -> bool:
        """Whether there is a machine of that name."""
        return exists(name)

    def is_stand_in(self, name: str) -> bool:
        """Whether the host only stands in for Rocky: then a few things can't run on it."""
        return self._existing(name).stand_in

    def create(  # noqa: PLR0913 - what a machine is made of; all but two are by name
        self,
        name: str,
        image: str,
        address: str | None = None,
        *,
        disks: Sequence[int] = (),
        memory: int = MEMORY,
        group: str | None = None,
    ) -> Host:
        """Make the host, or find it as asked for, and wait until ssh answers.

        Args:
            name: the host.
            image: what it is made from.
            address: always this computer's loopback address.
            disks: the sizes of its extra disks in MiB: /dev/vdb, /dev/vdc, ...
            memory: in MiB.
            group: hosts of one group share a private network.
        """
        check_name(name)
        _check(address, disks, memory)
        with lock(f"host-{name}", wait=True):
            found = machine.Spec.load(name)
            wanted = machine.Wanted(image, tuple(disks), memory, group or name)
            if found is None:
                return self._works.make(name, wanted, self._build)
            if found.wanted != wanted:
                message = f"host {name} exists, with {found.wanted}, not {wanted}"
                raise IronlabError(message, f"destroy it first: ./ironlab host destroy {name}")
            return self._works.running(found)

    def address(self, name: str) -> str:
        """The address of a host that exists; many share it, each on a port of its own."""
        self._existing(name)
        return state.LOOPBACK

    def find(self, name: str) -> Host:
        """A host, and how to reach it; one that is off is started."""
        spec = self._existing(name)
        if machine.process(spec.folder) is not None:
            return state.as_host(spec)
        with lock(f"host-{name}", wait=True):
            return self._works.running(spec)

    def snapshot(self, name: str, label: str) -> None:
        """Keep the host's disks and memory under `label`; it goes on running."""
        check_name(label)
        with lock(f"host-{name}", wait=True):
            spec = self._existing(name)
            self._works.running(spec)
            with lifecycle.monitor(spec) as monitor:
                saved.save(monitor, f"{LABEL}{label}", qemu.nodes(spec.disks))

    def reset(self, name: str, to: str | None = None) -> Host:
        """Put the host back to what it was when it was made, or to a snapshot: still running."""
        with lock(f"host-{name}", wait=True):
            spec = self._existing(name)
            return self._works.load(spec, f"{LABEL}{to}" if to else lifecycle.FRESH)

    def reboot(self, name: str) -> Host:
        """Have the host shut itself down in order, and boot."""
        with lock(f"host-{name}", wait=True):
            return self._works.reboot(self._existing(name))

    def destroy(self, name: str) -> bool:
        """Remove the host with its disks and snapshots; say whether there was one."""
        check_name(name)
        with lock(f"host-{name}", wait=True):
            folder = machine.folder(name)
            there = folder.exists()
            if there:
                machine.end(folder)
                shutil.rmtree(folder)
                identity.forget(name)
            return there

    def listing(self) -> list[HostState]:
        """Every host, by name."""
        specs = (machine.Spec.load(name) for name in machine.names())
        return [_state(spec) for spec in specs if spec]

    def console(self, name: str) -> None:
        """Connect the terminal with the host's serial console, and start a host that is off."""
        spec = self._existing(name)
        with lock(f"host-{name}", wait=True):
            self._works.switch_on(spec)
        console.attach(spec)

    @staticmethod
    def _existing(name: str) -> machine.Spec:
        found = machine.Spec.load(name)
        if found is None:
            remedy = "`./ironlab host list` shows those there are"
            raise IronlabError(f"there is no host {name}", remedy, ExitCode.UNREACHABLE)
        return found


def exists(name: str) -> bool:
    """Whether there is a machine of that name."""
    return (machine.folder(name) / machine.SPEC).exists()


def _check(address: str | None, disks: Sequence[int], memory: int) -> None:
    """Refuse what no machine can have."""
    if address is not None:
        remedy = f"leave it out: it is {state.LOOPBACK}, with a port of its own"
        raise IronlabError("a machine has no address to choose", remedy, ExitCode.USAGE)
    if any(size < 1 for size in disks) or len(disks) > DISKS_MOST:
        remedy = f"give sizes in MiB, of {DISKS_MOST} disks at most"
        raise IronlabError(f"no machine can have the disks {list(disks)}", remedy, ExitCode.USAGE)
    if memory < MEMORY_LEAST:
        remedy = f"give it {MEMORY_LEAST} MiB or more"
        raise IronlabError(f"a machine can't boot in {memory} MiB", remedy, ExitCode.USAGE)


def _state(spec: machine.Spec) -> HostState:
    running = machine.process(spec.folder) is not None
    since = (spec.folder / machine.PID).stat().st_mtime if running else 0.0
    return HostState(
        name=spec.name,
        image=spec.image,
        state="running" if running else "exited",
        address=f"{state.LOOPBACK}:{spec.port}",
        started=datetime.fromtimestamp(since, UTC).isoformat() if running else "",
        kind="machine",
    )
