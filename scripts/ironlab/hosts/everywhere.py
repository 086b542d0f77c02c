"""Every host of this computer, whichever backend it is of: names are the same for both."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ironlab.errors import IronlabError
from ironlab.hosts import machine
from ironlab.hosts.container import ContainerHosts
from ironlab.hosts.machine import MachineHosts

if TYPE_CHECKING:
    from collections.abc import Callable

    from ironlab.hosts import Hosts, HostState


class Everywhere:
    """Finds the backend of a host by its name."""

    def __init__(self, build: Callable[[str], object]) -> None:
        """Use `build` to make an image that is missing."""
        self.containers = ContainerHosts(build)
        self.machines = MachineHosts(build)

    def of(self, name: str) -> Hosts:
        """The backend of the host; containers, where there is no host of that name."""
        return self.machines if machine.exists(name) else self.containers

    def new_container(self, name: str) -> ContainerHosts:
        """The backend for a container of that name, which no machine has."""
        if machine.exists(name):
            raise _taken(name, "a virtual machine")
        return self.containers

    def new_machine(self, name: str) -> MachineHosts:
        """The backend for a virtual machine of that name, which no container has."""
        if not machine.exists(name) and self.containers.exists(name):
            raise _taken(name, "a container")
        return self.machines

    def listing(self) -> list[HostState]:
        """All hosts, by name."""
        hosts = [*self.containers.listing(), *self.machines.listing()]
        return sorted(hosts, key=lambda host: host.name)


def _taken(name: str, kind: str) -> IronlabError:
    remedy = f"destroy it first: ./ironlab host destroy {name}"
    return IronlabError(f"there is a host {name}, {kind}", remedy)
