"""A host of the learner's own inventory as a lab's host: used as it is, and never reset."""

from __future__ import annotations

import json
import os
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ironlab import inventory as inventories
from ironlab.errors import ExitCode, IronlabError
from ironlab.labs.targets import Target
from ironlab.process import run as run_here

if TYPE_CHECKING:
    from ironlab.labs.model import Lab
    from ironlab.labs.places_backends import Kind
    from ironlab.process import Run

ALIAS = "box"
REBOOT_SECONDS = 900.0  # a server's firmware takes its time
KEYS = ("id_ed25519", "id_ecdsa", "id_rsa")
LEFT_BEHIND = (
    "the account student, with /home/student and /etc/sudoers.d/ironlab-student",
    "/etc/profile.d/zz-ironlab-lab.sh and /etc/motd.d/ironlab-lab",
    "the lines between Ironlab's marks in /etc/hosts",
    "all that the lab's set-up and you have changed",
)


@dataclass
class RemotePlace:
    """One host of an inventory."""

    names: dict[str, str]
    own: dict[str, Any]
    targets: dict[str, Target]
    run: Run = run_here
    kind: Kind = field(default="remote", init=False)

    def variables(self, alias: str) -> dict[str, Any]:
        """How Ansible reaches the host: as the inventory says."""
        address = self.targets[alias].address
        return {"ansible_host": address} | self.own

    def addresses(self) -> dict[str, str]:
        """Of one host there is nothing to know for another."""
        return {}

    def snapshot(self, label: str) -> None:
        """A host of an inventory has none."""

    def reset(self, label: str | None = None) -> None:  # noqa: ARG002 - as other places have it
        """Refuse: nobody has kept how the host was."""
        message = "a host of an inventory can't be put back: nothing of it was kept"
        raise IronlabError(message, "undo by hand what is to go", ExitCode.USAGE)

    def reboot(self) -> None:
        """Reboot by Ansible's own module, which waits until the host answers."""
        for target in self.targets.values():
            target.drop(self.run)
        with tempfile.TemporaryDirectory(prefix="ironlab-lab-") as folder:
            listing = Path(folder, "inventory.yml")
            hosts = {alias: self.variables(alias) for alias in self.targets}
            listing.write_text(json.dumps({"all": {"hosts": hosts}}), encoding="utf-8")
            pairs = [f"{key}={value}" for key, value in inventories.environment().items()]
            tool = inventories.tool("ansible")
            argv = [tool, "-i", str(listing), "-b", "-m", "ansible.builtin.reboot", "all"]
            done = self.run(["env", *pairs, *argv], timeout=REBOOT_SECONDS)
        if not done.ok:
            message = f"{self.names[ALIAS]} did not reboot: {done.reason}"
            raise IronlabError(message, "look at its console", ExitCode.UNREACHABLE)

    def destroy(self) -> list[str]:
        """The host is the learner's own: it stays."""
        return []

    def states(self) -> dict[str, str]:
        """The state of each host, as far as its ssh port tells."""
        from ironlab.labs.grading.diagnosis import answers  # noqa: PLC0415 - rarely asked

        return {
            alias: "running" if answers(target) else "out of reach"
            for alias, target in self.targets.items()
        }


def check(lab: Lab, host: str) -> dict[str, str]:
    """What a session remembers of NAME@INVENTORY, when the lab can be worked on there.

    Raises:
        IronlabError: when it can't.
    """
    name, _, inventory = host.partition("@")
    if not name or not inventory:
        message, remedy = f"`{host}` names no host", "say NAME@INVENTORY: web1@inventory/mine"
        raise IronlabError(message, remedy, ExitCode.USAGE)
    if lab.needs.disks or len(lab.needs.hosts) > 1:
        message = f"lab {lab.number} needs extra disks or a second host"
        raise IronlabError(message, "leave --host out: hosts are made for it", ExitCode.USAGE)
    names = {ALIAS: f"{name}@{inventories.locate(Path(inventory))}"}
    attach(names)
    return names


def attach(names: dict[str, str], run: Run = run_here) -> RemotePlace:
    """The host as its inventory describes it now."""
    name, _, inventory = names[ALIAS].partition("@")
    variables = inventories.host(Path(inventory), name)
    own = {key: value for key, value in variables.items() if key.startswith("ansible_")}
    if own.get("ansible_connection", "ssh") != "ssh":
        message = f"{name} is reached by {own['ansible_connection']}, not by ssh"
        raise IronlabError(message, "labs are graded over ssh", ExitCode.USAGE)
    home = Path.home() / ".ssh"
    keys = [home / key for key in KEYS if (home / key).exists()]
    identity = own.get("ansible_ssh_private_key_file") or (keys[0] if keys else "")
    if not identity:
        remedy = "give the host ansible_ssh_private_key_file in its inventory"
        raise IronlabError(f"no ssh key is known for {name}", remedy, ExitCode.USAGE)
    target = Target(
        name=names[ALIAS],
        address=str(own.get("ansible_host", name)),
        port=int(own.get("ansible_port", 22)),
        user=str(own.get("ansible_user") or os.environ.get("USER") or "root"),
        identity_file=str(Path(identity).expanduser()),
        known_hosts=str(home / "known_hosts"),
    )
    return RemotePlace(names, own, {ALIAS: target}, run)
