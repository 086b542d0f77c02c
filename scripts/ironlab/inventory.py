"""Read an inventory as Ansible reads it."""

from __future__ import annotations

import json
import os
import re
import sys
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ironlab import paths
from ironlab.errors import ExitCode, IronlabError
from ironlab.process import run as run_here

if TYPE_CHECKING:
    from ironlab.process import Run

SINGLE = paths.REPO / "inventory" / "single"


@dataclass(frozen=True)
class LabHost:
    """A host of group `lab`: one that `./ironlab up` makes."""

    name: str
    image: str
    address: str | None


def locate(inventory: Path) -> Path:
    """The inventory's path, wherever Ironlab was called from."""
    for path in (inventory, paths.REPO / inventory):
        if path.exists():
            return path.resolve()
    remedy = f"give a folder or file that exists, for example -i {SINGLE.relative_to(paths.REPO)}"
    raise IronlabError(f"there is no inventory {inventory}", remedy, ExitCode.USAGE)


def tool(name: str) -> str:
    """A program of Ironlab's own virtual environment."""
    return str(Path(sys.executable).with_name(name))


def read(inventory: Path, run: Run = run_here) -> dict[str, Any]:
    """What `ansible-inventory --list` makes of it."""
    settings = {
        **environment(),
        "ANSIBLE_INVENTORY_UNPARSED_FAILED": "True",
        "ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED": "True",
    }
    pairs = [f"{key}={value}" for key, value in settings.items()]
    done = run(["env", *pairs, tool("ansible-inventory"), "-i", str(inventory), "--list"])
    if not done.ok:
        cause = _cause(done.err) or done.reason
        password = paths.config_dir() / "vault-password"
        wrong = "ecrypt" in cause  # "Decryption failed", "Attempting to decrypt but ..."
        remedy = f"put its vault's password into {password}" if wrong else "correct it"
        raise IronlabError(f"cannot read {inventory}: {cause}", remedy, ExitCode.USAGE)
    listing: dict[str, Any] = json.loads(done.out)
    return listing


def _cause(said: str) -> str:
    """Why Ansible could not read an inventory: where its YAML is wrong, else its last word."""
    if found := re.search(r"YAML parsing failed: (.+)\.$", said, re.MULTILINE):
        origin = re.search(r"^Origin: (\S+:\d+)", said, re.MULTILINE)
        return f"{found[1]} ({origin[1]})" if origin else found[1]
    return " ".join(said.rpartition("[ERROR]:")[2].split()).rstrip(".;")


def lab_hosts(listing: dict[str, Any]) -> list[LabHost]:
    """The hosts of group `lab`, with what they are made from."""
    variables = listing["_meta"]["hostvars"]
    hosts = []
    for name in listing.get("lab", {}).get("hosts", []):
        own = variables.get(name, {})
        if "ironlab_image" not in own:
            message = f"host {name} is in group `lab` but has no ironlab_image"
            raise IronlabError(message, "give it one: el9 or el10", ExitCode.USAGE)
        hosts.append(LabHost(name, str(own["ironlab_image"]), own.get("ansible_host")))
    return hosts


def host(inventory: Path, name: str) -> dict[str, Any]:
    """The variables of one host."""
    listing = read(inventory)
    known = {host for group in listing.values() for host in group.get("hosts", [])}
    if name not in known:
        remedy = f"./ironlab host list shows those here; the inventory has {', '.join(known)}"
        raise IronlabError(f"there is no host {name}", remedy, ExitCode.UNREACHABLE)
    variables: dict[str, Any] = listing["_meta"]["hostvars"].get(name, {})
    return variables


def environment() -> dict[str, str]:
    """What Ansible needs to hear to read this repository's configuration."""
    return {
        "ANSIBLE_CONFIG": str(paths.REPO / "ansible.cfg"),
        "PATH": f"{Path(sys.executable).parent}:{os.environ.get('PATH', '')}",
    }


def mitogen() -> dict[str, str]:
    """Ansible's environment variables that switch Mitogen on; none where it is not installed."""
    package = find_spec("ansible_mitogen")
    if not package or not package.origin:
        return {}
    plugins = Path(package.origin).parent / "plugins" / "strategy"
    return {"ANSIBLE_STRATEGY": "mitogen_linear", "ANSIBLE_STRATEGY_PLUGINS": str(plugins)}
