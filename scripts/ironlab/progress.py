"""Show how far a play is: one moving line on a terminal, plain lines elsewhere."""

from __future__ import annotations

import os
import sys
import time
from typing import TYPE_CHECKING, Protocol, Self

from ironlab.console import tell

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID


class Display(Protocol):
    """What a play tells."""

    def __enter__(self) -> Self:
        """Begin."""

    def __exit__(self, *_: object) -> None:
        """End."""

    def total(self, count: int) -> None:
        """Hear about how many tasks there are."""

    def task(self, role: str, name: str) -> None:
        """Hear that a task begins."""


class PlainDisplay:
    """One line a task: for pipes and logs."""

    def __init__(self) -> None:
        """Start counting."""
        self._count = 0
        self._total = 0
        self._start = time.monotonic()

    def __enter__(self) -> Self:
        """Start the clock."""
        self._start = time.monotonic()
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing to clear away."""

    def total(self, count: int) -> None:
        """Know how many there are."""
        self._total = count

    def task(self, role: str, name: str) -> None:
        """Print the task's line."""
        self._count += 1
        seconds = int(time.monotonic() - self._start)
        of = f"/{max(self._total, self._count)}" if self._total else ""
        title = f"{role}: {name}" if role else name
        tell(f"  [{seconds // 60}:{seconds % 60:02} {self._count}{of}] {title}")


class LiveDisplay:
    """A bar that moves: for terminals."""

    def __init__(self) -> None:
        """Prepare the bar."""
        from rich.console import Console  # noqa: PLC0415 - only terminals pay for Rich
        from rich.progress import (  # noqa: PLC0415
            BarColumn,
            MofNCompleteColumn,
            Progress,
            TextColumn,
            TimeElapsedColumn,
        )
        from rich.table import Column  # noqa: PLC0415

        self._bar: Progress = Progress(
            TimeElapsedColumn(),
            BarColumn(bar_width=24),
            MofNCompleteColumn(),
            TextColumn(
                "[bold]{task.fields[role]}[/] {task.description}",
                table_column=Column(ratio=1, no_wrap=True, overflow="ellipsis"),
            ),
            console=Console(stderr=True),
            expand=True,
            transient=True,
        )
        self._id: TaskID = self._bar.add_task("connecting", total=None, role="")
        self._count = 0
        self._total = 0

    def __enter__(self) -> Self:
        """Show it."""
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Clear it away."""
        self._bar.stop()

    def total(self, count: int) -> None:
        """Know how many there are."""
        self._total = count

    def task(self, role: str, name: str) -> None:
        """Move on; tasks that were included at run time can make it more than expected."""
        from rich.markup import escape  # noqa: PLC0415

        self._count += 1
        total = max(self._total, self._count) if self._total else None
        self._bar.update(
            self._id, completed=self._count, total=total, description=escape(name), role=role
        )


def display() -> Display:
    """The display that fits where stderr goes."""
    plain = not sys.stderr.isatty() or os.environ.get("TERM") == "dumb"
    return PlainDisplay() if plain else LiveDisplay()
