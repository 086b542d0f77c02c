"""Where the forked process begins; light, for the grader's own process imports it too."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

    from ironlab.labs.grading.plan import Job


def enter(job: Job, pipe: Connection) -> None:
    """Run the worker."""
    from ironlab.labs.grading.worker import work  # noqa: PLC0415 - imported ahead of the fork

    work(job, pipe)
