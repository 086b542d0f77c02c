"""What a learner does with a lab, on hosts and with a grader that are played."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Self

import pytest

from ironlab.errors import ExitCode, IronlabError
from ironlab.labs import (
    applying,
    catalogue,
    places,
    places_backends,
    progress,
    runner,
    runner_grade,
    runner_start,
    runner_work,
    variants,
)
from ironlab.labs.grading import Access, CheckResult, Grading
from ironlab.labs.runner_work import Work, working
from ironlab.labs.sessions import Store
from ironlab.labs.targets import Target
from ironlab.locks import lock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from ironlab.labs.model import Lab
    from ironlab.labs.sessions import Session

TARGET = Target("lab-901-box", "10.77.0.9", 22, "admin", "key", "known")


@dataclass
class World:
    """The hosts that there are, and what was done to them."""

    hosts: dict[str, str] = field(default_factory=dict)
    done: list[str] = field(default_factory=list)
    outcomes: list[str] = field(default_factory=list)
    fails: dict[str, BaseException] = field(default_factory=dict)
    fault: str = "none"

    def do(self, what: str) -> None:
        self.done.append(what)
        if what in self.fails:
            raise self.fails[what]


class FakePlace:
    """The one host of a lab."""

    kind = "container"

    def __init__(self, world: World) -> None:
        self.world = world
        self.names = {"box": "lab-901-box"}
        running = world.hosts.get("lab-901-box") == "running"
        self.targets = {"box": TARGET} if running else {}

    def states(self) -> dict[str, str]:
        return {"box": self.world.hosts.get("lab-901-box", "missing")}

    def switch_on(self, alias: str) -> None:
        self.world.do(f"switch on {alias}")
        self.targets[alias] = TARGET

    def snapshot(self, label: str) -> None:
        self.world.do(f"snapshot {label}")

    def reset(self, label: str | None = None) -> None:
        self.world.do(f"reset {label}")

    def reboot(self) -> None:
        self.world.do("reboot")

    def destroy(self) -> list[str]:
        self.world.do("destroy")
        return [name for name in self.names.values() if self.world.hosts.pop(name, None)]


class FakeGrader:
    """Gives the outcomes that the world holds ready, one a grading."""

    world: World

    def __init__(self, is_running: object = None) -> None:
        self.is_running = is_running

    def __enter__(self) -> Self:
        """Nothing to start."""
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing to end."""

    def baseline(self, lab: Lab, variant: variants.Variant, targets: object) -> dict[str, Any]:
        del lab, variant, targets
        self.world.do("baseline")
        return {"kit": {}}

    def grade(self, lab: Lab, _variant: object, targets: object, baseline: object) -> Grading:
        assert targets
        assert baseline == {"kit": {}}
        outcome: Any = self.world.outcomes.pop(0)
        self.world.do(f"grade {outcome}")
        fault: Any = self.world.fault
        results = [
            CheckResult(id=check.id, title=check.title, points=check.points, outcome=outcome)
            for check in lab.checks
        ]
        access = Access(ok=fault == "none", fault=fault, boot_id=str(len(self.world.done)))
        return Grading(at=datetime.now(UTC), access={"box": access}, results=results)


@pytest.fixture
def lab(root: Path, sample: Path, monkeypatch: pytest.MonkeyPatch) -> Lab:
    def find(name: str) -> Lab:
        return catalogue_find(name, root)

    catalogue_find = catalogue.find
    monkeypatch.setattr(catalogue, "find", find)
    return catalogue.load(sample)


@pytest.fixture
def world(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> World:
    del lab
    made = World()

    def open_(*_: object, **__: object) -> FakePlace:
        made.hosts["lab-901-box"] = "running"
        made.do("open")
        return FakePlace(made)

    def of(_: str) -> SimpleNamespace:
        return SimpleNamespace(listing=lambda: [SimpleNamespace(name=each) for each in made.hosts])

    monkeypatch.setattr(places_backends, "of", of)
    monkeypatch.setattr(places, "open_", open_)
    monkeypatch.setattr(places, "attach", lambda *_: FakePlace(made))
    monkeypatch.setattr(applying, "setup", lambda *_: made.do("setup"))
    monkeypatch.setattr(applying, "solve", lambda *given: made.do(f"solve {given[3].name}"))
    monkeypatch.setattr(FakeGrader, "world", made, raising=False)
    monkeypatch.setattr(runner_grade, "Grader", FakeGrader)
    return made


@pytest.fixture
def work(lab: Lab, world: World) -> Iterator[Work]:
    runner_start.start(lab, seed=7)
    world.done.clear()
    with working("901") as found:
        yield found


def latest() -> Session:
    with Store() as store:
        found = store.latest("901-sample")
    assert found is not None
    return found


def test_a_start_sets_up_looks_and_then_keeps_the_disk(lab: Lab, world: World) -> None:
    session, _ = runner_start.start(lab, seed=7, image="el10")
    assert world.done == ["open", "setup", "baseline", "snapshot start"]
    assert (session.state, session.seed, session.image) == ("open", 7, "el10")
    assert session.hosts == {"box": "lab-901-box"}


@pytest.mark.parametrize("step", ["open", "setup", "baseline", "snapshot start"])
@pytest.mark.parametrize("error", [KeyboardInterrupt(), IronlabError("no", "")])
def test_a_start_that_is_cut_off_leaves_no_host(
    lab: Lab, world: World, step: str, error: BaseException
) -> None:
    world.fails = {step: error}
    with pytest.raises(type(error)):
        runner_start.start(lab)
    assert world.hosts == {}
    assert latest().state == "failed"
    world.fails = {}
    assert runner_start.start(lab)[0].state == "open"


def test_a_host_that_was_kept_is_no_place_to_start_on(lab: Lab, world: World) -> None:
    session, _ = runner_start.start(lab, seed=7)
    with Store() as store:
        runner_start.finish(store, session, keep=True)
    world.done.clear()
    with pytest.raises(IronlabError, match="lab-901-box is there already") as caught:
        runner_start.start(lab, seed=7)
    assert caught.value.remedy == "remove it: ./ironlab host destroy lab-901-box"
    assert world.hosts == {"lab-901-box": "running"}
    assert world.done == []
    assert latest().state == "finished"


def test_a_reset_that_was_killed_takes_no_score_away(
    work: Work, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*_: object, **__: object) -> None:
        raise SystemExit

    world.outcomes = ["passed", "passed"]
    runner_grade.grade(work)
    world.hosts.clear()
    with monkeypatch.context() as patch:
        patch.setattr(applying, "setup", die)
        patch.setattr(Store, "remaking", _only_begins(Store.remaking))
        with pytest.raises(SystemExit):
            runner_start.reset(work)
    assert latest().state == "starting"
    runner_start.finish(work.store, latest(), keep=False)
    assert latest().state == "finished"
    assert progress.records(work.store)["901-sample"].best == 100


def _only_begins(real: Callable[..., None]) -> Callable[..., None]:
    """As if the process were gone before it could say that the making anew is over."""

    def remaking(store: Store, session: Session, *, done: bool = False) -> None:
        if not done:
            real(store, session)

    return remaking


def test_what_a_killed_start_left_is_cleared_away_by_the_next(
    lab: Lab, world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def die(*_: object) -> None:
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr(Store, "ended", die)  # as if the process were gone before it could
        world.fails = {"setup": KeyboardInterrupt()}
        with pytest.raises(SystemExit):
            runner_start.start(lab)
    world.fails = {}
    world.hosts["lab-901-box"] = "running"
    with pytest.raises(IronlabError, match="was interrupted"), working("901"):
        pass
    world.done.clear()
    assert runner_start.start(lab)[0].state == "open"
    assert world.done[:2] == ["destroy", "open"]
    assert "did not come to its end" in capsys.readouterr().err


def test_a_lab_in_progress_is_not_started_again(lab: Lab, work: Work) -> None:
    del work
    with (
        pytest.raises(IronlabError, match="another command on lab 901") as caught,
    ):
        runner_start.start(lab)
    assert caught.value.code == ExitCode.BUSY


def test_a_lab_in_progress_says_so(lab: Lab, world: World) -> None:
    runner_start.start(lab, seed=7)
    world.done.clear()
    with pytest.raises(IronlabError, match=r"in progress \(seed 7\)") as caught:
        runner_start.start(lab)
    assert caught.value.code == ExitCode.USAGE
    assert world.done == []


def test_a_lab_that_is_not_in_progress_says_how_to_start_it(lab: Lab) -> None:
    with (
        pytest.raises(IronlabError, match=r"lab 901 is not in progress; \./ironlab lab start 901"),
        working(str(lab.number)),
    ):
        pass


def test_without_a_name_the_only_lab_in_progress_is_meant(lab: Lab, world: World) -> None:
    del world
    with pytest.raises(IronlabError, match="no lab is in progress"), working(None):
        pass
    runner_start.start(lab)
    with working(None) as found:
        assert found.lab.number == 901


def test_two_commands_on_a_lab_are_one_too_many(lab: Lab) -> None:
    with (
        lock(f"lab-{lab.number}", wait=False),
        pytest.raises(IronlabError, match="command on lab 901") as caught,
        working("901"),
    ):
        pass
    assert caught.value.code == ExitCode.BUSY


def test_what_passed_is_rebooted_and_graded_again(work: Work, world: World) -> None:
    world.outcomes = ["passed", "failed"]
    verdict = runner_grade.grade(work)
    assert world.done == ["grade passed", "reboot", "grade failed"]
    assert verdict.lost == [check.id for check in work.lab.checks]
    assert verdict.score == 0
    stored = work.store.verdict(work.session)
    assert stored == verdict


@pytest.mark.parametrize(
    ("asked", "outcome", "reboots"),
    [
        (None, "passed", True),
        (None, "failed", False),
        (True, "failed", True),
        (False, "passed", False),
    ],
)
def test_when_a_reboot_says_more(
    work: Work, world: World, *, asked: bool | None, outcome: str, reboots: bool
) -> None:
    world.outcomes = [outcome, outcome]
    verdict = runner_grade.grade(work, reboot=asked)
    assert ("reboot" in world.done) == reboots == (verdict.after is not None)


def test_a_host_that_does_not_come_back_is_graded_all_the_same(work: Work, world: World) -> None:
    world.outcomes = ["passed", "unreachable"]
    world.fails = {
        "reboot": IronlabError("host lab-901-box is not ready", "", ExitCode.UNREACHABLE)
    }
    verdict = runner_grade.grade(work)
    assert verdict.after is not None
    assert verdict.score == 0


def test_a_reboot_that_fails_on_this_side_is_an_error(work: Work, world: World) -> None:
    world.outcomes = ["passed"]
    world.fails = {"reboot": IronlabError("podman is gone", "", ExitCode.PREREQUISITE)}
    with pytest.raises(IronlabError, match="podman is gone"):
        runner_grade.grade(work)
    assert work.store.verdict(work.session) is None


def test_a_host_that_keeps_the_grader_out_is_not_rebooted(work: Work, world: World) -> None:
    world.fault = "learner"
    world.outcomes = ["unreachable"]
    assert runner_grade.grade(work, reboot=True).score == 0
    assert world.done == ["grade unreachable"]


def test_a_host_that_was_switched_off_is_switched_on(work: Work, world: World) -> None:
    world.hosts["lab-901-box"] = "exited"
    world.outcomes = ["failed"]
    runner_grade.grade(work)
    assert world.done[0] == "switch on box"


def test_a_host_that_is_gone_is_no_mistake_of_the_learner(work: Work, world: World) -> None:
    world.hosts.clear()
    with pytest.raises(IronlabError, match="is gone: removed by hand") as caught:
        runner_grade.grade(work)
    assert caught.value.code == ExitCode.UNREACHABLE


def test_hints_come_in_order_and_cost(work: Work, world: World) -> None:
    hints = work.lab.hints()
    first = runner.next_hint(work)
    assert first is not None
    runner.take(work, first)
    second = runner.next_hint(work)
    assert second != first
    assert work.hint_cost == hints[0].cost > 0
    world.outcomes = ["passed", "passed"]
    assert runner_grade.grade(work).score == 100 - hints[0].cost
    for hint in hints[1:]:
        runner.take(work, hint)
    assert runner.next_hint(work) is None


def test_a_solution_is_in_the_book_before_it_is_applied(work: Work, world: World) -> None:
    path = runner.solution(work.lab, None)
    world.fails = {f"solve {path.name}": KeyboardInterrupt()}
    shown: list[bool] = []
    assert not work.solved
    with pytest.raises(KeyboardInterrupt):
        runner.solve(work, path, lambda _: shown.append(work.solved))
    assert shown == [True]


def test_a_solution_stays_untold_when_there_is_no_host_for_it(work: Work, world: World) -> None:
    world.hosts.clear()
    shown: list[str] = []
    with pytest.raises(IronlabError, match="is gone"):
        runner.solve(work, runner.solution(work.lab, None), shown.append)
    assert shown == []


def test_a_solution_goes_by_name_and_by_number(lab: Lab) -> None:
    second = lab.solutions[1]
    for name in (second.name, second.stem, second.name[:2]):
        assert runner.solution(lab, name) == second
    with pytest.raises(IronlabError, match="has no solution nine"):
        runner.solution(lab, "nine")


def test_a_reset_works_on_a_host_that_is_off(work: Work, world: World) -> None:
    world.hosts["lab-901-box"] = "exited"
    runner_start.reset(work)
    assert world.done == ["reset start"]


def test_a_reset_makes_anew_what_is_gone(work: Work, world: World) -> None:
    before = work.session.started
    world.hosts.clear()
    runner_start.reset(work)
    assert world.done == ["destroy", "open", "setup", "baseline", "snapshot start"]
    assert (latest().state, latest().started) == ("open", before)
    assert work.store.events(work.session, "reset")


def test_a_reset_makes_anew_what_does_not_come_back(work: Work, world: World) -> None:
    world.fails = {"reset start": IronlabError("it is not ready", "", ExitCode.UNREACHABLE)}
    runner_start.reset(work)
    assert world.done[:3] == ["reset start", "destroy", "open"]


def test_a_reset_that_this_side_prevents_touches_nothing(work: Work, world: World) -> None:
    world.fails = {"reset start": IronlabError("podman is gone", "", ExitCode.PREREQUISITE)}
    with pytest.raises(IronlabError, match="podman is gone"):
        runner_start.reset(work)
    assert world.done == ["reset start"]


def test_a_reset_that_is_cut_off_can_be_done_again(work: Work, world: World) -> None:
    world.hosts.clear()
    world.fails = {"setup": KeyboardInterrupt()}
    with pytest.raises(KeyboardInterrupt):
        runner_start.reset(work)
    assert world.hosts == {}
    assert latest().state == "open"
    world.fails = {}
    runner_start.reset(work)
    assert world.hosts == {"lab-901-box": "running"}


def test_finish_removes_the_hosts_unless_they_are_to_be_kept(lab: Lab, world: World) -> None:
    session, _ = runner_start.start(lab)
    with Store() as store:
        assert runner_start.finish(store, session, keep=True) == []
        assert world.hosts
        assert store.of(session.lab) is None
    world.hosts.clear()
    session, _ = runner_start.start(lab)
    with Store() as store:
        assert runner_start.finish(store, session, keep=False) == ["lab-901-box"]
    assert not world.hosts
    assert latest().state == "finished"


def test_the_learner_logs_in_as_student(work: Work) -> None:
    place = runner_work.attach(work.session)
    argv = runner.student(place, "box", ["id", "-un"])
    assert argv[-3:] == ["--", "id", "-un"]
    assert "student@10.77.0.9" in argv
    with pytest.raises(IronlabError, match="no host peer"):
        runner.student(place, "peer")


def test_a_container_has_no_serial_console(work: Work) -> None:
    with pytest.raises(IronlabError, match="has no serial console"):
        runner.console(work, "box")
