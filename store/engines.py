"""How each database is opened: what its connections are told, and how its transactions begin."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from pydantic_core import from_json, to_json
from sqlalchemy import Connection, event, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

from store import near_sqlite
from store.errors import UnsupportedDatabase

BUSY_TIMEOUT_MS = 5000
BEGIN_TRIES = 6
READ_ONLY: Mapping[str, Mapping[str, object]] = {
    "sqlite": {"cauce_reads": True},
    "postgresql": {"postgresql_readonly": True, "isolation_level": "REPEATABLE READ"},
}


def connect_database(url: str) -> AsyncEngine:
    """Makes the engine for a URL; parameters never reach a log. Raises UnsupportedDatabase."""
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise UnsupportedDatabase(f"{UnsupportedDatabase.__doc__} The URL cannot be read.") from None
    match parsed.drivername:
        case "sqlite+aiosqlite":
            Path(parsed.database or ".").parent.mkdir(parents=True, exist_ok=True)
            return _sqlite(url)
        case "postgresql+asyncpg":
            return _engine(url)
        case other:
            raise UnsupportedDatabase(f"{UnsupportedDatabase.__doc__} It is {other}.")


def _engine(url: str, connect_args: Mapping[str, object] | None = None) -> AsyncEngine:
    return create_async_engine(
        url,
        connect_args=dict(connect_args or {}),
        hide_parameters=True,
        pool_size=10,
        max_overflow=10,
        pool_pre_ping=not url.startswith("sqlite"),
        json_serializer=lambda value: to_json(value).decode(),
        json_deserializer=from_json,
    )


def _sqlite(url: str) -> AsyncEngine:
    engine = _engine(url, {"async_creator_fn": near_sqlite.connect})
    event.listen(engine.sync_engine, "connect", _prepare)
    event.listen(engine.sync_engine, "begin", _begin)
    return engine


def _prepare(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    connection.isolation_level = None  # the driver begins nothing: _begin does
    cursor = connection.cursor()
    for pragma in (
        f"busy_timeout={BUSY_TIMEOUT_MS}",
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin(connection: Connection) -> None:
    """Begins; a writer whose turn does not come in time asks again: nothing is done yet."""
    if connection.get_execution_options().get("cauce_reads"):
        connection.exec_driver_sql("BEGIN")
        return
    for tries_left in reversed(range(BEGIN_TRIES)):
        try:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        except OperationalError as error:
            if tries_left == 0 or "locked" not in str(error.orig):
                raise
        else:
            return
