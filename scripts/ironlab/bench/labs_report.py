"""What `./ironlab bench labs` found, and how it is shown."""

from __future__ import annotations

from statistics import median, quantiles
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, computed_field
from rich.markup import escape
from rich.table import Table

if TYPE_CHECKING:
    from rich.console import Console

# seconds that a learner should wait at most; grading: for ten checks
AIMS = {
    ("container", "start"): 5.0,
    ("container", "grade"): 2.0,
    ("container", "reset"): 1.0,
    ("machine", "reset"): 5.0,
    ("machine", "reboot"): 60.0,
}
PROOF_AIM = 60.0  # seconds, of a lab in a container
FEWEST = 2  # figures of which percentiles can be made
MEBI = 2**20


class Span(BaseModel):
    """How long something took, over and over."""

    model_config = ConfigDict(frozen=True)

    seconds: list[float]

    @computed_field  # type: ignore[prop-decorator]  # mypy knows no property under a decorator
    @property
    def p50(self) -> float:
        """Half of them took less."""
        return median(self.seconds)

    @computed_field  # type: ignore[prop-decorator]  # as above
    @property
    def p95(self) -> float:
        """Of twenty, nineteen took less; with few figures nearly the longest."""
        if len(self.seconds) < FEWEST:
            return self.seconds[0]
        return quantiles(self.seconds, n=20, method="inclusive")[-1]


class HostReport(BaseModel):
    """One kind of host.

    Attributes:
        lab: what was done on it.
        checks: how many checks a grading has.
        spans: start, grade, reset and reboot.
        memory: bytes that a machine takes; 0 for a container.
        note: why there are no figures.
    """

    model_config = ConfigDict(frozen=True)

    lab: str = ""
    checks: int = 0
    spans: dict[str, Span] = {}
    memory: int = 0
    note: str = ""


class LabsReport(BaseModel):
    """The whole benchmark.

    Attributes:
        image: the image of the hosts.
        cores: of this machine.
        accelerator: what runs machines here: KVM, or emulation.
        hosts: container and machine.
        proofs: seconds of each lab's proof when it was made, by the ledger.
    """

    model_config = ConfigDict(frozen=True)

    image: str
    cores: int
    accelerator: str
    hosts: dict[str, HostReport]
    proofs: dict[str, int]


def show(console: Console, report: LabsReport) -> None:
    """Print the tables."""
    title = f"Labs on {report.image}, {report.cores} cores, machines by {report.accelerator}"
    table = Table(title=title, title_justify="left", box=None, pad_edge=False)
    for column in ("host", "lab", "what"):
        table.add_column(column)
    for column in ("p50", "p95", "times", "aim"):
        table.add_column(column, justify="right")
    for kind, host in report.hosts.items():
        if host.note:
            table.add_row(kind, escape(host.note))
        for what, span in host.spans.items():
            aim = AIMS.get((kind, what))
            name = f"{what} ({host.checks} checks)" if what == "grade" else what
            wanted = "" if aim is None else f"{aim:.0f} s"
            times = str(len(span.seconds))
            row = (f"{span.p50:.1f} s", f"{span.p95:.1f} s", times, wanted)
            table.add_row(kind, escape(host.lab), name, *row)
        if host.memory:
            table.add_row(kind, escape(host.lab), "memory", f"{host.memory / MEBI:.0f} MiB")
    console.print(table)
    for lab, seconds in report.proofs.items():
        console.print(f"proof of {lab}: {seconds} s", highlight=False)
