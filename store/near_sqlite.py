"""SQLite without a thread for every call: what cannot wait runs where it is asked for.

aiosqlite hands each call (cursor, execute, fetch, close: four a statement) to a thread and back, which
costs several times what the statement itself does. Inside a transaction no statement waits for a disk or
another process, except its beginning and its commit; these alone go to the thread.
"""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Callable
from typing import ParamSpec, TypeVar

import aiosqlite

P = ParamSpec("P")
T = TypeVar("T")

SLICE = 0.002
"""Seconds after which a transaction lets other tasks run."""

BEGIN_TO_WRITE = "BEGIN IMMEDIATE"
WAITS = (BEGIN_TO_WRITE, "PRAGMA", "VACUUM")


class NearConnection(aiosqlite.Connection):
    """A connection whose statements run in the event loop's own thread."""

    _yielded = 0.0
    _writes = False

    async def _execute(self, fn: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        if self._may_wait(fn, args):
            done: T = await super()._execute(fn, *args, **kwargs)  # type: ignore[no-untyped-call]
            return done
        if not self._running or self._connection is None:
            raise ValueError("Connection closed")
        if time.monotonic() - self._yielded > SLICE:
            await asyncio.sleep(0)
            self._yielded = time.monotonic()
        return fn(*args, **kwargs)

    def _may_wait(self, fn: Callable[..., object], args: tuple[object, ...]) -> bool:
        """Says whether a call may wait; the commit of a transaction that only read does not."""
        name = getattr(fn, "__name__", "")
        if name == "commit":
            return self._writes
        if name == "close":
            return isinstance(getattr(fn, "__self__", None), sqlite3.Connection)
        statement = args[0] if args else None
        if not isinstance(statement, str):
            return False
        if statement.startswith("BEGIN"):
            self._writes = statement == BEGIN_TO_WRITE
        return statement.startswith(WAITS)


def connect(database: str, **options: object) -> NearConnection:
    """Makes a connection; the event loop's thread and that of its waits share it."""

    def connector() -> sqlite3.Connection:
        return sqlite3.connect(database, **{**options, "check_same_thread": False})  # type: ignore[call-overload,no-any-return]

    made = NearConnection(connector, iter_chunk_size=64)
    made._thread.daemon = True
    return made
