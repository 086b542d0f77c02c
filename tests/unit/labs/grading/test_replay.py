"""Grading once more from what was recorded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from ironlab.labs.grading.connection import Connection

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from ironlab.labs.grading import Grader, Grading, Target
    from ironlab.labs.model import Lab
    from ironlab.labs.variants import Variant

    Grade = Callable[..., Grading]
    MakeLab = Callable[..., Lab]

TEXT = """
def test_a(host):
    expect("state", host.run("cat {path}; date +%N").stdout.split()[0], "right")
def test_b(host):
    host.run("cat {path}")
    expect.that(host.file("{path}").size > 3, "size", found="small", wanted="more")
def test_c(host, lab):
    {{}}[lab.user]
"""


@pytest.fixture
def replay(
    grader: Grader, variant: Variant, baseline: dict[str, Any], make_lab: MakeLab
) -> Callable[..., Grading]:
    """Grade a recorded grading again by this grade.py."""

    def run(recorded: Grading, text: str, *checks: str) -> Grading:
        return grader.replay(make_lab(text, *checks), variant, recorded, baseline)

    return run


def test_the_same_answers_give_the_same_grading(
    grade: Grade, replay: Grade, tmp_path: Path
) -> None:
    state = tmp_path / "state"
    state.write_text("right\n", encoding="utf-8")
    text = TEXT.format(path=state)
    recorded = grade(text, "a", "b", "c")
    assert [recorded.result(name).outcome for name in "abc"] == ["passed", "passed", "error"]

    state.write_text("wrong\n", encoding="utf-8")
    assert replay(recorded, text, "a", "b", "c") == recorded


def test_another_grader_finds_no_answer_to_its_questions(grade: Grade, replay: Grade) -> None:
    text = "def test_a(host):\n    expect('rc', host.run('true').rc, 0)\n"
    result = replay(grade(text, "a"), text.replace("true", "true # really"), "a").result("a")
    assert result.outcome == "error"
    assert "never ran on box: true # really" in result.message


def test_a_stricter_grader_comes_to_another_result(grade: Grade, replay: Grade) -> None:
    text = "def test_a(host):\n    expect('said', host.run('echo 1').stdout, '1\\n')\n"
    recorded = grade(text, "a")
    assert recorded.result("a").outcome == "passed"
    assert replay(recorded, text.replace("'1\\n'", "'2\\n'"), "a").result("a").outcome == "failed"


def test_a_host_that_was_lost_is_lost_again(grade: Grade, replay: Grade) -> None:
    text = (
        "def test_a(host):\n    expect('said', host.run('echo 1').stdout, '1\\n')\n"
        "def test_b(host):\n    assert host.run('kill -9 $PPID').rc == 0\n"
    )
    recorded = grade(text, "a", "b")
    assert [recorded.result(name).outcome for name in "ab"] == ["passed", "unreachable"]
    assert replay(recorded, text, "a", "b") == recorded


def test_a_host_that_let_nobody_in_lets_nobody_in_again(grade: Grade, replay: Grade) -> None:
    def refuse(target: Target) -> Connection:
        return Connection(target, argv=["sh", "-c", "echo Permission denied >&2; exit 255"])

    text = "def test_a(host):\n    assert host.run('true').rc == 0\n"
    recorded = grade(text, "a", connect=refuse)
    assert recorded.result("a").outcome == "unreachable"
    assert replay(recorded, text, "a") == recorded
