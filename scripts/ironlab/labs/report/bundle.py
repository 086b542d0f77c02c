"""The bundle: all that a verdict came from, in one JSON file."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, ValidationError

from ironlab import files
from ironlab.errors import ExitCode, IronlabError
from ironlab.labs.grading import Verdict
from ironlab.labs.report import chain
from ironlab.labs.report.chain import Entry

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from ironlab.labs.model import Lab
    from ironlab.labs.sessions import Event, Session

FORMAT = "ironlab-report-1"


class Bundle(BaseModel):
    """The file's content."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: str
    entries: list[Entry]
    seal: str
    """The hash of the last entry."""

    @property
    def verdict(self) -> Verdict:
        """The last verdict."""
        return Verdict.model_validate(self._until_graded[-1].data["verdict"])

    @property
    def solved(self) -> bool:
        """Whether the kit solved the lab before the last grading."""
        return any(entry.kind == "solved" for entry in self._until_graded)

    @property
    def session(self) -> dict[str, Any]:
        """What was worked on, where and when."""
        return self.entries[0].data

    @property
    def baseline(self) -> dict[str, Any]:
        """How the hosts were after set-up: the last one, when they had to be made anew."""
        return [entry for entry in self._until_graded if entry.kind == "baseline"][-1].data

    @property
    def whole(self) -> bool:
        """Whether it begins and ends as `build` does, and ends with what the last grading said."""
        kinds = [entry.kind for entry in self.entries]
        framed = kinds[:2] == ["session", "baseline"] and kinds[-1] == "verdict"
        if not framed or "graded" not in kinds or kinds.count("verdict") > 1:
            return False
        return self.entries[-1].data == _end(self.verdict)

    @property
    def _until_graded(self) -> list[Entry]:
        kinds = [entry.kind for entry in self.entries]
        return self.entries[: len(kinds) - kinds[::-1].index("graded")]


def build(
    lab: Lab, session: Session, baseline: Mapping[str, Any], events: Sequence[Event]
) -> Bundle:
    """Seal a session that was graded at least once."""
    if not any(event.kind == "graded" for event in events):
        remedy = f"grade it first: ./ironlab lab grade {lab.number}"
        raise IronlabError(f"lab {lab.number} was not graded yet", remedy, ExitCode.USAGE)
    entries: list[Entry] = []
    about = {
        "lab": lab.name,
        "title": lab.title,
        "seed": session.seed,
        "image": session.image,
        "host": session.kind,
        "hosts": session.hosts,
        "kit_version": session.kit_version,
        "started": session.started.isoformat(),
        "ended": session.ended.isoformat() if session.ended else None,
    }
    chain.extend(entries, "session", session.started.isoformat(), about)
    if "baseline" not in events[0].data:  # a session that an older Ironlab began
        chain.extend(entries, "baseline", session.started.isoformat(), dict(baseline))
    for event in events:
        data = dict(event.data)
        if event.kind == "started" and "baseline" in data:
            chain.extend(entries, "baseline", event.at.isoformat(), data.pop("baseline"))
        chain.extend(entries, event.kind, event.at.isoformat(), data)
    now = datetime.now(UTC).isoformat(timespec="seconds")
    verdict = Verdict.model_validate(
        next(event for event in reversed(events) if event.kind == "graded").data["verdict"]
    )
    chain.extend(entries, "verdict", now, _end(verdict))
    return Bundle(format=FORMAT, entries=entries, seal=entries[-1].sha256)


def _end(verdict: Verdict) -> dict[str, Any]:
    return {
        "score": verdict.score,
        "full": verdict.full,
        "void": verdict.void,
        "lost": verdict.lost,
        "broken": verdict.broken,
    }


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A key that is there twice would hide what a reader sees first."""
    found = dict(pairs)
    if len(found) < len(pairs):
        message = "a key is there twice"
        raise ValueError(message)
    return found


def write(bundle: Bundle, path: Path) -> None:
    """Only its owner may read it: probes show what root sees."""
    files.write(path, json.dumps(bundle.model_dump(), indent=1) + "\n")


def read(path: Path) -> Bundle:
    """Read a bundle whose chain holds.

    Raises:
        IronlabError: when it is no bundle, or not as it was written.
    """
    try:
        text = path.read_text(encoding="utf-8")
        bundle = Bundle.model_validate(json.loads(text, object_pairs_hook=_once))
    except OSError as error:
        reason = error.strerror or str(error)
        raise IronlabError(f"{path}: {reason}", "name a bundle's file", ExitCode.USAGE) from None
    except (ValidationError, ValueError) as error:
        reason = str(error).splitlines()[0]
        message = f"{path} is no bundle of `ironlab report`: {reason}"
        raise IronlabError(message, "name the .json file", ExitCode.USAGE) from None
    if bundle.format != FORMAT:
        message = f"{path} has the format {bundle.format}, this kit reads {FORMAT}"
        raise IronlabError(message, "use the kit's version that wrote it", ExitCode.USAGE)
    chain.verify(bundle.entries, bundle.seal, str(path))
    try:
        whole = bundle.whole
    except (ValidationError, LookupError, RuntimeError):  # no verdict, or one that lacks a part
        message = f"{path}: its verdict is none that this kit can read"
        remedy = "use the kit's version that wrote it"
        raise IronlabError(message, remedy, ExitCode.USAGE) from None
    if not whole:
        raise IronlabError(f"{path}: entries are missing at its start or end", chain.REMEDY)
    return bundle
