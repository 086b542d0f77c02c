"""What a proof shows, and the command."""

from __future__ import annotations

import io
import json
import os
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest
from rich.console import Console
from typer.testing import CliRunner

from ironlab import cli_prove
from ironlab.errors import ExitCode, IronlabError
from ironlab.hosts.machine.qemu import PROCESSORS_VARIABLE
from ironlab.labs import catalogue
from ironlab.proofs import display
from ironlab.proofs.judge import Complaint
from ironlab.proofs.results import LabProof, StateResult

from .conftest import Hosts

if TYPE_CHECKING:
    from ironlab.labs.model import Lab


def proof(*results: StateResult) -> LabProof:
    return LabProof(
        lab="901-notes",
        image="el9",
        kind="container",
        seeds=[1],
        harmless={"leave out: Look": "it only looks"},
        whole=True,
        results=list(results),
        seconds=61.2,
    )


def derived(fate: str, mutant: str = "leave out: Write") -> StateResult:
    return StateResult.model_validate(
        {"seed": 1, "kind": "derived", "name": f"derived: {mutant}", "fate": fate, "mutant": mutant}
    )


def test_the_table_and_its_notes() -> None:
    made = proof(
        derived("killed"),
        derived("killed by its own play"),
        derived("survived", "leave out: Look"),
        StateResult(seed=1, kind="wrong answer", name="wrong answer: a.sh"),
        StateResult(
            seed=1,
            kind="wrong answer",
            name="wrong answer: b.sh",
            complaints=[Complaint(check="mode", expected="fails at once", found="passed")],
        ),
    )
    console = Console(file=io.StringIO(), width=120, record=True)
    console.print(display.table([made]))
    row = console.export_text().splitlines()[-1].split()
    assert row == ["901-notes", "FAILED", "1", "5", "1/2", "2/3", "67%", "61"]
    assert display.notes([made]) == [
        "survives in 901-notes: leave out: Look: it only looks",
        "derived wrong answers: 2 of 3 killed (67%), 1 of them could not even run to their end",
    ]
    assert display.as_json(made)["killed"] == 2


def test_a_terminal_keeps_what_went_wrong(lab: Lab) -> None:
    console = Console(file=io.StringIO(), force_terminal=True, width=200, record=True)
    wrong = Complaint(check="mode", expected="fails", found="passed")
    with display.Progress(console, 2) as progress:
        progress.state(lab, StateResult(seed=1, kind="solution", name="good"), counts=True)
        result = StateResult(seed=1, kind="solution", name="bad", complaints=[wrong])
        progress.state(lab, result, counts=True)
    text = console.export_text()
    assert "901-notes, seed 1, bad: FAILED" in text
    assert "mode: expected: fails; found: passed" in text
    assert "good: ok" not in text


@pytest.fixture
def command(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    info = SimpleNamespace(kind="stand-in", recipe="r")
    monkeypatch.setattr("ironlab.images.build", lambda *_: info)
    monkeypatch.setattr("ironlab.prerequisites.ensure", lambda **_: None)
    monkeypatch.setattr(catalogue, "find", lambda _: lab)
    monkeypatch.setattr(catalogue, "all_labs", lambda: [lab])
    monkeypatch.setattr("ironlab.proofs.workshop.EngineWorkshop", lambda *_, **__: Hosts())
    monkeypatch.setenv("ANSIBLE_STRATEGY", "linear")  # what the command sets ends with the test
    monkeypatch.setenv("ANSIBLE_STRATEGY_PLUGINS", "")
    return CliRunner()


def test_the_command_prints_json_alone(command: CliRunner) -> None:
    done = command.invoke(cli_prove.app, ["901", "--no-write", "--json"])
    assert done.exit_code == ExitCode.OK
    (found,) = json.loads(done.stdout)["labs"]
    assert found["ok"]
    # a lane that helps another out looks at its own hosts' reset besides
    assert len({(result["seed"], result["name"]) for result in found["results"]}) == 23
    assert "901-notes, seed 3" in done.stderr


def test_the_command_fails_with_the_grader(
    command: CliRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = Hosts(failing=lambda _done, _asked: set())
    monkeypatch.setattr("ironlab.proofs.workshop.EngineWorkshop", lambda *_, **__: broken)
    done = command.invoke(cli_prove.app, ["901", "--no-write"])
    assert done.exit_code == ExitCode.FAILED
    assert "FAILED: 901-notes, seed 1, nothing done: content: expected: fails" in done.stdout


@pytest.mark.parametrize(
    ("option", "strategy"), [("--mitogen", "mitogen_linear"), ("--no-mitogen", "linear")]
)
def test_playbooks_run_by_mitogen_unless_told_otherwise(
    command: CliRunner, option: str, strategy: str
) -> None:
    command.invoke(cli_prove.app, ["901", "--seed", "1", "--no-write", option])
    assert os.environ["ANSIBLE_STRATEGY"] == strategy


@pytest.fixture
def machines(command: CliRunner, lab: Lab, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    """The lab needs a machine, and this computer has two cores."""
    machine = lab.model_copy(update={"needs": lab.needs.model_copy(update={"host": "machine"})})
    monkeypatch.setattr(catalogue, "find", lambda _: machine)
    monkeypatch.setattr("ironlab.prerequisites.ensure_machines", lambda **_: None)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1})
    monkeypatch.setenv(PROCESSORS_VARIABLE, "4")  # what the command sets ends with the test
    return command


@pytest.mark.parametrize(("jobs", "processors"), [("2", "1"), ("1", None)])
def test_as_many_machines_as_cores_get_a_processor_each(
    machines: CliRunner, monkeypatch: pytest.MonkeyPatch, jobs: str, processors: str | None
) -> None:
    monkeypatch.delenv(PROCESSORS_VARIABLE)
    done = machines.invoke(cli_prove.app, ["901", "--seed", "1", "--no-write", "--jobs", jobs])
    assert done.exit_code == ExitCode.OK
    assert os.environ.get(PROCESSORS_VARIABLE) == processors


def test_processors_that_were_asked_for_stay(machines: CliRunner) -> None:
    machines.invoke(cli_prove.app, ["901", "--seed", "1", "--no-write", "--jobs", "2"])
    assert os.environ[PROCESSORS_VARIABLE] == "4"


def test_only_machines(command: CliRunner) -> None:
    done = command.invoke(cli_prove.app, ["--all", "--only-machines"])
    assert done.stdout == "there is nothing to prove\n"


@pytest.mark.parametrize("arguments", [[], ["901", "--all"], ["--all", "--changed"]])
def test_one_way_to_say_which_labs(command: CliRunner, arguments: list[str]) -> None:
    done = command.invoke(cli_prove.app, arguments)
    assert isinstance(done.exception, IronlabError)
    assert done.exception.code is ExitCode.USAGE
