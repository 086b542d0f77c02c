"""Grade a lab in progress: once, and again after a reboot."""

from __future__ import annotations

import contextlib
import signal
from typing import TYPE_CHECKING

from ironlab.console import tell
from ironlab.errors import ExitCode, IronlabError
from ironlab.labs.grading import Grader, Verdict
from ironlab.labs.runner_work import attach

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ironlab.labs.grading import Grading, Target
    from ironlab.labs.model import Lab
    from ironlab.labs.places import Place
    from ironlab.labs.runner_work import Work


@contextlib.contextmanager
def grading(place: Place | None = None) -> Iterator[Grader]:
    """A grader; with a place it can tell a host that does not run from one that lets nobody in."""

    def running(target: Target) -> bool:
        states = place.states() if place else {}
        return any(
            states.get(alias) == "running"
            for alias, known in (place.targets if place else {}).items()
            if known.name == target.name
        )

    warm_up()
    with Grader(running) if place else Grader() as grader:
        yield grader


def warm_up() -> None:
    """Have the process that gradings are forked from import what it needs, while others work."""
    # it inherits this: Ctrl-C is for the one who asked for the grading, who then ends it
    old = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        Grader().__enter__()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, old)


def grade(work: Work, *, reboot: bool | None = None) -> Verdict:
    """Grade, reboot, grade again; what came of it is written down.

    Args:
        work: the session.
        reboot: whether to reboot; by default where the lab claims persistence, and something
            passed that could be lost.
    """
    lab, session = work.lab, work.session
    place = attach(session)
    with grading(place) as grader:
        baseline = work.store.baseline(session)

        def look() -> Grading:
            return grader.grade(lab, work.variant, place.targets, baseline)

        tell(f"grading lab {lab.number} (seed {session.seed})")
        before, after = look(), None
        if wants_reboot(lab, before, asked=reboot):
            _reboot(work, place)
            tell("grading again")
            after = look()
    verdict = Verdict(
        lab=lab.name,
        seed=session.seed,
        kit_version=session.kit_version,
        before=before,
        after=after,
        hint_cost=work.hint_cost,
    )
    work.store.add(session, "graded", verdict=verdict.model_dump(mode="json"), solved=work.solved)
    return verdict


def wants_reboot(lab: Lab, before: Grading, *, asked: bool | None) -> bool:
    """Whether a reboot would say more."""
    if before.fault != "none":
        return False
    if asked is not None:
        return asked
    claimed = any(lab.persists(check) for check in lab.checks)
    passed = any(each.kind == "check" and each.outcome == "passed" for each in before.results)
    if claimed and not passed:
        tell("no check passed, so there is nothing that a reboot could lose: not rebooting")
    return claimed and passed


def _reboot(work: Work, place: Place) -> None:
    tell(f"rebooting {', '.join(place.targets)}")
    work.store.add(work.session, "rebooted")
    try:
        place.reboot()
    except IronlabError as error:
        if error.code != ExitCode.UNREACHABLE:
            raise
        tell(f"it did not come back as it should: {error.message}")  # the grading says whose fault
