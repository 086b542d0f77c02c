"""What a test run is made of: jobs, and what came of them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path


class Group(StrEnum):
    """The parts that `--only` chooses between; images are built for the roles."""

    LINT = "lint"
    UNIT = "unit"
    IMAGES = "images"
    ROLES = "roles"
    LABS = "labs"


class Status(StrEnum):
    """How a job ended."""

    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True)
class Tally:
    """Numbers of tests."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0

    def __add__(self, other: Tally) -> Tally:
        """Add up two parts of a run."""
        return Tally(
            self.passed + other.passed,
            self.failed + other.failed,
            self.skipped + other.skipped,
        )

    @classmethod
    def one(cls, status: Status) -> Tally:
        """The tally of a single test that ended in this status."""
        return cls(**{status.value: 1})


@dataclass(frozen=True)
class Job:
    """One program to run.

    Attributes:
        name: unique in a run; also the log's name.
        group: the part of the run it belongs to.
        argv: the program.
        env: variables set on top of the caller's environment.
        limit: seconds after which it counts as hung.
        junit: where the program writes its test report, if it runs pytest.
        counts_itself: whether the job is a test of its own beside those in its report.
        judge: reads the log of a program that ended well and names what is wrong all the same.
        excerpt: picks from a failed program's log what shows the cause; its end, if not given.
        undo: a program that removes what an interrupted run leaves behind.
        skip: why it can't run here; empty if it can.
    """

    name: str
    group: Group
    argv: Sequence[str]
    env: Mapping[str, str] = field(default_factory=dict)
    limit: float = 600
    junit: Path | None = None
    counts_itself: bool = True
    judge: Callable[[str], str] | None = None
    excerpt: Callable[[str], str] | None = None
    undo: Sequence[str] = ()
    skip: str = ""


@dataclass(frozen=True)
class Result:
    """What came of a job.

    Attributes:
        job: the job.
        status: how it ended.
        seconds: how long it took.
        tally: its tests, itself included.
        reason: why it failed or was skipped, in one line.
        skips: the reasons its tests gave for being skipped, and how many gave each.
        log: all that it said.
    """

    job: Job
    status: Status
    seconds: float = 0
    tally: Tally = field(default_factory=Tally)
    reason: str = ""
    skips: Counter[str] = field(default_factory=Counter)
    log: Path | None = None


def skipped(job: Job, reason: str) -> Result:
    """The result of a job that was not started."""
    return Result(job, Status.SKIPPED, tally=Tally.one(Status.SKIPPED), reason=reason)
