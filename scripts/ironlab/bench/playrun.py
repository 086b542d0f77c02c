"""One run of ansible-playbook, measured from outside."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict

from ironlab.bench.memory import Peak
from ironlab.errors import IronlabError
from ironlab.paths import REPO
from ironlab.testing.lint import tool_env

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

_RECAP = re.compile(
    r"^\S+ +: ok=(\d+) +changed=(\d+) +unreachable=(\d+) +failed=(\d+) +skipped=(\d+)",
    re.MULTILINE,
)
_TIMED = re.compile(r"^(\S.*?) -{2,} +(\d+\.\d+)s$", re.MULTILINE)
_SLOWEST = 10


class SlowTask(BaseModel):
    """A task and the seconds it took."""

    model_config = ConfigDict(frozen=True)

    name: str
    seconds: float


class PlayRun(BaseModel):
    """What one run took.

    Attributes:
        seconds: from the start of the program to its end.
        tasks: tasks that ran or were skipped.
        skipped: how many of them were skipped.
        changed: how many of them changed something.
        peak_memory: bytes that ansible-playbook and its workers took at once, at most.
        slowest: the tasks that took longest.
    """

    model_config = ConfigDict(frozen=True)

    seconds: float
    tasks: int
    skipped: int
    changed: int
    peak_memory: int
    slowest: list[SlowTask]

    @property
    def seconds_per_task(self) -> float:
        """Mean over the tasks that weren't skipped."""
        return self.seconds / max(1, self.tasks - self.skipped)


def parse(output: str, seconds: float, peak_memory: int) -> PlayRun:
    """Read what ansible-playbook with profile_tasks said.

    Args:
        output: its standard output.
        seconds: how long it took.
        peak_memory: bytes it took.

    Raises:
        IronlabError: there is no recap in it.
    """
    recaps = [[int(number) for number in found] for found in _RECAP.findall(output)]
    if not recaps:
        raise IronlabError("ansible-playbook printed no recap", "run it by hand to see why")
    done, changed, unreachable, failed, skipped = (
        sum(column) for column in zip(*recaps, strict=True)
    )
    timed = output.rsplit("TASKS RECAP", 1)[-1] if "TASKS RECAP" in output else ""
    return PlayRun(
        seconds=seconds,
        tasks=done + skipped + failed + unreachable,
        skipped=skipped,
        changed=changed,
        peak_memory=peak_memory,
        slowest=[
            SlowTask(name=name.strip(), seconds=float(took)) for name, took in _TIMED.findall(timed)
        ][:_SLOWEST],
    )


@dataclass(frozen=True)
class Play:
    """What to run.

    Attributes:
        playbook: the playbook.
        inventories: its inventories.
        host: the host to limit it to.
        check: whether it runs in check mode.
        env: Ansible's environment variables that differ from the configuration.
    """

    playbook: Path
    inventories: Sequence[Path]
    host: str
    check: bool = False
    env: Mapping[str, str] = field(default_factory=dict)


def measure(play: Play, log: Path) -> PlayRun:
    """Run a playbook on one host and measure it.

    Args:
        play: what to run.
        log: where its output goes.

    Returns:
        What it took.

    Raises:
        IronlabError: the playbook failed.
    """
    argv = ["ansible-playbook", str(play.playbook), "--limit", play.host]
    argv += [part for inventory in play.inventories for part in ("-i", str(inventory))]
    argv += ["--check"] if play.check else []
    log.parent.mkdir(parents=True, exist_ok=True)
    start = time.monotonic()
    with log.open("wb") as out:
        child = subprocess.Popen(
            argv,
            cwd=REPO,
            env={
                **os.environ,
                **tool_env(),
                "ANSIBLE_CONFIG": str(REPO / "ansible.cfg"),
                "ANSIBLE_CALLBACKS_ENABLED": "ansible.posix.profile_tasks",
                "PROFILE_TASKS_TASK_OUTPUT_LIMIT": "all",
                **play.env,
            },
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C reaches us alone: we end it, in order
        )
        try:
            with Peak(child.pid) as peak:
                code = child.wait()
        except KeyboardInterrupt:
            os.killpg(child.pid, signal.SIGTERM)
            child.wait()
            raise
    seconds = time.monotonic() - start
    if code:
        raise IronlabError(f"{play.playbook.name} failed on {play.host}", f"read {log}")
    return parse(log.read_text(encoding="utf-8", errors="replace"), seconds, peak.bytes)
