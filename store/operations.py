"""What operators and the API itself keep: stop switches, the manual clock, idempotency, audit."""

from __future__ import annotations

from datetime import datetime

from pydantic import JsonValue
from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Integer, Table, delete, select, update

from model.records import AuditEntry, Page, Stopped, StoredResponse
from store.base import BigId, Json, Repository, Shape, after, given, metadata, page, text_column, time_column

EVERYTHING = "*"

switches = Table(
    "switches",
    metadata,
    Column("scope", text_column("scope").type, primary_key=True),
    time_column("at"),
    time_column("recorded_at"),
)

clock = Table(
    "clock",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    time_column("at"),
    CheckConstraint("id = 1", name="one_row"),
)

idempotency = Table(
    "idempotency",
    metadata,
    Column("key_id", ForeignKey("keys.id"), primary_key=True),
    Column("idempotency_key", text_column("idempotency_key").type, primary_key=True),
    text_column("request_hash", null=False),
    Column("status", Integer),
    Column("response", Json),
    time_column("created_at"),
    Index(None, "created_at"),
)

audit = Table(
    "audit",
    metadata,
    Column("id", BigId, primary_key=True),
    time_column("at"),
    time_column("recorded_at"),
    Column("key_id", ForeignKey("keys.id")),
    text_column("action", null=False),
    text_column("target"),
)

_RESPONSE = Shape(StoredResponse)
_AUDIT = Shape(AuditEntry)
_RESUME = delete(switches).where(switches.c.scope == given("scope"))
_STOPPED = select(switches.c.scope).order_by(switches.c.scope)
_NOW = select(clock.c.at)
_SET_CLOCK = update(clock)
_i = idempotency.c
_my_answer = (_i.key_id == given("key"), _i.idempotency_key == given("use"))
_ANSWER = select(_i.request_hash, _i.status, _i.response, _i.created_at).where(*_my_answer)
_FINISH = update(idempotency).where(*_my_answer)
_FORGET = delete(idempotency).where(_i.created_at < given("wall"))


class Switches(Repository):
    """Stops sending, of everything or of one journey."""

    async def stop(self, at: datetime, journey: str | None = None) -> bool:
        """Stops sending; False if it was stopped."""
        row = {"scope": journey or EVERYTHING, "at": at, "recorded_at": self._wall()}
        return bool(await self._add_new(switches, [row], switches.c.scope))

    async def resume(self, journey: str | None = None) -> bool:
        """Lets sending go on; False if it was not stopped."""
        return (await self._run(_RESUME, given_scope=journey or EVERYTHING)).rowcount > 0

    async def stopped(self) -> Stopped:
        """Reads the switches."""
        scopes = [row.scope for row in await self._run(_STOPPED)]
        return Stopped(
            everything=EVERYTHING in scopes, journeys=tuple(one for one in scopes if one != EVERYTHING)
        )


class ManualClock(Repository):
    """The instant that business time stands at where the clock is set by hand."""

    async def get(self) -> datetime | None:
        """Reads the instant; None before it was ever set."""
        row = (await self._run(_NOW)).first()
        return None if row is None else row.at

    async def set(self, at: datetime) -> None:
        """Sets the instant."""
        if not await self._add_new(clock, [{"id": 1, "at": at}], clock.c.id):
            await self._run(_SET_CLOCK, at=at)


class Idempotency(Repository):
    """Answers kept under `Idempotency-Key`, each key's of its own."""

    async def begin(self, key_id: str, idempotency_key: str, request_hash: str) -> StoredResponse | None:
        """Claims the key for this transaction; answers with what is there if it was used before.

        The answer is kept by `finish` in the same transaction, so a request that fails leaves the key unused.
        """
        row = {
            "key_id": key_id, "idempotency_key": idempotency_key, "request_hash": request_hash,
            "created_at": self._wall(),
        }  # fmt: skip
        if await self._add_new(idempotency, [row], idempotency.c.key_id):
            return None
        return await self.find(key_id, idempotency_key)

    async def find(self, key_id: str, idempotency_key: str) -> StoredResponse | None:
        """Reads the answer kept under a key."""
        return await self._one(_RESPONSE, _ANSWER, given_key=key_id, given_use=idempotency_key)

    async def finish(self, key_id: str, idempotency_key: str, status: int, response: JsonValue) -> None:
        """Keeps the answer."""
        answer = {"status": status, "response": response}
        await self._run(_FINISH, given_key=key_id, given_use=idempotency_key, **answer)

    async def forget_before(self, wall: datetime) -> int:
        """Drops answers kept before an instant; answers how many."""
        return (await self._run(_FORGET, given_wall=wall)).rowcount


class Audit(Repository):
    """Who did what."""

    async def add(self, at: datetime, action: str, target: str | None, key_id: str | None) -> None:
        """Writes down an action."""
        row = {
            "at": at, "recorded_at": self._wall(), "key_id": key_id, "action": action, "target": target,
        }  # fmt: skip
        await self._add(audit, row)

    async def list(self, limit: int = 100, cursor: str | None = None) -> Page[AuditEntry]:
        """Lists actions, the oldest first."""
        wanted = select(audit).where(after((audit.c.id,), cursor)).order_by(audit.c.id)
        found = await self._all(_AUDIT, wanted.limit(limit + 1))
        return page(found, limit, lambda entry: (entry.id,))
