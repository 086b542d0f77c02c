"""Containers and machines behind the one interface that a lab's places need."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Protocol

from ironlab.console import tell
from ironlab.errors import ExitCode, IronlabError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ironlab.hosts import Host, HostState
    from ironlab.hosts.container import ContainerHosts
    from ironlab.hosts.machine import MachineHosts

Kind = Literal["container", "machine", "remote"]


class Backend(Protocol):
    """What a lab needs of where its hosts come from."""

    def make(self, name: str, image: str, disks: Sequence[int]) -> Host:
        """Make the host with these extra disks (MiB), or start and find it."""

    def find(self, name: str) -> Host:
        """A host that runs."""

    def start(self, name: str) -> Host:
        """Start a host that is off."""

    def snapshot(self, name: str, label: str) -> None:
        """Keep the host's disk."""

    def reset(self, name: str, to: str | None = None) -> Host:
        """Put the host back."""

    def reboot(self, name: str) -> Host:
        """Stop and start the host."""

    def destroy(self, name: str) -> bool:
        """Remove the host."""

    def listing(self) -> list[HostState]:
        """Every host of this backend."""


class Containers:
    """Containers."""

    def __init__(self, hosts: ContainerHosts) -> None:
        """Use the backend `container`."""
        self._hosts = hosts
        self.find = hosts.find
        self.snapshot = hosts.snapshot
        self.reset = hosts.reset
        self.reboot = hosts.reboot
        self.destroy = hosts.destroy
        self.listing = hosts.listing

    def make(self, name: str, image: str, disks: Sequence[int]) -> Host:
        """Make the host, or start and find it."""
        if disks:
            message = "a container has no disks of its own"
            raise IronlabError(message, "give the lab `needs: {host: machine}`", ExitCode.USAGE)
        return self._hosts.create(name, image)

    def start(self, name: str) -> Host:
        """Start a host that is off."""
        image = next(state.image for state in self.listing() if state.name == name)
        return self._hosts.create(name, image)


class Machines:
    """Virtual machines; those of one lab share a private network."""

    def __init__(self, hosts: MachineHosts) -> None:
        """Use the backend `machine`."""
        self._hosts = hosts
        self.snapshot = hosts.snapshot
        self.reset = hosts.reset
        self.reboot = hosts.reboot
        self.destroy = hosts.destroy
        self.listing = hosts.listing
        self.start = hosts.find
        self.console = hosts.console

    def make(self, name: str, image: str, disks: Sequence[int]) -> Host:
        """Make the host with these extra disks, or start and find it."""
        return self._hosts.create(name, image, disks=disks, group=name.rpartition("-")[0])

    def find(self, name: str) -> Host:
        """A host that runs; one that is off is not started."""
        if not any(state.name == name and state.state == "running" for state in self.listing()):
            message = f"host {name} does not run"
            raise IronlabError(message, "`./ironlab host list` shows all", ExitCode.UNREACHABLE)
        return self._hosts.find(name)


def of(kind: Kind) -> Backend:
    """The backend of that kind."""
    if kind == "container":
        return containers()
    if kind == "machine":
        return machines()
    raise AssertionError  # a host of an inventory is not made


def containers() -> Containers:
    """The backend of containers; a host with a failed unit is one to work on, too."""
    from ironlab.hosts.container import ContainerHosts  # noqa: PLC0415 - only who makes hosts pays

    return Containers(ContainerHosts(_build, accept_degraded=True))


def machines() -> Machines:
    """The backend of virtual machines; the same holds for them."""
    from ironlab.hosts.machine import MachineHosts  # noqa: PLC0415

    return Machines(MachineHosts(_build, accept_degraded=True))


def _build(image: str) -> object:
    from ironlab import images  # noqa: PLC0415

    return images.build(image, tell)
