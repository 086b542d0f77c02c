"""The exam's commands, as far as they need no hosts."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

import pytest

from ironlab.__main__ import main
from ironlab.errors import ExitCode
from ironlab.exams import hosts, paper, store
from ironlab.labs import catalogue
from ironlab.proofs import ledger

if TYPE_CHECKING:
    from collections.abc import Callable

    from ironlab.labs.model import Lab


@pytest.fixture(autouse=True)
def labs(make: Callable[..., Lab], monkeypatch: pytest.MonkeyPatch) -> None:
    """Four labs with a proof, and one without."""
    made = [make(number, machine=number == 904) for number in (901, 902, 903, 904, 905)]
    monkeypatch.setattr(catalogue, "all_labs", lambda: made)
    monkeypatch.setattr(ledger, "proved", lambda labs: [lab for lab in labs if lab.number != 905])
    monkeypatch.setattr(catalogue, "find", {lab.name: lab for lab in made}.__getitem__)


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(["exam", *arguments]) == 0
    return capsys.readouterr().out


def test_a_dry_run_twice_is_the_same_paper(capsys: pytest.CaptureFixture[str]) -> None:
    first = said(capsys, "start", "--seed", "7", "--dry-run", "--no-machine")
    assert first == said(capsys, "start", "--seed", "7", "--dry-run", "--no-machine")
    assert first.startswith("# Exam, seed 7\n")
    assert "300 points, 210 to pass. 3 tasks on `box`" in first
    assert "Left out: 904 Lab 904: needs a virtual machine" in first
    assert first != said(capsys, "start", "--seed", "8", "--dry-run", "--no-machine")


def test_json_has_the_paper_and_its_text(capsys: pytest.CaptureFixture[str]) -> None:
    paper = json.loads(said(capsys, "start", "--seed", "7", "--dry-run", "--machine", "--json"))
    assert [task["number"] for task in paper["tasks"]] == [901, 902, 903, 904]
    assert "On `machine`, 75 points" in paper["text"]


def test_ssh_that_gets_in_nowhere_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    drawn = paper.draw(catalogue.all_labs()[:1], 7)
    exam = store.add(
        store.Exam(id=0, paper=drawn, image="el9", state="running", hosts={}, started=time.time())
    )
    monkeypatch.setattr(hosts, "login", lambda *_: ["sh", "-c", "exit 255"])
    assert main(["exam", "shell"]) == ExitCode.UNREACHABLE
    assert "ssh did not get in" in capsys.readouterr().err
    store.update(exam, state="finished")
    assert main(["exam", "report"]) == ExitCode.USAGE
    assert "is not graded; it was ended without" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["show"], 2, "no exam is open; begin one"),
        (["status"], 2, "no exam is open"),
        (["grade"], 2, "no exam is open"),
        (["finish"], 2, "no exam is open"),
        (["shell"], 2, "no exam is open"),
        (["report"], 2, "there was no exam yet"),
        (["start", "--seed", "0", "--dry-run"], 2, "0 is no seed"),
        (["start", "--objectives", "99", "--dry-run"], 2, "there is no objective 99"),
        (["start", "--objectives", "5", "--dry-run"], 2, "no lab fits"),
        (["start", "--minutes", "5"], 2, "minutes"),
    ],
)
def test_errors_are_one_line(
    arguments: list[str], code: int, says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["exam", *arguments]) == code
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert says in error
