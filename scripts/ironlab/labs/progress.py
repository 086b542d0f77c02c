"""What a learner has reached so far: by lab, objective and series."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ironlab.labs import catalogue
from ironlab.labs.grading.verdict import FULL, Verdict
from ironlab.labs.sessions import Store

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from ironlab.labs.model import Lab
    from ironlab.labs.sessions import Event, Session

IDLE_SECONDS = 1800.0  # a longer pause between two events of a session counts as this long


@dataclass
class Record:
    """One lab's attempts."""

    lab: str
    scores: list[int] = field(default_factory=list)
    attempts: int = 0
    solved: int = 0
    seconds: float = 0.0
    last: datetime | None = None

    @property
    def best(self) -> int | None:
        """The best score; none as long as there was no grading."""
        return max(self.scores, default=None)

    @property
    def latest(self) -> int | None:
        """The last score."""
        return self.scores[-1] if self.scores else None

    @property
    def done(self) -> bool:
        """Whether it was ever worth all points."""
        return self.best == FULL

    def as_json(self) -> dict[str, Any]:
        """For `--json`."""
        return {
            "lab": self.lab,
            "best": self.best,
            "latest": self.latest,
            "done": self.done,
            "attempts": self.attempts,
            "solved_by_the_kit": self.solved,
            "seconds": round(self.seconds),
            "last": self.last.isoformat() if self.last else None,
        }


def records(store: Store) -> dict[str, Record]:
    """What was reached in each lab that was ever started."""
    found: dict[str, Record] = {}
    for session in store.all():
        if session.state in {"open", "finished"}:
            _count(found.setdefault(session.lab, Record(session.lab)), store, session)
    return found


def seconds_spent(started: datetime, events: Iterable[Event]) -> float:
    """How long was worked in a session, long pauses cut short."""
    moments = [started, *(event.at for event in events)]
    gaps = itertools.pairwise(moments)
    return sum(min((after - before).total_seconds(), IDLE_SECONDS) for before, after in gaps)


def in_between(verdict: Verdict) -> bool:
    """Whether a reboot is owed still to something that has passed: a look, which counts nowhere."""
    gradable = verdict.before.fault == "none" and not verdict.void
    return (
        gradable
        and verdict.after is None
        and any(
            result.kind == "check" and result.persists and result.outcome == "passed"
            for result in verdict.before.results
        )
    )


def _count(record: Record, store: Store, session: Session) -> None:
    events = store.events(session)
    record.seconds += seconds_spent(session.started, events)
    record.attempts += 1
    record.last = events[-1].at if events else session.started
    for event in events:
        if event.kind == "solved":  # from here on the kit's work would be graded
            record.solved += 1
            break
        if event.kind == "graded":
            verdict = Verdict.model_validate(event.data["verdict"])
            if not verdict.void and not in_between(verdict):
                record.scores.append(verdict.score)


def best_scores() -> dict[str, int]:
    """The best score of each lab that was graded, by the name of its folder."""
    with Store() as store:
        found = records(store)
    return {lab: record.best for lab, record in found.items() if record.best is not None}


@dataclass(frozen=True)
class Group:
    """The labs of an objective or of a series."""

    name: str
    title: str
    labs: int
    done: int
    average: float
    """Of the best scores; a lab that was never graded counts as 0."""

    def as_json(self) -> dict[str, Any]:
        """For `--json`."""
        return {
            "name": self.name,
            "title": self.title,
            "labs": self.labs,
            "done": self.done,
            "average": round(self.average, 1),
        }


def by_objective(labs: list[Lab], found: dict[str, Record]) -> list[Group]:
    """The objectives that have labs, in the order of their table."""
    return [
        _group(number, objective.title, (lab for lab in labs if number in lab.objectives), found)
        for number, objective in catalogue.objectives().items()
        if any(number in lab.objectives for lab in labs)
    ]


def by_series(labs: list[Lab], found: dict[str, Record]) -> list[Group]:
    """The series that have labs."""
    names = dict.fromkeys(lab.series for lab in labs)
    return [
        _group(name, name, (lab for lab in labs if lab.series == name), found) for name in names
    ]


def _group(name: str, title: str, labs: Iterable[Lab], found: dict[str, Record]) -> Group:
    mine = [found.get(lab.name, Record(lab.name)) for lab in labs]
    total = sum(record.best or 0 for record in mine)
    done = sum(record.done for record in mine)
    return Group(name, title, len(mine), done, total / len(mine))
