"""The one door to the database: opening it, transactions, migrations, wake-ups between processes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from datetime import UTC, datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from store.consents import Consents, Suppressions
from store.deliveries import Deliveries
from store.engines import READ_ONLY, connect_database
from store.enrolments import Enrolments
from store.errors import NestedTransaction
from store.events import Events
from store.journeys import Journeys
from store.keys import Keys
from store.leads import Leads
from store.migrate import current, newest, upgrade
from store.operations import Audit, Idempotency, ManualClock, Switches
from store.outbox import Outbox
from store.scoring import Outcomes, Scores
from store.sends import Sends
from store.tasks import Tasks
from store.timeline import Timeline
from store.turn import WriteTurn
from store.waking import LocalBell, Waker, listen_postgres


def wall_clock() -> datetime:
    """Reads the wall clock, aware, in UTC."""
    return datetime.now(UTC)


class Tx:
    """One transaction: the repositories, and the wake-ups that go out when it commits."""

    def __init__(self, connection: AsyncConnection, wall: Callable[[], datetime]) -> None:
        self.wall = wall
        self.keys = Keys(connection, wall)
        self.leads = Leads(connection, wall)
        self.consents = Consents(connection, wall)
        self.suppressions = Suppressions(connection, wall)
        self.events = Events(connection, wall)
        self.journeys = Journeys(connection, wall)
        self.enrolments = Enrolments(connection, wall)
        self.deliveries = Deliveries(connection, wall)
        self.sends = Sends(connection, wall)
        self.outbox = Outbox(connection, wall)
        self.tasks = Tasks(connection, wall)
        self.timeline = Timeline(connection, wall)
        self.outcomes = Outcomes(connection, wall)
        self.scores = Scores(connection, wall)
        self.switches = Switches(connection, wall)
        self.clock = ManualClock(connection, wall)
        self.idempotency = Idempotency(connection, wall)
        self.audit = Audit(connection, wall)
        self._connection = connection
        self.wake_ups: set[str] = set()

    def notify(self, channel: str) -> None:
        """Wakes those who listen to a channel, in this process and others, once this transaction commits."""
        self.wake_ups.add(channel)

    async def hand_over(self) -> None:
        """Puts the wake-ups into the transaction itself, where the database carries them."""
        if self._connection.dialect.name == "postgresql":
            for channel in sorted(self.wake_ups):
                await self._connection.execute(text("SELECT pg_notify(:name, '')"), {"name": channel})


class Store:
    """The database behind a URL. One store serves one event loop."""

    def __init__(self, engine: AsyncEngine, wall: Callable[[], datetime]) -> None:
        self._engine = engine
        self._wall = wall
        self._bell = LocalBell()
        self._sqlite = engine.dialect.name == "sqlite"
        self._turn = WriteTurn(engine.url.database)
        self._writers: set[asyncio.Task[object] | None] = set()

    @classmethod
    def open(cls, url: str, wall: Callable[[], datetime] = wall_clock) -> Store:
        """Opens `sqlite+aiosqlite:///FILE` or `postgresql+asyncpg://…`; nothing is connected yet.

        `wall` gives the wall time that rows are recorded at. Raises UnsupportedDatabase.
        """
        return cls(connect_database(url), wall)

    async def close(self) -> None:
        """Closes all connections."""
        await self._engine.dispose()
        self._turn.close()

    async def migrate(self) -> None:
        """Brings the tables to the newest form; of two processes that start together one waits."""
        async with self._writing() as connection:
            await upgrade(connection)

    async def revision(self) -> str | None:
        """Names the revision of the tables; None where there are none yet."""
        async with self._engine.connect() as plain:
            connection = await plain.execution_options(**READ_ONLY[self._engine.dialect.name])
            async with connection.begin():
                return await current(connection)

    @staticmethod
    def newest_revision() -> str | None:
        """Names the revision that `migrate` leads to."""
        return newest()

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[Tx]:
        """Opens a writing transaction: commits at the end of the block, rolls back if it raises.

        One at a time in each task: raises NestedTransaction.
        """
        async with self._writing() as connection:
            tx = Tx(connection, self._wall)
            yield tx
            await tx.hand_over()
        self._ring(tx.wake_ups)

    @asynccontextmanager
    async def read(self) -> AsyncIterator[Tx]:
        """Opens a reading transaction that sees one state of the database and blocks no writer."""
        async with self._engine.connect() as plain:
            connection = await plain.execution_options(**READ_ONLY[self._engine.dialect.name])
            async with connection.begin():
                yield Tx(connection, self._wall)

    async def ping(self) -> None:
        """Asks the database for a sign of life; raises what the driver raises."""
        async with self.read() as tx:
            await tx.switches.stopped()

    async def notify(self, channel: str) -> None:
        """Wakes those who listen to a channel without a transaction of one's own."""
        if self._sqlite:
            self._bell.ring(channel)
            return
        async with self.begin() as tx:
            tx.notify(channel)

    def listen(self, channel: str) -> AbstractAsyncContextManager[Waker]:
        """Listens to a channel for as long as the block lasts; `await waker.wait(seconds)` inside."""
        return self._bell.listen(channel) if self._sqlite else listen_postgres(self._engine, channel)

    def _ring(self, channels: set[str]) -> None:
        if self._sqlite:
            for channel in channels:
                self._bell.ring(channel)

    @asynccontextmanager
    async def _writing(self) -> AsyncIterator[AsyncConnection]:
        task = asyncio.current_task()
        if task in self._writers:
            raise NestedTransaction(f"{NestedTransaction.__doc__}")
        self._writers.add(task)
        try:
            turn = self._turn.taken() if self._sqlite else nullcontext()
            async with turn, self._engine.begin() as connection:
                yield connection
        finally:
            self._writers.discard(task)
