"""What an exam's gradings come to: points of 300, by task and by objective."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from ironlab.exams.paper import TO_PASS, Record, Task
from ironlab.exams.text import host_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ironlab.labs.grading import CheckResult, Verdict

FULL = 100
LATE_MINUTES = 5  # to finish a sentence and type the command


class CheckScore(Record):
    """One check of a task, or one thing that a task says must stay."""

    title: str
    objective: str | None
    share: int
    """Points of the lab's 100; of what must stay, what breaking it costs."""
    passed: bool
    lost: bool
    """Whether it passed at first, and no longer did after the reboot."""
    expected: str = ""
    found: str = ""


class TaskScore(Record):
    """One task."""

    task: Task
    points: int
    """What the checks earned, less what the task's own keeps cost."""
    checks: list[CheckScore]
    void: list[str] = Field(default=[])
    """Why the kit could not grade it."""


class Deduction(Record):
    """What something that no task is about costs, once a host."""

    host: str
    title: str
    costs: int
    found: str = ""


class ObjectiveScore(Record):
    """One objective, over all tasks."""

    number: str
    points: int
    of: int


class Score(Record):
    """The exam's result."""

    tasks: list[TaskScore]
    deductions: list[Deduction]
    late: int = 0
    """Minutes after the end at which it was graded; one that has begun counts."""
    boot_ids: dict[str, list[str]] = Field(default={})
    """Of each host: before and after the reboot."""
    notes: list[str] = Field(default=[])
    """What the graders saw besides: a host that lets nobody in, a full disk, a changed lab."""

    @property
    def points(self) -> int:
        """0 to 300."""
        earned = sum(task.points for task in self.tasks)
        return max(0, earned - sum(each.costs for each in self.deductions))

    @property
    def void(self) -> list[str]:
        """Why there is no result: the kit's fault, never the learner's."""
        return [f"{task.task.number}: {reason}" for task in self.tasks for reason in task.void]

    @property
    def passed(self) -> bool:
        """Whether it is enough, in time, and graded without a fault of the kit."""
        return self.points >= TO_PASS and self.late <= LATE_MINUTES and not self.void

    def objectives(self) -> list[ObjectiveScore]:
        """Points by objective: without deductions, which belong to none."""
        earned: dict[str, float] = {}
        possible: dict[str, float] = {}
        for task in self.tasks:
            for check in task.checks:
                if check.objective is None:
                    continue
                share = check.share * task.task.points / FULL
                possible[check.objective] = possible.get(check.objective, 0) + share
                if check.passed:
                    earned[check.objective] = earned.get(check.objective, 0) + share
        return [
            ObjectiveScore(number=n, points=round(earned.get(n, 0)), of=round(possible[n]))
            for n in sorted(possible, key=_natural)
        ]


def score(
    graded: Iterable[tuple[Task, Verdict]], *, late: int = 0, changed: Sequence[Task] = ()
) -> Score:
    """Add up the verdicts of an exam's tasks.

    Args:
        graded: each task with its lab's verdict.
        late: minutes after the end.
        changed: tasks whose labs have changed since the start: the host was set up by other files.
    """
    pairs = list(graded)
    return Score(
        tasks=[_task(task, verdict) for task, verdict in pairs],
        deductions=_deductions(pairs),
        late=late,
        boot_ids=_boot_ids(pairs),
        notes=[
            *(f"lab {each.number} was changed during the exam" for each in changed),
            *_notes(pairs),
        ],
    )


def _task(task: Task, verdict: Verdict) -> TaskScore:
    checks = [_check(verdict, each) for each in verdict.before.results if not _of_the_host(each)]
    earned = sum(each.share for each in checks if each.objective is not None and each.passed)
    cost = sum(each.share for each in checks if each.objective is None and not each.passed)
    points = round(max(0, earned - cost) * task.points / FULL)
    void = verdict.void_reasons
    return TaskScore(task=task, points=0 if void else points, checks=checks, void=void)


def _check(verdict: Verdict, result: CheckResult) -> CheckScore:
    at_last = result if verdict.after is None else verdict.after.result(result.id)
    unmet = [each for each in (*result.expectations, *at_last.expectations) if not each.met]
    is_check = result.kind == "check"
    return CheckScore(
        title=result.title,
        objective=result.objective if is_check else None,
        share=result.points,
        passed=verdict.passed(result),
        lost=result.id in verdict.lost,
        expected=f"{unmet[0].what}: {unmet[0].wanted}" if unmet else "",
        found=unmet[0].found if unmet else result.message or at_last.message,
    )


def _of_the_host(result: CheckResult) -> bool:
    """Whether it is about the host as a whole: then it counts once, and not for each lab."""
    return result.kind == "kit" and result.id != "kit-data"


def _deductions(pairs: Sequence[tuple[Task, Verdict]]) -> list[Deduction]:
    found: dict[tuple[str, str], Deduction] = {}
    for task, verdict in pairs:
        for result in verdict.before.results:
            key = (task.kind, result.id)
            if _of_the_host(result) and not verdict.passed(result) and key not in found:
                check = _check(verdict, result)
                found[key] = Deduction(
                    host=task.kind, title=result.title, costs=result.points, found=check.found
                )
    return list(found.values())


def _boot_ids(pairs: Sequence[tuple[Task, Verdict]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for task, verdict in pairs:
        for grading in (verdict.before, verdict.after):
            for alias, boot_id in grading.boot_ids.items() if grading else ():
                ids = found.setdefault(host_name(task.kind, alias), [])
                if boot_id not in ids:
                    ids.append(boot_id)
    return found


def _notes(pairs: Sequence[tuple[Task, Verdict]]) -> list[str]:
    notes = [
        f"{host_name(task.kind, alias)}: {note}"
        for task, verdict in pairs
        for grading in (verdict.before, verdict.after)
        if grading
        for alias, access in grading.access.items()
        for note in (*access.notes, *([] if access.ok else [access.message]))
    ]
    return list(dict.fromkeys(notes))


def _natural(number: str) -> list[tuple[bool, int, str]]:
    """1.10 after 1.9, and letters after numbers."""
    return [(not p.isdigit(), int(p) if p.isdigit() else 0, p) for p in number.split(".")]
