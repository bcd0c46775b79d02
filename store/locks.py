"""Locks on names that have no row: PostgreSQL's advisory locks; SQLite has one writer at a time anyway."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

MIGRATION = "cauce migration"

_LOCK = text("SELECT pg_advisory_xact_lock(:number)")


async def lock_names(connection: AsyncConnection, names: Iterable[str]) -> None:
    """Holds the names until the transaction ends, taken in one order so that no two can wait in a circle."""
    if connection.dialect.name != "postgresql":
        return
    for number in sorted({_number(name) for name in names}):
        await connection.execute(_LOCK, {"number": number})


def _number(name: str) -> int:
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), signed=True)
