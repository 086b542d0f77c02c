"""The SQLite file of labs and exams: how it is opened, and what is in it."""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ironlab import paths
from ironlab.errors import IronlabError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

WAIT_SECONDS = 10.0  # for another process that is writing

# Step n brings a file of version n to version n + 1. A step that was released never changes: there
# are files that it has made.
MIGRATIONS: list[list[str]] = [
    [
        """
        CREATE TABLE sessions (
            id INTEGER PRIMARY KEY,
            lab TEXT NOT NULL,
            number INTEGER NOT NULL,
            seed INTEGER NOT NULL,
            image TEXT NOT NULL,
            kind TEXT NOT NULL CHECK (kind IN ('container', 'machine', 'remote')),
            hosts TEXT NOT NULL,
            state TEXT NOT NULL CHECK (state IN ('starting', 'open', 'finished', 'failed')),
            kit_version TEXT NOT NULL,
            started TEXT NOT NULL,
            ended TEXT,
            baseline TEXT
        )
        """,
        "CREATE UNIQUE INDEX under_way ON sessions (lab) WHERE state IN ('starting', 'open')",
        """
        CREATE TABLE events (
            id INTEGER PRIMARY KEY,
            session INTEGER NOT NULL REFERENCES sessions (id),
            at TEXT NOT NULL,
            kind TEXT NOT NULL,
            data TEXT NOT NULL
        )
        """,
        "CREATE INDEX events_by_session ON events (session)",
    ],
    ["CREATE TABLE exams (id INTEGER PRIMARY KEY, record TEXT NOT NULL)"],
]


def file() -> Path:
    """Where it is."""
    return paths.state_dir() / "labs.sqlite"


def connect(path: Path) -> sqlite3.Connection:
    """Open the file, bring it to the present version, and check that it is there whole.

    Raises:
        IronlabError: when it can't be read, or a newer Ironlab has written it.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.touch(mode=0o600)
    connection = sqlite3.connect(path, timeout=WAIT_SECONDS, isolation_level=None)
    connection.row_factory = sqlite3.Row
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA foreign_keys = ON")
        if _version(connection) != len(MIGRATIONS):
            _migrate(connection, path)
    except (sqlite3.DatabaseError, IronlabError) as error:
        connection.close()
        if isinstance(error, IronlabError):
            raise
        message = f"cannot use {path}, where sessions of labs are kept: {error}"
        raise IronlabError(message, "move it away (what it knew is lost) and try again") from error
    return connection


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[Callable[..., sqlite3.Cursor]]:
    """All that is executed within, or nothing of it."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield connection.execute
    except BaseException:  # Ctrl-C too
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def _version(connection: sqlite3.Connection) -> int:
    version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    return version


def _migrate(connection: sqlite3.Connection, path: Path) -> None:
    with transaction(connection) as execute:
        version = _version(connection)  # once more: another process may have done it meanwhile
        if version > len(MIGRATIONS):
            message = f"{path} was written by a newer Ironlab (version {version})"
            raise IronlabError(message, "update Ironlab, or set XDG_STATE_HOME to another folder")
        for statements in MIGRATIONS[version:]:
            for statement in statements:
                execute(statement)
        execute(f"PRAGMA user_version = {len(MIGRATIONS)}")
