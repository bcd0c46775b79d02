"""Whose turn it is to write: one at a time among the tasks of a process and the processes of a machine.

SQLite itself has waiting writers ask again and again, up to 100 ms apart; a lock on a file beside the
database wakes the next one at once. It only keeps order: `BEGIN IMMEDIATE` still is what makes writing safe.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path


class WriteTurn:
    """The turn of one database file; without a file, of this process alone."""

    def __init__(self, database: str | None) -> None:
        self._path = None if not database or database == ":memory:" else Path(f"{database}-turn")
        self._tasks = asyncio.Lock()
        self._lock: int | None = None

    @asynccontextmanager
    async def taken(self) -> AsyncIterator[None]:
        """Waits for the turn and keeps it while the block lasts."""
        async with self._tasks:
            lock = self._opened()
            if lock is None:
                yield
                return
            await _wait_for(lock)
            try:
                yield
            finally:
                fcntl.flock(lock, fcntl.LOCK_UN)

    def close(self) -> None:
        """Closes the file; the turn may be taken again later."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def _opened(self) -> int | None:
        if self._path is not None and self._lock is None:
            self._lock = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        return self._lock


async def _wait_for(lock: int) -> None:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        got = asyncio.get_running_loop().run_in_executor(None, fcntl.flock, lock, fcntl.LOCK_EX)
        try:
            await asyncio.shield(got)
        except asyncio.CancelledError:
            got.add_done_callback(lambda _: fcntl.flock(lock, fcntl.LOCK_UN))
            raise
