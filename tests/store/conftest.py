"""Each test gets an empty, migrated store; each module one database of each kind."""

import asyncio
from collections.abc import AsyncIterator
from uuid import uuid4

import asyncpg
import pytest
from sqlalchemy import text

from store import Store
from store.base import metadata
from store.engines import connect_database
from tests.store.making import Wall


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The URL of a database with all tables, shared by the tests of a module."""
    if request.param == "sqlite":
        url = f"sqlite+aiosqlite:///{tmp_path_factory.mktemp('store') / 'cauce.db'}"
    else:
        url = asyncio.run(_new_database(request.getfixturevalue("postgres_url")))
    asyncio.run(_migrate(url))
    return url


@pytest.fixture
def wall() -> Wall:
    """The wall clock, to be moved by the test."""
    return Wall()


@pytest.fixture
async def store(database_url: str, wall: Wall) -> AsyncIterator[Store]:
    """An empty store that reads the wall clock `wall`."""
    opened = Store.open(database_url, wall)
    yield opened
    await opened.close()
    await _empty(database_url)


async def _new_database(server: str) -> str:
    name = f"store_{uuid4().hex}"
    admin = await asyncpg.connect(server.replace("+asyncpg", ""))
    await admin.execute(f"CREATE DATABASE {name}")
    await admin.close()
    return f"{server.rpartition('/')[0]}/{name}"


async def _migrate(url: str) -> None:
    store = Store.open(url)
    await store.migrate()
    await store.close()


async def _empty(url: str) -> None:
    engine = connect_database(url)
    async with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            names = ", ".join(f'"{table.name}"' for table in metadata.sorted_tables)
            await connection.execute(text(f"TRUNCATE {names} RESTART IDENTITY"))
        else:
            for table in reversed(metadata.sorted_tables):
                await connection.execute(table.delete())
    await engine.dispose()
