"""What counts as reached, and what does not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from ironlab.labs import catalogue, progress, skeleton
from ironlab.labs import sessions_database as database
from ironlab.labs.grading import Access, CheckResult, Grading, Verdict
from ironlab.labs.sessions import New, Session, Store

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ironlab.labs.grading.model import Outcome


@pytest.fixture
def store() -> Iterator[Store]:
    with Store() as found:
        yield found


def begin(store: Store, lab: str = "103-journal") -> Session:
    new = New(lab, int(lab[:3]), 7, "el9", "container", {"box": f"lab-{lab[:3]}-box"}, "0.1")
    return store.opened(store.begin(new), {})


def grade(
    store: Store,
    session: Session,
    points: int,
    outcome: Outcome = "passed",
    *,
    rebooted: bool = True,
) -> None:
    results = [
        CheckResult(id="some", title="Some", points=points, outcome=outcome),
        CheckResult(id="rest", title="Rest", points=100 - points, outcome="failed"),
    ]
    before, after = (
        Grading(
            at=datetime.now(UTC), access={"box": Access(ok=True, boot_id=boot)}, results=results
        )
        for boot in ("first", "second")
    )
    verdict = Verdict(lab=session.lab, seed=7, kit_version="0.1", before=before)
    if rebooted:
        verdict = verdict.model_copy(update={"after": after})
    store.add(session, "graded", verdict=verdict.model_dump(mode="json"))


def test_the_best_and_the_latest_score(store: Store) -> None:
    session = begin(store)
    for points in (40, 100, 60):
        grade(store, session, points)
    store.ended(session, "finished")
    grade(store, begin(store), 20)
    record = progress.records(store)["103-journal"]
    assert (record.best, record.latest, record.attempts) == (100, 20, 2)
    assert record.done
    assert progress.best_scores() == {"103-journal": 100}


def test_a_look_without_the_reboot_counts_for_nothing(store: Store) -> None:
    session = begin(store)
    grade(store, session, 40)
    grade(store, session, 100, rebooted=False)
    record = progress.records(store)["103-journal"]
    assert (record.best, record.latest, record.done) == (40, 40, False)


def test_a_grading_that_no_reboot_could_follow_counts(store: Store) -> None:
    session = begin(store)
    passed = CheckResult(id="some", title="Some", points=40, outcome="passed")
    lost = CheckResult(id="rest", title="Rest", points=60, outcome="unreachable")
    access = {"box": Access(ok=True), "peer": Access(ok=False, fault="learner")}
    grading = Grading(at=datetime.now(UTC), access=access, results=[passed, lost])
    verdict = Verdict(lab=session.lab, seed=7, kit_version="0.1", before=grading)
    store.add(session, "graded", verdict=verdict.model_dump(mode="json"))
    assert progress.records(store)["103-journal"].best == 40


def test_nothing_that_passed_needs_no_reboot_to_count(store: Store) -> None:
    session = begin(store)
    grade(store, session, 40, "failed", rebooted=False)
    assert progress.records(store)["103-journal"].best == 0


def test_what_the_kit_solved_counts_no_more(store: Store) -> None:
    session = begin(store)
    grade(store, session, 30)
    store.add(session, "solved", solution="01-playbook.yml")
    grade(store, session, 100)
    record = progress.records(store)["103-journal"]
    assert (record.best, record.solved, record.done) == (30, 1, False)


def test_a_void_verdict_is_no_score(store: Store) -> None:
    grade(store, begin(store), 100, "error")
    assert progress.records(store)["103-journal"].best is None
    assert progress.best_scores() == {}


def test_a_start_that_failed_is_no_attempt(store: Store) -> None:
    store.ended(begin(store), "failed")
    assert progress.records(store) == {}


def test_a_night_between_two_events_is_no_time_spent(store: Store) -> None:
    session = begin(store)
    grade(store, session, 50)
    now = datetime.now(UTC)
    moments = [now - timedelta(hours=12), now - timedelta(hours=12) + timedelta(minutes=10), now]
    grade(store, session, 60)
    with database.transaction(store.connection) as execute:
        execute("UPDATE sessions SET started = ?", (moments[0].isoformat(),))
        events = execute("SELECT id FROM events ORDER BY id").fetchall()
        for row, moment in zip(events, moments, strict=True):
            execute("UPDATE events SET at = ? WHERE id = ?", (moment.isoformat(), row["id"]))
    seconds = progress.records(store)["103-journal"].seconds
    assert seconds == pytest.approx(600 + progress.IDLE_SECONDS)


def test_objectives_and_series_are_summed_up_over_their_labs(store: Store, sample: Path) -> None:
    lab = catalogue.load(sample)
    other = skeleton.create(902, "other", "Another", root=sample.parent)
    grade(store, begin(store, "901-sample"), 100)
    found = progress.records(store)
    (series,) = progress.by_series([lab, other], found)
    assert (series.labs, series.done, series.average) == (2, 1, 50.0)
    groups = progress.by_objective([lab, other], found)
    assert [group.name for group in groups] == list(lab.objectives)
    assert groups[0].title == catalogue.objectives()[groups[0].name].title
    assert groups[0].as_json()["average"] == 50.0
