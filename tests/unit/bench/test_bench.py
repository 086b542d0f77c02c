"""The benchmark's arithmetic, and how it reads what Ansible prints."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
import yaml
from rich.console import Console

from ironlab.bench import levers, memory, playrun, report
from ironlab.errors import IronlabError

if TYPE_CHECKING:
    from pathlib import Path

OUTPUT = """
PLAY RECAP *********************************************************************
bench1                     : ok=92   changed=47   unreachable=0    failed=0    skipped=18   rescued=0    ignored=0


TASKS RECAP ********************************************************************
Sunday 22 November 2026  00:29:33 +0000 (0:00:00.387)       0:00:01.112 *******
===============================================================================
postgresql : Install the packages -------------------------------------- 12.40s
/a/b/main.yml:3 ---------------------------------------------------------------
Gathering Facts --------------------------------------------------------- 0.67s
"""  # noqa: E501 - as Ansible prints it


def played(seconds: float, peak: int = 0) -> playrun.PlayRun:
    return playrun.parse(OUTPUT, seconds, peak)


def test_the_recap_is_counted() -> None:
    run = played(92.0)
    assert (run.tasks, run.skipped, run.changed) == (110, 18, 47)
    assert run.seconds_per_task == 1.0


def test_the_slowest_tasks_come_from_the_tasks_recap() -> None:
    assert [(task.name, task.seconds) for task in played(1).slowest] == [
        ("postgresql : Install the packages", 12.4),
        ("Gathering Facts", 0.67),
    ]


def test_a_run_without_recap_is_an_error() -> None:
    with pytest.raises(IronlabError, match="no recap"):
        playrun.parse("ERROR! no such playbook", 1.0, 0)


def test_a_lever_is_a_ratio_of_medians() -> None:
    result = report.compared("x", [played(30, 5), played(50, 9)], [played(10), played(30)])
    assert result.ratio == 2.0
    assert result.peak_memory == 9
    assert result.seconds == [30, 50]


def test_the_memory_of_descendants_is_seen() -> None:
    size = 50 * 2**20
    hold = f"b = bytearray({size}); print('up', flush=True); input()"
    child_of = "subprocess.run([sys.executable, '-c', {!r}], start_new_session=True)"
    script = f"import subprocess, sys; {child_of.format(hold)}"
    with subprocess.Popen(
        [sys.executable, "-c", script],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "up\n"
        with memory.Peak(child.pid) as peak:
            pass
        child.communicate("\n")
    assert peak.bytes > size


def test_all_facts_means_no_subset(tmp_path: Path) -> None:
    lever = next(lever for lever in levers.levers() if lever.full_facts)
    (play,) = yaml.safe_load(levers.playbook(lever, tmp_path).read_text(encoding="utf-8"))
    assert "gather_subset" not in play
    assert play["roles"]
    assert levers.playbook(levers.BASELINE, tmp_path) == levers.SITE


def test_the_report_shows_aims_levers_and_resets(capsys: pytest.CaptureFixture[str]) -> None:
    full = report.Report(
        image="el9",
        cores=2,
        runs={"first converge": played(130, 2**28), "second run": played(20)},
        resets=[0.6, 0.9, 0.5],
        levers=[
            report.compared("as configured", [played(20)], [played(20)]),
            report.LeverResult(name="mitogen_linear strategy", note="it failed"),
        ],
    )
    report.show(Console(width=120), full)
    out = capsys.readouterr().out
    for text in ("130.0", "< 120", "256 MiB", "median 0.60 s", "1.00", "it failed"):
        assert text in out
    assert json.loads(full.model_dump_json())["runs"]["second run"]["seconds"] == 20
