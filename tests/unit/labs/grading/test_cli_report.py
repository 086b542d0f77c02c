"""`ironlab report` and `ironlab lab regrade`, from a session to the same verdict."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from typer.testing import CliRunner

from ironlab.cli import app
from ironlab.errors import ExitCode, IronlabError
from ironlab.labs import catalogue
from ironlab.labs.grading import Verdict
from ironlab.labs.report import bundle as bundles
from ironlab.labs.sessions import New, Store

if TYPE_CHECKING:
    from collections.abc import Callable

    from ironlab.labs.grading import Grading
    from ironlab.labs.model import Lab

TEXT = "def test_a(host):\n    expect('said', host.run('echo 1').stdout, '1\\n')\n"


@pytest.fixture
def lab(make_lab: Callable[..., Lab], monkeypatch: pytest.MonkeyPatch) -> Lab:
    lab = make_lab(TEXT, "a")
    monkeypatch.setattr(catalogue, "find", lambda _: lab)
    return lab


@pytest.fixture
def graded(lab: Lab, grade: Callable[..., Grading], baseline: dict[str, Any]) -> Lab:
    """The lab with a session that was graded."""
    verdict = Verdict(lab=lab.name, seed=7, kit_version="0", before=grade(TEXT, "a"))
    with Store() as store:
        new = New(lab.name, 901, 7, "el9", "container", {"box": "lab-901-box"}, "0")
        session = store.opened(store.begin(new), baseline)
        store.add(session, "graded", verdict=verdict.model_dump(mode="json"))
    return lab


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, list(arguments))
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.stdout


def test_a_report_can_be_graded_again(graded: Lab, tmp_path: Path) -> None:
    code, out = run("report", "901", "--to", str(tmp_path / "out"), "--json")
    files = json.loads(out)
    assert code == ExitCode.OK
    assert {path.name for path in (tmp_path / "out").iterdir()} == {
        files["page"].rpartition("/")[2],
        files["bundle"].rpartition("/")[2],
    }
    code, out = run("lab", "regrade", files["bundle"])
    assert code == ExitCode.OK
    end = bundles.read(Path(files["bundle"])).entries[-1]
    assert f"same verdict: {end.data['score']} of 100" in out

    text = graded.grader.read_text(encoding="utf-8")
    graded.grader.write_text(text.replace("'1\\n'", "'2\\n'"), encoding="utf-8")
    code, out = run("lab", "regrade", files["bundle"])
    assert code == ExitCode.FAILED
    assert "grade.py is not the one that it was graded with" in out
    assert "a before the reboot: was passed, is failed (said: found 1, wanted 2)" in out
    code, out = run("lab", "regrade", files["bundle"], "--json")
    assert code == ExitCode.FAILED
    assert json.loads(out)["same"] is False


def test_a_folder_that_can_not_be_one_is_named(graded: Lab, tmp_path: Path) -> None:
    there = tmp_path / "file"
    there.write_text("no folder", encoding="utf-8")
    with pytest.raises(IronlabError, match=r"cannot write to .*file: ") as caught:
        run("report", str(graded.number), "--to", str(there))
    assert caught.value.code == ExitCode.USAGE


def test_that_the_kit_solved_it_is_said_offline_too(
    graded: Lab, grade: Callable[..., Grading], tmp_path: Path
) -> None:
    verdict = Verdict(lab=graded.name, seed=7, kit_version="0", before=grade(TEXT, "a"))
    with Store() as store:
        session = store.of(graded.name)
        assert session is not None
        store.add(session, "solved", solution="01-playbook.yml")
        store.add(session, "graded", verdict=verdict.model_dump(mode="json"))
    files = json.loads(run("report", "901", "--to", str(tmp_path), "--json")[1])
    assert "its score does not count" in run("lab", "regrade", files["bundle"])[1]
    assert json.loads(run("lab", "regrade", files["bundle"], "--json")[1])["solved"] is True


def test_reports_go_to_the_state_folder(graded: Lab, tmp_path: Path) -> None:
    code, _ = run("report", str(graded.number))
    assert code == ExitCode.OK
    assert len(list((tmp_path / "state" / "ironlab" / "reports").iterdir())) == 2


def test_without_a_grading_there_is_nothing_to_report(lab: Lab) -> None:
    with pytest.raises(IronlabError, match="was not graded yet") as caught:
        run("report", str(lab.number))
    assert caught.value.code is ExitCode.USAGE
