"""API keys, by the hash of their secret."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Column, Table, UniqueConstraint, select, update

from model.records import ApiKey
from store.base import Json, Repository, Shape, columns_of, given, metadata, text_column, time_column

keys = Table(
    "keys",
    metadata,
    Column("id", text_column("id").type, primary_key=True),
    text_column("name", null=False),
    text_column("source", null=False),
    text_column("hash", null=False),
    Column("scopes", Json, nullable=False),
    time_column("created_at"),
    time_column("expires_at", null=True),
    time_column("revoked_at", null=True),
    UniqueConstraint("hash"),
)

_KEY = Shape(ApiKey)
_BY_HASH = select(keys).where(keys.c.hash == given("hash"))
_REVOKE = update(keys).where(keys.c.id == given("id"), keys.c.revoked_at.is_(None))
_LIST = select(keys).order_by(keys.c.created_at, keys.c.id)


class Keys(Repository):
    """Keys; several may speak for one source while one replaces another."""

    async def add(self, key: ApiKey) -> None:
        """Keeps a key."""
        await self._add(keys, columns_of(key))

    async def find_by_hash(self, hashed: str) -> ApiKey | None:
        """Reads a key by its hash, revoked and expired ones too: the caller judges."""
        return await self._one(_KEY, _BY_HASH, given_hash=hashed)

    async def revoke(self, key_id: str, at: datetime) -> bool:
        """Ends a key; False if there is none or it is ended."""
        return (await self._run(_REVOKE, given_id=key_id, revoked_at=at)).rowcount > 0

    async def list(self) -> tuple[ApiKey, ...]:
        """Lists all keys, the oldest first."""
        return await self._all(_KEY, _LIST)
