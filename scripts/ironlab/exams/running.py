"""Start, grade and finish an exam."""

from __future__ import annotations

import time
import tomllib
from contextlib import contextmanager
from math import ceil
from typing import TYPE_CHECKING, Any

from ironlab import prerequisites
from ironlab.errors import ExitCode, IronlabError
from ironlab.exams import hosts, store
from ironlab.exams.paper import changed, variant
from ironlab.exams.score import score
from ironlab.labs.grading import Grader, Grading, Verdict
from ironlab.locks import lock
from ironlab.paths import REPO

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ironlab.exams.paper import HostKind, Paper
    from ironlab.exams.store import Exam
    from ironlab.labs.places import MadePlace
    from ironlab.progress import Display


@contextmanager
def _alone() -> Iterator[None]:
    with lock("exam", wait=False, doing="exam command"):
        yield


def start(
    paper: Paper, image: str, tell: Callable[[str], None], display: Callable[[], Display]
) -> Exam:
    """Make the hosts, set all labs up, and start the clock.

    Args:
        paper: what to set up.
        image: what the hosts are made from.
        tell: told of each step.
        display: shows a play's progress.
    """
    with _alone():
        prerequisites.ensure()
        if any(task.kind == "machine" for task in paper.tasks):
            prerequisites.ensure_machines()
        before = store.last()
        if before is not None and before.state in {"running", "graded"}:
            message = f"an exam is open (seed {before.paper.seed})"
            remedy = "see ./ironlab exam status, or end it: ./ironlab exam finish"
            raise IronlabError(message, remedy, ExitCode.BUSY)
        if before is not None and before.state == "starting":
            hosts.destroy(before.hosts)  # that start was cut off
            store.remove(before)
        planned = hosts.names(paper)
        hosts.refuse_others(planned)
        exam = store.add(
            store.Exam(
                id=0,
                paper=paper,
                image=image,
                state="starting",
                hosts=planned,
                kit_version=_version(),
            )
        )
        try:
            baselines = _set_up(exam, tell, display)
        except BaseException:  # Ctrl-C too: half an exam is none
            hosts.destroy(exam.hosts)
            store.remove(exam)
            raise
        return store.update(exam, state="running", started=time.time(), baselines=baselines)


def _set_up(
    exam: Exam, tell: Callable[[str], None], display: Callable[[], Display]
) -> dict[str, dict[str, Any]]:
    baselines = {}
    with Grader() as grader:
        for kind in exam.hosts:
            tell(f"making {', '.join(exam.hosts[kind].values())} ({kind})")
            place = hosts.make(exam, kind)
            hosts.set_up(exam, kind, place, display())
            for task, lab in hosts.labs(exam.paper, kind):
                targets = hosts.targets(lab, place)
                baselines[task.lab] = grader.baseline(lab, variant(lab, task), targets)
    return baselines


def grade(exam: Exam, tell: Callable[[str], None]) -> Exam:
    """Grade every task, reboot every host once, grade again; the exam is over then.

    When the kit could not grade a task the exam stays open, to be graded again.

    Raises:
        IronlabError: when a host is gone: nothing is kept then, and the exam goes on.
    """
    with _alone():
        exam = store.still(exam)
        # a grading that the kit has to repeat is as late as the first was
        late = exam.score.late if exam.score else max(0, ceil((time.time() - exam.ends) / 60))
        places = {kind: hosts.find(exam, kind) for kind in exam.hosts}
        with Grader(lambda target: hosts.is_running(places.values(), target)) as grader:
            tell("grading")
            before = _gradings(exam, grader, places)
            for place in places.values():
                tell(f"rebooting {', '.join(place.names.values())}")
                _reboot(place, tell)
            tell("grading again")
            after = _gradings(exam, grader, places)
        verdicts = {
            task.lab: Verdict(
                lab=task.lab,
                seed=task.seed,
                kit_version=exam.kit_version,
                before=before[task.lab],
                after=after[task.lab],
            )
            for task in exam.paper.tasks
        }
        result = score(
            ((task, verdicts[task.lab]) for task in exam.paper.tasks),
            late=late,
            changed=changed(exam.paper),
        )
        state = "running" if result.void else "graded"
        return store.update(exam, state=state, score=result, verdicts=verdicts)


def _gradings(exam: Exam, grader: Grader, places: dict[HostKind, MadePlace]) -> dict[str, Grading]:
    found = {}
    for kind, place in places.items():
        for task, lab in hosts.labs(exam.paper, kind):
            targets, baseline = hosts.targets(lab, place), exam.baselines[task.lab]
            grading = grader.grade(lab, variant(lab, task), targets, baseline)
            for access in grading.access.values():
                if access.fault == "host":
                    raise IronlabError(access.message, access.remedy, ExitCode.UNREACHABLE)
            found[task.lab] = grading
    return found


def _reboot(place: MadePlace, tell: Callable[[str], None]) -> None:
    """Reboot; that a host doesn't come back is for the grader to judge: it may be a mistake."""
    try:
        place.reboot()
    except IronlabError as error:
        if error.code != ExitCode.UNREACHABLE:
            raise
        tell(str(error))


def finish(exam: Exam) -> list[str]:
    """Remove the exam's hosts; say which there were."""
    with _alone():
        exam = store.still(exam)
        gone = hosts.destroy(exam.hosts)
        store.update(exam, state="finished")
    return gone


def _version() -> str:
    project = tomllib.loads((REPO / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return str(project["version"])
