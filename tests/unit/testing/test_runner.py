"""The runner: results, time limits, and an interruption that leaves nothing behind."""

from __future__ import annotations

import signal
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ironlab.testing.model import Group, Job, Result, Status, Tally
from ironlab.testing.runner import Runner

if TYPE_CHECKING:
    from collections.abc import Iterator

REPORT = """<testsuites><testsuite>
<testcase name="a"/><testcase name="b"><failure message="no"/></testcase>
<testcase name="c"><skipped message="Skipped: needs a real EL host"/></testcase>
</testsuite></testsuites>"""


class Recorder:
    """A display that remembers, and that may act on each tick."""

    def __init__(self) -> None:
        """Remember nothing yet, and don't interrupt."""
        self.seen: list[str] = []
        self.interrupt_when: Path | None = None

    def started(self, job: Job, log: Path) -> None:
        """Remember that a job began."""
        self.seen.append(f"started {job.name} {log.name}")

    def finished(self, result: Result) -> None:
        """Remember how a job ended."""
        self.seen.append(f"{result.status} {result.job.name}")

    def tick(self) -> None:
        """Press Ctrl-C once the file is there."""
        if self.interrupt_when and self.interrupt_when.exists():
            signal.raise_signal(signal.SIGINT)


def shell(name: str, script: str, **extra: object) -> Job:
    return Job(name, Group.LINT, ["/bin/sh", "-c", script], **extra)  # type: ignore[arg-type]


def test_exit_codes_become_results(tmp_path: Path) -> None:
    display = Recorder()
    jobs = [shell("good", "echo fine"), shell("not so good", "echo broken; exit 3")]
    results = Runner(tmp_path, display).run(jobs, 1)
    assert [(r.status, r.reason) for r in results] == [
        (Status.PASSED, ""),
        (Status.FAILED, "exit code 3"),
    ]
    assert (tmp_path / "not-so-good.log").read_text(encoding="utf-8") == "broken\n"
    # the next job may start before the end of the one before it is shown
    assert [each for each in display.seen if "not so" not in each] == [
        "started good good.log",
        "passed good",
    ]
    assert [each for each in display.seen if "not so" in each] == [
        "started not so good not-so-good.log",
        "failed not so good",
    ]


def test_jobs_run_side_by_side(tmp_path: Path) -> None:
    # each waits for the other's file, so one after the other they would hit the limit
    meet = "touch {0}; while [ ! -e {1} ]; do sleep 0.01; done"
    jobs = [
        shell("a", meet.format(tmp_path / "1", tmp_path / "2"), limit=20),
        shell("b", meet.format(tmp_path / "2", tmp_path / "1"), limit=20),
    ]
    results = Runner(tmp_path / "logs", Recorder()).run(jobs, 2)
    assert {r.status for r in results} == {Status.PASSED}


def test_a_hung_job_is_ended_with_its_children(tmp_path: Path) -> None:
    job = shell("hung", "sleep 60 & sleep 60", limit=0.2)
    (result,) = Runner(tmp_path, Recorder()).run([job], 1)
    assert result.status is Status.FAILED
    assert result.reason == "still running after 0 s"
    assert result.seconds < 10


def test_a_report_is_counted(tmp_path: Path) -> None:
    report = tmp_path / "r.xml"
    job = shell("role", f"echo '{REPORT}' > {report}; exit 1", junit=report)
    (result,) = Runner(tmp_path, Recorder()).run([job], 1)
    assert result.tally == Tally(passed=1, failed=2, skipped=1)
    assert result.skips == {"Skipped: needs a real EL host": 1}


@pytest.mark.parametrize(
    ("script", "tally"),
    [
        ("echo '{0}' > {1}; exit 1", Tally(1, 1, 1)),  # the report already holds the failure
        ("exit 4", Tally(0, 1, 0)),  # it broke off before it wrote one
    ],
)
def test_a_job_that_is_only_its_tests(tmp_path: Path, script: str, tally: Tally) -> None:
    report = tmp_path / "r.xml"
    job = shell("unit", script.format(REPORT, report), junit=report, counts_itself=False)
    (result,) = Runner(tmp_path, Recorder()).run([job], 1)
    assert result.tally == tally


def test_an_old_report_does_not_count(tmp_path: Path) -> None:
    report = tmp_path / "r.xml"
    report.write_text(REPORT, encoding="utf-8")
    (result,) = Runner(tmp_path, Recorder()).run([shell("unit", "true", junit=report)], 1)
    assert result.tally == Tally(passed=1)


def test_a_judge_can_fail_a_job_that_ended_well(tmp_path: Path) -> None:
    job = shell("role", "echo changed=1", judge=lambda log: f"saw {log.strip()}")
    (result,) = Runner(tmp_path, Recorder()).run([job], 1)
    assert (result.status, result.reason) == (Status.FAILED, "saw changed=1")


def test_a_job_that_cannot_run_says_why(tmp_path: Path) -> None:
    (result,) = Runner(tmp_path, Recorder()).run([shell("lint", "exit 1", skip="no linter")], 1)
    assert (result.status, result.reason, result.log) == (Status.SKIPPED, "no linter", None)
    assert result.tally == Tally(skipped=1)


@pytest.fixture
def _ctrl_c_counts() -> Iterator[None]:
    """Hear Ctrl-C also where the shell that started the tests ignores it, as `nohup … &` does."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("_ctrl_c_counts")
def test_an_interruption_ends_the_children_and_undoes(tmp_path: Path) -> None:
    display = Recorder()
    display.interrupt_when = tmp_path / "up"
    undone = tmp_path / "undone"
    pid = tmp_path / "pid"
    jobs = [
        shell(
            "role",
            f"sleep 60 & echo $! > {pid}; touch {tmp_path / 'up'}; wait",
            undo=["/bin/sh", "-c", f"echo $WHAT > {undone}"],
            env={"WHAT": "host"},
        ),
        shell("next", f"touch {tmp_path / 'next'}"),
    ]
    with pytest.raises(KeyboardInterrupt):
        Runner(tmp_path / "logs", display).run(jobs, 1)
    assert undone.read_text(encoding="utf-8") == "host\n"
    assert not (tmp_path / "next").exists()
    assert _gone(int(pid.read_text(encoding="utf-8")))


def _gone(pid: int) -> bool:
    """Whether a process that isn't our child has ended (a zombie has)."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    except FileNotFoundError:
        return True
    return stat.rsplit(")", 1)[1].split()[0] == "Z"


def test_no_thread_is_left(tmp_path: Path) -> None:
    before = threading.active_count()
    Runner(tmp_path, Recorder()).run([shell("a", "true")], 2)
    assert threading.active_count() == before
