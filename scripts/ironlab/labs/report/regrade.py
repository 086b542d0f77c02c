"""Grade a bundle again, offline: the recorded answers through the lab's grade.py."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ironlab.labs import catalogue
from ironlab.labs.grading import Grader, Verdict, plan
from ironlab.labs.report import bundle as bundles
from ironlab.labs.variants import Variant

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from ironlab.labs.grading import CheckResult, Grading
    from ironlab.labs.model import Lab


@dataclass(frozen=True)
class Difference:
    """A check that comes out another way."""

    id: str
    when: str
    recorded: str
    again: str
    message: str


@dataclass(frozen=True)
class Regrade:
    """What the replay says of a recorded verdict."""

    recorded: Verdict
    again: Verdict
    solved: bool
    """Whether the kit had solved the lab, so that the score says nothing of the learner."""
    changed: list[str] = field(default_factory=list)
    """Files of the lab that are not the recorded ones any more."""
    differences: list[Difference] = field(default_factory=list)

    @property
    def same(self) -> bool:
        """Whether the verdict holds."""
        return not self.differences and self.recorded.score == self.again.score


def regrade(path: Path, find: Callable[[str], Lab] | None = None) -> Regrade:
    """Verify a bundle and grade it again without any host.

    Raises:
        IronlabError: when it was tampered with, or there is no such lab.
    """
    bundle = bundles.read(path)
    recorded = bundle.verdict
    lab = (find or catalogue.find)(recorded.lab)
    now, then = plan.sources(lab), recorded.before.sources
    with Grader() as grader:

        def replay(grading: Grading) -> Grading:
            variant = Variant(recorded.seed, dict(grading.values))
            return grader.replay(lab, variant, grading, bundle.baseline)

        again = recorded.model_copy(
            update={
                "before": replay(recorded.before),
                "after": replay(recorded.after) if recorded.after else None,
            }
        )
    differences = _differences("before the reboot", recorded.before, again.before)
    if recorded.after and again.after:
        differences += _differences("after the reboot", recorded.after, again.after)
    changed = sorted(name for name in now | then if now.get(name) != then.get(name))
    return Regrade(recorded, again, bundle.solved, changed, differences)


def _differences(when: str, recorded: Grading, again: Grading) -> list[Difference]:
    before = {result.id: result for result in recorded.results}
    after = {result.id: result for result in again.results}
    return [
        Difference(name, when, _said(was), _said(now), now.message if now else "")
        for name in before | after
        if _comparable(was := before.get(name)) != _comparable(now := after.get(name))
    ]


def _said(result: CheckResult | None) -> str:
    return result.outcome.replace("_", " ") if result else "not part of the lab"


def _comparable(result: CheckResult | None) -> object:
    return result and (result.outcome, result.points, result.expectations)
