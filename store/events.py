"""The inbox: every event of every lead, and their history."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from functools import cache

from sqlalchemy import (
    Column,
    ForeignKey,
    Index,
    Integer,
    Select,
    Table,
    UniqueConstraint,
    func,
    or_,
    select,
    update,
)

from model.events import Fields
from model.records import Backlog, InboxEvent, NewEvent, Page, Written
from store.base import (
    BigId,
    Json,
    Repository,
    Shape,
    after,
    columns_of,
    given,
    given_limit,
    metadata,
    page,
    partial_index,
    same,
    text_column,
    time_column,
)
from store.errors import NotFound

MAX_ATTEMPTS = 5

events = Table(
    "events",
    metadata,
    Column("id", BigId, primary_key=True),
    text_column("source", null=False),
    text_column("event_id", null=False),
    text_column("type", null=False),
    time_column("at"),
    time_column("recorded_at"),
    Column("body", Json, nullable=False),
    text_column("body_hash", null=False),
    Column("identifiers", Json, nullable=False),
    Column("lead_id", ForeignKey("leads.id")),
    text_column("visitor"),
    text_column("message"),
    text_column("task"),
    text_column("run"),
    text_column("state", null=False),
    Column("attempts", Integer, nullable=False),
    text_column("error"),
    time_column("applied_at", null=True),
    Column("reached", Json, nullable=False),
    UniqueConstraint("source", "event_id"),
    Index(None, "lead_id", "type", "id"),
)
_pending = same(events.c.state, "pending")
_dead = same(events.c.state, "dead")
partial_index("ix_events_pending", _pending, events.c.id)
partial_index("ix_events_pending_lead", _pending, events.c.lead_id, events.c.id)
partial_index("ix_events_dead", _dead, events.c.id)
partial_index("ix_events_visitor", events.c.visitor.is_not(None), events.c.visitor)

_EVENT = Shape(InboxEvent)
_BACKLOG = Shape(Backlog)
_e = events.c
_BY_ID = select(events).where(_e.id == given("id"))
_OF_SOURCE = select(events).where(_e.source == given("source"), _e.event_id == given("event"))
_HASHES = select(_e.event_id, _e.body_hash).where(
    _e.source == given("source"), _e.event_id.in_(given("events"))
)
_PENDING = select(events).where(_pending).order_by(_e.id)
_FIRST_PENDING = _PENDING.limit(given_limit())
_PENDING_OF = _PENDING.where(_e.lead_id == given("lead")).limit(given_limit()).with_for_update(key_share=True)
_LOCK_PENDING = _PENDING.where(_e.id.in_(given("ids"))).with_for_update(key_share=True)
_BACKLOG_NOW = select(func.count().label("count"), func.min(_e.recorded_at).label("oldest")).where(_pending)
_LATEST = select(events).order_by(_e.id.desc()).limit(given_limit())
_LATEST_OF_TYPE = _LATEST.where(_e.type == given("type"))
_CHANGE = update(events).where(_e.id == given("id"))
_CHANGE_MANY = update(events).where(_e.id.in_(given("ids")))
_FAIL = _CHANGE.where(_pending).values(attempts=_e.attempts + 1)
_BURY = _CHANGE.where(_pending, _e.attempts >= MAX_ATTEMPTS).values(state="dead")
_RETRY = _CHANGE.where(_dead).values(state="pending", attempts=0, error=None)
_JOIN_VISITOR = update(events).where(_e.visitor == given("visitor"), _e.lead_id.is_(None))


class Events(Repository):
    """Events by source and id; taken by state, never by a cursor, because sequences commit out of order."""

    async def insert(self, news: Sequence[NewEvent]) -> tuple[Written, ...]:
        """Accepts events in the order given; answers for each.

        `duplicate`: source and id are known with the same body hash; `conflict`: with another one. A second
        item of the batch with the same source and id is judged against the first.
        """
        wall = self._wall()
        rows = [{**columns_of(new), "recorded_at": wall, **_FRESH} for new in news]
        written = await self._add_new(events, rows, _e.source, _e.event_id)
        fresh = {(str(row[0]), str(row[1])) for row in written}
        known = await self._hashes([new for new in news if (new.source, new.event_id) not in fresh])
        answers: list[Written] = []
        for new in news:
            before = known.setdefault((new.source, new.event_id), new.body_hash)
            first = (new.source, new.event_id) in fresh
            fresh.discard((new.source, new.event_id))
            answers.append("accepted" if first else "duplicate" if before == new.body_hash else "conflict")
        return tuple(answers)

    async def record(self, new: NewEvent) -> None:
        """Writes an event of our own that changes nothing and wakes nobody: history, applied from the
        start."""
        row = {**columns_of(new), "recorded_at": self._wall(), **_FRESH}
        row |= {"state": "applied", "applied_at": self._wall()}
        await self._add_new(events, [row], _e.source, _e.event_id)

    async def get(self, source: str, event_id: str) -> InboxEvent | None:
        """Reads an event by its source's id."""
        return await self._one(_EVENT, _OF_SOURCE, given_source=source, given_event=event_id)

    async def by_id(self, row_id: int) -> InboxEvent | None:
        """Reads an event by the inbox's own id."""
        return await self._one(_EVENT, _BY_ID, given_id=row_id)

    async def pending(self, limit: int = 500) -> tuple[InboxEvent, ...]:
        """Lists rows that wait, in `id` order."""
        return await self._all(_EVENT, _FIRST_PENDING, given_limit=limit)

    async def pending_of(self, lead_id: str, limit: int = 500) -> tuple[InboxEvent, ...]:
        """Lists a lead's rows that wait, in `id` order, and holds them; call it under the lead's lock."""
        return await self._all(_EVENT, _PENDING_OF, given_lead=lead_id, given_limit=limit)

    async def lock_pending(self, ids: Collection[int]) -> tuple[InboxEvent, ...]:
        """Reads those of the rows that still wait, in `id` order, and holds them till the end."""
        return await self._all(_EVENT, _LOCK_PENDING, given_ids=list(ids))

    async def assign(self, ids: Collection[int], lead_id: str) -> None:
        """Says whose the rows are."""
        await self._run(_CHANGE_MANY, given_ids=list(ids), lead_id=lead_id)

    async def place(self, row_id: int, *, message: str | None, run: str | None, body: Fields) -> None:
        """Says which message, and so which run, a reaction belongs to; `body` is the event's with what
        follows."""
        await self._run(_CHANGE, given_id=row_id, message=message, run=run, body=body)

    async def mark_applied(self, row_id: int, reached: Sequence[str] = ()) -> None:
        """Marks a row applied, with the enrolments that it opened or woke."""
        values = {"state": "applied", "error": None, "applied_at": self._wall(), "reached": list(reached)}
        await self._run(_CHANGE, given_id=row_id, **values)

    async def mark_failed(self, row_id: int, code: str) -> InboxEvent:
        """Counts a failed try; the fifth sends the row to the dead letters. Raises NotFound."""
        await self._run(_FAIL, given_id=row_id, error=code)
        await self._run(_BURY, given_id=row_id)
        row = await self.by_id(row_id)
        if row is None:
            raise NotFound(f"There is no event {row_id}.")
        return row

    async def dead(self, limit: int = 100, cursor: str | None = None) -> Page[InboxEvent]:
        """Lists the dead letters, the oldest first."""
        wanted = select(events).where(_dead, after((events.c.id,), cursor))
        found = await self._all(_EVENT, wanted.order_by(events.c.id).limit(limit + 1))
        return page(found, limit, lambda event: (event.id,))

    async def latest(self, limit: int = 100, type_: str | None = None) -> tuple[InboxEvent, ...]:
        """Lists the newest rows, the newest first; of one type, if named."""
        if type_ is None:
            return await self._all(_EVENT, _LATEST, given_limit=limit)
        return await self._all(_EVENT, _LATEST_OF_TYPE, given_limit=limit, given_type=type_)

    async def retry(self, row_id: int) -> bool:
        """Puts a dead letter back into the inbox with its tries forgotten; False if it is not dead."""
        return (await self._run(_RETRY, given_id=row_id)).rowcount > 0

    async def join_visitor(self, visitor: str, lead_id: str) -> int:
        """Gives a lead the anonymous events of a web visitor; answers how many."""
        return (await self._run(_JOIN_VISITOR, given_visitor=visitor, lead_id=lead_id)).rowcount

    async def history(
        self,
        lead_id: str,
        types: Collection[str] | None = None,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        run: str | None = None,
        through: int | None = None,
        latest: int | None = None,
    ) -> tuple[InboxEvent, ...]:
        """Lists a lead's applied events in `id` order: of `types`, `since <= at <= until`, of one run.

        While row `through` is being applied, it and those before it count too. `latest` keeps the last ones.
        """
        asked = {
            "types": None if types is None else sorted(types),
            "since": since, "until": until, "run": run, "through": through, "limit": latest,
        }  # fmt: skip
        named = {name: value for name, value in asked.items() if value is not None}
        values = {f"given_{name}": value for name, value in named.items()}
        found = await self._all(_EVENT, _history(frozenset(named)), given_lead=lead_id, **values)
        return found if latest is None else found[::-1]

    async def backlog(self) -> Backlog:
        """Tells how many rows wait and since when the oldest does."""
        return await self._one(_BACKLOG, _BACKLOG_NOW) or Backlog(count=0, oldest=None)

    async def _hashes(self, news: Sequence[NewEvent]) -> dict[tuple[str, str], str]:
        by_source: dict[str, list[str]] = {}
        for new in news:
            by_source.setdefault(new.source, []).append(new.event_id)
        found: dict[tuple[str, str], str] = {}
        for source, ids in by_source.items():
            rows = await self._run(_HASHES, given_source=source, given_events=ids)
            found.update({(source, row.event_id): row.body_hash for row in rows})
        return found


@cache
def _history(named: frozenset[str]) -> Select[tuple[object, ...]]:
    """Composes the history for those of its arguments that are there."""
    seen = same(_e.state, "applied")
    if "through" in named:
        seen = or_(seen, _pending & (_e.id <= given("through")))
    narrower = {
        "types": _e.type.in_(given("types")), "since": _e.at >= given("since"),
        "until": _e.at <= given("until"), "run": _e.run == given("run"),
    }  # fmt: skip
    wanted = select(events).where(_e.lead_id == given("lead"), seen)
    wanted = wanted.where(*(narrower[name] for name in sorted(named & narrower.keys())))
    return wanted.order_by(_e.id.desc()).limit(given_limit()) if "limit" in named else wanted.order_by(_e.id)


_FRESH = {"state": "pending", "attempts": 0, "error": None, "applied_at": None, "reached": []}
