"""`ironlab lab list`, `show` and `new`: for people, for programs, and for their mistakes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from ironlab.__main__ import main
from ironlab.labs import catalogue, skeleton, variants
from ironlab.labs.sessions import New, Store

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def labs(root: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two labs, and nothing of the repository's own."""
    skeleton.create(901, "first", "The first", root=root)
    skeleton.create(902, "second", "The second", machine=True, root=root)
    readable, find, create = catalogue.readable, catalogue.find, skeleton.create
    monkeypatch.setattr(catalogue, "readable", lambda: readable(root))
    monkeypatch.setattr(catalogue, "find", lambda name: find(name, root))
    monkeypatch.setattr(skeleton, "create", lambda *a, **k: create(*a, **k, root=root))
    return root


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    capsys.readouterr()
    assert main(["lab", *arguments]) == 0
    return capsys.readouterr().out


def test_the_list_has_what_one_chooses_by(capsys: pytest.CaptureFixture[str]) -> None:
    text = said(capsys, "list")
    assert "The first" in text
    assert "1.7 1.10" in text
    assert "machine" in text
    assert "./ironlab lab start 901" in text


def test_the_list_by_objective(capsys: pytest.CaptureFixture[str]) -> None:
    found = json.loads(said(capsys, "list", "--objective", "1.7", "--json"))
    assert [(lab["number"], lab["minutes"], lab["best"]) for lab in found] == [
        (901, 10, None),
        (902, 10, None),
    ]
    assert "no lab matches" in said(capsys, "list", "--objective", "5.1")


def test_a_broken_lab_is_named_and_hides_no_other(
    labs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (labs / "901-first" / "task.md").unlink()
    assert main(["lab", "list"]) == 0
    captured = capsys.readouterr()
    assert "The second" in captured.out
    assert "left out: " in captured.err
    assert "task.md: the file is missing" in captured.err


def test_a_task_of_a_seed(capsys: pytest.CaptureFixture[str]) -> None:
    text = said(capsys, "show", "901", "--seed", "7")
    note = variants.draw(catalogue.find("901"), 7).values["note"]
    assert str(note) in text
    assert text.startswith("# 901 The first")
    shown = json.loads(said(capsys, "show", "901-first", "--seed", "7", "--json"))
    assert (shown["seed"], shown["task"]) == (7, text.removesuffix("\n"))


def test_the_open_session_says_the_seed(capsys: pytest.CaptureFixture[str]) -> None:
    assert "no session is open" in said(capsys, "show", "901")
    with Store() as store:
        store.begin(New("901-first", 901, 4711, "el9", "container", {"box": "b"}, "0"))
    assert json.loads(said(capsys, "show", "901", "--json"))["seed"] == 4711
    assert "no session" not in said(capsys, "show", "901")
    assert json.loads(said(capsys, "show", "901", "--seed", "3", "--json"))["seed"] == 3


def test_a_new_lab_is_there_and_in_the_list(labs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "./ironlab lab prove 903" in said(capsys, "new", "903", "a-third")
    assert (labs / "903-a-third" / "grade.py").is_file()
    assert "A third" in said(capsys, "list")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["show", "999"], "there is no lab 999; `./ironlab lab list` shows those there are"),
        (["show", "901", "--seed", "0"], "0 is no seed; use a number from 1 to 999999"),
        (["show", "901", "--seed", "x"], "seed"),
        (["list", "--objective", "9.9"], "there is no objective 9.9"),
        (["new", "901", "other"], "has the number 901; take one that is free"),
        (["new", "903", "Other_lab"], "`903-Other_lab` is no name for a lab"),
        (["new", "903"], "SLUG"),
    ],
)
def test_mistakes_are_one_line(
    arguments: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["lab", *arguments]) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert says in error
