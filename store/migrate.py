"""Alembic, run from the package: no file beside it, no command line."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import AsyncConnection

from store.locks import MIGRATION, lock_names

FOLDER = str(Path(__file__).parent / "migrations").replace("%", "%%")


def config(connection: Connection) -> Config:
    """Makes Alembic's settings for one open connection."""
    made = Config()
    made.set_main_option("script_location", FOLDER)
    made.attributes["connection"] = connection
    return made


async def upgrade(connection: AsyncConnection) -> None:
    """Upgrades to the newest revision inside the connection's transaction, under a lock."""
    await lock_names(connection, [MIGRATION])
    await connection.run_sync(lambda sync: command.upgrade(config(sync), "head"))


async def current(connection: AsyncConnection) -> str | None:
    """Names the revision that the tables are of; None where there are none."""
    return await connection.run_sync(lambda sync: MigrationContext.configure(sync).get_current_revision())


def newest() -> str | None:
    """Names the newest revision there is."""
    made = Config()
    made.set_main_option("script_location", FOLDER)
    return ScriptDirectory.from_config(made).get_current_head()
