"""What a grading consists of: a lab's checks and keeps, and the kit's invariants."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ironlab.labs.templates import render

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from ironlab.labs.grading.model import Kind
    from ironlab.labs.model import Lab
    from ironlab.labs.parameters import Value
    from ironlab.labs.variants import Variant

KIT_COST = 10
KIT_TITLES = {
    "kit-ssh": "The kit's account gets in, and sshd's configuration is valid",
    "kit-selinux": "SELinux is in the mode it was in",
    "kit-units": "Units that ran still run, and none has failed",
    "kit-ports": "No new port is open to the network",
    "kit-data": "The data is unchanged",
}


@dataclass(frozen=True)
class Allowed:
    """What lab.yml says of the kit-wide invariants, the values filled in."""

    units: list[str] = field(default_factory=list)
    ports: list[str] = field(default_factory=list)
    data: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Item:
    """One function of grade.py or of the invariants, and what its result is worth."""

    function: str
    id: str
    title: str
    points: int = 0
    objective: str | None = None
    kind: Kind = "check"
    persists: bool = True


@dataclass(frozen=True)
class Job:
    """What the worker gets."""

    grader: Path
    functions: list[str]
    aliases: list[str]
    values: dict[str, Value]
    baseline: dict[str, Any]
    allowed: Allowed


def items(lab: Lab) -> list[Item]:
    """What a grading of the lab runs, in the order in which it is shown."""
    found = [
        Item(
            f"test_{check.id}",
            check.id,
            check.title,
            check.points,
            check.objective,
            persists=lab.persists(check),
        )
        for check in lab.checks
    ]
    found += [
        Item(f"keep_{keep.id}", keep.id, keep.title, keep.costs, kind="keep") for keep in lab.keeps
    ]
    left_out = {"kit-selinux"} if lab.may_change.selinux else set()
    if not lab.data:
        left_out.add("kit-data")
    for name, title in KIT_TITLES.items():
        if name not in left_out:
            function = name.replace("-", "_")
            found.append(Item(function, name, title, KIT_COST, kind="kit"))
    return found


def memory_items(lab: Lab) -> list[Item]:
    """What the baseline runs: the lab's `remember`, when it has one, and the kit's."""
    found = [Item("remember_kit", "kit", "the kit's invariants")]
    if "\ndef remember(" in lab.grader.read_text(encoding="utf-8"):
        found.append(Item("remember", "lab", "the lab's own"))
    return found


def sources(lab: Lab) -> dict[str, str]:
    """The sha256 of the files that decide a grading."""
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in (lab.folder / "lab.yml", lab.grader)
        if path.exists()
    }


def job(
    lab: Lab,
    variant: Variant,
    aliases: list[str],
    baseline: Mapping[str, Any],
    planned: list[Item],
) -> Job:
    """The worker's task."""
    allowed = Allowed(
        units=[render(unit, variant.values) for unit in lab.may_change.units],
        ports=[render(port, variant.values) for port in lab.may_change.ports],
        data=[render(path, variant.values) for path in lab.data],
    )
    return Job(
        lab.grader.resolve(),
        [item.function for item in planned],
        aliases,
        dict(variant.values),
        dict(baseline),
        allowed,
    )
