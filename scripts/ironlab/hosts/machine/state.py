"""The state that machines start from: one that has booted, saved, so that few ever boot.

It is kept for each disk, size of memory, number of processors and QEMU.
"""

from __future__ import annotations

import hashlib
import shutil
import socket
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from ironlab.errors import ExitCode, IronlabError
from ironlab.hosts import Host, identity, login
from ironlab.hosts.machine import disk as disks
from ironlab.hosts.machine import qemu, saved
from ironlab.hosts.machine import spec as machine
from ironlab.hosts.machine.console import last_lines, stuck
from ironlab.hosts.machine.qmp import Monitor
from ironlab.locks import lock

if TYPE_CHECKING:
    from collections.abc import Callable, Container

    from ironlab.process import Run

BOOTED = "booted"
BASE = "base"  # a link that says which disk the state stands on
LOOPBACK = "127.0.0.1"
BOOT_SECONDS = {"kvm": 120.0, "tcg": 600.0}  # far more than it takes: others use the cores too


def ensure(
    run: Run, have: qemu.Engine, disk: disks.Disk, memory: int, tell: Callable[[str], None]
) -> Path:
    """The disk file that has the state, named `BOOTED`; it is made when there is none."""
    size = f"{memory}-{have.processors}cpu"
    where = disks.folder() / "states" / f"{disk.path.stem}-{size}-{_key(have)}"
    if not (where / machine.ROOT).exists():
        with lock("machine-state", wait=True):
            if not (where / machine.ROOT).exists():
                where.parent.mkdir(mode=0o700, exist_ok=True)
                _drop_others(where, f"{disk.path.stem.partition('-')[0]}-*-{size}-*")
                tell(f"booting a machine of {where.name} once, to start others from ...")
                _make(run, have, disk, memory, where)
    return where / machine.ROOT


def _key(have: qemu.Engine) -> str:
    """What else a state depends on: QEMU, and how it is called."""
    parts = [Path(file).read_bytes() for file in (__file__, qemu.__file__)]
    return hashlib.sha256(b"\0".join([have.label.encode(), *parts])).hexdigest()[:12]


def _drop_others(keep: Path, pattern: str) -> None:
    """A state that nothing can start from any more; machines have copies of their own."""
    for path in keep.parent.glob(pattern):
        if path != keep:
            shutil.rmtree(path)


def _make(run: Run, have: qemu.Engine, disk: disks.Disk, memory: int, where: Path) -> None:
    with tempfile.TemporaryDirectory(prefix=".making-", dir=where.parent) as temporary:
        folder = Path(temporary)
        spec = machine.Spec(
            name=f"first-{disk.path.stem}",
            image=disk.path.stem,
            port=free_port(),
            memory=memory,
            disks=(),
            group=folder.name,
            stand_in=disk.stand_in,
            made_by=have.label,
            processors=have.processors,
        )
        overlay(run, folder / machine.ROOT, disk.path)
        (folder / BASE).symlink_to(disk.path)
        argv = qemu.command(spec, folder, have, devices=False)
        try:
            qemu.start(run, argv, spec.name)
            wait(run, spec, folder)
            with Monitor(folder / machine.MONITOR, spec.name) as monitor:
                monitor.call("stop")
                saved.save(monitor, BOOTED, [saved.ROOT])
                monitor.call("quit")
            machine.wait_for_end(folder)
        finally:
            machine.end(folder)
            identity.forget(spec.name)
        folder.rename(where)
        folder.mkdir()  # for TemporaryDirectory to remove


def overlay(run: Run, path: Path, base: Path) -> None:
    """A disk file that has what differs from `base`."""
    backing = ["-b", str(base), "-F", "qcow2"]
    done = run(["qemu-img", "create", "-q", "-f", "qcow2", *backing, str(path)])
    if not done.ok:
        raise IronlabError(f"qemu-img: {done.reason}", "see `./ironlab doctor`")


def free_port(taken: Container[int] = ()) -> int:
    """A port of the loopback address that nobody listens on, nor means to."""
    while True:
        with socket.socket() as listener:
            listener.bind((LOOPBACK, 0))
            port: int = listener.getsockname()[1]
        if port not in taken:
            return port


def as_host(spec: machine.Spec) -> Host:
    """How ssh reaches a machine."""
    return Host(
        spec.name,
        spec.image,
        LOOPBACK,
        identity.USER,
        identity.key_file(),
        identity.known_hosts_file(),
        spec.port,
    )


def wait(
    run: Run, spec: machine.Spec, folder: Path, *, begin: int = 0, degraded: bool = False
) -> Host:
    """Wait until a machine that boots lets ssh in and systemd has finished.

    Args:
        run: runs ssh.
        spec: the machine.
        folder: where its console's log is.
        begin: how long that log was when it began to boot.
        degraded: also take a machine with failed units.

    Raises:
        IronlabError: it does not, with the last lines of its console.
    """
    host = as_host(spec)
    identity.remember(spec.name, LOOPBACK, spec.port, identity.MACHINES)
    log = folder / machine.CONSOLE_LOG
    limit = BOOT_SECONDS[spec.made_by.rpartition("-")[2]]
    answer = login.wait(host, run, limit, hopeless=lambda: stuck(log, begin))
    state = answer.out.strip()
    if state == "running" or (degraded and state == "degraded"):
        return host
    seen = state or answer.reason
    message = f"host {spec.name} did not boot to a login: {seen}; its console ends with: "
    remedy = f"look at it: ./ironlab host console {spec.name}"
    raise IronlabError(f"{message}{last_lines(log)}", remedy, ExitCode.UNREACHABLE)
