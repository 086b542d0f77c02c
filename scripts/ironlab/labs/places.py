"""The hosts that a lab runs on: containers or machines made for it, or a host of an inventory."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from ironlab.errors import ExitCode, IronlabError
from ironlab.labs import places_backends as backends
from ironlab.labs.places_backends import Kind
from ironlab.labs.targets import Target
from ironlab.process import run as run_here

__all__ = ["Kind", "MadePlace", "Place", "attach", "choose", "host_names", "open_"]

if TYPE_CHECKING:
    from collections.abc import Callable

    from ironlab.hosts import Host
    from ironlab.labs.model import Lab
    from ironlab.process import Run

IMAGES = ("el9", "el10")


class Place(Protocol):
    """A lab's hosts, all of them at once."""

    kind: Kind
    targets: dict[str, Target]

    @property
    def names(self) -> dict[str, str]:
        """What each host is called where it comes from, by the lab's name for it."""

    def variables(self, alias: str) -> dict[str, Any]:
        """How Ansible reaches the host."""

    def addresses(self) -> dict[str, str]:
        """The address at which the hosts reach each other."""

    def snapshot(self, label: str) -> None:
        """Keep the disks."""

    def reset(self, label: str | None = None) -> None:
        """Put the hosts back to a snapshot, or to their image."""

    def reboot(self) -> None:
        """Reboot the hosts and wait until they answer again."""

    def destroy(self) -> list[str]:
        """Remove the hosts; say which there were."""

    def states(self) -> dict[str, str]:
        """The state of each host as its backend sees it: running, exited, ... or missing."""


@dataclass
class MadePlace:
    """Hosts that were made here; what is done to several of them is done at the same time."""

    kind: Kind
    backend: backends.Backend
    names: dict[str, str]
    targets: dict[str, Target]
    run: Run = run_here

    def variables(self, alias: str) -> dict[str, Any]:
        """How Ansible reaches the host: over the connection that the grader uses too."""
        target = self.targets[alias]
        return {
            "ansible_host": target.address,
            "ansible_port": target.port,
            "ansible_user": target.user,
            "ansible_ssh_common_args": " ".join(target.options),
            "ansible_ssh_args": " ".join(target.kept),
            "ansible_control_path": str(target.control_path),
        }

    def switch_on(self, alias: str) -> None:
        """Start a host that was switched off."""
        self.put(alias, self.backend.start(self.names[alias]))

    def addresses(self) -> dict[str, str]:
        """The address at which the hosts reach each other: none for machines.

        Machines meet on a private network that has no addresses until the learner gives them.
        """
        if self.kind == "machine":
            return {}
        return {alias: target.address for alias, target in self.targets.items()}

    def snapshot(self, label: str) -> None:
        """Keep the disks as they are."""
        self._each(lambda _, name: self.backend.snapshot(name, label))

    def reset(self, label: str | None = None) -> None:
        """Put the hosts back; their address and keys stay."""
        self._hang_up()
        self._each(lambda alias, name: self.put(alias, self.backend.reset(name, label)))

    def reboot(self) -> None:
        """Reboot the hosts and wait until they answer again."""
        self._hang_up()
        self._each(lambda alias, name: self.put(alias, self.backend.reboot(name)))

    def destroy(self) -> list[str]:
        """Remove the hosts; say which there were."""
        self._hang_up()
        there: dict[str, bool] = {}
        self._each(lambda _, name: there.update({name: self.backend.destroy(name)}))
        return sorted(name for name, was in there.items() if was)

    def states(self) -> dict[str, str]:
        """The state of each host as its backend sees it."""
        states = {state.name: state.state for state in self.backend.listing()}
        return {alias: states.get(name, "missing") for alias, name in self.names.items()}

    def put(self, alias: str, host: Host) -> None:
        """Know how the host is reached."""
        self.targets[alias] = Target.of(host)

    def _hang_up(self) -> None:
        for target in self.targets.values():
            target.drop(self.run)

    def _each(self, act: Callable[[str, str], object]) -> None:
        together(act, self.names)


def together(act: Callable[[str, str], object], names: dict[str, str]) -> None:
    """Do it to every host at the same time; one alone needs no thread."""
    if len(names) == 1:
        act(*next(iter(names.items())))
        return
    with ThreadPoolExecutor(len(names)) as pool:
        list(pool.map(act, names, names.values()))


def host_names(lab: Lab, prefix: str) -> dict[str, str]:
    """What the lab's hosts are called on this machine: lab-103-box."""
    return {alias: f"{prefix}-{lab.number}-{alias}" for alias in lab.needs.hosts}


def refuse_others(kind: Kind, names: dict[str, str]) -> None:
    """See that no host of these names is there: a lab begins on fresh ones.

    Raises:
        IronlabError: one is; it is somebody's, so it stays.
    """
    there = {state.name for state in backends.of(kind).listing()} & set(names.values())
    if there:
        first = min(there)
        message = f"host {first} is there already, kept from before"
        remedy = f"remove it: ./ironlab host destroy {first}"
        raise IronlabError(message, remedy, ExitCode.USAGE)


def choose(lab: Lab, kind: Kind | None) -> Kind:
    """The kind of host to make: what the lab needs, or what was asked for and can do it."""
    if kind == "container" and lab.needs.host == "machine":
        message = f"lab {lab.number} needs a machine: a container has no kernel of its own"
        raise IronlabError(message, "leave the kind out", ExitCode.USAGE)
    return kind or lab.needs.host


def open_(  # noqa: PLR0913 - each may be left out
    lab: Lab,
    *,
    name_prefix: str = "lab",
    image: str = "el9",
    kind: Kind | None = None,
    names: dict[str, str] | None = None,
    made: list[str] | None = None,
    run: Run = run_here,
) -> MadePlace:
    """Make the lab's hosts, or find them (and start those that are off).

    Args:
        lab: what they are for.
        name_prefix: what their names begin with.
        image: what they are made from.
        kind: container or machine; by default what the lab needs.
        names: what each host is called, instead of by that prefix.
        made: filled with the names of hosts that were not there before.
        run: runs programs.

    Raises:
        IronlabError: when one can't be made; those made before it are gone again then.
    """
    if image not in IMAGES:
        message, remedy = f"there is no image {image} for a lab", f"use {' or '.join(IMAGES)}"
        raise IronlabError(message, remedy, ExitCode.USAGE)
    chosen = choose(lab, kind)
    names = names or host_names(lab, name_prefix)
    backend = backends.of(chosen)
    there = {state.name for state in backend.listing()}
    new = [name for name in names.values() if name not in there]
    if made is not None:
        made.extend(new)
    place = MadePlace(chosen, backend, names, {}, run)
    disks = {"box": tuple(lab.needs.disks)}
    try:
        together(
            lambda alias, name: place.put(alias, backend.make(name, image, disks.get(alias, ()))),
            names,
        )
    except BaseException:  # Ctrl-C too: nothing half made may stay
        for name in new:
            backend.destroy(name)
        raise
    return place


def attach(kind: Kind, names: dict[str, str], run: Run = run_here) -> MadePlace:
    """The hosts of a lab that was started before; those that don't run have no target."""
    place = MadePlace(kind, backends.of(kind), names, {}, run)
    for alias, name in names.items():
        try:
            place.put(alias, place.backend.find(name))
        except IronlabError as error:
            if error.code != ExitCode.UNREACHABLE:
                raise
    return place
