"""Hosts as podman containers that run systemd and sshd.

podman's labels are the list of hosts: there is no second one that could differ from it.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from ironlab.errors import ExitCode, IronlabError
from ironlab.hosts import Host, HostState, identity, launch, limits, login, network
from ironlab.hosts.names import check_name
from ironlab.hosts.podman import Podman
from ironlab.locks import lock
from ironlab.process import run as run_here
from ironlab.process import run_as_root

if TYPE_CHECKING:
    from collections.abc import Callable

    from ironlab.process import Run

SNAPSHOT_LABEL = "ironlab.snapshot-of"


def container_name(name: str) -> str:
    """How podman calls the host."""
    return f"ironlab-{name}"


def image_reference(image: str) -> str:
    """How podman calls a host image."""
    return f"localhost/ironlab/{image}:latest"


class ContainerHosts:
    """The backend `container`; the runners and the image builder are injected."""

    def __init__(
        self,
        build: Callable[[str], object],
        run: Run = run_here,
        run_root: Run = run_as_root,
        *,
        accept_degraded: bool = False,
    ) -> None:
        """Use `build` to make an image that is missing.

        Args:
            build: makes an image.
            run: runs programs.
            run_root: runs programs as root.
            accept_degraded: a host with failed units is ready, too.
        """
        self._build = build
        self._run = run
        self._run_root = run_root
        self._podman = Podman(run_root)
        self._ready_states = {"running", "degraded"} if accept_degraded else {"running"}

    def build(self, image: str) -> None:
        """Build the image, unless there is one that is up to date."""
        self._build(image)

    def has_image(self, image: str) -> bool:
        """Whether there is one, up to date or not."""
        return self._podman.try_("image", "exists", image_reference(image)).ok

    def exists(self, name: str) -> bool:
        """Whether there is a container of that name."""
        return self._find(name) is not None

    def is_stand_in(self, name: str) -> bool:
        """Whether the host only stands in for Rocky: then a few things can't run on it."""
        found = self._podman.inspect("container", container_name(name))
        return bool(found) and found[0]["Config"]["Labels"].get("ironlab.kind") == "stand-in"

    def create(self, name: str, image: str, address: str | None = None) -> Host:
        """Make the host, or find it as asked for, and wait until ssh answers."""
        check_name(name)
        if address:
            network.check_address(address)
        with lock(f"host-{name}", wait=True):
            found = self._find(name)
            if found is None:
                if not self.has_image(image):
                    self._build(image)
                network.ensure(self._podman)
                identity.ensure_key(self._run)
                return self._make(name, image, image_reference(image), address)
            if found.image != image:
                message = f"host {name} exists and was made from {found.image}, not {image}"
                raise IronlabError(message, f"destroy it first: ./ironlab host destroy {name}")
            if address not in {None, found.address}:
                message = f"host {name} exists with the address {found.address}, not {address}"
                raise IronlabError(message, f"destroy it first: ./ironlab host destroy {name}")
            if found.state != "running":
                self._podman.call("start", container_name(name))
            return self._ready(found)

    def address(self, name: str) -> str:
        """The address of a host that runs."""
        return self._existing(name).address

    def find(self, name: str) -> Host:
        """A host that runs, and how to reach it."""
        found = self._existing(name)
        if found.state != "running":
            message = f"host {name} is {found.state}"
            raise IronlabError(message, "start it with ./ironlab up", ExitCode.UNREACHABLE)
        return _host(name, found.image, found.address)

    def snapshot(self, name: str, label: str) -> None:
        """Keep the host's disk under `label`; what runs in its memory is not kept."""
        self._existing(name)
        check_name(label)
        mark = ("--change", f"LABEL {SNAPSHOT_LABEL}={name}")
        self._podman.call("commit", "--quiet", *mark, container_name(name), _snapshot(name, label))

    def reset(self, name: str, to: str | None = None) -> Host:
        """Put the host back to its image or to a snapshot, under its old address and keys."""
        with lock(f"host-{name}", wait=True):
            found = self._existing(name)
            reference = _snapshot(name, to) if to else image_reference(found.image)
            if to and not self._podman.try_("image", "exists", reference).ok:
                message, remedy = f"host {name} has no snapshot {to}", "./ironlab host snapshot"
                raise IronlabError(message, f"make one: {remedy}", ExitCode.UNREACHABLE)
            return self._make(name, found.image, reference, found.address, replace=True)

    def reboot(self, name: str) -> Host:
        """Shut the host down in order and start it again."""
        with lock(f"host-{name}", wait=True):
            found = self._existing(name)
            self._podman.call("restart", "--time", "30", container_name(name))
            return self._ready(found)

    def destroy(self, name: str) -> bool:
        """Remove the host, its snapshots and its keys; say whether there was one."""
        with lock(f"host-{name}", wait=True):
            there = self._find(name) is not None
            # and what a run that was killed has left beside it
            self._remove(container_name(name), f"{container_name(name)}.new")
            # by their mark: one that another of the same label has followed has no name
            mark = f"label={SNAPSHOT_LABEL}={name}"
            kept = self._podman.call("images", "--quiet", "--filter", mark)
            if kept.split():
                self._podman.call("rmi", "--force", "--ignore", *dict.fromkeys(kept.split()))
            identity.forget(name)
            return there

    def listing(self) -> list[HostState]:
        """Every host, by name."""
        hosts = {state.name: state for state in map(_state, self._containers("label=ironlab.host"))}
        return sorted(hosts.values(), key=lambda host: host.name)

    def _find(self, name: str) -> HostState | None:
        found = self._podman.inspect("container", container_name(name))
        return _state(found[0]) if found else None

    def _existing(self, name: str) -> HostState:
        found = self._find(name)
        if found is None:
            remedy = "`./ironlab host list` shows those there are"
            raise IronlabError(f"there is no host {name}", remedy, ExitCode.UNREACHABLE)
        return found

    def _make(
        self, name: str, image: str, reference: str, address: str | None, *, replace: bool = False
    ) -> Host:
        """Make the host under a name aside; only when that has worked does an old one go."""
        container, aside = container_name(name), f"{container_name(name)}.new"
        identity.ensure_host_keys(self._run, name)
        try:
            host = self._create(aside, name, image, reference, address)
            with ThreadPoolExecutor(1) as other:  # the two have nothing to wait for in each other
                removed = other.submit(self._remove, container) if replace else None
                archive = identity.archive(name)
                self._podman.call("cp", "--archive=false", "-", f"{aside}:/", stdin=archive)
                if removed:
                    removed.result()
            self._podman.call("rename", aside, container)
        except BaseException:  # Ctrl-C too must not leave half a host behind
            self._remove(aside)
            raise
        try:
            self._podman.call("start", container)
            return self._ready(host)
        except BaseException:
            self._remove(container)
            raise

    def _remove(self, *containers: str) -> None:
        self._podman.call("rm", "--force", "--ignore", "--time", "0", *containers)

    def _create(
        self, container: str, name: str, image: str, reference: str, address: str | None
    ) -> HostState:
        facts = limits.detect(self._run_root)
        limits.require_runtime(facts)
        with lock("addresses", wait=True):
            # chosen here, because podman would give another one at each start
            chosen = address or network.free_address(self._addresses())
            host = HostState(name, image, "created", chosen, "")
            self._podman.call(*launch.arguments(container, host, reference, facts))
        return host

    def _containers(self, condition: str) -> list[dict[str, Any]]:
        """By their ids: a name may change between the two calls, when a host is being reset."""
        ids = self._podman.call("ps", "--all", "--quiet", "--no-trunc", "--filter", condition)
        return self._podman.inspect("container", *ids.split())

    def _addresses(self) -> set[str]:
        """The addresses of all that is on the network, also of what is not a host."""
        found = self._containers(f"network={network.NAME}")
        labels = {(entry["Config"]["Labels"] or {}).get("ironlab.address", "") for entry in found}
        networks = [entry["NetworkSettings"].get("Networks") or {} for entry in found]
        return labels | {each.get(network.NAME, {}).get("IPAddress", "") for each in networks}

    def _ready(self, state: HostState) -> Host:
        """Wait until ssh lets us in and systemd has finished the boot."""
        host = _host(state.name, state.image, state.address)
        identity.remember(host.name, host.address)
        answer = login.wait(host, self._run)
        if answer.out.strip() in self._ready_states:
            return host
        listing = ("systemctl", "list-units", "--failed", "--no-legend", "--plain")
        failed = self._podman.try_("exec", container_name(host.name), *listing, timeout=20)
        units = [line.split()[0] for line in failed.out.splitlines() if line.strip()]
        seen = answer.out.strip() or answer.reason
        message = f"host {host.name} at {host.address} is not ready: {seen}"
        if units:
            message += f" (failed: {', '.join(units)})"
        remedy = f"its journal: podman exec {container_name(host.name)} journalctl -b"
        raise IronlabError(message, remedy, ExitCode.UNREACHABLE)


def _snapshot(name: str, label: str) -> str:
    return f"localhost/ironlab/snapshot-{name}:{label}"


def _host(name: str, image: str, address: str) -> Host:
    return Host(
        name, image, address, identity.USER, identity.key_file(), identity.known_hosts_file()
    )


def _state(entry: dict[str, Any]) -> HostState:
    labels, state = entry["Config"]["Labels"], entry["State"]
    return HostState(
        name=labels["ironlab.host"],
        image=labels["ironlab.image"],
        state=state["Status"],
        address=labels["ironlab.address"],
        started=str(state["StartedAt"]) if state["Status"] == "running" else "",
    )
