"""The one door to the database: opening it, transactions, migrations, wake-ups between processes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from datetime import UTC, datetime
from functools import cached_property

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from store.answers import Answers
from store.appointments import Appointments
from store.audiences import Audiences
from store.consents import Consents, Suppressions
from store.dates import DueDates
from store.deliveries import Deliveries
from store.drafts import Drafts
from store.engines import READ_ONLY, connect_database
from store.enrolments import Enrolments
from store.errors import NestedTransaction
from store.events import Events
from store.figures import Figures
from store.journeys import Journeys
from store.keys import Keys
from store.leads import Leads
from store.listeners import LeadValues, Listeners
from store.many import Many
from store.migrate import current, newest, upgrade
from store.operations import Audit, Idempotency, ManualClock, Switches
from store.outbox import Outbox
from store.places import Places
from store.scans import Scans
from store.scoring import Outcomes, Scores
from store.sends import Sends
from store.tasks import Tasks
from store.things import Things
from store.timeline import Timeline
from store.turn import WriteTurn
from store.waiting import WaitingEntries
from store.waking import LocalBell, Waker, listen_postgres

_NOTIFY = text("SELECT pg_notify(:name, '')")


def wall_clock() -> datetime:
    """Reads the wall clock, aware, in UTC."""
    return datetime.now(UTC)


class Tx:
    """One transaction: the repositories, and the wake-ups that go out when it commits."""

    keys = cached_property(Keys)
    leads = cached_property(Leads)
    consents = cached_property(Consents)
    suppressions = cached_property(Suppressions)
    events = cached_property(Events)
    journeys = cached_property(Journeys)
    drafts = cached_property(Drafts)
    enrolments = cached_property(Enrolments)
    deliveries = cached_property(Deliveries)
    listeners = cached_property(Listeners)
    lead_values = cached_property(LeadValues)
    waiting = cached_property(WaitingEntries)
    figures = cached_property(Figures)
    places = cached_property(Places)
    sends = cached_property(Sends)
    outbox = cached_property(Outbox)
    tasks = cached_property(Tasks)
    things = cached_property(Things)
    appointments = cached_property(Appointments)
    answers = cached_property(Answers)
    timeline = cached_property(Timeline)
    outcomes = cached_property(Outcomes)
    scores = cached_property(Scores)
    switches = cached_property(Switches)
    clock = cached_property(ManualClock)
    idempotency = cached_property(Idempotency)
    audit = cached_property(Audit)
    scans = cached_property(Scans)
    many = cached_property(Many)
    dates = cached_property(DueDates)
    audiences = cached_property(Audiences)

    def __init__(self, connection: AsyncConnection, wall: Callable[[], datetime]) -> None:
        self.connection = connection
        self.wall = wall
        self.wake_ups: set[str] = set()

    def notify(self, channel: str) -> None:
        """Wakes those who listen to a channel, in this process and others, once this transaction commits."""
        self.wake_ups.add(channel)

    async def hand_over(self) -> None:
        """Puts the wake-ups into the transaction itself, where the database carries them."""
        if self.connection.dialect.name == "postgresql":
            for channel in sorted(self.wake_ups):
                await self.connection.execute(_NOTIFY, {"name": channel})


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
        async with self._reading() as connection:
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
        async with self._reading() as connection:
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
    async def _reading(self) -> AsyncIterator[AsyncConnection]:
        """Opens a connection whose transaction begins with its first statement and commits nothing."""
        async with self._connected() as connection:
            yield await connection.execution_options(**READ_ONLY[self._engine.dialect.name])

    @asynccontextmanager
    async def _writing(self) -> AsyncIterator[AsyncConnection]:
        task = asyncio.current_task()
        if task in self._writers:
            raise NestedTransaction(f"{NestedTransaction.__doc__}")
        self._writers.add(task)
        try:
            turn = self._turn.taken() if self._sqlite else nullcontext()
            async with turn, self._connected() as connection, connection.begin():
                yield connection
        finally:
            self._writers.discard(task)

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[AsyncConnection]:
        """Takes a connection; to give it back never waits on SQLite, so that nothing could cut it short."""
        connection = await self._engine.connect()
        try:
            yield connection
        finally:
            await (connection.close() if self._sqlite else asyncio.shield(connection.close()))
