"""The migrations make what the tables say, from nothing, however many start at once."""

import asyncio

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, text

from store import Store
from store.base import metadata
from store.engines import connect_database


def differences(connection: Connection) -> list[object]:
    context = MigrationContext.configure(connection, opts={"compare_type": True})
    return list(compare_metadata(context, metadata))


async def test_migrated_tables_are_the_ones_that_the_code_declares(database_url: str) -> None:
    engine = connect_database(database_url)
    async with engine.connect() as connection:
        assert await connection.run_sync(differences) == []
        await connection.execute(text("DROP INDEX uq_enrolments_open"))
        assert len(await connection.run_sync(differences)) == 1
    await engine.dispose()


async def test_a_second_migration_changes_nothing(store: Store) -> None:
    await store.migrate()
    await store.ping()


async def test_two_that_start_together_on_an_empty_sqlite_both_succeed(sqlite_url: str) -> None:
    await migrate_from(sqlite_url, 4)


async def test_two_that_start_together_on_an_empty_postgres_both_succeed(fresh_postgres_url: str) -> None:
    await migrate_from(fresh_postgres_url, 4)


async def migrate_from(url: str, stores: int) -> None:
    opened = [Store.open(url) for _ in range(stores)]
    await asyncio.gather(*(one.migrate() for one in opened))
    for one in opened:
        await one.ping()
        await one.close()
