"""Bring the stack up on hosts of this machine, and say how it is."""

from __future__ import annotations

import json
import re
import time
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from ironlab import files, paths, play, prerequisites, vault
from ironlab import inventory as inventories
from ironlab.console import ask, is_terminal, tell
from ironlab.errors import ExitCode, IronlabError
from ironlab.progress import display
from ironlab.smoke import SCRAPED_SECONDS, Stack

if TYPE_CHECKING:
    from pathlib import Path

    from ironlab.hosts import Host
    from ironlab.hosts.container import ContainerHosts
    from ironlab.inventory import LabHost
    from ironlab.recorder import Outcome
    from ironlab.smoke import Check

NAME = re.compile(r"[\w.-]+")  # one host or group; a pattern is for Ansible to understand
SITE = "playbooks/site.yml"
IMAGE_SPACE = 4 * prerequisites.GIB  # building one: packages, root, layers
HOST_SPACE = prerequisites.GIB // 2


@dataclass
class Up:
    """What `up` did."""

    hosts: list[Host]
    made: list[str] = field(default_factory=list)
    outcome: Outcome | None = None
    checks: list[Check] = field(default_factory=list)


def up(backend: ContainerHosts, *, image: str | None, assume_yes: bool) -> Up:
    """Set everything up that is not, and check that it works."""
    inventory = inventories.SINGLE
    prerequisites.ensure(assume_yes=assume_yes)
    if made := vault.ensure(inventory):
        tell(f"made {len(made)} secrets in {inventory.relative_to(paths.REPO)}'s vault")
    listing = inventories.read(inventory)
    result = Up([])
    extra = {}
    for wanted in lab(listing):
        host = _host(backend, wanted, image, result.made, assume_yes=assume_yes)
        result.hosts.append(host)
        if host.image != wanted.image:
            extra["ironlab_image"] = host.image
    what = play.Play(SITE, inventory, extra=extra)
    result.outcome = run_play(what, "up")
    for host in result.hosts:
        stack = Stack(host, listing["_meta"]["hostvars"].get(host.name, {}))
        stand_in = backend.is_stand_in(host.name)
        result.checks += stack.checks(patience=SCRAPED_SECONDS, grafana=not stand_in)
    return result


def lab(listing: dict[str, Any]) -> list[LabHost]:
    """The hosts to make; there must be one."""
    hosts = inventories.lab_hosts(listing)
    if not hosts:
        message = "inventory/single has no host in group `lab`, so there is none to make"
        remedy = "for a host of your own: ./ironlab apply -i inventory/single"
        raise IronlabError(message, remedy, ExitCode.USAGE)
    return hosts


def _host(
    backend: ContainerHosts,
    wanted: LabHost,
    image: str | None,
    made: list[str],
    *,
    assume_yes: bool,
) -> Host:
    states = {state.name: state for state in backend.listing()}
    there = states.get(wanted.name)
    if there and image and there.image != image:
        _replace(backend, wanted.name, there.image, image, assume_yes=assume_yes)
        there = None
    if there is None:
        chosen = image or wanted.image
        made.append(wanted.name)
        prerequisites.require_space(HOST_SPACE if backend.has_image(chosen) else IMAGE_SPACE)
        backend.build(chosen)
        tell(f"starting host {wanted.name} from image {chosen}")
        return backend.create(wanted.name, chosen, wanted.address)
    return backend.create(wanted.name, there.image, wanted.address)


def _replace(backend: ContainerHosts, name: str, old: str, new: str, *, assume_yes: bool) -> None:
    tell(f"host {name} exists and was made from {old}, not {new}: it must be made anew.")
    question = f"Remove {name} with everything on it?"
    if not assume_yes and not (is_terminal() and ask(question, default=False)):
        remedy = f"`./ironlab up --image {new} --yes` replaces it"
        raise IronlabError(f"host {name} was kept as {old}", remedy, ExitCode.USAGE)
    backend.destroy(name)


def run_play(what: play.Play, name: str) -> Outcome:
    """Run a play and remember what came of it, for `status`."""
    tell(f"running {what.playbook} on {what.inventory.name}")
    outcome = play.perform(what, name, display())
    if not what.check:
        record = {
            "playbook": what.playbook,
            "inventory": str(what.inventory),
            "finished": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
            "seconds": round(outcome.seconds, 1),
            "result": "failed" if outcome.failure else "ok",
            "failure": outcome.failure,
            "counts": outcome.counts,
            "log": str(outcome.log),
        }
        files.write(_last_file(), json.dumps(record, indent=2) + "\n")
    play.require(outcome)
    return outcome


def _last_file() -> Path:
    return paths.state_dir() / "last-apply.json"


def last_apply() -> dict[str, Any] | None:
    """What the last apply or up came to."""
    try:
        record: dict[str, Any] = json.loads(_last_file().read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    return record


def apply(what: play.Play) -> Outcome:
    """Configure the hosts of any inventory."""
    listing = inventories.read(what.inventory)
    groups = {name for name in listing if name != "_meta"}
    known = (
        groups
        | set(listing["_meta"]["hostvars"])
        | {host for name in groups for host in listing[name].get("hosts", [])}
    )
    shown = what.inventory.name
    if "stack" not in groups:
        message = f"inventory {shown} has no group `stack`, which {what.playbook} configures"
        raise IronlabError(message, "see inventory/single/hosts.yml", ExitCode.USAGE)
    if what.limit and NAME.fullmatch(what.limit) and what.limit not in known:
        remedy = f"it has {', '.join(sorted(known - {'all', 'ungrouped'}))}"
        message = f"there is no host {what.limit} in inventory {shown}"
        raise IronlabError(message, remedy, ExitCode.UNREACHABLE)
    vault.ensure(what.inventory)
    return run_play(what, "apply")


def status(backend: ContainerHosts) -> dict[str, Any]:
    """Hosts, what of the stack answers, and the last apply."""
    listing = inventories.read(inventories.SINGLE)
    variables = listing["_meta"]["hostvars"]
    states = {state.name: state for state in backend.listing()}
    services: dict[str, list[dict[str, str]]] = {}
    for wanted in inventories.lab_hosts(listing):
        state = states.get(wanted.name)
        if state and state.state == "running":
            stack = Stack(backend.find(wanted.name), variables.get(wanted.name, {}))
            grafana = not backend.is_stand_in(wanted.name)
            found = stack.checks(patience=0, grafana=grafana)
            services[wanted.name] = [asdict(check) for check in found]
    return {
        "hosts": [asdict(state) for state in states.values()],
        "services": services,
        "last_apply": last_apply(),
    }
