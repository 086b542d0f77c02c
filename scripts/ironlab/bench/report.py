"""What `./ironlab bench converge` found, and how it is shown."""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict
from rich.markup import escape
from rich.table import Table

from ironlab.bench.playrun import PlayRun

if TYPE_CHECKING:
    from rich.console import Console

AIMS = {"first converge": 120.0, "second run": 30.0}  # seconds, on two cores


class LeverResult(BaseModel):
    """What a lever did to a second run.

    Attributes:
        name: the lever.
        seconds: each run, in the order in which they ran.
        ratio: median of the runs against the median of the baseline's; above 1 is slower.
        peak_memory: the largest of the runs.
        note: why there is no figure.
    """

    model_config = ConfigDict(frozen=True)

    name: str
    seconds: list[float] = []
    ratio: float | None = None
    peak_memory: int = 0
    note: str = ""


class Report(BaseModel):
    """The whole benchmark."""

    model_config = ConfigDict(frozen=True)

    image: str
    cores: int
    runs: dict[str, PlayRun]
    resets: list[float]
    levers: list[LeverResult]

    @property
    def reset_median(self) -> float:
        """Half of the resets took less."""
        return median(self.resets)


def compared(name: str, runs: list[PlayRun], baseline: list[PlayRun]) -> LeverResult:
    """Set a lever's runs against the baseline's of the same sitting."""
    seconds = [run.seconds for run in runs]
    return LeverResult(
        name=name,
        seconds=seconds,
        ratio=median(seconds) / median(run.seconds for run in baseline),
        peak_memory=max(run.peak_memory for run in runs),
    )


def mebibytes(size: int) -> str:
    """A size that people read."""
    return f"{size / 2**20:.0f} MiB"


def show(console: Console, report: Report) -> None:
    """Print the report."""
    table = Table(
        title=f"Converge of playbooks/site.yml on {report.image}, {report.cores} cores",
        title_justify="left",
    )
    for column in ("run", "seconds", "aim", "tasks", "skipped", "changed", "s/task", "memory"):
        table.add_column(column, justify="left" if column == "run" else "right")
    for name, run in report.runs.items():
        aim = AIMS.get(name)
        style = "" if aim is None else "green" if run.seconds < aim else "red"
        table.add_row(
            name,
            f"[{style}]{run.seconds:.1f}[/]" if style else f"{run.seconds:.1f}",
            f"< {aim:.0f}" if aim else "",
            str(run.tasks),
            str(run.skipped),
            str(run.changed),
            f"{run.seconds_per_task:.2f}",
            mebibytes(run.peak_memory),
        )
    console.print(table)
    for name, run in report.runs.items():
        console.print(f"slowest tasks, {name}:", highlight=False)
        for task in run.slowest[:5]:
            console.print(f"  {task.seconds:6.2f} s  {escape(task.name)}", highlight=False)
    times = ", ".join(f"{seconds:.2f}" for seconds in report.resets)
    console.print(
        f"host reset: median {report.reset_median:.2f} s of {times} (aim < 1)", highlight=False
    )
    if report.levers:
        _show_levers(console, report.levers)


def _show_levers(console: Console, levers: list[LeverResult]) -> None:
    table = Table(title="Levers, on the second run", title_justify="left")
    table.add_column("lever")
    for column in ("seconds", "ratio", "memory"):
        table.add_column(column, justify="right")
    for lever in levers:
        table.add_row(
            lever.name,
            ", ".join(f"{seconds:.1f}" for seconds in lever.seconds) or escape(lever.note),
            f"{lever.ratio:.2f}" if lever.ratio else "",
            mebibytes(lever.peak_memory) if lever.peak_memory else "",
        )
    console.print(table)
