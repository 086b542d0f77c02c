"""What a test run ends with: a table, the reasons for what was skipped, and one line of numbers."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from rich.markup import escape
from rich.table import Table

from ironlab.testing.display import STYLE
from ironlab.testing.model import Status, Tally

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from ironlab.testing.model import Result


def total(results: Sequence[Result]) -> Tally:
    """Add up all the tests of a run."""
    return sum((result.tally for result in results), Tally())


def skip_lines(results: Sequence[Result]) -> list[str]:
    """Say what was skipped and why, one line a reason."""
    reasons: dict[str, dict[str, int]] = defaultdict(dict)
    for result in results:
        if result.status is Status.SKIPPED:
            reasons[result.reason][result.job.name] = 1
        for reason, count in result.skips.items():
            reasons[reason.removeprefix("Skipped: ")][result.job.name] = count
    return [
        f"skipped: {reason} ({', '.join(f'{job} {count}' for job, count in jobs.items())})"
        for reason, jobs in reasons.items()
    ]


def failure_lines(results: Sequence[Result]) -> list[str]:
    """Say what failed, and where to read on."""
    return [
        f"failed: {result.job.name}: {result.reason} ({result.log})"
        for result in results
        if result.status is Status.FAILED
    ]


def show(console: Console, results: Sequence[Result], seconds: float) -> None:
    """Print the summary; its last line is made for machines.

    Args:
        console: where to.
        results: what the jobs came to.
        seconds: how long the whole run took.
    """
    table = Table(title="Summary", title_justify="left", box=None, pad_edge=False)
    table.add_column("what")
    table.add_column("result")
    for column in ("passed", "failed", "skipped", "seconds"):
        table.add_column(column, justify="right")
    for result in results:
        tally = result.tally
        table.add_row(
            escape(result.job.name),
            f"[{STYLE[result.status]}]{result.status.value}[/]",
            *(str(count or "") for count in (tally.passed, tally.failed, tally.skipped)),
            f"{result.seconds:.1f}",
        )
    console.print(table)
    for text in (*skip_lines(results), *failure_lines(results)):
        console.print(text, highlight=False, soft_wrap=True, markup=False)
    console.print(f"whole run: {seconds:.0f} s", highlight=False)
    tally = total(results)
    console.print(
        f"ironlab: {tally.passed} passed, {tally.failed} failed, {tally.skipped} skipped",
        highlight=False,
    )
