"""Draw a lab's parameters from a seed: the same on every machine and with every Python."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ironlab.errors import ExitCode, IronlabError
from ironlab.labs.templates import render

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ironlab.labs.model import Lab
    from ironlab.labs.parameters import Value

MAX_SEED = 999_999
_SEARCHED = 3000


class UndrawableError(ValueError):
    """A parameter that has no value left."""

    def __init__(self, name: str, reason: str) -> None:
        """Keep the parameter's name apart: the error's line is looked up by it."""
        super().__init__(f"parameter {name} can't be drawn: {reason}")
        self.name = name


@dataclass(frozen=True)
class Variant:
    """What one seed makes of a lab."""

    seed: int
    values: dict[str, Value]


def disk_names(count: int) -> list[str]:
    """The extra disks, as the guest calls them: vda is the system's."""
    return [f"/dev/vd{chr(ord('b') + index)}" for index in range(count)]


def check_seed(seed: int) -> int:
    """Refuse what is no seed."""
    if not 1 <= seed <= MAX_SEED:
        remedy = f"use a number from 1 to {MAX_SEED}"
        raise IronlabError(f"{seed} is no seed", remedy, ExitCode.USAGE)
    return seed


def fresh_seed() -> int:
    """A seed that nobody can guess."""
    return 1 + secrets.randbelow(MAX_SEED)


def draw(lab: Lab, seed: int, *, disks: Sequence[str] | None = None) -> Variant:
    """Draw the values of `seed`.

    Args:
        lab: the lab.
        seed: 1 to 999999.
        disks: the free disks of the host; by default those that `needs` lists.
    """
    check_seed(seed)
    values = _parameters(lab, seed, disk_names(len(lab.needs.disks)) if disks is None else disks)
    for name, template in lab.derived.items():
        values[name] = render(template, values)
    return Variant(seed, values)


def neighbour(lab: Lab, seed: int) -> Variant:
    """The next seed all of whose parameters differ from those of `seed`, where they can."""
    check_seed(seed)
    disks = disk_names(len(lab.needs.disks))
    mine = _parameters(lab, seed, disks)
    able = {name for name, kind in lab.parameters.items() if len(kind.candidates(disks)) > 1}
    best, most = seed % MAX_SEED + 1, -1
    for step in range(_SEARCHED):
        other = (seed + step) % MAX_SEED + 1
        theirs = _parameters(lab, other, disks)
        differing = sum(theirs[name] != value for name, value in mine.items())
        if differing > most:
            best, most = other, differing
        if most >= len(able):
            break
    return draw(lab, best)


def _parameters(lab: Lab, seed: int, disks: Sequence[str]) -> dict[str, Value]:
    values: dict[str, Value] = {}
    for name, kind in lab.parameters.items():
        taken = {
            value
            for other, value in values.items()
            if other in kind.unlike or (kind.family and lab.parameters[other].family == kind.family)
        }
        free = [value for value in kind.candidates(disks) if value not in taken]
        if not free:
            reason = "the parameters before it take every value" if taken else "there is nothing"
            raise UndrawableError(name, reason)
        digest = hashlib.sha256(f"{lab.number}:{seed}:{name}".encode()).digest()
        values[name] = free[int.from_bytes(digest[:8], "big") % len(free)]
    return values
