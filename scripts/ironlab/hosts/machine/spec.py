"""What is known of a virtual machine, and the folder that has all of it."""

from __future__ import annotations

import hashlib
import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, ValidationError

from ironlab import files, paths
from ironlab.errors import ExitCode, IronlabError

MONITOR = "monitor.sock"
CONSOLE = "console.sock"
CONSOLE_LOG = "console.log"
QEMU_LOG = "qemu.log"
PID = "pid"
ROOT = "root.qcow2"
SPEC = "machine.json"
LOOK_SECONDS = 0.02


@dataclass(frozen=True)
class Wanted:
    """What a machine is asked to be."""

    image: str
    disks: tuple[int, ...]
    memory: int
    group: str

    def __str__(self) -> str:
        """For an error of one line."""
        sizes = ", ".join(map(str, self.disks)) or "none"
        return f"{self.image}, {self.memory} MiB, disks {sizes}, group {self.group}"


class Spec(BaseModel):
    """A virtual machine as it was asked for."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    image: str
    port: int
    memory: int
    disks: tuple[int, ...]
    group: str
    stand_in: bool
    made_by: str
    processors: int

    @property
    def wanted(self) -> Wanted:
        """What it was asked to be."""
        return Wanted(self.image, self.disks, self.memory, self.group)

    @property
    def folder(self) -> Path:
        """Where its disks, sockets and logs are."""
        return folder(self.name)

    def save(self) -> None:
        """Write it down: from then on there is a host of that name."""
        files.write(self.folder / SPEC, self.model_dump_json(indent=2) + "\n")

    @classmethod
    def load(cls, name: str) -> Self | None:
        """The machine of that name; None when there is none."""
        path = folder(name) / SPEC
        try:
            return cls.model_validate_json(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        except ValidationError:
            remedy = f"destroy the host: ./ironlab host destroy {name}"
            raise IronlabError(f"{path} is not of this version", remedy) from None


def machines() -> Path:
    """The folder of all machines."""
    return paths.state_dir() / "machines"


def folder(name: str) -> Path:
    """The folder of one."""
    return machines() / name


def names() -> list[str]:
    """Every machine, by name."""
    return sorted(path.parent.name for path in machines().glob(f"*/{SPEC}"))


def mac_address(name: str, card: int) -> str:
    """The same for the same name; 52:54:00 is QEMU's own prefix."""
    tail = hashlib.sha256(f"{name}/{card}".encode()).digest()[:3]
    return ":".join(f"{octet:02x}" for octet in (0x52, 0x54, 0x00, *tail))


def process(where: Path) -> int | None:
    """The process id of the QEMU that works in that folder; None when none does."""
    try:
        pid = int((where / PID).read_text(encoding="ascii"))
        command = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except (OSError, ValueError):
        return None
    # a process id is used again by others: it is ours only when it was told to write this file
    return pid if str(where / PID).encode() in command else None


def end(where: Path) -> None:
    """End the QEMU that works in that folder, at once: its disks are about to go."""
    pid = process(where)
    if pid is not None:
        os.kill(pid, signal.SIGKILL)
        wait_for_end(where)


def wait_for_end(where: Path, seconds: float = 10.0) -> None:
    """Wait until no QEMU works in that folder any more."""
    deadline = time.monotonic() + seconds
    while (pid := process(where)) is not None:
        if time.monotonic() > deadline:
            message = f"QEMU (process {pid}) does not end"
            raise IronlabError(message, f"see `ps {pid}`", ExitCode.BUSY)
        time.sleep(LOOK_SECONDS)
