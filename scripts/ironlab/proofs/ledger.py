"""labs/proofs.json: which lab was proved, as what, and on what."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from ironlab import files
from ironlab.errors import ExitCode, IronlabError
from ironlab.locks import lock
from ironlab.paths import REPO
from ironlab.proofs import digests
from ironlab.proofs.states import FULL_SEEDS, Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from ironlab.labs.model import Lab
    from ironlab.proofs.results import LabProof

PATH = REPO / "labs" / "proofs.json"
IMAGE = "el9"  # on which every lab has to be proved


class Entry(BaseModel):
    """A proof that was green from the first state to the last.

    Attributes:
        lab: hash of the lab's folder.
        engine: hash of what decides a verdict.
        recipe: hash of the image's recipe.
        base: what the image was made of: a stand-in, or Rocky.
        kind: container or machine.
        seeds: the seeds.
        states: how many states there were, set-ups' resets included.
        wrong: how many written wrong answers.
        derived: how many derived ones.
        killed: how many of those did not get the full score.
        own_play: how many of those could not run to their end.
        survivors: the others, with the reason for which they may.
        seconds: how long it took.
        date: when it was.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    lab: str
    engine: str
    recipe: str
    base: str
    kind: str
    seeds: list[int]
    states: int
    wrong: int
    derived: int
    killed: int
    own_play: int
    survivors: dict[str, str]
    seconds: int
    date: str


Ledger = dict[str, dict[str, Entry]]
_LEDGER = TypeAdapter(Ledger)


def read(path: Path = PATH) -> Ledger:
    """Read the ledger: entries by lab and image."""
    try:
        return _LEDGER.validate_json(path.read_bytes())
    except FileNotFoundError:
        return {}
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "the file"
        message, remedy = f"{path}: {where}: {first['msg']}", "./ironlab lab prove --all"
        raise IronlabError(message, f"make it anew: {remedy}", ExitCode.USAGE) from error


class Hashes(NamedTuple):
    """What a proof holds for."""

    lab: str
    engine: str
    recipe: str


def hashes(lab: Lab, recipe: str) -> Hashes:
    """The hashes as the files are now, for an image of that recipe."""
    return Hashes(digests.lab(lab.folder), digests.engine(), recipe)


def entry(proof: LabProof, held: Hashes) -> Entry:
    """What the ledger keeps of a proof that was made of these."""
    return Entry(
        lab=held.lab,
        engine=held.engine,
        recipe=held.recipe,
        base=proof.base,
        kind=proof.kind,
        seeds=proof.seeds,
        states=len(proof.results),
        wrong=len(proof.of_kind(Kind.WRONG)),
        derived=proof.derived,
        killed=proof.killed,
        own_play=proof.own_play,
        survivors=proof.survivors,
        seconds=round(proof.seconds),
        date=datetime.now(UTC).date().isoformat(),
    )


def may_be_kept(proof: LabProof) -> bool:
    """Whether a proof is whole and green."""
    return proof.ok and proof.whole and len(set(proof.seeds)) >= FULL_SEEDS


def keep(name: str, image: str, new: Entry, path: Path = PATH) -> None:
    """Put an entry into the ledger, in place of the one before."""
    with lock("ledger", wait=True):  # several proofs may go on at once
        content = read(path)
        content.setdefault(name, {})[image] = new
        text = json.dumps(
            {
                lab: {each: entries[each].model_dump() for each in sorted(entries)}
                for lab, entries in sorted(content.items())
            },
            indent=1,
            ensure_ascii=False,
        )
        files.write(path, f"{text}\n", 0o644)


def proved(labs: Iterable[Lab], image: str = IMAGE) -> list[Lab]:
    """Those that a proof was made of, be it stale: of the others nobody knows what a grade says."""
    known = read()
    return [lab for lab in labs if image in known.get(lab.name, {})]


def stale(
    labs: Iterable[Lab],
    image: str = IMAGE,
    path: Path = PATH,
    now: Callable[[Lab], Hashes] | None = None,
) -> dict[str, str]:
    """Name the labs whose proof is missing or was for something else, with the reason.

    Args:
        labs: the labs.
        image: the image.
        path: the ledger.
        now: the hashes as they are; for tests.
    """
    kept = read(path)
    if now is None:
        engine, recipe = digests.engine(), digests.recipe(image)

        def now(lab: Lab) -> Hashes:
            return Hashes(digests.lab(lab.folder), engine, recipe)

    found = {}
    for lab in labs:
        entry_now, known = now(lab), kept.get(lab.name, {}).get(image)
        if known is None:
            found[lab.name] = f"was never proved on {image}"
            continue
        pairs = zip(("lab", "engine", "image's recipe"), entry_now, strict=True)
        then = Hashes(known.lab, known.engine, known.recipe)
        changed = [what for (what, value), old in zip(pairs, then, strict=True) if value != old]
        if changed:
            found[lab.name] = f"has changed since its proof: {', '.join(changed)}"
    return found
