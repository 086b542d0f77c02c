"""The levers on Ansible's own overhead, each as a change to one run."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import yaml

from ironlab import inventory
from ironlab.paths import REPO

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

SITE = REPO / "playbooks/site.yml"


@dataclass(frozen=True)
class Lever:
    """One change against the baseline, which is the repository's own configuration.

    Attributes:
        name: what it changes.
        env: Ansible's environment variables that change it.
        full_facts: gather all facts and not the roles' subset.
    """

    name: str
    env: Mapping[str, str] = field(default_factory=dict)
    full_facts: bool = False


BASELINE = Lever("as configured")


def levers() -> list[Lever]:
    """What can be tried here; Mitogen only where it is installed."""
    found = [
        Lever("pipelining off", {"ANSIBLE_PIPELINING": "false"}),
        Lever(
            "ssh connection not kept open",
            {"ANSIBLE_SSH_ARGS": "-o ControlMaster=no -o PreferredAuthentications=publickey"},
        ),
        Lever("all facts gathered", full_facts=True),
    ]
    if env := inventory.mitogen():
        found.append(Lever("mitogen_linear strategy", env))
    return found


def playbook(lever: Lever, folder: Path) -> Path:
    """The playbook that a lever runs: site.yml, or a copy that gathers everything.

    Args:
        lever: the lever.
        folder: where a copy may go.
    """
    if not lever.full_facts:
        return SITE
    plays = yaml.safe_load(SITE.read_text(encoding="utf-8"))
    for play in plays:
        play.pop("gather_subset", None)
    copy = folder / "site-all-facts.yml"
    copy.write_text(yaml.safe_dump(plays, sort_keys=False), encoding="utf-8")
    return copy
