"""An exam's paper: which labs, with which seeds, for how many points.

The same seed and the same catalogue give the same paper; the paper carries the catalogue's hash,
so that one can tell why two papers of one seed differ.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict

from ironlab.errors import ExitCode, IronlabError
from ironlab.exams import sharing
from ironlab.labs import catalogue, variants

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from ironlab.labs.model import Lab
    from ironlab.labs.variants import Variant

TOTAL = 300
TO_PASS = 210
MINUTES = 180
_SEEDS_TRIED = 200

HostKind = Literal["container", "machine"]


class Record(BaseModel):
    """Never changed once made."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Task(Record):
    """One lab of a paper."""

    lab: str
    """The name of its folder."""
    number: int
    title: str
    seed: int
    kind: HostKind
    disks: list[str]
    """The disks of the host that are this lab's."""
    points: int
    minutes: int
    objectives: list[str]
    digest: str = ""
    """A hash of the lab's files, by which a change during the exam is noticed."""


class Paper(Record):
    """What an exam asks for."""

    seed: int
    minutes: int
    asked: list[str]
    """The objectives it was to be about; empty: all."""
    catalogue: str
    tasks: list[Task]
    left_out: list[str] = []
    """Labs that need what this machine can't have, and why."""


def draw(
    labs: Sequence[Lab],
    seed: int,
    *,
    minutes: int = MINUTES,
    asked: Sequence[str] = (),
    machine: bool = True,
) -> Paper:
    """Draw a paper.

    Args:
        labs: the catalogue.
        seed: 1 to 999999.
        minutes: how long the exam is: the labs' own minutes sum to no more.
        asked: only labs with one of these objectives (`5` is all of section 5).
        machine: whether labs that need a virtual machine may be drawn.
    """
    variants.check_seed(seed)
    wanted = [lab for lab in labs if lab.exam and matches(lab, asked)]
    able = [lab for lab in wanted if machine or lab.needs.host == "container"]
    host = sharing.Hosts()
    for lab in sorted(able, key=lambda lab: _hash(f"{seed}:{lab.number}")):
        if host.minutes + lab.minutes <= minutes:
            _add(host, lab, seed)
    if not host.parts:
        message = f"no lab fits an exam of {minutes} minutes about {', '.join(asked) or 'anything'}"
        remedy = "`./ironlab lab list` shows what there is"
        if wanted and not able:
            message = f"all labs about {', '.join(asked) or 'anything'} need a virtual machine"
            remedy = "leave --no-machine out; `./ironlab doctor` says whether there can be one here"
        raise IronlabError(message, remedy, ExitCode.USAGE)
    parts = sorted(host.parts, key=lambda part: part.lab.number)
    points = shares([part.lab.minutes for part in parts])
    return Paper(
        seed=seed,
        minutes=minutes,
        asked=list(asked),
        catalogue=catalogue_digest(labs),
        tasks=[_task(part, share) for part, share in zip(parts, points, strict=True)],
        left_out=[
            f"{lab.number} {lab.title}: needs a virtual machine"
            for lab in wanted
            if lab not in able
        ],
    )


def _add(host: sharing.Hosts, lab: Lab, seed: int) -> None:
    """Add the lab under the first of its seeds that gets along with what is there."""
    disks = host.next_disks(lab)
    for attempt in range(_SEEDS_TRIED):
        own = 1 + _hash(f"{seed}:{lab.number}:{attempt}") % variants.MAX_SEED
        part = sharing.Part(lab, variants.draw(lab, own, disks=disks), disks)
        if host.add(part):
            return


def _task(part: sharing.Part, points: int) -> Task:
    return Task(
        lab=part.lab.name,
        number=part.lab.number,
        title=part.lab.title,
        seed=part.variant.seed,
        kind=part.lab.needs.host,
        disks=part.disks,
        points=points,
        minutes=part.lab.minutes,
        objectives=part.lab.objectives,
        digest=catalogue_digest([part.lab]),
    )


def variant(lab: Lab, task: Task) -> Variant:
    """The task's variant of its lab."""
    return variants.draw(lab, task.seed, disks=task.disks)


def changed(paper: Paper) -> list[Task]:
    """The tasks whose labs are no longer what the paper was drawn from."""
    return [
        task for task in paper.tasks if task.digest != catalogue_digest([catalogue.find(task.lab)])
    ]


def matches(lab: Lab, asked: Sequence[str]) -> bool:
    """Whether the lab is about one of these objectives or sections; about anything, if none."""
    return not asked or any(
        number == each or number.startswith(f"{each}.")
        for number in lab.objectives
        for each in asked
    )


def check_asked(asked: Sequence[str]) -> None:
    """Refuse an objective or section that nobody has."""
    known = {*catalogue.objectives(), *(n.partition(".")[0] for n in catalogue.objectives())}
    for each in asked:
        if each not in known:
            remedy = "labs/objectives.yml lists those there are; `5` is all of section 5"
            raise IronlabError(f"there is no objective {each}", remedy, ExitCode.USAGE)


def shares(minutes: Sequence[int], total: int = TOTAL) -> list[int]:
    """Divide the points by minutes; they sum to exactly `total`."""
    exact = [each * total / sum(minutes) for each in minutes]
    points = [int(each) for each in exact]
    order = sorted(range(len(points)), key=lambda index: points[index] - exact[index])
    for index in order[: total - sum(points)]:
        points[index] += 1
    return points


def catalogue_digest(labs: Sequence[Lab]) -> str:
    """A hash of all that a paper depends on."""
    total = hashlib.sha256()
    files = [catalogue.LABS / "names.yml", *(path for lab in labs for path in _files(lab.folder))]
    for path in files:
        content = path.read_bytes()
        total.update(f"{path.parent.name}/{path.name}\0{len(content)}\0".encode())
        total.update(content)
    return total.hexdigest()


def _files(folder: Path) -> list[Path]:
    found = [path for path in folder.rglob("*") if path.is_file()]
    return sorted(path for path in found if "__pycache__" not in path.parts)


def _hash(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")
