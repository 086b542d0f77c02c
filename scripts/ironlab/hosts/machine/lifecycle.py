"""What happens to a virtual machine: it is made, started, saved, put back, booted."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from ironlab.errors import ExitCode, IronlabError
from ironlab.hosts import identity
from ironlab.hosts.machine import disk as disks
from ironlab.hosts.machine import guest, qemu, saved, state
from ironlab.hosts.machine import spec as machine
from ironlab.hosts.machine.qmp import Monitor
from ironlab.images import store
from ironlab.locks import lock

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from ironlab.hosts import Host
    from ironlab.process import Run

FRESH = "fresh"
SHUTDOWN_SECONDS = 100.0  # systemd's own patience with a service is 90
BY_EMULATION = "no KVM here: machines run by emulation (TCG), some 10 times slower"


def monitor(spec: machine.Spec) -> Monitor:
    """The monitor of a machine that runs."""
    try:
        return Monitor(spec.folder / machine.MONITOR, spec.name)
    except OSError as error:
        message = f"QEMU of host {spec.name} does not answer: {error}"
        remedy = f"`./ironlab host destroy {spec.name}` removes it"
        raise IronlabError(message, remedy, ExitCode.UNREACHABLE) from None


class Lifecycle:
    """Moves machines from one state to the next; its callers hold the host's lock."""

    def __init__(self, run: Run, tell: Callable[[str], None], *, accept_degraded: bool) -> None:
        """Use `run` for programs, and `tell` for what takes long."""
        self._run = run
        self._tell = tell
        self._degraded = accept_degraded

    def make(self, name: str, wanted: machine.Wanted, build: Callable[[str], object]) -> Host:
        """Make a machine out of the state that all start from."""
        have = qemu.engine(self._run)
        if have.accelerator == "tcg":
            self._tell(BY_EMULATION)
        if store.image(wanted.image) is None:
            build(wanted.image)
        identity.ensure_key(self._run)
        identity.ensure_host_keys(self._run, identity.MACHINES)
        disk = disks.ensure(wanted.image, self._tell)
        origin = state.ensure(self._run, have, disk, wanted.memory, self._tell)
        folder = machine.folder(name)
        if folder.exists():  # what a run that was killed has left
            machine.end(folder)
            shutil.rmtree(folder)
        folder.mkdir(mode=0o700, parents=True)
        try:
            with lock("ports", wait=True):
                spec = machine.Spec(
                    name=name,
                    image=wanted.image,
                    port=state.free_port(_ports()),
                    memory=wanted.memory,
                    disks=wanted.disks,
                    group=wanted.group,
                    stand_in=disk.stand_in,
                    made_by=have.label,
                    processors=have.processors,
                )
                spec.save()
            (folder / state.BASE).symlink_to(disk.path)
            self._files(spec, origin)
            argv = qemu.command(spec, folder, have, paused=True, devices=False)
            qemu.start(self._run, argv, name)
            with monitor(spec) as control:
                saved.load(control, state.BOOTED, [saved.ROOT])
                for device in qemu.own_devices(spec):
                    control.call("device_add", **device)
                control.call("cont")
                host = self._awake(spec, new=True)
                saved.drop(control, state.BOOTED, [saved.ROOT])
                saved.save(control, FRESH, qemu.nodes(spec.disks))
        except BaseException:  # Ctrl-C too must leave no machine running
            machine.end(folder)
            shutil.rmtree(folder)
            identity.forget(name)
            raise
        return host

    def _files(self, spec: machine.Spec, origin: Path) -> None:
        copy = ["cp", "--reflink=auto", "--sparse=auto", str(origin)]
        made = [[*copy, str(spec.folder / machine.ROOT)]]
        for index, size in enumerate(spec.disks):
            file = str(spec.folder / qemu.disk_file(index))
            made.append(["qemu-img", "create", "-q", "-f", "qcow2", file, f"{size}M"])
        for argv in made:
            done = self._run(argv)
            if not done.ok:
                message = f"the disks of host {spec.name}: {done.reason}"
                raise IronlabError(message, "free some space", ExitCode.PREREQUISITE)

    def switch_on(self, spec: machine.Spec, *, paused: bool = False) -> bool:
        """Start the QEMU of a machine that is off, or turn it on again; say whether it was off."""
        if machine.process(spec.folder) is None:
            have = qemu.engine(self._run)
            qemu.start(self._run, qemu.command(spec, spec.folder, have, paused=paused), spec.name)
            return True
        with monitor(spec) as control:
            if control.call("query-status")["status"] != "shutdown" or paused:
                return False
            control.call("system_reset")
            control.call("cont")
            return True

    def running(self, spec: machine.Spec) -> Host:
        """A machine that answers; one that is off boots, its disks as they were left."""
        begin = _size(spec.folder / machine.CONSOLE_LOG)
        if self.switch_on(spec):
            return self._boots(spec, begin)
        return self._awake(spec)

    def load(self, spec: machine.Spec, tag: str) -> Host:
        """Put a machine into a state that was saved."""
        self.switch_on(spec, paused=True)
        with monitor(spec) as control:
            if tag not in saved.tags(control):
                label = tag.partition("-")[2]
                message = f"host {spec.name} has no snapshot {label}"
                remedy = f"make one: ./ironlab host snapshot {spec.name} {label}"
                raise IronlabError(message, remedy, ExitCode.UNREACHABLE)
            saved.load(control, tag, qemu.nodes(spec.disks))
            control.call("cont")
        return self._awake(spec)

    def reboot(self, spec: machine.Spec) -> Host:
        """Shut a machine down as its power button does, and boot it."""
        log = spec.folder / machine.CONSOLE_LOG
        begin = _size(log)
        if self.switch_on(spec):
            return self._boots(spec, begin)
        with monitor(spec) as control:
            control.call("system_powerdown")
            if not control.wait_for("SHUTDOWN", SHUTDOWN_SECONDS):
                self._tell(f"{spec.name} does not shut down within {SHUTDOWN_SECONDS:g} s: reset")
                control.call("stop")
            begin = _size(log)
            control.call("system_reset")
            control.call("cont")
        return self._boots(spec, begin)

    def _boots(self, spec: machine.Spec, begin: int) -> Host:
        self._tell(f"{spec.name} boots ...")
        degraded = self._degraded
        return state.wait(self._run, spec, spec.folder, begin=begin, degraded=degraded)

    def _awake(self, spec: machine.Spec, *, new: bool = False) -> Host:
        """Set the clock of a machine that ran all the time, and see that it is well."""
        host = state.as_host(spec)
        identity.remember(spec.name, state.LOOPBACK, spec.port, identity.MACHINES)
        return guest.wake(self._run, host, spec, new=new, degraded=self._degraded)


def _ports() -> set[int]:
    """The ports of all machines, also of those that are off."""
    return {spec.port for name in machine.names() if (spec := machine.Spec.load(name))}


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0
