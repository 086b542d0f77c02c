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

    def first(self, kind: str) -> Entry:
        """The first entry of that kind."""
        return next(entry for entry in self.entries if entry.kind == kind)

    @property
    def verdict(self) -> Verdict:
        """The last verdict."""
        graded = [entry for entry in self.entries if entry.kind == "graded"]
        return Verdict.model_validate(graded[-1].data["verdict"])

    @property
    def solved(self) -> bool:
        """Whether the kit solved the lab before the last grading."""
        kinds = [entry.kind for entry in self.entries]
        return "solved" in kinds[: len(kinds) - kinds[::-1].index("graded")]

    @property
    def session(self) -> dict[str, Any]:
        """What was worked on, where and when."""
        return self.first("session").data

    @property
    def baseline(self) -> dict[str, Any]:
        """How the hosts were after set-up."""
        return self.first("baseline").data


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
    chain.extend(entries, "baseline", session.started.isoformat(), dict(baseline))
    for event in events:
        chain.extend(entries, event.kind, event.at.isoformat(), event.data)
    now = datetime.now(UTC).isoformat(timespec="seconds")
    verdict = Verdict.model_validate(
        next(event for event in reversed(events) if event.kind == "graded").data["verdict"]
    )
    end = {"score": verdict.score, "full": verdict.full, "void": verdict.void}
    chain.extend(entries, "verdict", now, end | {"lost": verdict.lost, "broken": verdict.broken})
    return Bundle(format=FORMAT, entries=entries, seal=entries[-1].sha256)


def write(bundle: Bundle, path: Path) -> None:
    """Only its owner may read it: probes show what root sees."""
    files.write(path, json.dumps(bundle.model_dump(), indent=1) + "\n")


def read(path: Path) -> Bundle:
    """Read a bundle whose chain holds.

    Raises:
        IronlabError: when it is no bundle, or not as it was written.
    """
    try:
        bundle = Bundle.model_validate(json.loads(path.read_text(encoding="utf-8")))
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
    return bundle
