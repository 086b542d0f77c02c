"""A whole run with made-up jobs: exit code, summary, usage errors."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest
from rich.console import Console

from ironlab import testing
from ironlab.errors import ExitCode, IronlabError
from ironlab.locks import lock
from ironlab.testing import display, lint, summary
from ironlab.testing.model import Group, Job, Result, Status, Tally

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def state(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where logs and the lock are; lines stay whole."""
    monkeypatch.setenv("COLUMNS", "200")
    return home / "state" / "ironlab" / "test"


def made_up(monkeypatch: pytest.MonkeyPatch, *scripts: str) -> None:
    jobs = [
        Job(f"lint {n}", Group.LINT, ["/bin/sh", "-c", script]) for n, script in enumerate(scripts)
    ]
    monkeypatch.setattr(testing, "lint_jobs", lambda: jobs)


def test_a_good_run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    made_up(monkeypatch, "true", "true")
    assert testing.run("lint", [], []) == ExitCode.OK
    out = capsys.readouterr().out.splitlines()
    assert out[-1] == "ironlab: 2 passed, 0 failed, 0 skipped"


def test_a_failure_shows_its_log_and_fails_the_run(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    state: Path,
) -> None:
    made_up(monkeypatch, "true", "echo 'this [broke]'; exit 7")
    assert testing.run("lint", [], []) == ExitCode.FAILED
    out = capsys.readouterr().out
    assert "this [broke]" in out
    assert "exit code 7" in out
    assert str(state / "lint-1.log") in out
    assert out.splitlines()[-1] == "ironlab: 1 passed, 1 failed, 0 skipped"


@pytest.mark.parametrize(
    ("only", "roles", "images", "cause"),
    [
        ("slow", [], [], "no part of the tests is called 'slow'"),
        ("lint", ["redis"], [], "--only lint runs none"),
        (None, ["mongodb"], [], "no role with a scenario is called 'mongodb'"),
        ("roles", [], ["el8"], "no image is called 'el8'"),
    ],
)
def test_bad_usage(only: str | None, roles: list[str], images: list[str], cause: str) -> None:
    with pytest.raises(IronlabError, match=cause) as error:
        testing.run(only, roles, images)
    assert error.value.code is ExitCode.USAGE


def test_two_runs_at_once() -> None:
    with lock("test", wait=False), pytest.raises(IronlabError, match="is running") as error:
        testing.run("lint", [], [])
    assert error.value.code is ExitCode.BUSY


def test_the_summary_says_what_was_skipped_and_why() -> None:
    job = Job("grafana", Group.ROLES, [])
    linter = Job("shellcheck", Group.LINT, [])
    skips = Counter({"Skipped: needs a real EL host": 3})
    results = [
        Result(job, Status.PASSED, 3.0, Tally(5, 0, 3), skips=skips),
        Result(linter, Status.SKIPPED, tally=Tally(0, 0, 1), reason="not installed"),
    ]
    assert summary.skip_lines(results) == [
        "skipped: needs a real EL host (grafana 3)",
        "skipped: not installed (shellcheck 1)",
    ]
    assert summary.total(results) == Tally(5, 0, 4)


def test_a_terminal_shows_the_step_that_runs(tmp_path: Path) -> None:
    console = Console(force_terminal=True, width=100, record=True)
    job = Job("redis", Group.ROLES, [])
    log = tmp_path / "redis.log"
    log.write_text("INFO     redis ➜ converge: Executing\n", encoding="utf-8")
    with display.showing(console, [job]) as live:
        live.started(job, log)
        live.tick()
        live.finished(Result(job, Status.PASSED, 1.0))
    text = console.export_text()
    assert "converge" in text
    assert "passed  redis  1.0 s" in text


def test_shell_scripts_are_found_by_their_first_line(tmp_path: Path) -> None:
    for name, first in {
        "tool": "#!/bin/sh",
        ".ci/run": "#!/bin/bash",
        "script.py": "#!/bin/sh",
        "text": "no script",
        ".git/hook": "#!/bin/sh",
        "env/bin/activate": "#!/bin/sh",
        "env/pyvenv.cfg": "",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(first + "\n", encoding="utf-8")
    assert sorted(lint.shell_scripts(tmp_path)) == [".ci/run", "tool"]
