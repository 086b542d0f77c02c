"""A bounded pool of connections to PgBouncer, used one transaction at a time.

PgBouncer pools transactions: between two of them a connection may be served by another
PostgreSQL backend, and what one message prepared is gone for the next. pg8000 sends Parse,
Bind and Execute each with a Sync of its own, so a query outside a transaction can be torn
apart. Hence every query here runs between BEGIN and COMMIT, and nothing lasts longer than
its transaction: no named statement, no session setting (SET LOCAL only), no advisory lock
of a session.
"""

from __future__ import annotations

import struct
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from pg8000.exceptions import DatabaseError, Error
from pg8000.native import Connection

if TYPE_CHECKING:
    from collections.abc import Iterator

    from webapp.metrics import Metrics
    from webapp.settings import Settings

_STALE_SECONDS = 1.0
_BROKEN = (Error, OSError, struct.error)  # a connection that ends in mid-message raises the last


class DatabaseUnavailableError(Exception):
    """No answer can be had now: not reachable, not in time, or no free connection."""


class ConstraintError(Exception):
    """The database refused the data; `state` is the SQLSTATE."""

    def __init__(self, state: str, message: str) -> None:
        """Keep the SQLSTATE, which is what callers decide by."""
        super().__init__(message)
        self.state = state


class Transaction:
    """What may be done between BEGIN and COMMIT."""

    def __init__(self, connection: Connection) -> None:
        """Wrap a connection that is in a transaction."""
        self._connection = connection

    def rows(self, sql: str, **parameters: object) -> list[list[Any]]:
        """Run one statement; parameters are :named and never pasted into the text."""
        return self._connection.run(sql, **parameters) or []

    def count(self, sql: str, **parameters: object) -> int:
        """Run one statement and say how many rows it touched."""
        self._connection.run(sql, **parameters)
        return int(self._connection.row_count)


class Database:
    """The pool."""

    def __init__(self, settings: Settings, metrics: Metrics, application: str) -> None:
        """Open nothing yet: the service starts even while its database is down."""
        self._settings = settings
        self._metrics = metrics
        self._application = application
        self._slots = threading.BoundedSemaphore(settings.db_pool_size)
        self._idle: list[Connection] = []  # the last used is used next: the rest can age out
        self._lock = threading.Lock()
        metrics.pool_size.set(settings.db_pool_size)

    @contextmanager
    def transaction(self, query: str, *, write: bool = False) -> Iterator[Transaction]:
        """Lend a connection for one transaction.

        Args:
            query: the name under which the time is counted.
            write: without it PostgreSQL refuses changes.

        Raises:
            DatabaseUnavailableError: nothing was committed, or (the connection broke during
                the COMMIT) it isn't known.
            ConstraintError: the data broke a rule; nothing was committed.
        """
        if not self._slots.acquire(timeout=self._settings.db_timeout):
            self._metrics.db_errors.labels("busy").inc()
            message = "all connections of the pool are busy"
            raise DatabaseUnavailableError(message)
        self._metrics.pool_in_use.inc()
        started = time.monotonic()
        try:
            connection = self._begin(write=write)
            try:
                yield Transaction(connection)
                connection.run("COMMIT")
            except BaseException as error:
                self._end(connection, error)
                if isinstance(error, _BROKEN):
                    raise self._translate(error) from error
                raise
            with self._lock:
                self._idle.append(connection)
        finally:
            self._metrics.pool_in_use.dec()
            self._slots.release()
            self._metrics.queries.labels(query).observe(time.monotonic() - started)

    def close(self) -> None:
        """Close what is idle; what is lent is closed by the end of the process."""
        while self._idle:
            self._discard(self._idle.pop())

    def _begin(self, *, write: bool) -> Connection:
        """Open a transaction, on an idle connection if one still works.

        Nothing has been done yet when BEGIN fails, so going on to the next connection is safe.
        One that was closed fails at once; one that is slow to fail says that the others would
        be slow as well.
        """
        patience = time.monotonic() + _STALE_SECONDS
        begin = (
            f"BEGIN {'READ WRITE' if write else 'READ ONLY'};"
            f"SET LOCAL statement_timeout = {int(self._settings.db_timeout * 1000)}"
        )
        while True:
            with self._lock:
                connection = self._idle.pop() if self._idle else None
            if connection is None:
                break
            try:
                connection.run(begin)
            except _BROKEN as error:
                self._discard(connection)  # PgBouncer was restarted, or closed it
                if time.monotonic() > patience:
                    raise self._translate(error) from error
            else:
                return connection
        try:
            connection = self._connect()
        except _BROKEN as error:
            raise self._translate(error) from error
        try:
            connection.run(begin)
        except _BROKEN as error:
            self._discard(connection)
            raise self._translate(error) from error
        return connection

    def _connect(self) -> Connection:
        connection = Connection(
            self._settings.db_user,
            host=self._settings.db_host,
            port=self._settings.db_port,
            database=self._settings.db_name,
            password=self._settings.db_password,
            timeout=self._settings.db_timeout + 1,  # PostgreSQL gives up on a statement first
            application_name=self._application,
        )
        self._metrics.pool_open.inc()
        return connection

    def _end(self, connection: Connection, error: BaseException) -> None:
        """Roll back and keep the connection, or drop it if it can't be trusted."""
        if isinstance(error, _BROKEN) and not isinstance(error, DatabaseError):
            self._discard(connection)
            return
        try:
            connection.run("ROLLBACK")
        except _BROKEN:
            self._discard(connection)
        else:
            with self._lock:
                self._idle.append(connection)

    def _discard(self, connection: Connection) -> None:
        self._metrics.pool_open.dec()
        try:
            connection.close()
        except _BROKEN:
            return  # it was broken already

    def _translate(self, error: BaseException) -> Exception:
        details = error.args[0] if isinstance(error, DatabaseError) else None
        if isinstance(details, dict):
            state, text = str(details.get("C", "")), str(details.get("M", error))
            if state.startswith("23"):  # integrity constraint violation
                return ConstraintError(state, text)
            self._metrics.db_errors.labels("statement").inc()
            return DatabaseUnavailableError(f"{text} (SQLSTATE {state})")
        self._metrics.db_errors.labels("connection").inc()
        return DatabaseUnavailableError(str(error))
