"""SQLite without a thread for every call: what cannot wait runs where it is asked for.

aiosqlite hands each call (cursor, execute, fetch, close: four a statement) to a thread and back, which
costs several times what the statement itself does. Inside a transaction no statement waits for a disk or
another process, except its beginning, if another process writes, and its commit; these alone go to the
thread. All other statements run on SQLite's own cursors.
"""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Mapping
from typing import cast

import aiosqlite
from sqlalchemy import Connection
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.sqlite.aiosqlite import (
    AsyncAdapt_aiosqlite_connection,
    AsyncAdapt_aiosqlite_dbapi,
    SQLiteDialect_aiosqlite,
)
from sqlalchemy.util.concurrency import await_

DRIVER = "sqlite+near"
READS = "cauce_reads"
"""The execution option of a connection whose next transaction only reads."""

SLICE = 0.002
"""Seconds after which a transaction lets other tasks run."""

BEGIN_TO_WRITE = "BEGIN IMMEDIATE"
BUSY_TIMEOUT_MS = 5000
BEGIN_TRIES = 6

registry.register("sqlite.near", "store.near_sqlite", "NearDialect")


class NearCursor(sqlite3.Cursor):
    """A cursor that keeps its rows where they are until they are asked for."""

    async def _async_soft_close(self) -> None:
        """Does nothing: no thread holds the rows."""


class NearConnection(AsyncAdapt_aiosqlite_connection):
    """A connection whose statements run in the event loop's own thread."""

    __slots__ = ("_near", "_writes", "_yielded", "reads_next")

    def __init__(self, dbapi: NearDriver, connection: aiosqlite.Connection) -> None:
        super().__init__(dbapi, connection)  # type: ignore[arg-type]
        self._near = connection._conn
        self._yielded = 0.0
        self._writes = False
        self.reads_next = False

    def cursor(self, server_side: bool = False) -> NearCursor:  # type: ignore[override]
        """Makes a cursor; SQLAlchemy counts on one wait a statement: this is it."""
        await_(self._let_others_run())
        return self._near.cursor(NearCursor)

    def begin(self) -> None:
        """Begins; a writer whose turn does not come in time asks again: nothing is done yet."""
        self._writes, self.reads_next = not self.reads_next, False
        if not self._writes:
            self._near.execute("BEGIN")
            return
        if self._begin_at_once():
            return
        for tries_left in reversed(range(BEGIN_TRIES)):
            try:
                await_(self._connection.execute(BEGIN_TO_WRITE))
            except sqlite3.OperationalError as error:
                if tries_left == 0 or "locked" not in str(error):
                    raise
            else:
                return

    def commit(self) -> None:
        """Commits; where nothing was written there is nothing to wait for."""
        if self._writes:
            super().commit()
        elif self._connection._connection:
            self._near.commit()

    def rollback(self) -> None:
        """Rolls back, without waiting; the pool does so with every connection that comes back."""
        self.reads_next = False
        if self._connection._connection:
            self._near.rollback()

    def _begin_at_once(self) -> bool:
        """Begins to write where nobody else does, which is nearly always."""
        self._near.execute("PRAGMA busy_timeout=0").close()
        try:
            self._near.execute(BEGIN_TO_WRITE)
        except sqlite3.OperationalError as error:
            if "locked" not in str(error):
                raise
            return False
        finally:
            self._near.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}").close()
        return True

    async def _let_others_run(self) -> None:
        if time.monotonic() - self._yielded > SLICE:
            await asyncio.sleep(0)
            self._yielded = time.monotonic()


class NearDriver(AsyncAdapt_aiosqlite_dbapi):
    """What SQLAlchemy takes for the driver's module."""

    def connect(self, database: str, **options: object) -> NearConnection:
        """Makes a connection; the event loop's thread and that of its waits share it."""
        made = aiosqlite.Connection(lambda: _opened(database, options), iter_chunk_size=64)
        made._thread.daemon = True
        return NearConnection(self, await_(_connected(made)))


async def _connected(made: aiosqlite.Connection) -> aiosqlite.Connection:
    """Opens; where that fails, the connection's thread is over before its event loop may be closed."""
    try:
        return await made
    except BaseException:
        made._thread.join(1.0)
        raise


class NearDialect(SQLiteDialect_aiosqlite):
    """SQLite's dialect over such connections; it begins every transaction itself."""

    driver = "near"
    supports_statement_cache = True

    @classmethod
    def import_dbapi(cls) -> NearDriver:
        """Makes the driver."""
        return NearDriver(aiosqlite, sqlite3)

    def set_connection_execution_options(self, connection: Connection, opts: Mapping[str, object]) -> None:
        """Hears whether the next transaction only reads."""
        super().set_connection_execution_options(connection, opts)
        _near(connection.connection.dbapi_connection).reads_next = bool(opts.get(READS))

    def do_begin(self, dbapi_connection: object) -> None:
        """Begins a transaction."""
        _near(getattr(dbapi_connection, "dbapi_connection", None)).begin()


def _near(connection: object) -> NearConnection:
    return cast("NearConnection", connection)


def _opened(database: str, options: Mapping[str, object]) -> sqlite3.Connection:
    opened: sqlite3.Connection = sqlite3.connect(  # type: ignore[call-overload]
        database, **{**options, "check_same_thread": False, "isolation_level": None}
    )
    for pragma in (
        f"busy_timeout={BUSY_TIMEOUT_MS}",
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
    ):
        opened.execute(f"PRAGMA {pragma}").close()
    return opened
