"""Shows a proof while it goes on, and its table at the end."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Self

from rich.markup import escape
from rich.table import Table

from ironlab.proofs.states import Kind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console
    from rich.status import Status

    from ironlab.labs.model import Lab
    from ironlab.proofs.results import LabProof, StateResult


class Progress:
    """One line a state; on a terminal only those that went wrong stay.

    Args:
        console: where to.
        total: how many states there are.
    """

    def __init__(self, console: Console, total: int) -> None:
        """Start the clock."""
        self.console = console
        self.total = total
        self.done = 0
        self._start = time.monotonic()
        self._status: Status | None = None

    def __enter__(self) -> Self:
        """Show the line that moves, where there is a terminal."""
        if self.console.is_terminal:
            self._status = self.console.status(f"0/{self.total}")
            self._status.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Take the line away."""
        if self._status:
            self._status.stop()

    def state(self, lab: Lab, result: StateResult, *, counts: bool) -> None:
        """Say how a state came out.

        Args:
            lab: whose.
            result: how.
            counts: whether it is one of the total.
        """
        self.done += counts
        line = f"{self._clock()} {lab.name}, seed {result.seed}, {result.name}"
        end = result.fate or ("FAILED" if result.complaints else "ok")
        text = f"{line}: {end}, {result.seconds:.1f} s"
        if self._status is None or result.complaints:
            self.console.print(text, highlight=False, markup=False, soft_wrap=True)
        if self._status is not None:
            self._status.update(escape(line))
        for complaint in result.complaints:
            self.say(
                f"    {complaint.check}: expected: {complaint.expected}; found: {complaint.found}"
            )

    def say(self, text: str) -> None:
        """Say something beside the states."""
        self.console.print(text, highlight=False, markup=False, soft_wrap=True)

    def _clock(self) -> str:
        gone = time.monotonic() - self._start
        line = f"[{_minutes(gone)} {self.done}/{self.total}"
        if 0 < self.done < self.total:
            line += f", {_minutes(gone / self.done * (self.total - self.done))} left"
        return f"{line}]"


def _minutes(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02}"


def table(proofs: Sequence[LabProof]) -> Table:
    """One line a lab."""
    result = Table(title="Proofs", title_justify="left", box=None, pad_edge=False)
    result.add_column("lab", no_wrap=True)
    result.add_column("result")
    for column in ("seeds", "states", "wrong answers", "derived killed", "kill rate", "seconds"):
        result.add_column(column, justify="right")
    for proof in proofs:
        wrong = proof.of_kind(Kind.WRONG)
        good = sum(not each.complaints for each in wrong)
        rate = proof.kill_rate
        result.add_row(
            escape(proof.lab),
            "[green]proved[/]" if proof.ok else "[red]FAILED[/]",
            str(len(proof.seeds)),
            str(len(proof.results)),
            f"{good}/{len(wrong)}",
            f"{proof.killed}/{proof.derived}",
            "-" if rate is None else f"{rate:.0%}",
            f"{proof.seconds:.0f}",
        )
    return result


def notes(proofs: Sequence[LabProof]) -> list[str]:
    """What the table has no room for: survivors with their reasons, and how others were killed."""
    lines = [
        f"survives in {proof.lab}: {name}: {why}"
        for proof in proofs
        for name, why in proof.survivors.items()
        if why
    ]
    own = sum(proof.own_play for proof in proofs)
    killed, derived = sum(proof.killed for proof in proofs), sum(proof.derived for proof in proofs)
    if derived:
        lines.append(
            f"derived wrong answers: {killed} of {derived} killed ({killed / derived:.0%}), "
            f"{own} of them could not even run to their end"
        )
    return lines


def as_json(proof: LabProof) -> dict[str, object]:
    """A proof for programs: its states, and what they add up to."""
    return proof.model_dump() | {
        "ok": proof.ok,
        "derived": proof.derived,
        "killed": proof.killed,
        "survivors": proof.survivors,
        "problems": proof.problems(),
    }
