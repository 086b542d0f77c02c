"""Points of 300: by task, once a host for what no task is about, and by objective."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from ironlab.exams.paper import HostKind, Task
from ironlab.exams.score import Score, score
from ironlab.labs.grading import Access, CheckResult, Expectation, Grading, Verdict

if TYPE_CHECKING:
    from ironlab.labs.grading.model import Kind, Outcome


def task(number: int, points: int, kind: HostKind = "container") -> Task:
    return Task(
        lab=f"{number}-x",
        number=number,
        title=f"Lab {number}",
        seed=1,
        kind=kind,
        disks=[],
        points=points,
        minutes=10,
        objectives=["1.7", "1.10"],
    )


def result(name: str, outcome: Outcome = "passed", *, kind: Kind = "check") -> CheckResult:
    found = Expectation(what="the file", wanted="there", found="gone", met=outcome == "passed")
    return CheckResult(
        id=name,
        title=f"Title of {name}",
        objective={"content": "1.10", "mode": "1.7"}.get(name),
        kind=kind,
        points={"content": 60, "mode": 40}.get(name, 10),
        outcome=outcome,
        expectations=[found],
    )


def verdict(before: dict[str, Outcome], after: dict[str, Outcome] | None = None) -> Verdict:
    """A verdict of checks content and mode, keep old, invariants kit-units and kit-data."""
    kinds: dict[str, Kind] = {"content": "check", "mode": "check", "old": "keep"}
    gradings = [
        Grading(
            at=datetime(2026, 1, 1, tzinfo=UTC),
            access={"box": Access(ok=True, boot_id=f"boot-{index}")},
            results=[
                result(name, outcomes.get(name, "passed"), kind=kinds.get(name, "kit"))
                for name in ("content", "mode", "old", "kit-units", "kit-data")
            ],
        )
        for index, outcomes in enumerate((before, before if after is None else after))
    ]
    return Verdict(lab="x", seed=1, kit_version="0", before=gradings[0], after=gradings[1])


def test_everything_right_is_everything() -> None:
    found = score([(task(901, 101), verdict({})), (task(902, 199), verdict({}))])
    assert (found.points, found.passed, found.void) == (300, True, [])
    assert [(row.number, row.points, row.of) for row in found.objectives()] == [
        ("1.7", 120, 120),
        ("1.10", 180, 180),
    ]
    assert found.boot_ids == {"box": ["boot-0", "boot-1"]}


def test_nothing_right_is_nothing() -> None:
    found = score([(task(901, 300), verdict({"content": "failed", "mode": "failed"}))])
    assert (found.points, found.passed) == (0, False)
    assert found.tasks[0].checks[0].expected == "the file: there"
    assert found.tasks[0].checks[0].found == "gone"


def test_points_are_shared_out_by_the_lab_s_own() -> None:
    found = score([(task(901, 150), verdict({"mode": "failed"})), (task(902, 150), verdict({}))])
    assert [each.points for each in found.tasks] == [90, 150]
    assert found.passed
    assert [(row.points, row.of) for row in found.objectives()] == [(60, 120), (180, 180)]


def test_what_a_reboot_undoes_does_not_count() -> None:
    found = score([(task(901, 300), verdict({}, {"content": "failed"}))])
    assert found.points == 120
    lost = found.tasks[0].checks[0]
    assert (lost.passed, lost.lost) == (False, True)


def test_what_must_stay_costs_within_its_task() -> None:
    found = score(
        [
            (task(901, 200), verdict({"old": "failed"})),
            (task(902, 100), verdict({"kit-data": "failed"})),
        ]
    )
    assert [each.points for each in found.tasks] == [180, 90]
    assert found.deductions == []


def test_what_is_the_host_s_costs_once_a_host() -> None:
    broken: dict[str, Outcome] = {"kit-units": "failed"}
    found = score(
        [
            (task(901, 100), verdict(broken)),
            (task(902, 100), verdict(broken)),
            (task(903, 100, "machine"), verdict({}, broken)),
        ]
    )
    assert [(each.host, each.costs) for each in found.deductions] == [
        ("container", 10),
        ("machine", 10),
    ]
    assert found.points == 280


def test_deductions_end_at_nothing() -> None:
    nothing: dict[str, Outcome] = {"content": "failed", "mode": "failed", "old": "failed"}
    assert score([(task(901, 300), verdict(nothing | {"kit-units": "failed"}))]).points == 0


@pytest.mark.parametrize(("late", "passed"), [(0, True), (5, True), (6, False)])
def test_too_late_is_not_passed(late: int, passed: bool) -> None:  # noqa: FBT001 - pytest's
    found = score([(task(901, 300), verdict({}))], late=late)
    assert (found.points, found.passed) == (300, passed)


def test_a_fault_of_the_kit_voids_the_exam() -> None:
    found = score([(task(901, 20), verdict({"mode": "error"})), (task(902, 280), verdict({}))])
    assert found.void
    assert not found.passed
    assert found.tasks[0].points == 0


def test_210_is_enough_and_209_is_not() -> None:
    enough = [(task(901, 210), verdict({}))]
    nothing = (task(902, 90), verdict({"content": "failed", "mode": "failed"}))
    assert score([*enough, nothing]).passed
    assert not score([(task(901, 209), verdict({})), nothing]).passed


def test_a_score_survives_the_database() -> None:
    found = score([(task(901, 300), verdict({}, {"content": "failed"}))])
    assert Score.model_validate_json(found.model_dump_json()) == found
