"""Events become counts, times and one line about the failure that matters."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest

from ironlab import play, tasks
from ironlab.errors import ExitCode, IronlabError
from ironlab.progress import PlainDisplay
from ironlab.recorder import Outcome, Recorder, cause, one_line


def event(kind: str, second: int = 0, stdout: str = "", **data: Any) -> dict[str, Any]:  # noqa: ANN401
    created = f"2026-01-01T00:00:{second:02}.000000+00:00"
    return {"event": kind, "created": created, "stdout": stdout, "event_data": data}


def outcome(*events: dict[str, Any], code: int = 0) -> Outcome:
    recorder = Recorder(Path("x.log"), io.StringIO(), PlainDisplay())
    for each in events:
        recorder.take(each)
    return recorder.outcome(code, 10.0)


STATS = event("playbook_on_stats", 9, ok={"a": 3, "b": 2}, changed={"a": 1}, failures={"b": 1})


def test_counts_are_summed_over_hosts() -> None:
    found = outcome(STATS)
    assert found.failure is None
    assert (found.counts["ok"], found.changed, found.counts["failed"]) == (5, 1, 1)


def test_times_are_between_starts() -> None:
    found = outcome(
        event("playbook_on_task_start", 1, name="redis : Install", role="redis"),
        event("playbook_on_task_start", 6, name="Start"),
        STATS,
    )
    assert [(t.role, t.name, t.seconds) for t in found.slowest(5)] == [
        ("redis", "Install", 5.0),
        ("", "Start", 3.0),
    ]


def test_the_last_failure_counts_and_ignored_ones_do_not() -> None:
    found = outcome(
        event("runner_on_failed", host="a", task="First", res={"msg": "rescued"}),
        event("runner_on_failed", host="a", role="web", task="web : Last", res={"msg": "b\n c."}),
        event("runner_on_failed", host="a", task="x", ignore_errors=True, res={"msg": "ignored"}),
        STATS,
        code=2,
    )
    assert found.failure == "a: web: Last: b c"


def test_without_a_failed_task_ansibles_complaint_counts() -> None:
    said = event("verbose", stdout="[ERROR]: the role 'nosuch' was not found\nmore")
    assert outcome(said, code=4).failure == "the role 'nosuch' was not found"
    assert outcome(code=4).failure == "ansible-playbook ended with exit code 4"


def test_a_wrong_variable_is_said_without_ansibles_name_for_the_check() -> None:
    task = "Validating arguments against arg spec 'main' - Run Redis"
    errors = {"argument_errors": ["argument 'redis_port' is of type str"], "msg": "long"}
    found = outcome(
        event("runner_on_failed", host="a", role="redis", task=task, res=errors), code=2
    )
    assert found.failure == "a: redis: argument 'redis_port' is of type str"


def test_an_unreachable_host_has_its_own_exit_code() -> None:
    found = outcome(
        event("runner_on_unreachable", host="a", task="Gather", res={"msg": "No route"}), code=4
    )
    with pytest.raises(IronlabError, match="a: Gather: No route; full log") as caught:
        play.require(found)
    assert caught.value.code == ExitCode.UNREACHABLE


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        ({"argument_errors": ["redis_port is x"], "msg": "Validation failed"}, "redis_port is x"),
        ({"msg": "Task failed: Action failed: no"}, "no"),
        ({"msg": "non-zero return code", "stderr": "a\nb\n"}, "non-zero return code: b"),
        (
            {"msg": "Failed", "failures": ["No package x available."]},
            "Failed: No package x available.",
        ),
        ({"msg": "some failed", "results": [{"ok": 1}, {"failed": True, "msg": "it"}]}, "it"),
        ({"censored": "hidden by no_log"}, "hidden by no_log"),
        ({}, "no message"),
    ],
)
def test_cause(result: dict[str, Any], expected: str) -> None:
    assert cause(result) == expected


def test_one_line_is_one_and_not_too_long() -> None:
    assert one_line("a\n  b;\n") == "a b"
    assert len(one_line("x" * 5000)) < 500


def test_the_text_goes_to_the_log() -> None:
    stream = io.StringIO()
    recorder = Recorder(Path("x.log"), stream, PlainDisplay())
    recorder.take(event("verbose", stdout="hello"))
    assert stream.getvalue() == "hello\n"


def test_tasks_are_counted_with_what_they_include(tmp_path: Path) -> None:
    role = tmp_path / "roles" / "web"
    (role / "tasks").mkdir(parents=True)
    (role / "meta").mkdir()
    (role / "meta" / "argument_specs.yml").touch()
    (role / "tasks" / "main.yml").write_text(
        "- include_tasks: more.yml\n- block: [{a: 1}, {b: 1}]\n  rescue: [{c: 1}]\n",
        encoding="utf-8",
    )
    (role / "tasks" / "more.yml").write_text("- d: 1\n", encoding="utf-8")
    (role / "tasks" / "absent.yml").write_text("- e: 1\n- f: 1\n", encoding="utf-8")
    book = tmp_path / "site.yml"
    book.write_text("- hosts: all\n  roles: [{role: web, tags: web}]\n", encoding="utf-8")
    roles = tmp_path / "roles"
    assert tasks.estimate(book, roles=roles) == 7  # facts, validation, 1 + 3 + 1
    assert tasks.estimate(book, "web", roles) == 7
    assert tasks.estimate(book, "other", roles) == 1
