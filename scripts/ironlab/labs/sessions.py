"""Sessions: which labs were started, what happened in them, what they came to.

One SQLite file, which SQLite keeps whole when the computer or the program stops at any point. Each
step is written before it is taken (`starting`) and after (`open`): what a killed run has left is
known by name.
"""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal, Self

from ironlab.errors import ExitCode, IronlabError
from ironlab.labs import sessions_database as database
from ironlab.labs.grading import Verdict

if TYPE_CHECKING:
    from pathlib import Path

    from ironlab.labs.places_backends import Kind

State = Literal["starting", "open", "finished", "failed"]
EventKind = Literal["started", "hint", "graded", "rebooted", "reset", "solved", "finished"]


@dataclass(frozen=True)
class Session:
    """One attempt at a lab."""

    id: int
    lab: str
    """The name of its folder."""
    number: int
    seed: int
    image: str
    kind: Kind
    hosts: dict[str, str]
    """What each host is called where it comes from, by the lab's name for it."""
    state: State
    kit_version: str
    started: datetime
    ended: datetime | None


@dataclass(frozen=True)
class Event:
    """Something that happened in a session."""

    at: datetime
    kind: EventKind
    data: dict[str, Any]


class Store:
    """The sessions of whoever runs Ironlab."""

    def __init__(self, path: Path | None = None) -> None:
        """Open the file `path`, by default the one in the state folder; it is made when missing."""
        self.connection = database.connect(path or database.file())

    def __enter__(self) -> Self:
        """It is open already."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the file."""
        self.connection.close()

    def begin(self, new: New) -> Session:
        """Write down that a lab is about to be started.

        Raises:
            IronlabError: when it is being worked on already.
        """
        values = (new.lab, new.number, new.seed, new.image, new.kind, json.dumps(new.hosts))
        try:
            with database.transaction(self.connection) as execute:
                number = execute(_INSERT, (*values, new.kit_version, _now())).lastrowid
        except sqlite3.IntegrityError:
            message = f"lab {new.number} is in progress already"
            remedy = f"go on with it, or end it: ./ironlab lab finish {new.number}"
            raise IronlabError(message, remedy, ExitCode.USAGE) from None
        return self._one("id = ?", number or 0)

    def opened(self, session: Session, baseline: dict[str, Any]) -> Session:
        """The hosts are set up (or once more, when they had to be made anew)."""
        with database.transaction(self.connection) as execute:
            execute(_OPENED, (_now(), json.dumps(baseline), session.id))
            data = json.dumps({"seed": session.seed, "baseline": baseline})
            execute(_EVENT, (session.id, _now(), "started", data))
        return self._one("id = ?", session.id)

    def remaking(self, session: Session, *, done: bool = False) -> None:
        """The hosts are being made anew: until they are, it is a start that may be cut off."""
        with database.transaction(self.connection) as execute:
            values = ("open" if done else "starting", session.id)
            execute("UPDATE sessions SET state = ? WHERE id = ?", values)

    def ended(self, session: Session, state: Literal["finished", "failed"]) -> None:
        """The session is over."""
        with database.transaction(self.connection) as execute:
            values = (state, _now(), session.id)
            execute("UPDATE sessions SET state = ?, ended = ? WHERE id = ?", values)
            if state == "finished":
                execute(_EVENT, (session.id, _now(), "finished", "{}"))

    def under_way(self) -> list[Session]:
        """The sessions that have begun and not ended, by lab."""
        return self._many("state IN ('starting', 'open') ORDER BY number")

    def of(self, lab: str) -> Session | None:
        """The session of a lab that is under way."""
        found = self._many("state IN ('starting', 'open') AND lab = ?", lab)
        return found[0] if found else None

    def latest(self, lab: str) -> Session | None:
        """The last session of a lab, under way or over."""
        found = self._many("lab = ? ORDER BY id DESC LIMIT 1", lab)
        return found[0] if found else None

    def all(self) -> list[Session]:
        """Every session, in order."""
        return self._many("1 ORDER BY id")

    def baseline(self, session: Session) -> dict[str, Any]:
        """How the hosts were after set-up."""
        rows = self.connection.execute("SELECT baseline FROM sessions WHERE id=?", (session.id,))
        found: dict[str, Any] = json.loads(rows.fetchone()["baseline"] or "{}")
        return found

    def add(self, session: Session, kind: EventKind, **data: object) -> None:
        """Write down what happened."""
        with database.transaction(self.connection) as execute:
            execute(_EVENT, (session.id, _now(), kind, json.dumps(data)))

    def events(self, session: Session, *kinds: EventKind) -> list[Event]:
        """What happened in a session, in order; only of these kinds, if any are given."""
        rows = self.connection.execute(
            "SELECT at, kind, data FROM events WHERE session = ? ORDER BY id", (session.id,)
        )
        return [
            Event(datetime.fromisoformat(row["at"]), row["kind"], json.loads(row["data"]))
            for row in rows
            if not kinds or row["kind"] in kinds
        ]

    def verdict(self, session: Session) -> Verdict | None:
        """What the session's last grading came to."""
        graded = self.events(session, "graded")
        return Verdict.model_validate(graded[-1].data["verdict"]) if graded else None

    def _one(self, where: str, value: int) -> Session:
        return self._many(where, value)[0]

    def _many(self, where: str, *values: object) -> list[Session]:
        # `where` is written in this file; what users say comes as values
        rows = self.connection.execute(f"SELECT {_COLUMNS} FROM sessions WHERE {where}", values)  # noqa: S608
        return [_session(row) for row in rows]


@dataclass(frozen=True)
class New:
    """What a session is to be."""

    lab: str
    number: int
    seed: int
    image: str
    kind: Kind
    hosts: dict[str, str]
    kit_version: str


_COLUMNS = ", ".join(column.name for column in fields(Session))
_INSERT = (
    "INSERT INTO sessions (lab, number, seed, image, kind, hosts, state, kit_version, started) "
    "VALUES (?, ?, ?, ?, ?, ?, 'starting', ?, ?)"
)
_OPENED = (
    "UPDATE sessions SET state = 'open', "
    "started = CASE WHEN baseline IS NULL THEN ? ELSE started END, baseline = ? WHERE id = ?"
)
_EVENT = "INSERT INTO events (session, at, kind, data) VALUES (?, ?, ?, ?)"


def _session(row: sqlite3.Row) -> Session:
    values = dict(row)
    values["hosts"] = json.loads(values["hosts"])
    values["started"] = datetime.fromisoformat(values["started"])
    values["ended"] = values["ended"] and datetime.fromisoformat(values["ended"])
    return Session(**values)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
