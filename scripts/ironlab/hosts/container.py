"""Hosts as podman containers that run systemd and sshd.

podman's labels are the list of hosts: there is no second one that could differ from it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from ironlab.errors import ExitCode, IronlabError
from ironlab.hosts import Host, HostState, identity, machine, network
from ironlab.hosts.podman import Podman
from ironlab.locks import lock
from ironlab.process import run as run_here
from ironlab.process import run_as_root

if TYPE_CHECKING:
    from collections.abc import Callable

    from ironlab.process import Run

NAME = re.compile(r"[a-z0-9]([a-z0-9-]{0,46}[a-z0-9])?")
BOOT_SECONDS = 60.0
# firewalld; ping; pam's audit records; `ss -p` and strace on other users' processes
CAPABILITIES = ("NET_ADMIN", "NET_RAW", "AUDIT_WRITE", "SYS_PTRACE")
# systemd's socket takes a moment to appear; then --wait returns when the boot is over
BOOTED = """
until state=$(systemctl is-system-running --wait 2>/dev/null); [ -n "$state" ] &&
  [ "$state" != offline ] && [ "$state" != unknown ]; do sleep 0.02; done
echo "$state"
[ "$state" = running ] || systemctl list-units --failed --no-legend --plain
"""


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
    ) -> None:
        """Use `build` to make an image that is missing."""
        self._build = build
        self._run = run
        self._run_root = run_root
        self._podman = Podman(run_root)

    def build(self, image: str) -> None:
        """Build the image, unless there is one that is up to date."""
        self._build(image)

    def has_image(self, image: str) -> bool:
        """Whether there is one, up to date or not."""
        return self._podman.try_("image", "exists", image_reference(image)).ok

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
                identity.ensure_host_keys(self._run, name)
                return self._start_new(name, image, image_reference(image), address)
            if found.image != image:
                message = f"host {name} exists and was made from {found.image}, not {image}"
                raise IronlabError(message, f"destroy it first: ./ironlab host destroy {name}")
            if address not in {None, found.address}:
                message = f"host {name} exists with the address {found.address}, not {address}"
                raise IronlabError(message, f"destroy it first: ./ironlab host destroy {name}")
            if found.state != "running":
                self._podman.call("start", container_name(name))
            return self._ready(name, image)

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
        self._podman.call("commit", "--quiet", container_name(name), _snapshot(name, label))

    def reset(self, name: str, to: str | None = None) -> Host:
        """Put the host back to its image or to a snapshot, under its old address and keys."""
        with lock(f"host-{name}", wait=True):
            found = self._existing(name)
            reference = _snapshot(name, to) if to else image_reference(found.image)
            if not self._podman.try_("image", "exists", reference).ok:
                message = f"host {name} has no {f'snapshot {to}' if to else 'image any more'}"
                remedy = "./ironlab host snapshot makes one" if to else "./ironlab image build"
                raise IronlabError(message, remedy, ExitCode.UNREACHABLE)
            identity.ensure_host_keys(self._run, name)
            self._podman.call("rm", "--force", "--time", "0", container_name(name))
            return self._start_new(name, found.image, reference, found.address)

    def reboot(self, name: str) -> Host:
        """Shut the host down in order and start it again."""
        with lock(f"host-{name}", wait=True):
            found = self._existing(name)
            self._podman.call("restart", "--time", "30", container_name(name))
            return self._ready(name, found.image)

    def destroy(self, name: str) -> bool:
        """Remove the host, its snapshots and its keys; say whether there was one."""
        with lock(f"host-{name}", wait=True):
            there = self._find(name) is not None
            if there:
                self._podman.call("rm", "--force", "--time", "0", container_name(name))
                prefix = _snapshot(name, "*")
                kept = self._podman.call("images", "--quiet", "--filter", f"reference={prefix}")
                if kept.split():
                    self._podman.call("rmi", "--force", *dict.fromkeys(kept.split()))
            identity.forget(name)
            return there

    def listing(self) -> list[HostState]:
        """Every host, by name."""
        names = self._podman.call(
            "ps", "--all", "--filter", "label=ironlab.host", "--format", "{{.Names}}"
        )
        found = self._podman.inspect("container", *names.split())
        return sorted((_state(entry) for entry in found), key=lambda host: host.name)

    def _find(self, name: str) -> HostState | None:
        found = self._podman.inspect("container", container_name(name))
        return _state(found[0]) if found else None

    def _existing(self, name: str) -> HostState:
        found = self._find(name)
        if found is None:
            remedy = "`./ironlab host list` shows those there are"
            raise IronlabError(f"there is no host {name}", remedy, ExitCode.UNREACHABLE)
        return found

    def _start_new(self, name: str, image: str, reference: str, address: str | None) -> Host:
        container = container_name(name)
        try:
            self._create(name, image, reference, address)
            archive = identity.archive(name)
            self._podman.call("cp", "--archive=false", "-", f"{container}:/", stdin=archive)
            self._podman.call("start", container)
            return self._ready(name, image)
        except BaseException:  # Ctrl-C too must not leave half a host behind
            self._podman.try_("rm", "--force", "--time", "0", container)
            raise

    def _create(self, name: str, image: str, reference: str, address: str | None) -> None:
        facts = machine.detect(self._run_root)
        machine.require_runtime(facts)
        runtime = [f"--runtime={facts.runtime}"] if facts.runtime else []
        options = {
            "--name": container_name(name),
            "--hostname": name,
            "--network": network.NAME,
            "--systemd": "always",
            "--pull": "never",
            "--stop-signal": "SIGRTMIN+3",  # systemd's signal for an orderly shutdown
            "--shm-size": "512m",  # a machine has half its memory there, podman's default is 64 MB
        }
        with lock("addresses", wait=True):
            # chosen here, because podman would give another one at each start
            address = address or network.free_address(host.address for host in self.listing())
            labels = {"host": name, "image": image, "address": address}
            self._podman.call(
                *runtime,
                "create",
                *(part for option in options.items() for part in option),
                *(f"--label=ironlab.{key}={value}" for key, value in labels.items()),
                *(f"--cap-add={capability}" for capability in CAPABILITIES),
                *facts.ulimits,
                f"--ip={address}",
                f"--mac-address={network.mac_address(address)}",
                reference,
            )

    def _ready(self, name: str, image: str) -> Host:
        """Wait until systemd says running and ssh lets us in."""
        done = self._podman.try_("exec", container_name(name), "sh", "-c", BOOTED)
        state, *failed = done.out.splitlines() or [done.reason]
        if state != "running":
            units = ", ".join(line.split()[0] for line in failed) or "no unit failed"
            remedy = f"look into it: podman exec -it {container_name(name)} bash"
            raise IronlabError(f"host {name} booted to `{state}` ({units})", remedy)
        host = _host(name, image, self.address(name))
        identity.remember(name, host.address)
        ssh = ["ssh", "-o", "BatchMode=yes", "-o", "ConnectTimeout=10", *identity.ssh_options()]
        answer = self._run([*ssh, f"{host.user}@{host.address}", "true"], timeout=BOOT_SECONDS)
        if not answer.ok:
            message = f"host {name} runs, but ssh to {host.address} fails: {answer.reason}"
            raise IronlabError(message, "see `./ironlab doctor`", ExitCode.UNREACHABLE)
        return host


def check_name(name: str) -> None:
    """Refuse what can't be a host's name."""
    if not NAME.fullmatch(name):
        remedy = "use lower-case letters, digits and dashes, 48 at most"
        raise IronlabError(f"`{name}` is no name for a host", remedy, ExitCode.USAGE)


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
