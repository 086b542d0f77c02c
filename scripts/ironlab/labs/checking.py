"""What has to agree within a lab's folder, beyond the form of lab.yml."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ironlab.labs import checking_files
from ironlab.labs.model import TOTAL, Lab
from ironlab.labs.problem import Problem
from ironlab.labs.templates import TextError, render, unknown
from ironlab.labs.variants import UndrawableError, draw

if TYPE_CHECKING:
    from collections.abc import Iterator

_SEEDS = range(1, 25)


@dataclass(frozen=True)
class _Template:
    where: tuple[str | int, ...]
    text: str
    known: set[str]


def problems(lab: Lab, objectives: set[str]) -> Iterator[Problem]:
    """Everything that is wrong, the most basic first."""
    yield from _names(lab)
    yield from _points(lab)
    yield from _objectives(lab, objectives)
    yield from _parameters(lab)
    yield from _templates(lab)
    yield from _draws(lab)
    yield from checking_files.problems(lab)


def _names(lab: Lab) -> Iterator[Problem]:
    ids = [check.id for check in lab.checks] + [keep.id for keep in lab.keeps]
    for twin in [name for name, count in Counter(ids).items() if count > 1]:
        yield Problem(f"the id {twin} is there twice", where=("checks",))
    for twin in sorted(lab.parameters.keys() & lab.derived.keys()):
        yield Problem(f"{twin} is a parameter as well", where=("derived", twin))
    for part in ("parameters", "derived"):
        for name in getattr(lab, part):
            if name == "lab":
                yield Problem("`lab` is what the values are called", where=(part, name))
    if lab.needs.hosts[:1] != ["box"] or len(set(lab.needs.hosts)) < len(lab.needs.hosts):
        yield Problem("hosts is [box] or [box, peer]", where=("needs", "hosts"))


def _points(lab: Lab) -> Iterator[Problem]:
    points = sum(check.points for check in lab.checks)
    if points != TOTAL:
        yield Problem(f"the points sum to {points}, not to {TOTAL}", where=("checks",))
    for index, check in enumerate(lab.checks):
        if check.persists and not lab.needs.reboot:
            message = f"{check.id} is to persist, but needs.reboot is false"
            yield Problem(message, where=("checks", index, "persists"))


def _objectives(lab: Lab, known: set[str]) -> Iterator[Problem]:
    for index, number in enumerate(lab.objectives):
        if number not in known:
            message = f"labs/objectives.yml has no objective {number}"
            yield Problem(message, where=("objectives", index))
    for index, check in enumerate(lab.checks):
        if check.objective not in lab.objectives:
            message = f"{check.id} is for objective {check.objective}, which the lab doesn't name"
            yield Problem(message, where=("checks", index, "objective"))
    unused = set(lab.objectives) - {check.objective for check in lab.checks}
    for number in sorted(unused):
        yield Problem(f"no check counts for objective {number}", where=("objectives",))


def _parameters(lab: Lab) -> Iterator[Problem]:
    names = list(lab.parameters)
    for index, (name, kind) in enumerate(lab.parameters.items()):
        for other in kind.unlike:
            if other not in names[:index]:
                message = f"{name} is to be unlike {other}, which isn't a parameter before it"
                yield Problem(message, where=("parameters", name, "unlike"))
        if kind.kind == "disk" and not lab.needs.disks:
            message = f"{name} is one of the extra disks, and needs.disks lists none"
            yield Problem(message, where=("parameters", name))
    if lab.needs.disks and lab.needs.host != "machine":
        yield Problem("extra disks need `host: machine`", where=("needs", "disks"))


def _templates(lab: Lab) -> Iterator[Problem]:
    """Names within lab.yml; those of the other files are checked with the files."""
    everything = {*lab.parameters, *lab.derived}
    before = set(lab.parameters)
    texts = []
    for name, text in lab.derived.items():
        texts.append(_Template(("derived", name), text, set(before)))
        before.add(name)
    for part in ("units", "ports"):
        for index, text in enumerate(getattr(lab.may_change, part)):
            texts.append(_Template(("may_change", part, index), text, everything))
    texts += [_Template(("data", index), text, everything) for index, text in enumerate(lab.data)]
    for template in texts:
        try:
            for name, _line in unknown(template.text, template.known):
                message = f"{template.text} uses {name}, which isn't a value known there"
                yield Problem(message, where=template.where)
        except TextError as error:
            yield Problem(f"{template.text} is no Jinja: {error}", where=template.where)


def _draws(lab: Lab) -> Iterator[Problem]:
    try:
        for seed in _SEEDS:
            values = draw(lab, seed).values
            for text in (*lab.may_change.units, *lab.may_change.ports, *lab.data):
                render(text, values)
    except UndrawableError as error:
        yield Problem(str(error), where=("parameters", error.name))
    except TextError as error:
        yield Problem(f"can't be rendered: {error}", where=("derived",))
