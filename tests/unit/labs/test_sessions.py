"""Sessions survive whatever ends the program, and a file is never half understood."""

from __future__ import annotations

import os
import signal
import sqlite3
import stat
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from ironlab.errors import ExitCode, IronlabError
from ironlab.labs import sessions_database as database
from ironlab.labs.sessions import New, Store
from ironlab.paths import REPO

if TYPE_CHECKING:
    from pathlib import Path

JOURNAL = New("103-journal", 103, 7, "el9", "container", {"box": "lab-103-box"}, "0.1")
OTHER = New("104-sudo", 104, 8, "el10", "container", {"box": "lab-104-box"}, "0.1")

KILLED = """
import os, signal
from ironlab.labs.sessions import New, Store
from ironlab.labs import sessions_database as database
store = Store()
new = New("103-journal", 103, 7, "el9", "container", {"box": "lab-103-box"}, "0.1")
session = store.begin(new)
with database.transaction(store.connection) as execute:
    execute("UPDATE sessions SET state = 'open'")
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_session_from_its_begin_to_its_end() -> None:
    with Store() as store:
        session = store.begin(JOURNAL)
        assert (session.state, session.hosts) == ("starting", {"box": "lab-103-box"})
        session = store.opened(session, {"kit": {"units": ["sshd.service"]}})
        assert session.state == "open"
        assert store.baseline(session) == {"kit": {"units": ["sshd.service"]}}
        store.add(session, "hint", cost=5)
    with Store() as store:
        found = store.of("103-journal")
        assert found == session
        assert [event.kind for event in store.events(session)] == ["started", "hint"]
        assert store.events(session, "hint")[0].data == {"cost": 5}
        store.ended(session, "finished")
        assert store.of("103-journal") is None
        latest = store.latest("103-journal")
        assert latest is not None
        assert latest.state == "finished"
        assert latest.ended is not None


def test_several_labs_are_in_progress_each_only_once() -> None:
    with Store() as store:
        store.begin(JOURNAL)
        store.begin(OTHER)
        assert [session.number for session in store.under_way()] == [103, 104]
        with pytest.raises(IronlabError, match="lab 103 is in progress already") as caught:
            store.begin(JOURNAL)
        assert caught.value.code == ExitCode.USAGE


def test_a_failed_session_makes_way_for_another() -> None:
    with Store() as store:
        store.ended(store.begin(JOURNAL), "failed")
        assert store.begin(JOURNAL).state == "starting"


def test_kill_in_the_middle_of_a_write_leaves_what_was_before_it() -> None:
    done = subprocess.run(
        [sys.executable, "-c", KILLED],
        env={**os.environ, "PYTHONPATH": str(REPO / "scripts")},
        check=False,
    )
    assert done.returncode == -signal.SIGKILL
    with Store() as store:
        found = store.of("103-journal")
        assert found is not None
        assert found.state == "starting"


def forget_everything_but_press_ctrl_c(store: Store) -> None:
    with database.transaction(store.connection) as execute:
        execute("DELETE FROM sessions")
        raise KeyboardInterrupt


def test_ctrl_c_in_a_transaction_undoes_it() -> None:
    with Store() as store:
        store.begin(JOURNAL)
        with pytest.raises(KeyboardInterrupt):
            forget_everything_but_press_ctrl_c(store)
        assert store.of("103-journal") is not None


def test_the_file_is_for_its_owner_only() -> None:
    with Store():
        assert stat.S_IMODE(database.file().stat().st_mode) == 0o600


def test_a_file_of_a_newer_ironlab_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "labs.sqlite"
    database.connect(path).close()
    with sqlite3.connect(path) as connection:
        connection.execute(f"PRAGMA user_version = {len(database.MIGRATIONS) + 1}")
    with pytest.raises(IronlabError, match="written by a newer Ironlab"):
        database.connect(path)


def test_an_older_file_is_brought_up_to_date_and_keeps_its_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "labs.sqlite"
    steps = database.MIGRATIONS
    monkeypatch.setattr(database, "MIGRATIONS", steps[:1])
    with Store(path) as store:
        store.begin(JOURNAL)
    monkeypatch.setattr(database, "MIGRATIONS", [*steps, ["ALTER TABLE sessions ADD extra TEXT"]])
    with Store(path) as store:
        assert store.connection.execute("SELECT extra FROM sessions").fetchall()
        version = store.connection.execute("PRAGMA user_version").fetchone()[0]
        assert version == len(steps) + 1


def test_a_step_that_fails_leaves_the_older_file_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "labs.sqlite"
    steps = database.MIGRATIONS
    database.connect(path).close()
    broken = ["CREATE TABLE extra (id INTEGER)", "CREATE NONSENSE"]
    monkeypatch.setattr(database, "MIGRATIONS", [*steps, broken])
    with pytest.raises(IronlabError, match="NONSENSE"):
        database.connect(path)
    monkeypatch.setattr(database, "MIGRATIONS", steps)
    with database.connect(path) as connection:
        tables = connection.execute("SELECT name FROM sqlite_master WHERE name = 'extra'")
        assert tables.fetchall() == []


def test_a_file_that_is_no_database_is_an_error_of_one_line(tmp_path: Path) -> None:
    path = tmp_path / "labs.sqlite"
    path.write_text("not a database, but long enough to be taken for one\n" * 50)
    with pytest.raises(IronlabError, match=r"cannot use .*labs\.sqlite"):
        Store(path)
