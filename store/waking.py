"""Wake-ups between those who write and those who wait. A lost one costs a second: everybody polls as well."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine


class Waker:
    """One listener's bell: a ring that comes while nobody waits is kept until the next wait."""

    def __init__(self) -> None:
        self._rung = asyncio.Event()

    def ring(self) -> None:
        """Wakes the listener."""
        self._rung.set()

    async def wait(self, seconds: float) -> bool:
        """Waits for a ring, `seconds` at most; False if none came."""
        try:
            async with asyncio.timeout(seconds):
                await self._rung.wait()
        except TimeoutError:
            return False
        self._rung.clear()
        return True


class LocalBell:
    """Rings among the tasks of one process."""

    def __init__(self) -> None:
        self._listeners: dict[str, set[Waker]] = {}

    def ring(self, channel: str) -> None:
        """Wakes all listeners of a channel."""
        for waker in self._listeners.get(channel, ()):
            waker.ring()

    @asynccontextmanager
    async def listen(self, channel: str) -> AsyncIterator[Waker]:
        """Listens to a channel while the block lasts."""
        waker = Waker()
        self._listeners.setdefault(channel, set()).add(waker)
        try:
            yield waker
        finally:
            self._listeners[channel].discard(waker)


@asynccontextmanager
async def listen_postgres(engine: AsyncEngine, channel: str) -> AsyncIterator[Waker]:
    """Listens to a channel of PostgreSQL by a connection of its own, made anew whenever it is lost."""
    waker = Waker()
    keeper = asyncio.create_task(_keep_listening(engine, channel, waker))
    try:
        yield waker
    finally:
        keeper.cancel()
        await asyncio.gather(keeper, return_exceptions=True)


async def _keep_listening(engine: AsyncEngine, channel: str, waker: Waker) -> None:
    while True:
        try:
            await _listen_once(engine, channel, waker)
        except (OSError, SQLAlchemyError, asyncpg.PostgresError, asyncpg.InterfaceError):
            await asyncio.sleep(1)


async def _listen_once(engine: AsyncEngine, channel: str, waker: Waker) -> None:
    pooled = await engine.raw_connection()
    driver = pooled.driver_connection
    pooled.detach()
    assert isinstance(driver, asyncpg.Connection)
    lost = asyncio.Event()
    try:
        driver.add_termination_listener(lambda _connection: lost.set())
        await driver.add_listener(channel, lambda *_news: waker.ring())
        waker.ring()
        await lost.wait()
    finally:
        driver.terminate()
