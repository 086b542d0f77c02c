"""Which labs can share a host: none may be in another one's way."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from ironlab.labs import variants
from ironlab.labs.model import MayChange
from ironlab.labs.templates import render

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ironlab.labs.model import Lab
    from ironlab.labs.parameters import Value
    from ironlab.labs.variants import Variant

# Smaller numbers are days, sizes, levels; from here on they are ids and ports, of which a host has
# each only once.
_IDENTIFIES = 1000
MAX_DISKS = 8
_REPOS = "repos"  # the claim of a lab that may leave dnf without a repository that works
_DNF = re.compile(r"\bdnf\b|ansible\.builtin\.package:")


@dataclass(frozen=True)
class Part:
    """A lab with its values."""

    lab: Lab
    variant: Variant
    disks: list[str]

    def marks(self) -> set[Value]:
        """Values that no other lab on the host may have."""
        marks: set[Value] = set()
        for name, kind in self.lab.parameters.items():
            value = self.variant.values[name]
            if kind.family or (isinstance(value, int) and value >= _IDENTIFIES):
                marks.add(value)
        return marks

    def takes_its_disks(self) -> bool:
        """Whether the lab works with whichever disks it is given: it draws every one of them."""
        drawn = [kind for kind in self.lab.parameters.values() if kind.kind == "disk"]
        return len(drawn) >= len(self.lab.needs.disks)

    def installs(self) -> bool:
        """Whether dnf has to work for the lab's set-up or for a solution."""
        paths = (self.lab.setup, *self.lab.solutions)
        return any(_DNF.search(path.read_text(encoding="utf-8")) for path in paths)

    def units(self) -> list[str]:
        """The units that the lab may change, with the variant's names."""
        return [render(text, self.variant.values) for text in self.lab.may_change.units]


@dataclass
class Hosts:
    """The labs that were found to get along, on a container and on a machine."""

    parts: list[Part] = field(default_factory=list)

    @property
    def minutes(self) -> int:
        """How long all of them take."""
        return sum(part.lab.minutes for part in self.parts)

    def next_disks(self, lab: Lab) -> list[str]:
        """The disks that the lab would get: after those of the labs before it."""
        before = sum(len(part.disks) for part in self.parts)
        count = len(lab.needs.disks)
        return variants.disk_names(before + count)[before:]

    def add(self, part: Part) -> bool:
        """Add a lab, unless it is in the way of one that is there."""
        if sum(len(each.disks) for each in [*self.parts, part]) > MAX_DISKS:
            return False
        if not part.takes_its_disks() and part.disks != variants.disk_names(len(part.disks)):
            return False  # it says /dev/vdb itself, and that is another lab's
        beside = [each for each in self.parts if each.lab.needs.host == part.lab.needs.host]
        if any(_clash(part, other) for other in beside):
            return False
        self.parts.append(part)
        return True


def allowed(parts: Iterable[Part]) -> MayChange:
    """What the kit-wide invariants let pass on a host with all of these labs: rendered."""
    units: list[str] = []
    ports: list[str] = []
    selinux = False
    for part in parts:
        may = part.lab.may_change
        units += part.units()
        ports += [render(text, part.variant.values) for text in may.ports]
        selinux |= may.selinux
    return MayChange(
        units=list(dict.fromkeys(units)), ports=list(dict.fromkeys(ports)), selinux=selinux
    )


def _clash(one: Part, other: Part) -> bool:
    if set(one.lab.claims) & set(other.lab.claims):
        return True
    for mine, theirs in ((one, other), (other, one)):
        if _REPOS in mine.lab.claims and theirs.installs():
            return True
    if one.marks() & other.marks():
        return True
    return any(
        fnmatchcase(mine, theirs) or fnmatchcase(theirs, mine)
        for mine in one.units()
        for theirs in other.units()
    )
