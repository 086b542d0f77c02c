"""Follow the events of a play: counts, times, and the one failure that matters."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, TextIO

if TYPE_CHECKING:
    from pathlib import Path

    from ironlab.progress import Display

STARTS = {"playbook_on_task_start", "playbook_on_handler_task_start"}
ARGUMENT_SPEC = "Validating arguments against arg spec"  # how Ansible names its own first task
VALIDATION = "Check the variables"
LONGEST = 400  # of a failure's message on its one line; the log has it all
PREFIX = re.compile(r"^(?:(?:Task|Action|Module) failed: )+")
ERROR = re.compile(r"^(?:\[ERROR\]:|ERROR!)\s*(.+)", re.MULTILINE)


@dataclass(frozen=True)
class TaskTime:
    """How long a task took, over all hosts."""

    role: str
    name: str
    seconds: float


@dataclass(frozen=True)
class Outcome:
    """What came of a play."""

    log: Path
    seconds: float
    failure: str | None
    unreachable: bool
    counts: dict[str, int]
    tasks: list[TaskTime] = field(repr=False)

    @property
    def changed(self) -> int:
        """Changes, over all hosts."""
        return self.counts.get("changed", 0)

    def slowest(self, count: int) -> list[TaskTime]:
        """The tasks that took longest."""
        return sorted(self.tasks, key=lambda task: -task.seconds)[:count]


class Recorder:
    """Takes ansible-runner's events as they come."""

    def __init__(self, log: Path, stream: TextIO, display: Display) -> None:
        """Write the play's text to `stream`, which is the file `log`."""
        self._log = log
        self._stream = stream
        self._display = display
        self._tasks: list[TaskTime] = []
        self._running: tuple[str, str, datetime] | None = None
        self._failure: str | None = None
        self._unreachable = False
        self._complaint: str | None = None
        self._recap: dict[str, dict[str, int]] = {}

    def take(self, event: dict[str, Any]) -> bool:
        """Handle one event; ansible-runner asks whether to keep it: no."""
        if text := event.get("stdout"):
            self._stream.write(f"{text}\n")
            if (found := ERROR.search(text)) and self._complaint is None:
                self._complaint = found[1]
        kind, data = event["event"], event.get("event_data") or {}
        if kind in STARTS:
            self._start(data, event["created"])
        elif kind == "runner_on_failed" and not data.get("ignore_errors"):
            self._fail(data)
        elif kind == "runner_on_unreachable":
            self._unreachable = True
            self._fail(data)
        elif kind == "playbook_on_stats":
            self._finish_task(event["created"])
            self._recap = {
                key: data.get(key) or {}
                for key in ("ok", "changed", "failures", "dark", "skipped", "rescued")
            }
        return False

    def outcome(self, code: int, seconds: float) -> Outcome:
        """Sum up, once the play has ended with exit code `code`."""
        failure = None
        if code != 0:
            said = self._failure or self._complaint
            failure = one_line(said) if said else f"ansible-playbook ended with exit code {code}"
        counts = Counter({key: sum(hosts.values()) for key, hosts in self._recap.items()})
        counts["failed"] = counts.pop("failures", 0) + counts.pop("dark", 0)
        return Outcome(self._log, seconds, failure, self._unreachable, dict(counts), self._tasks)

    def _start(self, data: dict[str, Any], created: str) -> None:
        self._finish_task(created)
        role, name = data.get("role") or "", _without_role(data)
        self._running = (role, name, datetime.fromisoformat(created))
        self._display.task(role, name)

    def _finish_task(self, created: str) -> None:
        if self._running:
            role, name, since = self._running
            seconds = (datetime.fromisoformat(created) - since).total_seconds()
            self._tasks.append(TaskTime(role, name, seconds))
            self._running = None

    def _fail(self, data: dict[str, Any]) -> None:
        name = _without_role(data)
        where = [data.get("host"), data.get("role"), "" if name == VALIDATION else name]
        # a rescued failure may come before the one that ends the play: the last counts
        reason = cause(data.get("res") or {})
        self._failure = ": ".join([*(str(part) for part in where if part), reason])


def _without_role(data: dict[str, Any]) -> str:
    name, role = str(data.get("name") or data.get("task") or ""), data.get("role")
    name = name.removeprefix(f"{role} : ") if role else name
    return VALIDATION if name.startswith(ARGUMENT_SPEC) else name


def cause(result: dict[str, Any]) -> str:
    """Why a task failed, from its result."""
    if errors := result.get("argument_errors"):
        return "; ".join(map(str, errors))
    for item in result.get("results") or []:
        if isinstance(item, dict) and item.get("failed"):
            return cause(item)
    message = str(result.get("msg") or result.get("censored") or "no message")
    message = PREFIX.sub("", message)
    detail = str(result.get("stderr") or result.get("module_stderr") or "").strip()
    if detail and message in {"non-zero return code", "MODULE FAILURE"}:
        return f"{message}: {detail.splitlines()[-1]}"
    if failures := result.get("failures"):  # dnf names the packages only there
        return f"{message}: {'; '.join(map(str, failures))}"
    return message


def one_line(text: str) -> str:
    """The text on one line, cut where it gets long."""
    line = " ".join(text.split()).rstrip(".;")
    return line if len(line) <= LONGEST else f"{line[:LONGEST]}..."
