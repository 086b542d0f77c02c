"""What `lab grade` prints."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal

import pytest
from rich.console import Console

from ironlab.labs.grading import Access, CheckResult, Expectation, Grading, Probe, Verdict
from ironlab.labs.grading.display import as_json, show

if TYPE_CHECKING:
    from collections.abc import Callable

    from ironlab.labs.grading.model import Outcome
    from ironlab.labs.model import Lab

PROBE = Probe(
    host="box",
    command="findmnt [x]",
    rc=1,
    stdout="".join(f"line {n}\n" for n in range(9)),
    stderr="",
)


def grading(
    outcome: Outcome, boot: str, access: Access | None = None, message: str = ""
) -> Grading:
    found = "mounted" if outcome == "passed" else "nothing\nat all"
    met = Expectation(what="the mount", wanted="mounted", found=found, met=outcome == "passed")
    check = CheckResult(
        id="a",
        title="It is [bold]mounted[/]",
        points=100,
        outcome=outcome,
        message=message or f"the mount: found {found}, wanted mounted",
        expectations=[met] if outcome in {"passed", "failed"} else [],
        probes=[PROBE],
    )
    kit = CheckResult(
        id="kit-units", title="Units run", kind="kit", points=10, outcome="passed", probes=[PROBE]
    )
    reached = access or Access(ok=True, boot_id=boot, notes=["box: the file system of / is full"])
    return Grading(
        at=datetime(2030, 1, 1, tzinfo=UTC), access={"box": reached}, results=[check, kit]
    )


@pytest.fixture
def printed(make_lab: Callable[..., Lab]) -> Callable[..., str]:
    """What is printed into a pipe, or on a terminal."""

    def run(before: Grading, after: Grading | None = None, *, terminal: bool = False) -> str:
        stream = io.StringIO()
        verdict = Verdict(lab="901", seed=7, kit_version="0", before=before, after=after)
        console = Console(file=stream, force_terminal=terminal, width=80)
        show(console, make_lab("", "a"), verdict)
        return stream.getvalue()

    return run


def test_what_the_reboot_took_is_named_with_both_boots(printed: Callable[..., str]) -> None:
    text = printed(grading("passed", "one"), grading("failed", "two"))
    assert "lost           0/100  It is [bold]mounted[/]" in text
    assert "the mount: found nothing; at all, expected mounted" in text
    assert "box rebooted: boot one -> two" in text
    assert "lost in the reboot: It is [bold]mounted[/]" in text
    assert "Score 0 of 100 (0 earned)" in text
    assert "\x1b" not in text


def test_colours_are_for_terminals(printed: Callable[..., str]) -> None:
    assert "\x1b[" in printed(grading("passed", "one"), terminal=True)


def test_a_probes_own_output_is_shown_trimmed(printed: Callable[..., str]) -> None:
    text = printed(grading("failed", "one"))
    assert "box# findmnt [x]" in text
    assert "line 5\n" in text
    assert "line 6" not in text
    assert "3 more lines" in text
    assert "exit code 1" in text


def test_full(printed: Callable[..., str]) -> None:
    text = printed(grading("passed", "one"))
    assert "passed       100/100" in text
    assert "Score 100 of 100 (100 earned)" in text
    assert "findmnt" not in text
    assert "the file system of / is full" in text


@pytest.mark.parametrize(
    ("outcome", "message", "wanted"),
    [
        ("not_checked", "needs SELinux", "100 not checked on this host"),
        ("error", "grade.py line 3: KeyError", "No verdict: the kit failed, not you."),
    ],
)
def test_why_there_are_no_points(
    outcome: Outcome, message: str, wanted: str, printed: Callable[..., str]
) -> None:
    text = printed(grading(outcome, "one", message=message))
    assert message in text
    assert wanted in text


def test_a_locked_host_is_explained_once(printed: Callable[..., str]) -> None:
    access = Access(ok=False, fault="learner", message="sshd is stopped", remedy="lab reset")
    text = printed(grading("unreachable", "", access=access, message="sshd is stopped"))
    assert text.count("sshd is stopped; lab reset") == 1
    assert text.count("sshd is stopped") == 1
    assert "Score 0 of 100" in text


@pytest.mark.parametrize(("fault", "shown"), [("learner", True), ("host", False)])
def test_what_is_no_verdict_takes_no_points_off(
    fault: Literal["learner", "host"], *, shown: bool, printed: Callable[..., str]
) -> None:
    access = Access(ok=False, fault=fault, message="out of reach", remedy="start again")
    before = grading("unreachable", "", access=access)
    before.results[1] = before.results[1].model_copy(update={"outcome": "unreachable"})
    assert ("-10      Units run" in printed(before)) is shown


def test_json_holds_everything(make_lab: Callable[..., Lab]) -> None:
    verdict = Verdict(
        lab="901",
        seed=7,
        kit_version="0",
        before=grading("passed", "one"),
        after=grading("failed", "two"),
    )
    found = json.loads(json.dumps(as_json(make_lab("", "a"), verdict)))
    assert (found["score"], found["full"], found["lost"]) == (0, False, ["a"])
    assert found["boot_ids"] == {"before": {"box": "one"}, "after": {"box": "two"}}
    (check, _) = found["checks"]
    assert (check["verdict"], check["earned"], check["outcome"]) == ("lost", False, "passed")
    assert check["after_reboot"]["probes"][0]["stdout"].startswith("line 0")
