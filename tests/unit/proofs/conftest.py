"""A lab, and hosts that only remember what was done to them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from ironlab.labs import skeleton
from ironlab.labs.grading.model import Access, CheckResult, Grading

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from typing import Self

    from ironlab.labs.model import Lab
    from ironlab.labs.variants import Variant
    from ironlab.proofs.fingerprint import Facts
    from ironlab.proofs.states import Answer

BOTH = {"content", "mode"}
WRONG = {"empty.sh": {"content"}, "default-permissions.sh": {"mode"}, "renamed.sh": {"neighbour"}}


@pytest.fixture
def lab(root: Path) -> Lab:
    """The lab that `lab new` writes: two checks, two solutions, four wrong answers."""
    return skeleton.create(901, "notes", "Write a note", root=root)


@dataclass(frozen=True)
class Done:
    """What was done to the hosts since their reset."""

    answers: tuple[Answer, ...] = ()
    reboots: int = 0


def truth(done: Done, asked: Variant) -> set[str]:
    """What an honest grader says fails, for the lab of `lab new`."""
    if not done.answers:
        return set(BOTH)
    last = done.answers[-1]
    if last.path.stem.startswith("derived-"):  # its one task is left out
        return set(BOTH)
    if last.path.name == "in-memory.sh":
        return set(BOTH) if done.reboots else set()
    failing = set(WRONG.get(last.path.name, set()))
    differing = {key for key, value in last.variant.values.items() if value != asked.values[key]}
    if "folder" in differing:
        failing |= BOTH
    return (
        failing | ({"content"} & {"content" for _ in differing & {"word"}}) | differing & {"mode"}
    )


@dataclass
class Hosts:
    """A workshop without hosts.

    Attributes:
        failing: what the grader says fails.
        outcome: how it says so.
        fresh: the fingerprint after the set-up.
        spoilt: what a reset fails to bring back.
        same_boot: pretend that a reboot never happened.
    """

    failing: Callable[[Done, Variant], set[str]] = truth
    outcome: str = "failed"
    fresh: Facts = field(default_factory=lambda: {("path", "/etc/hosts"): "root"})
    spoilt: Facts = field(default_factory=dict)
    same_boot: bool = False
    prepared: list[tuple[str, int]] = field(default_factory=list)
    removed: int = 0
    done: Done = field(default_factory=Done)
    boots: int = 0

    def __enter__(self) -> Self:
        """Nothing is kept."""
        return self

    def __exit__(self, *_: object) -> None:
        """The hosts go."""
        self.remove()

    def remove(self) -> None:
        self.removed += 1

    def prepare(self, lab: Lab, variant: Variant) -> None:
        self.prepared.append((lab.name, variant.seed))
        self.done = Done()

    def reset(self) -> None:
        self.done = Done()

    def apply(self, lab: Lab, answer: Answer) -> None:
        del lab
        self.done = Done((*self.done.answers, answer))

    def reboot(self) -> None:
        self.done = Done(self.done.answers, self.done.reboots + 1)
        self.boots += not self.same_boot

    def facts(self) -> Facts:
        return {**self.fresh, **(self.spoilt if len(self.prepared) else {})}

    def grade(self, lab: Lab, variant: Variant) -> Grading:
        return graded(
            lab, self.failing(self.done, variant), outcome=self.outcome, boot=f"boot-{self.boots}"
        )


def graded(
    lab: Lab, failing: set[str], *, outcome: str = "failed", boot: str = "boot-0"
) -> Grading:
    """A grading in which these fail and all else passes."""
    items = [(check.id, "check") for check in lab.checks]
    items += [(keep.id, "keep") for keep in lab.keeps] + [("kit-units", "kit")]
    results = [
        CheckResult.model_validate(
            {
                "id": name,
                "title": name,
                "kind": kind,
                "points": 10,
                "outcome": outcome if name in failing else "passed",
                "message": "as the test wants it" if name in failing else "",
            }
        )
        for name, kind in items
    ]
    access = {"box": Access(ok=True, boot_id=boot)}
    return Grading(at=datetime.now(UTC), access=access, results=results)
