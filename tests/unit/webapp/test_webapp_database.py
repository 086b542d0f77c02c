"""Each query is one transaction; connections are bounded, renewed, and never left half-way."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest
from pg8000.exceptions import DatabaseError, InterfaceError
from webapp import database as module
from webapp import settings
from webapp.database import ConstraintError, Database, DatabaseUnavailableError
from webapp.metrics import Metrics

if TYPE_CHECKING:
    from pathlib import Path

READ_ONLY = "BEGIN READ ONLY;SET LOCAL statement_timeout = 1000"


class FakeConnection:
    """Notes what it is told; fails on the statements in `failing`."""

    made: list[FakeConnection]
    failing: dict[str, Exception]
    refuse: Exception | None

    def __init__(self, user: str, **_: object) -> None:
        if self.refuse:
            raise self.refuse
        assert user == "webapp"
        self.said: list[str] = []
        self.closed = False
        self.row_count = 3
        self.made.append(self)

    def run(self, sql: str, **parameters: object) -> list[list[Any]]:
        del parameters
        self.said.append(sql)
        if self.closed:
            message = "connection is closed"
            raise InterfaceError(message)
        if sql in self.failing:
            raise self.failing[sql]
        return [[1]]

    def close(self) -> None:
        self.closed = True


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> type[FakeConnection]:
    FakeConnection.made, FakeConnection.failing, FakeConnection.refuse = [], {}, None
    monkeypatch.setattr(module, "Connection", FakeConnection)
    return FakeConnection


@pytest.fixture
def metrics() -> Metrics:
    return Metrics("1", "release")


@pytest.fixture
def database(fake: type[FakeConnection], config: Path, metrics: Metrics) -> Database:
    del fake
    return Database(settings.load(config), metrics, "test")


def value(metrics: Metrics, name: str, **labels: str) -> float | None:
    return metrics.registry.get_sample_value(name, labels)


def test_a_query_is_a_transaction_and_the_connection_is_used_again(
    database: Database, fake: type[FakeConnection], metrics: Metrics
) -> None:
    for _ in range(2):
        with database.transaction("user") as transaction:
            assert value(metrics, "webapp_db_pool_in_use") == 1
            assert transaction.rows("SELECT 1") == [[1]]
    assert [c.said for c in fake.made] == [[READ_ONLY, "SELECT 1", "COMMIT"] * 2]
    assert value(metrics, "webapp_db_pool_in_use") == 0
    assert value(metrics, "webapp_db_pool_open") == 1
    assert value(metrics, "webapp_db_query_duration_seconds_count", query="user") == 2


def test_writing_must_be_asked_for(database: Database, fake: type[FakeConnection]) -> None:
    with database.transaction("add", write=True) as transaction:
        assert transaction.count("DELETE") == 3
    assert fake.made[0].said[0].startswith("BEGIN READ WRITE;")


def test_a_refused_statement_is_rolled_back_and_the_connection_kept(
    database: Database, fake: type[FakeConnection], metrics: Metrics
) -> None:
    fake.failing = {"SELECT 1": DatabaseError({"C": "57014", "M": "canceling statement"})}
    with (
        pytest.raises(DatabaseUnavailableError, match=r"canceling statement \(SQLSTATE 57014\)"),
        database.transaction("user") as transaction,
    ):
        transaction.rows("SELECT 1")
    assert fake.made[0].said == [READ_ONLY, "SELECT 1", "ROLLBACK"]
    with database.transaction("user") as transaction:
        transaction.rows("SELECT 2")
    assert len(fake.made) == 1
    assert value(metrics, "webapp_db_errors_total", reason="statement") == 1


def test_broken_data_say_which_rule(database: Database, fake: type[FakeConnection]) -> None:
    fake.failing = {"INSERT": DatabaseError({"C": "23503", "M": "no such user"})}
    with (
        pytest.raises(ConstraintError) as caught,
        database.transaction("add", write=True) as transaction,
    ):
        transaction.rows("INSERT")
    assert caught.value.state == "23503"


def test_a_bug_of_the_caller_is_rolled_back_and_shown(
    database: Database, fake: type[FakeConnection]
) -> None:
    with pytest.raises(KeyError), database.transaction("user"):
        raise KeyError
    assert fake.made[0].said == [READ_ONLY, "ROLLBACK"]


@pytest.mark.parametrize("error", [InterfaceError("network error"), TimeoutError("timed out")])
def test_a_connection_that_breaks_is_dropped(
    database: Database, fake: type[FakeConnection], metrics: Metrics, error: Exception
) -> None:
    fake.failing = {"SELECT 1": error}
    with (
        pytest.raises(DatabaseUnavailableError),
        database.transaction("user") as transaction,
    ):
        transaction.rows("SELECT 1")
    assert fake.made[0].closed
    assert "ROLLBACK" not in fake.made[0].said
    assert value(metrics, "webapp_db_pool_open") == 0
    assert value(metrics, "webapp_db_errors_total", reason="connection") == 1


def test_a_restarted_pooler_is_not_noticed(
    database: Database, fake: type[FakeConnection], metrics: Metrics
) -> None:
    with database.transaction("one"), database.transaction("two"):
        pass
    for connection in fake.made:
        connection.closed = True  # what a restart does to idle connections
    with database.transaction("user") as transaction:
        assert transaction.rows("SELECT 1") == [[1]]
    assert len(fake.made) == 3
    assert value(metrics, "webapp_db_pool_open") == 1


def test_a_slow_failure_is_not_tried_again(
    database: Database, fake: type[FakeConnection], monkeypatch: pytest.MonkeyPatch
) -> None:
    with database.transaction("one"), database.transaction("two"):
        pass
    monkeypatch.setattr(module, "_STALE_SECONDS", -1.0)
    fake.failing = {READ_ONLY: TimeoutError("timed out")}
    with pytest.raises(DatabaseUnavailableError), database.transaction("user"):
        pass
    assert [connection.closed for connection in fake.made].count(True) == 1


def test_a_database_that_is_down_is_said_to_be(
    database: Database, fake: type[FakeConnection], metrics: Metrics
) -> None:
    fake.refuse = InterfaceError("Can't create a connection")
    with (
        pytest.raises(DatabaseUnavailableError, match="Can't create"),
        database.transaction("user"),
    ):
        pass
    assert value(metrics, "webapp_db_pool_in_use") == 0


def test_no_more_connections_than_allowed(
    database: Database, fake: type[FakeConnection], metrics: Metrics
) -> None:
    inside, leave = threading.Barrier(3), threading.Event()

    def hold() -> None:
        with database.transaction("slow"):
            inside.wait()
            leave.wait()

    threads = [threading.Thread(target=hold) for _ in range(2)]
    for thread in threads:
        thread.start()
    inside.wait()
    with (
        pytest.raises(DatabaseUnavailableError, match="all connections of the pool are busy"),
        database.transaction("user"),
    ):
        pass
    leave.set()
    for thread in threads:
        thread.join()
    assert len(fake.made) == 2
    assert value(metrics, "webapp_db_errors_total", reason="busy") == 1
    with database.transaction("user"):
        pass  # a place is free again


def test_close_closes_what_is_idle(database: Database, fake: type[FakeConnection]) -> None:
    with database.transaction("user"):
        pass
    database.close()
    assert fake.made[0].closed
