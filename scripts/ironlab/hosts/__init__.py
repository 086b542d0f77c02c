"""Hosts that Ironlab makes on this machine, behind one small interface."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class Host:
    """A host that answers on ssh, and how to reach it."""

    name: str
    image: str
    address: str
    user: str
    identity_file: Path
    known_hosts: Path
    port: int = 22

    def as_json(self) -> dict[str, str | int]:
        """The answer of `host create --json`: what an inventory needs."""
        return {
            key: value if isinstance(value, int) else str(value)
            for key, value in asdict(self).items()
        }


@dataclass(frozen=True)
class HostState:
    """A host in a list: it may be stopped."""

    name: str
    image: str
    state: str
    address: str
    started: str
    kind: Literal["container", "machine"] = "container"


class Hosts(Protocol):
    """Where hosts come from; each kind of backend (container, machine, remote) has these."""

    def create(self, name: str, image: str, address: str | None = None) -> Host:
        """Make the host, or find it as asked for, and wait until ssh answers."""

    def exists(self, name: str) -> bool:
        """Whether there is a host of that name."""

    def find(self, name: str) -> Host:
        """A host that runs, and how to reach it."""

    def is_stand_in(self, name: str) -> bool:
        """Whether the host only stands in for Rocky."""

    def address(self, name: str) -> str:
        """The address of a host that exists."""

    def snapshot(self, name: str, label: str) -> None:
        """Keep the host's disk (a machine's memory as well) under `label`, to reset to."""

    def reset(self, name: str, to: str | None = None) -> Host:
        """Put the host back to what it was when it was made, or to a snapshot."""

    def reboot(self, name: str) -> Host:
        """Shut the host down in order and start it again; its disk stays."""

    def destroy(self, name: str) -> bool:
        """Remove the host and all that belongs to it; say whether there was one."""

    def listing(self) -> list[HostState]:
        """Every host of this backend."""
