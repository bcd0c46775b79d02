"""The PostgreSQL that tests get is real, and each test's database its own."""

import asyncpg


async def test_it_answers_and_is_recent(fresh_postgres_url: str) -> None:
    connection = await asyncpg.connect(fresh_postgres_url.replace("+asyncpg", ""))
    version = await connection.fetchval("SHOW server_version_num")
    await connection.close()
    assert int(version) >= 160000


async def test_a_fresh_database_is_empty(fresh_postgres_url: str) -> None:
    connection = await asyncpg.connect(fresh_postgres_url.replace("+asyncpg", ""))
    tables = await connection.fetch("SELECT 1 FROM pg_tables WHERE schemaname = 'public'")
    await connection.close()
    assert tables == []
