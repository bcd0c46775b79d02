"""The system as `cauce up` starts it, in a folder of its own: Temporal with its file, API, worker."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from temporalio.client import Client

from api.keys import make_key
from bench.machine import cpu_seconds
from bench.project import write_project
from bench.waiting import until
from bench.wire import Wire
from language.compiled import Journey, digest, dump
from model.records import PublishedJourney
from runtime import up
from runtime.connect import connect_within
from runtime.ports import any_free
from runtime.process import Child
from runtime.project import load_project
from runtime.supervisor import Service
from settings import Settings
from store import Store

SOURCE = "bench"
CONNECTIONS = 16


@dataclass(frozen=True, slots=True)
class Cpu:
    """CPU seconds taken so far by each process."""

    temporal: float
    api: float
    worker: float

    def since(self, before: Cpu) -> Cpu:
        """Gives what was taken between two readings."""
        return Cpu(self.temporal - before.temporal, self.api - before.api, self.worker - before.worker)

    @property
    def whole(self) -> float:
        """All processes together."""
        return self.temporal + self.api + self.worker


@dataclass(frozen=True, slots=True)
class House:
    """A running system and what is read of it from outside."""

    settings: Settings
    client: Client
    wire: Wire
    temporal: Child
    api: Child
    worker: Child

    @property
    def database(self) -> Path:
        """The store's file."""
        return self.settings.data_dir / "cauce.db"

    def cpu(self) -> Cpu:
        """Reads the clocks of the three processes."""
        return Cpu(*(cpu_seconds([child.pid]) for child in (self.temporal, self.api, self.worker)))

    async def completed(self, workflow: str) -> int:
        """Counts workflows of a type that completed."""
        return await completed(self.client, workflow)


async def rested(house: House) -> None:
    """Waits until the intake has applied all events: what one measurement left over burdens no other."""

    async def nothing_waits() -> bool:
        return count(house.database, "SELECT count(*) FROM events WHERE state = 'pending'") == 0

    await until(nothing_waits, seconds=120.0, every=0.25)


@asynccontextmanager
async def running(folder: Path, *, minute: int = 60, provider_timeout: float = 5.0) -> AsyncIterator[House]:
    """Starts a system; a provider's longest call decides whether sends are local or normal activities."""
    settings = Settings(
        data_dir=folder / "data",
        journeys_dir=write_project(folder / "journeys", minute=minute),
        port=any_free(),
        temporal_address=None,
        temporal_port=any_free(),
        temporal_ui_port=any_free(),
        provider_timeout=provider_timeout,
        log_level="warning",
    )
    key = await _prepared(settings)
    async with AsyncExitStack() as stack:
        started = [
            await stack.enter_async_context(_child(make))
            for make in (up.temporal_service(settings), up.api_service(settings), up.worker_service(settings))
        ]
        wire = Wire(settings.port, key, CONNECTIONS)
        stack.callback(wire.close)
        yield House(settings, await _client(settings), wire, *started)


async def completed(client: Client, workflow: str) -> int:
    """Counts workflows of a type that completed."""
    query = f"WorkflowType='{workflow}' AND ExecutionStatus='Completed'"
    return int((await client.count_workflows(query)).count)


def count(database: Path, query: str, *parameters: str) -> int:
    """Counts rows of a store's file from outside."""
    return int(str(_rows(database, query, parameters)[0][0]))


def sent_at(database: Path) -> dict[str, float]:
    """Tells when the first message reached the provider, by address (seconds since the epoch)."""
    query = 'SELECT "to", min(recorded_at) FROM outbox_messages GROUP BY "to"'
    return {str(to): _instant(str(at)) for to, at in _rows(database, query)}


def last_sent(database: Path) -> float:
    """Tells when the last message of all reached the provider (seconds since the epoch)."""
    return _instant(str(_rows(database, "SELECT max(recorded_at) FROM outbox_messages")[0][0]))


def _rows(database: Path, query: str, parameters: Sequence[str] = ()) -> list[tuple[object, ...]]:
    connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=10)
    try:
        return connection.execute(query, parameters).fetchall()
    finally:
        connection.close()


def _instant(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


async def _client(settings: Settings) -> Client:
    return await connect_within(settings)


@asynccontextmanager
async def _child(service: Service) -> AsyncIterator[Child]:
    child = Child(service.command, service.log, service.environment)
    await child.start()
    try:
        async with asyncio.timeout(service.starts_within):
            while not await service.ready():
                if not child.running:
                    raise RuntimeError("\n".join(child.last_lines()))
                await asyncio.sleep(0.1)
        yield child
    finally:
        await child.stop(service.stops_within)


def _published(journey: Journey, now: datetime) -> PublishedJourney:
    return PublishedJourney(
        name=journey.name,
        version=journey.version,
        hash=digest(journey),
        compiled=dump(journey),
        source="",
        published_at=now,
    )


async def _prepared(settings: Settings) -> str:
    """Migrates the store, publishes the journeys and makes a key; gives the key."""
    now = datetime.now(UTC)
    project = load_project(settings.journeys_dir)
    if project.errors:
        raise RuntimeError("\n".join(project.rendered(problem) for problem in project.errors))
    key = make_key("bench", SOURCE, ("admin",), now)
    store = Store.open(settings.database_url)
    await store.migrate()
    async with store.begin() as tx:
        await tx.keys.add(key.record)
        for journey in project.journeys.values():
            await tx.journeys.publish(_published(journey, now))
    await store.close()
    return key.text
