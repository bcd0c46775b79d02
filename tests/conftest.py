"""Servers and places that tests of every room share. Nothing is skipped where one is missing: it fails."""

import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest
import pytest_asyncio
from temporalio.client import Client

from runtime.connect import connect
from runtime.ports import any_free
from runtime.temporal_server import ServerOptions, TemporalServer
from runtime.virtual_time import VirtualTime
from settings import Settings
from tests import postgres


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def temporal(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[TemporalServer]:
    """A real development server in memory, its `address` for clients; virtual time is possible on it."""
    log = tmp_path_factory.mktemp("temporal") / "temporal.log"
    async with TemporalServer(ServerOptions(port=any_free(), log=log, virtual_time=True)) as server:
        yield server


@pytest.fixture
async def temporal_client(temporal: TemporalServer) -> Client:
    """A client of the development server; runs it starts live in real time."""
    return await connect(Settings(temporal_address=temporal.address))


@pytest.fixture
async def virtual_time(temporal_client: Client) -> VirtualTime:
    """Runs started with its `client` stand still until `jump` moves them."""
    return VirtualTime(temporal_client)


@pytest.fixture
def task_queue() -> str:
    """A task queue that no other test uses."""
    return f"test-{uuid4()}"


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A real PostgreSQL's asyncpg URL, shared by the session; `fresh_postgres_url` is empty."""
    folder = Path(tempfile.mkdtemp(prefix="cauce-postgres-"))
    with postgres.running(folder) as url:
        yield url


@pytest.fixture
async def fresh_postgres_url(postgres_url: str) -> AsyncIterator[str]:
    """The URL of an empty database, dropped after the test."""
    name = f"test_{uuid4().hex}"
    admin = await asyncpg.connect(postgres_url.replace("+asyncpg", ""))
    await admin.execute(f"CREATE DATABASE {name}")
    yield f"{postgres_url.rpartition('/')[0]}/{name}"
    await admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
    await admin.close()


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """The URL of a SQLite file that does not exist yet."""
    return f"sqlite+aiosqlite:///{tmp_path / 'cauce.db'}"
