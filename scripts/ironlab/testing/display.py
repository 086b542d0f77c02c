"""Shows a test run: a live view on a terminal, one line an event elsewhere."""

from __future__ import annotations

import os
import re
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Group as Stack
from rich.live import Live
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from ironlab.testing import scenarios
from ironlab.testing.model import Job, Result, Status

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from rich.console import Console

    from ironlab.testing.runner import Display

STYLE = {Status.PASSED: "green", Status.FAILED: "red", Status.SKIPPED: "yellow"}
_TAIL = 40  # lines of a failed job's log
_WIDTH = 500  # characters of each: pytest repeats a whole script on one line
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")


def line(result: Result) -> str:
    """One line on a job that ended."""
    style = STYLE[result.status]
    note = f"  {escape(result.reason)}" if result.reason else ""
    head = f"[{style}]{result.status.value:<7}[/] {escape(result.job.name)}"
    return f"{head}  {result.seconds:.1f} s{note}"


def tail(console: Console, result: Result) -> None:
    """Show the end of a failed job's log, and where the whole of it is."""
    if result.status is not Status.FAILED or result.log is None:
        return
    text = _COLOURS.sub("", result.log.read_text(encoding="utf-8", errors="replace"))
    if result.job.excerpt:
        text = result.job.excerpt(text)
    console.print(f"from {result.log}:", highlight=False, soft_wrap=True)
    for row in text.rstrip().splitlines()[-_TAIL:]:
        console.print(f"  {row[:_WIDTH]}", markup=False, highlight=False, soft_wrap=True)


class PlainDisplay:
    """For pipes and CI logs."""

    def __init__(self, console: Console) -> None:
        """Write to this console."""
        self.console = console
        self._lock = threading.Lock()

    def started(self, job: Job, log: Path) -> None:
        """A job began."""
        del log
        with self._lock:
            self.console.print(f"started {escape(job.name)}", highlight=False)

    def finished(self, result: Result) -> None:
        """A job ended."""
        with self._lock:  # what a worker says meanwhile must not land amid the log
            self.console.print(line(result), highlight=False, soft_wrap=True)
            tail(self.console, result)

    def tick(self) -> None:
        """Nothing moves in a pipe."""


class LiveDisplay:
    """For terminals: what ended scrolls by, what runs stays at the bottom."""

    def __init__(self, console: Console, jobs: Sequence[Job]) -> None:
        """Begin with nothing running."""
        self.console = console
        self._running: dict[str, tuple[float, Path]] = {}
        self._lock = threading.Lock()
        self._bar = Progress(
            TextColumn("tests"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
        )
        self._task = self._bar.add_task("", total=len(jobs))
        self.live = Live(console=console, refresh_per_second=4, transient=True)

    def started(self, job: Job, log: Path) -> None:
        """A job began."""
        with self._lock:
            self._running[job.name] = (time.monotonic(), log)

    def finished(self, result: Result) -> None:
        """A job ended."""
        with self._lock:
            self._running.pop(result.job.name, None)
        self.console.print(line(result), highlight=False, soft_wrap=True)
        tail(self.console, result)
        self._bar.advance(self._task)

    def tick(self) -> None:
        """Draw what runs, and the step that each is at."""
        table = Table.grid(padding=(0, 2))
        with self._lock:
            for name, (start, log) in self._running.items():
                seconds = f"{time.monotonic() - start:.0f} s"
                table.add_row("[cyan]▸[/]", escape(name), escape(_last_step(log)), seconds)
        self.live.update(Stack(table, self._bar))


def _last_step(log: Path) -> str:
    with log.open("rb") as file:
        file.seek(0, os.SEEK_END)
        file.seek(max(0, file.tell() - 50_000))
        text = file.read().decode("utf-8", errors="replace")
    return (
        scenarios.step_of(text)
        or next((last for last in reversed(text.splitlines()) if last.strip()), "")[:60]
    )


@contextmanager
def showing(console: Console, jobs: Sequence[Job]) -> Iterator[Display]:
    """The display that suits the console."""
    if not console.is_terminal:
        yield PlainDisplay(console)
        return
    display = LiveDisplay(console, jobs)
    with display.live:
        yield display
