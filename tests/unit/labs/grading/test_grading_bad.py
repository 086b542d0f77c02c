"""Graders that misbehave and hosts that go away: never a pass, and whose fault it is."""

from __future__ import annotations

import shlex
import subprocess
import sys
from multiprocessing.context import ForkServerProcess
from typing import TYPE_CHECKING

import pytest

from ironlab.errors import IronlabError
from ironlab.labs.grading import Target, Verdict
from ironlab.labs.grading.answering import Live
from ironlab.labs.grading.connection import START, Connection, LoginError
from ironlab.labs.grading.diagnosis import explain

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from ironlab.labs.grading import Grading

    Grade = Callable[..., Grading]

FINE = "def test_b():\n    assert True\n"


def verdict(grading: Grading) -> Verdict:
    return Verdict(lab="901-sample", seed=7, kit_version="0", before=grading)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("def test_a()\n", "grade.py line 2: SyntaxError"),
        ("import no_such_module\n", "grade.py line 2: ModuleNotFoundError"),
        ("1 / 0\n", "grade.py line 2: ZeroDivisionError"),
        ("raise SystemExit(0)\n", "grade.py line 2: SystemExit"),
        ("import os\nos._exit(0)\n", "grade.py ended the grader's process"),
        ("x = 1\n", "grade.py has no such function"),
        ("def test_a():\n    raise SystemExit(0)\n", "grade.py line 3: SystemExit"),
        ("def test_a():\n    raise KeyboardInterrupt\n", "grade.py line 3: KeyboardInterrupt"),
        ("import os\ndef test_a():\n    os._exit(0)\n", "grade.py (test_a) ended"),
        ("import os\ndef test_a():\n    os.kill(os.getpid(), 9)\n", "grade.py (test_a) ended"),
        ("def test_a():\n    while True:\n        pass\n", "grade.py (test_a) did nothing for 2 s"),
        ("def test_a(nothing):\n    pass\n", "there is no fixture `nothing`"),
        ("def test_a(peer):\n    pass\n", "the lab has no host `peer`"),
        ("def test_a(lab):\n    assert lab.group\n", "lab.yml has no parameter `group`"),
    ],
)
def test_a_broken_grader_voids_the_verdict(text: str, message: str, grade: Grade) -> None:
    grading = grade(text, "a")
    assert grading.result("a").outcome == "error"
    assert message in grading.result("a").message
    assert verdict(grading).void
    assert verdict(grading).score == 0


def test_what_grade_py_prints_is_for_nobody(
    grade: Grade, capfd: pytest.CaptureFixture[str]
) -> None:
    text = (
        "import os\ndef test_a():\n    print('noise')\n    os.system('echo noise')\n    assert 1\n"
    )
    assert grade(text, "a").result("a").outcome == "passed"
    assert capfd.readouterr().out == ""


def test_a_slow_host_ends_the_grading(grade: Grade) -> None:
    text = "def test_a(host):\n    assert host.run('sleep 1').rc == 0\n    host.run('sleep 1')\n"
    grading = grade(text, "a", silent_seconds=5, grading_seconds=0.5)
    assert grading.result("a").outcome == "unreachable"
    assert not verdict(grading).void
    assert verdict(grading).score == 0


def test_a_command_that_never_ends_is_given_up() -> None:
    connection = _local(Target("n", "a", 1, "u", "i", "k"))
    connection.open()
    try:
        probe = connection.run("trap '' TERM; echo so far; sleep 60", "box", limit=0.5)
        assert (probe.rc, probe.stdout) == (124, "so far\n")
        assert "no end within 0.5 s" in probe.stderr
        assert connection.run("echo next", "box").stdout == "next\n"
    finally:
        connection.close()


def test_endless_output_is_cut() -> None:
    connection = _local(Target("n", "a", 1, "u", "i", "k"))
    connection.open()
    try:
        probe = connection.run("yes | head -c 5000000", "box")
        assert (probe.rc, len(probe.stdout)) == (0, 200_000)
    finally:
        connection.close()


class Vanishing:
    """Connections to a host that goes away at the first command that says so."""

    def __init__(self, error: LoginError | None = None) -> None:
        self.error = error
        self.logins = 0

    def __call__(self, target: Target) -> Connection:
        self.logins += 1
        if self.error and self.logins > 1:
            return _local(target, f"echo {self.error.said} >&2; exit {self.error.rc}")
        return _local(target)


KILL = "def test_a(host):\n    assert host.run('kill -9 $PPID').rc >= 0\n" + FINE


@pytest.mark.parametrize(
    ("running", "fault", "message"),
    [
        (True, "learner", "no ssh server answers on port 1"),
        (False, "host", "is not running or out of reach"),
    ],
)
def test_a_host_that_vanishes_while_it_is_graded(
    *, running: bool, fault: str, message: str, grade: Grade
) -> None:
    connect = Vanishing(LoginError(255, "Connection refused"))
    text = KILL + "def test_c(host):\n    assert host.run('true').rc == 0\n"
    grading = grade(text, "a", "b", "c", connect=connect, running=running)
    assert [grading.result(name).outcome for name in "abc"] == [
        "unreachable",
        "passed",  # it asks no host
        "unreachable",
    ]
    assert message in grading.result("a").message
    assert grading.fault == fault
    assert verdict(grading).void == (fault == "host")
    assert not verdict(grading).full


def test_a_lost_connection_is_tried_once_more(grade: Grade, tmp_path: Path) -> None:
    once = f"test -e {tmp_path}/once || {{ touch {tmp_path}/once; kill -9 $PPID; }}"
    text = f"def test_a(host):\n    assert host.run('{once}').rc == 0\n"
    connect = Vanishing()
    grading = grade(text, "a", connect=connect)
    assert grading.result("a").outcome == "passed"
    assert connect.logins == 2


def test_a_command_that_ends_each_connection_is_not_tried_for_ever(grade: Grade) -> None:
    connect = Vanishing()
    grading = grade(KILL, "a", "b", connect=connect)
    assert grading.result("a").outcome == "unreachable"
    assert "went away twice" in grading.result("a").message
    assert connect.logins == 2


def test_a_host_that_is_locked_gets_no_points_and_kit_ssh_says_why(grade: Grade) -> None:
    def refuse(target: Target) -> Connection:
        return _local(target, "echo 'admin@x: Permission denied (publickey).' >&2; exit 255")

    grading = grade("def test_a():\n    assert 1\n", "a", connect=refuse)
    assert grading.result("a").outcome == "unreachable"
    assert grading.result("kit-ssh").outcome == "failed"
    assert "refuses the kit's account" in grading.access["box"].message
    assert grading.fault == "learner"


@pytest.mark.parametrize(
    ("rc", "said", "message"),
    [
        (255, "ssh: connect to host x port 1: Connection refused", "is sshd stopped?"),
        (255, "ssh: connect to host x port 1: Connection timed out", "a firewall"),
        (255, "Your account has expired; contact you", "account has expired"),
        (255, "@ WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED! @", "other ssh host keys"),
        (255, "Connection closed by x port 1", "sshd ends each login"),
        (1, "This account is currently not available.", "no usable login shell"),
        (1, "sudo: a password is required", "sudo asks the kit's account for a password"),
        (1, "sudo: /usr/bin/sudo must be owned by uid 0", "sudo does not work"),
        (1, "sudo: /usr/bin/python3: command not found", "/usr/bin/python3 does not run"),
        (1, "bash: cannot create temp file: No space left on device", "its disk is full"),
        (None, "", "does not come to an end"),
        (3, "some words", "can't work on it: some words"),
        (3, "", "can't work on it: exit code 3"),
    ],
)
def test_why_a_host_lets_nobody_in(rc: int | None, said: str, message: str) -> None:
    target = Target("lab-box", "x", 1, "admin", "/dev/null", "/dev/null")
    access = explain("box", target, LoginError(rc, said), lambda _: True)
    assert not access.ok
    assert access.fault == "learner"
    assert message in access.message
    assert "lab reset" in access.remedy


def test_a_missing_key_is_the_kits_fault(tmp_path: Path) -> None:
    target = Target("lab-box", "x", 1, "admin", str(tmp_path / "none"), "/dev/null")
    with pytest.raises(IronlabError, match="there is no ssh key"):
        explain("box", target, LoginError(255, "Permission denied"), lambda _: True)


def test_noise_of_the_login_shell_is_passed(targets: dict[str, Target]) -> None:
    live = Live(targets, connect=lambda target: _local(target, "echo welcome; echo 1; exec agent"))
    try:
        assert live.open()["box"].ok
        assert live.run("a", "box", "echo hi", 5).stdout == "hi\n"
    finally:
        live.close()


def test_ctrl_c_while_the_grading_process_starts_is_no_error_of_the_kit(
    grade: Grade, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(_process: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(ForkServerProcess, "_Popen", staticmethod(interrupted))
    with pytest.raises(KeyboardInterrupt):
        grade(FINE, "b")


def test_no_process_of_a_login_is_left(targets: dict[str, Target]) -> None:
    kept: list[Connection] = []

    def connect(target: Target) -> Connection:
        kept.append(_local(target))
        return kept[-1]

    live = Live(targets, connect=connect)
    live.open()
    pid = int(live.run("a", "box", "echo $PPID", 5).stdout)
    live.close()
    listing = subprocess.run(["ps", "-p", str(pid)], check=False, capture_output=True)
    assert listing.returncode == 1


def _local(target: Target, script: str = "exec agent") -> Connection:
    """A shell in the place of ssh; in its script `agent` starts the agent."""
    agent = shlex.join([sys.executable, "-IBS", "-c", START])
    return Connection(target, argv=["sh", "-c", script.replace("exec agent", f"exec {agent}")])
