"""`./ironlab test`: lint, types, unit tests, rules, each role on both images, some labs' proofs."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

from rich.console import Console

from ironlab import prerequisites
from ironlab.errors import ExitCode, IronlabError
from ironlab.locks import lock
from ironlab.paths import state_dir
from ironlab.testing import labs, scenarios, summary
from ironlab.testing.display import showing
from ironlab.testing.lint import lint_jobs, unit_job
from ironlab.testing.model import Group, Status
from ironlab.testing.runner import Runner

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from ironlab.testing.model import Job, Result

WORKERS = 2  # a scenario keeps both of its hosts busy: more of them only wait for each other


def run(only: str | None, roles: Sequence[str], images: Sequence[str]) -> int:
    """Test the repository.

    Args:
        only: `lint`, `unit`, `roles` or `labs`; None for everything.
        roles: the roles whose scenarios run; none means all. Naming one leaves the rest out.
        images: the images they run on; none means all.

    Returns:
        The exit code: 0 only when nothing failed.

    Raises:
        IronlabError: a name is unknown, or another test run is busy.
    """
    parts = _parts(only, narrowed=bool(roles or images))
    wanted_roles = scenarios.chosen(roles, scenarios.names(), "role with a scenario")
    wanted_images = scenarios.chosen(images, scenarios.IMAGES, "image")
    console = Console()
    start = time.monotonic()
    logs = state_dir() / "test"
    results: list[Result] = []
    with lock("test", wait=False, doing="`./ironlab test`"):  # two would share hosts and logs
        if Group.ROLES in parts or Group.LABS in parts:
            prerequisites.ensure(assume_yes="CI" in os.environ)  # first of all: it may ask
        if Group.LINT in parts:
            results += _stage(console, lint_jobs(), logs)
        if Group.UNIT in parts:
            results += _stage(console, [unit_job(logs)], logs)
        if Group.ROLES in parts:
            results += _roles(console, wanted_roles, wanted_images, logs)
        if Group.LABS in parts:
            results += _labs(console, results, logs)
    summary.show(console, results, time.monotonic() - start)
    failed = any(result.status is Status.FAILED for result in results)
    return ExitCode.FAILED if failed else ExitCode.OK


def _parts(only: str | None, *, narrowed: bool) -> tuple[Group, ...]:
    groups = (Group.LINT, Group.UNIT, Group.ROLES, Group.LABS)
    if only is None:
        return (Group.ROLES,) if narrowed else groups
    if only not in groups:
        message = f"no part of the tests is called {only!r}"
        raise IronlabError(message, f"choose from: {', '.join(groups)}", ExitCode.USAGE)
    if narrowed and only != Group.ROLES:
        message = f"--role and --image choose scenarios, and --only {only} runs none"
        raise IronlabError(message, "leave one of them out", ExitCode.USAGE)
    return (Group(only),)


def _stage(console: Console, jobs: Sequence[Job], logs: Path) -> list[Result]:
    with showing(console, jobs) as display:
        return Runner(logs, display).run(jobs, WORKERS)


def _roles(
    console: Console,
    roles: Sequence[str],
    images: Sequence[str],
    logs: Path,
) -> list[Result]:
    built = _stage(console, scenarios.image_jobs(images), logs)
    lacking = [result.job.name for result in built if result.status is not Status.PASSED]
    unusable = f"{' and '.join(lacking)} could not be built" if lacking else ""
    ran = _stage(console, scenarios.role_jobs(roles, images, logs, unusable), logs)
    if len(images) == len(scenarios.IMAGES):
        passed = {r.job.name: r.seconds for r in ran if r.status is Status.PASSED}
        scenarios.remember(logs, passed)
    return [*built, *ran]


def _labs(console: Console, before: Sequence[Result], logs: Path) -> list[Result]:
    built = [result for result in before if result.job.group is Group.IMAGES]
    new = [] if built else _stage(console, scenarios.image_jobs([labs.IMAGE]), logs)
    there = {result.job.name: result.status for result in (*built, *new)}
    good = there[f"image {labs.IMAGE}"] is Status.PASSED
    unusable = "" if good else f"image {labs.IMAGE} could not be built"
    return [*new, *_stage(console, labs.lab_jobs(unusable), logs)]
