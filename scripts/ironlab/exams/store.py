"""The exam of this user: one at a time, in SQLite, so that it survives a closed terminal."""

from __future__ import annotations

import time
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field

from ironlab.errors import ExitCode, IronlabError
from ironlab.exams.paper import HostKind, Paper, Record
from ironlab.exams.score import Score  # noqa: TC001 - pydantic reads the annotations
from ironlab.labs import sessions_database
from ironlab.labs.grading import Verdict  # noqa: TC001 - pydantic reads the annotations

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterator


class Exam(Record):
    """An exam that was started."""

    id: int
    paper: Paper
    image: str
    state: Literal["starting", "running", "graded", "finished"]
    hosts: dict[HostKind, dict[str, str]]
    """What each host is called where it comes from: by kind and by the labs' name for it."""
    started: float = 0.0
    """Seconds since 1970; the clock runs from the end of the set-up."""
    baselines: dict[str, dict[str, Any]] = Field(default={})
    verdicts: dict[str, Verdict] = Field(default={})
    """By lab."""
    score: Score | None = None
    kit_version: str = ""

    @property
    def ends(self) -> float:
        """When time is up."""
        return self.started + self.paper.minutes * 60


@contextmanager
def _database() -> Iterator[Callable[..., sqlite3.Cursor]]:
    """Execute within one transaction."""
    with (
        closing(sessions_database.connect(sessions_database.file())) as connection,
        sessions_database.transaction(connection) as execute,
    ):
        yield execute


def add(exam: Exam) -> Exam:
    """Keep a new exam; its id is the next one."""
    with _database() as execute:
        (last,) = execute("SELECT coalesce(max(id), 0) FROM exams").fetchone()
        kept = exam.model_copy(update={"id": last + 1})
        record = kept.model_dump_json()
        execute("INSERT INTO exams VALUES (?, ?)", (kept.id, record))
    return kept


def update(exam: Exam, **changes: object) -> Exam:
    """Keep what has changed."""
    kept = exam.model_copy(update=changes)
    with _database() as execute:
        record = kept.model_dump_json()
        execute("UPDATE exams SET record = ? WHERE id = ?", (record, kept.id))
    return kept


def remove(exam: Exam) -> None:
    """Forget an exam that never began."""
    with _database() as execute:
        execute("DELETE FROM exams WHERE id = ?", (exam.id,))


def last() -> Exam | None:
    """The exam that was started last, whatever became of it."""
    with _database() as execute:
        row = execute("SELECT record FROM exams ORDER BY id DESC LIMIT 1").fetchone()
    return Exam.model_validate_json(row[0]) if row else None


def current(*, half_made: bool = False) -> Exam:
    """The exam that was started last and isn't finished.

    Args:
        half_made: also one whose hosts are still being made, or whose start was cut off.
    """
    exam = last()
    if exam is None or exam.state == "finished":
        remedy = "begin one: ./ironlab exam start"
        raise IronlabError("no exam is open", remedy, ExitCode.USAGE)
    if exam.state == "starting" and not half_made:
        message = "the start of the exam was interrupted or still goes on"
        remedy = "./ironlab exam start begins again, `exam finish` clears it away"
        raise IronlabError(message, remedy, ExitCode.USAGE)
    return exam


def at_work() -> Exam:
    """The exam whose hosts the learner may log in to.

    Grading again what the kit could not grade counts as the first try did, so that no work on it
    counts after its end.
    """
    exam = current()
    if exam.score is not None and exam.state == "running" and time.time() > exam.ends:
        message = "time is up, and the exam was handed in"
        raise IronlabError(message, "./ironlab exam grade tries again", ExitCode.USAGE)
    return exam


def still(exam: Exam) -> Exam:
    """The exam as it is now, unless another command has taken it further meanwhile."""
    now = last()
    if now is None or (now.id, now.state) != (exam.id, exam.state):
        message = "another command has graded or ended the exam meanwhile"
        raise IronlabError(message, "see ./ironlab exam report", ExitCode.BUSY)
    return now
