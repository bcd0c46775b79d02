"""How each database is opened, and how a transaction that only reads is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from pydantic_core import from_json, to_json
from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from store import near_sqlite
from store.errors import UnsupportedDatabase

READ_ONLY: Mapping[str, Mapping[str, object]] = {
    "sqlite": {near_sqlite.READS: True},
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
            return _engine(parsed.set(drivername=near_sqlite.DRIVER))
        case "postgresql+asyncpg":
            return _engine(parsed)
        case other:
            raise UnsupportedDatabase(f"{UnsupportedDatabase.__doc__} It is {other}.")


def _engine(url: URL) -> AsyncEngine:
    return create_async_engine(
        url,
        hide_parameters=True,
        pool_size=10,
        max_overflow=10,
        pool_pre_ping=url.drivername != near_sqlite.DRIVER,
        json_serializer=lambda value: to_json(value).decode(),
        json_deserializer=from_json,
    )
