"""An exam from start to finish, with hosts that only seem to be there."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Self

import pytest

from ironlab import prerequisites
from ironlab.errors import ExitCode, IronlabError
from ironlab.exams import display, hosts, paper, report, running, store
from ironlab.labs import catalogue, places_backends
from ironlab.labs.grading import Access, CheckResult, Grading

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from ironlab.labs.model import Lab
    from ironlab.labs.variants import Variant


class World:
    """What would happen to hosts."""

    def __init__(self) -> None:
        self.done: list[str] = []
        self.fault: str = "none"
        self.set_up_fails = False
        self.boots = 0
        self.passes = True
        self.breaks = False

    def place(self) -> FakePlace:
        return FakePlace(self)


class FakePlace:
    """One host."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.names = {"box": "exam-box"}
        self.targets = {"box": "target"}

    def reboot(self) -> None:
        self.world.boots += 1
        self.world.done.append("reboot")


class FakeGrader:
    """Says what the world says."""

    world: World

    def __init__(self, *_: object) -> None:
        pass

    def __enter__(self) -> Self:
        """Nothing to start."""
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing to end."""

    def baseline(self, lab: Lab, _variant: Variant, _targets: object) -> dict[str, Any]:
        return {"kit": {"lab": lab.number}}

    def grade(
        self, lab: Lab, _variant: Variant, _targets: object, baseline: dict[str, Any]
    ) -> Grading:
        assert baseline["kit"]["lab"] == lab.number
        self.world.done.append(f"grade {lab.number}")
        ok = self.world.fault == "none"
        access = Access(
            ok=ok, fault=self.world.fault, message="no host", boot_id=f"{self.world.boots}"
        )
        outcome = "passed" if self.world.passes and ok else "failed"
        outcome = "error" if self.world.breaks else outcome
        results = [
            CheckResult(
                id=c.id, title=c.title, objective=c.objective, points=c.points, outcome=outcome
            )
            for c in lab.checks
        ]
        return Grading(at=datetime.now(UTC), access={"box": access}, results=results)


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch, root: Path) -> World:
    """Two labs, and nothing that leaves this process."""
    made = World()

    def set_up(_exam: store.Exam, kind: str, _place: object, _display: object) -> None:
        made.done.append(f"set up {kind}")
        if made.set_up_fails:
            raise IronlabError("it did not take", "look")

    def destroy(names: dict[str, dict[str, str]]) -> list[str]:
        made.done.append("destroy")
        return [name for mine in names.values() for name in mine.values()]

    find = catalogue.find
    monkeypatch.setattr(catalogue, "find", lambda name: find(name, root))
    nothing = SimpleNamespace(listing=list)
    monkeypatch.setattr(places_backends, "of", lambda _: nothing)
    monkeypatch.setattr(hosts, "make", lambda *_: made.place())
    monkeypatch.setattr(hosts, "find", lambda *_: made.place())
    monkeypatch.setattr(hosts, "set_up", set_up)
    monkeypatch.setattr(hosts, "destroy", destroy)
    monkeypatch.setattr(prerequisites, "ensure", lambda **_: made.done.append("ensure"))
    monkeypatch.setattr(
        prerequisites, "ensure_machines", lambda **_: made.done.append("ensure machines")
    )
    FakeGrader.world = made
    monkeypatch.setattr(running, "Grader", FakeGrader)
    return made


@pytest.fixture
def drawn(make: Callable[..., Lab]) -> paper.Paper:
    return paper.draw([make(901), make(902)], 7, minutes=30)


def begin(drawn: paper.Paper) -> store.Exam:
    return running.start(drawn, "el9", lambda _: None, lambda: None)  # type: ignore[arg-type, return-value]  # nobody looks


def test_from_start_to_finish(world: World, drawn: paper.Paper) -> None:
    exam = begin(drawn)
    assert exam.state == "running"
    assert 29 * 60 < exam.ends - time.time() <= 30 * 60
    assert store.current() == exam  # as another terminal sees it
    graded = running.grade(exam, lambda _: None)
    assert graded.score is not None
    assert (graded.score.points, graded.score.passed) == (300, True)
    assert graded.score.boot_ids == {"box": ["0", "1"]}
    assert store.current() == graded
    assert running.finish(graded) == ["exam-container-box"]
    assert world.done == [
        *("ensure", "set up container"),
        *("grade 901", "grade 902", "reboot", "grade 901", "grade 902"),
        "destroy",
    ]
    with pytest.raises(IronlabError, match="no exam is open"):
        store.current()
    last = store.last()
    assert last is not None
    assert last.score == graded.score  # the report outlives the hosts


def test_one_exam_at_a_time(world: World, drawn: paper.Paper) -> None:
    begin(drawn)
    with pytest.raises(IronlabError, match=r"an exam is open \(seed 7\)") as caught:
        begin(drawn)
    assert caught.value.code == ExitCode.BUSY
    assert world.done == ["ensure", "set up container", "ensure"]


def test_a_paper_with_a_machine_needs_qemu(world: World, make: Callable[..., Lab]) -> None:
    begin(paper.draw([make(901, machine=True), make(902)], 7))
    assert world.done == ["ensure", "ensure machines", "set up container", "set up machine"]
    exam = store.current()
    assert exam.hosts == {
        "container": {"box": "exam-container-box"},
        "machine": {"box": "exam-machine-box"},
    }
    assert exam.baselines.keys() == {"901-x", "902-x"}


def test_hosts_are_called_as_the_paper_does(world: World, drawn: paper.Paper) -> None:
    exam = begin(drawn)
    assert world.done
    with pytest.raises(IronlabError, match="no host machine; it has box"):
        hosts.login(exam, "machine")
    with pytest.raises(IronlabError, match="box is a container, which has no serial console"):
        hosts.console(exam, "box")


def test_a_set_up_that_fails_leaves_nothing(world: World, drawn: paper.Paper) -> None:
    world.set_up_fails = True
    with pytest.raises(IronlabError, match="did not take"):
        begin(drawn)
    assert world.done == ["ensure", "set up container", "destroy"]
    assert store.last() is None


def test_a_start_that_was_killed_is_cleared_away(world: World, drawn: paper.Paper) -> None:
    names = hosts.names(drawn)
    store.add(store.Exam(id=0, paper=drawn, image="el9", state="starting", hosts=names))
    assert begin(drawn).state == "running"
    assert world.done == ["ensure", "destroy", "set up container"]


def test_nothing_but_its_end_is_done_to_half_an_exam(world: World, drawn: paper.Paper) -> None:
    names = hosts.names(drawn)
    store.add(store.Exam(id=0, paper=drawn, image="el9", state="starting", hosts=names))
    with pytest.raises(IronlabError, match="was interrupted or still goes on"):
        store.current()
    running.finish(store.current(half_made=True))
    assert world.done == ["destroy"]
    with pytest.raises(IronlabError, match="no exam is open"):
        store.current(half_made=True)


def test_hosts_of_before_are_no_place_for_an_exam(
    world: World, drawn: paper.Paper, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = [SimpleNamespace(name="exam-container-box")]
    monkeypatch.setattr(places_backends, "of", lambda _: SimpleNamespace(listing=lambda: there))
    with pytest.raises(IronlabError, match="exam-container-box is there already"):
        begin(drawn)
    assert world.done == ["ensure"]
    assert store.last() is None


def test_what_another_terminal_has_graded_is_not_graded_again(
    world: World, drawn: paper.Paper
) -> None:
    asked = begin(drawn)
    running.grade(asked, lambda _: None)
    world.passes = False
    for command in (lambda: running.grade(asked, lambda _: None), lambda: running.finish(asked)):
        with pytest.raises(IronlabError, match="has graded or ended the exam meanwhile") as caught:
            command()
        assert caught.value.code == ExitCode.BUSY
    kept = store.current().score
    assert kept is not None
    assert kept.points == 300


def test_what_the_kit_could_not_grade_is_graded_again(
    world: World, drawn: paper.Paper, capsys: pytest.CaptureFixture[str]
) -> None:
    exam = begin(drawn)
    world.breaks = True
    exam = running.grade(exam, lambda _: None)
    assert exam.score is not None
    assert exam.score.void
    assert exam.state == "running"
    report.show(exam, exam.score)
    said = capsys.readouterr().out
    assert "No result: the kit could not grade a task" in said
    assert "./ironlab exam grade tries again" in said
    assert "Task 1" not in said
    assert "checks" not in json.dumps([report.content(exam, exam.score), display.as_json(exam)])
    assert store.at_work() == exam
    world.breaks = False
    exam = store.update(exam, started=exam.started - 40 * 60)  # time went by meanwhile
    with pytest.raises(IronlabError, match="the exam was handed in"):
        store.at_work()
    assert "the kit could not grade it" in display.clock(exam).lower()
    exam = running.grade(exam, lambda _: None)
    assert exam.score is not None
    assert (exam.state, exam.score.points, exam.score.late) == ("graded", 300, 0)


def test_a_lost_host_is_no_verdict(world: World, drawn: paper.Paper) -> None:
    exam = begin(drawn)
    world.fault = "host"
    with pytest.raises(IronlabError, match="no host") as caught:
        running.grade(exam, lambda _: None)
    assert caught.value.code == ExitCode.UNREACHABLE
    assert store.current().state == "running"


def test_a_host_that_lets_nobody_in_earns_nothing(world: World, drawn: paper.Paper) -> None:
    exam = begin(drawn)
    world.fault = "learner"
    graded = running.grade(exam, lambda _: None).score
    assert graded is not None
    assert (graded.points, graded.passed, graded.void) == (0, False, [])
    assert graded.notes == ["box: no host"]


def test_a_lab_that_changes_during_the_exam_is_named(
    world: World, drawn: paper.Paper, root: Path
) -> None:
    exam = begin(drawn)
    with (root / "902-x" / "grade.py").open("a", encoding="utf-8") as grader:
        grader.write("# pulled meanwhile\n")
    graded = running.grade(exam, lambda _: None).score
    assert graded is not None
    assert world.passes
    assert graded.notes == ["lab 902 was changed during the exam"]


def test_grading_after_the_end_is_late(world: World, drawn: paper.Paper) -> None:
    exam = begin(drawn)
    exam = store.update(exam, started=exam.started - 39.5 * 60)
    graded = running.grade(exam, lambda _: None).score
    assert graded is not None
    assert (graded.late, graded.passed, world.passes) == (10, False, True)
    assert "10 minutes after the end" in report.verdict(graded)


def test_the_report_has_it_all(world: World, drawn: paper.Paper, tmp_path: Path) -> None:
    world.passes = False
    exam = running.grade(begin(drawn), lambda _: None)
    assert exam.score is not None
    page, data = report.write(exam, exam.score, tmp_path / "out")
    text = page.read_text(encoding="utf-8")
    assert "Not passed: 0 of 300 points" in text
    assert "Lab 902" in text
    assert "<script" not in text
    assert '"verdicts"' in data.read_text(encoding="utf-8")
    assert report.content(exam, exam.score)["objectives"][0]["number"] == "1.7"
