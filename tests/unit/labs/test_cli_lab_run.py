"""The commands that work on a lab, as the shell sees them."""

from __future__ import annotations

import json
import subprocess
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from ironlab.__main__ import main
from ironlab.errors import ExitCode
from ironlab.labs import catalogue, runner, runner_grade, runner_start, runner_work
from ironlab.labs.grading import Access, CheckResult, Grading, Verdict
from ironlab.labs.sessions import New, Store
from ironlab.labs.targets import Target
from ironlab.locks import lock

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from ironlab.labs.grading.model import Fault, Outcome
    from ironlab.labs.model import Lab
    from ironlab.labs.runner_work import Work
    from ironlab.labs.sessions import Session

TARGET = Target("lab-901-box", "10.77.0.9", 22, "admin", "key", "known")


@pytest.fixture(autouse=True)
def lab(root: Path, sample: Path, monkeypatch: pytest.MonkeyPatch) -> Lab:
    real = catalogue.find
    monkeypatch.setattr(catalogue, "find", lambda name: real(name, root))
    return catalogue.load(sample)


@pytest.fixture
def opened(lab: Lab) -> None:
    names = {"box": "lab-901-box"}
    with Store() as store:
        session = store.begin(New(lab.name, 901, 7, "el9", "container", names, "0.1"))
        store.opened(session, {})


def verdict(outcome: Outcome, fault: Fault = "none", *, rebooted: bool = True) -> Verdict:
    result = CheckResult(id="done", title="It is done", points=100, outcome=outcome)
    access = Access(ok=fault == "none", fault=fault, message="box is not running")
    grading = Grading(at=datetime.now(UTC), access={"box": access}, results=[result])
    access = access.model_copy(update={"boot_id": "second"})
    after = grading.model_copy(update={"access": {"box": access}}) if rebooted else None
    return Verdict(lab="901-sample", seed=7, kit_version="0.1", before=grading, after=after)


@pytest.mark.parametrize("command", ["shell", "grade", "hint", "solve", "reset", "finish"])
def test_a_lab_has_to_be_started_first(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lab", command, "901"]) == ExitCode.USAGE
    said = capsys.readouterr().err
    assert said.startswith("error: lab 901 is not in progress; ")
    assert said.count("\n") == 1


@pytest.mark.parametrize("command", ["start", "grade", "finish"])
def test_an_unknown_lab_is_named(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lab", command, "999"]) == ExitCode.USAGE
    assert "error: there is no lab 999;" in capsys.readouterr().err


@pytest.mark.usefixtures("opened")
@pytest.mark.parametrize("command", ["grade", "reset", "finish"])
def test_the_second_of_two_commands_is_told_so(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with lock("lab-901", wait=False):
        assert main(["lab", command, "901"]) == ExitCode.BUSY
    assert "another command on lab 901 is running (process " in capsys.readouterr().err


@pytest.mark.usefixtures("opened")
@pytest.mark.parametrize(
    ("outcome", "fault", "code"),
    [
        ("passed", "none", ExitCode.OK),
        ("failed", "none", ExitCode.FAILED),
        ("error", "none", ExitCode.FAILED),
        ("unreachable", "learner", ExitCode.FAILED),
        ("unreachable", "host", ExitCode.UNREACHABLE),
    ],
)
def test_only_a_full_score_ends_with_0(
    outcome: Outcome,
    fault: Fault,
    code: ExitCode,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    asked: list[object] = []

    def grade(_work: Work, *, reboot: bool | None) -> Verdict:
        asked.append(reboot)
        return verdict(outcome, fault)

    monkeypatch.setattr(runner_grade, "grade", grade)
    assert main(["lab", "grade", "--json", "--no-reboot"]) == code
    shown = json.loads(capsys.readouterr().out)
    assert shown["solved"] is False
    assert asked == [False]


@pytest.mark.usefixtures("opened")
def test_a_full_score_before_the_reboot_is_only_a_look(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    look = verdict("passed", rebooted=False)
    monkeypatch.setattr(runner_grade, "grade", lambda *_, **__: look)
    assert main(["lab", "grade", "--no-reboot"]) == ExitCode.FAILED
    said = capsys.readouterr().out
    assert "Score 100 of 100" in said
    assert "progress does not count it" in said
    assert "report" not in said


@pytest.mark.usefixtures("opened")
def test_a_hint_says_its_cost_and_waits_for_a_yes(
    lab: Lab, capsys: pytest.CaptureFixture[str]
) -> None:
    first = lab.hints()[0]
    assert main(["lab", "hint", "901"]) == ExitCode.USAGE
    captured = capsys.readouterr()
    assert f"costs {first.cost} points; say --yes" in captured.err
    assert captured.out == ""
    assert main(["lab", "hint", "901", "--yes"]) == ExitCode.OK
    assert first.title in capsys.readouterr().out
    for _ in lab.hints()[1:]:
        main(["lab", "hint", "--yes"])
    assert main(["lab", "hint"]) == ExitCode.OK
    assert "there is no further hint" in capsys.readouterr().out


@pytest.mark.usefixtures("opened")
def test_a_solution_waits_for_a_yes_and_is_shown(
    lab: Lab, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    applied: list[str] = []

    def solve(_work: Work, path: Path, show: Callable[[str], None]) -> None:
        applied.append(path.name)
        show(path.read_text(encoding="utf-8"))

    monkeypatch.setattr(runner, "solve", solve)
    assert main(["lab", "solve", "901"]) == ExitCode.USAGE
    assert "its score counts no more then; say --yes" in capsys.readouterr().err
    assert applied == []
    assert main(["lab", "solve", "901", "--yes", "--solution", "02"]) == ExitCode.OK
    assert applied == [lab.solutions[1].name]
    assert lab.solutions[1].read_text(encoding="utf-8") in capsys.readouterr().out


@pytest.mark.usefixtures("opened")
def test_the_shell_hands_on_the_commands_exit_code(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    codes = iter([7, 0, 255])
    calls: list[list[str]] = []

    def run(argv: list[str], *, check: bool) -> SimpleNamespace:
        assert not check
        calls.append(argv)
        return SimpleNamespace(returncode=next(codes))

    place = SimpleNamespace(targets={"box": TARGET})
    monkeypatch.setattr(runner_work, "attach", lambda _session: place)
    monkeypatch.setattr(subprocess, "run", run)
    assert main(["lab", "shell", "901", "--", "false"]) == 7
    assert calls[0][-2:] == ["--", "false"]
    assert main(["lab", "shell", "--", "id", "-un"]) == ExitCode.OK
    assert calls[1][-3:] == ["--", "id", "-un"]
    assert main(["lab", "shell"]) == ExitCode.UNREACHABLE
    assert "lab reset 901" in capsys.readouterr().err


def test_a_host_of_an_inventory_is_left_alone_without_a_yes(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def start(*_: object, **__: object) -> None:
        raise AssertionError

    monkeypatch.setattr(runner_start, "start", start)
    code = main(["lab", "start", "901", "--host", "web1@inventory/mine"])
    said = capsys.readouterr().err
    assert code == ExitCode.USAGE
    assert "There is no way back" in said
    assert "/etc/sudoers.d/ironlab-student" in said


@pytest.mark.usefixtures("opened")
def test_finish_says_what_is_left_behind(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def finish(store: Store, session: Session, *, keep: bool) -> list[str]:
        assert not keep
        store.ended(session, "finished")
        return ["lab-901-box"]

    monkeypatch.setattr(runner_start, "finish", finish)
    assert main(["lab", "finish"]) == ExitCode.OK
    said = capsys.readouterr().out
    assert "never graded" in said
    assert "report" not in said
    assert "Removed: lab-901-box; nothing is left behind" in said


def test_progress_without_any_is_no_table(
    monkeypatch: pytest.MonkeyPatch, lab: Lab, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(catalogue, "all_labs", lambda: [lab])
    assert main(["progress"]) == ExitCode.OK
    assert "no lab was started yet" in capsys.readouterr().out


@pytest.mark.usefixtures("opened")
def test_progress_shows_labs_objectives_and_series(
    monkeypatch: pytest.MonkeyPatch, lab: Lab, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(catalogue, "all_labs", lambda: [lab])
    assert main(["progress"]) == ExitCode.OK
    said = capsys.readouterr().out
    assert lab.title in said
    assert lab.objectives[0] in said
    assert "lab 901 is in progress" in said
    assert main(["progress", "--json"]) == ExitCode.OK
    shown = json.loads(capsys.readouterr().out)
    assert shown["in_progress"] == [901]
    assert shown["labs"][0]["lab"] == "901-sample"
