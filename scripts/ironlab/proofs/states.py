"""What a lab's host is put into so that its grader can be watched: the states of a proof."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import yaml

from ironlab.labs import variants
from ironlab.proofs import mutate

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from ironlab.labs.answers import WrongAnswer
    from ironlab.labs.model import Lab
    from ironlab.labs.variants import Variant
    from ironlab.proofs.mutate import Mutant

FULL_SEEDS = 3  # a proof with fewer is not kept


class Kind(StrEnum):
    """What is done on the host before it is graded."""

    NOTHING = "nothing done"
    SOLUTION = "solution"
    NEIGHBOUR = "neighbour's solution"
    WRONG = "wrong answer"
    DERIVED = "derived"


@dataclass(frozen=True)
class Answer:
    """A playbook or script, and the values it runs with."""

    path: Path
    variant: Variant


@dataclass(frozen=True)
class State:
    """One state of a lab's host.

    Attributes:
        lab: the lab.
        variant: what is asked for.
        kind: what is done.
        name: unique among the states of a lab and seed.
        answers: what is applied to the host as its set-up left it, in this order.
        wrong: what a written wrong answer promises.
        mutant: the name of a derived wrong answer.
    """

    lab: Lab
    variant: Variant
    kind: Kind
    name: str
    answers: tuple[Answer, ...] = ()
    wrong: WrongAnswer | None = None
    mutant: str = ""

    @property
    def seed(self) -> int:
        """The seed of what is asked for."""
        return self.variant.seed


def plan(lab: Lab, seeds: Sequence[int], folder: Path) -> list[list[State]]:
    """List the states of a lab, seed by seed.

    Wrong answers are tried with one seed each, in turns. Derived ones all belong to the first seed.

    Args:
        lab: the lab.
        seeds: the seeds.
        folder: gets the playbooks that are made up.
    """
    groups = [_seed(lab, seed, number) for number, seed in enumerate(seeds)]
    for number, wrong in enumerate(lab.wrong_answers()):
        # from the end: the first seed has the derived ones
        group = groups[len(groups) - 1 - number % len(groups)]
        group.append(_wrong(lab, group[0].variant, wrong))
    first = groups[0][0].variant
    mutants = mutate.derive(lab, first, variants.neighbour(lab, first.seed))
    for mutant, path in zip(mutants, _written(lab, mutants, folder), strict=True):
        name = f"{Kind.DERIVED}: {mutant.solution.stem}: {mutant.name}"
        answers = (Answer(path, mutant.variant or first),)
        groups[0].append(State(lab, first, Kind.DERIVED, name, answers, mutant=mutant.name))
    return groups


def _seed(lab: Lab, seed: int, number: int) -> list[State]:
    variant = variants.draw(lab, seed)
    states = [State(lab, variant, Kind.NOTHING, Kind.NOTHING.value)]
    for path in lab.solutions:
        name = f"{Kind.SOLUTION}: {path.name}"
        states.append(State(lab, variant, Kind.SOLUTION, name, (Answer(path, variant),)))
    other = variants.neighbour(lab, seed)
    if other.values != variant.values:
        path = lab.solutions[number % len(lab.solutions)]
        name = f"{Kind.NEIGHBOUR}: {path.name}"
        states.append(State(lab, variant, Kind.NEIGHBOUR, name, (Answer(path, other),)))
    return states


def _wrong(lab: Lab, variant: Variant, wrong: WrongAnswer) -> State:
    paths = [lab.folder / "solutions" / wrong.after] if wrong.after else []
    answers = tuple(Answer(path, variant) for path in (*paths, wrong.path))
    name = f"{Kind.WRONG}: {wrong.path.name}"
    return State(lab, variant, Kind.WRONG, name, answers, wrong=wrong)


def _written(lab: Lab, mutants: Sequence[Mutant], folder: Path) -> list[Path]:
    """Write the altered playbooks; what a playbook refers to by a relative path stays in reach."""
    home = folder / lab.name / "solutions"
    home.mkdir(parents=True)
    for holder in (lab.folder, lab.folder / "solutions"):
        for path in holder.iterdir():
            if path.name != "solutions":
                (folder / path.relative_to(lab.folder.parent)).symlink_to(path)
    paths = []
    for number, mutant in enumerate(mutants):
        path = mutant.solution
        if mutant.plays is not None:
            path = home / f"derived-{number:02}.yml"
            text = yaml.safe_dump(mutant.plays, sort_keys=False, width=1000)
            path.write_text(f"---\n# {mutant.name}\n{text}", encoding="utf-8")
        paths.append(path)
    return paths
