"""The inbox: every event of every lead, and their history."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import Column, ForeignKey, Index, Integer, Table, UniqueConstraint, func, or_, select, update

from model.events import Fields
from model.records import Backlog, InboxEvent, NewEvent, Page, Written
from store.base import (
    BigId,
    Json,
    Repository,
    Shape,
    after,
    columns_of,
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


class Events(Repository):
    """Events by source and id; taken by state, never by a cursor, because sequences commit out of order."""

    async def insert(self, news: Sequence[NewEvent]) -> tuple[Written, ...]:
        """Accepts events in the order given; answers for each.

        `duplicate`: source and id are known with the same body hash; `conflict`: with another one. A second
        item of the batch with the same source and id is judged against the first.
        """
        wall = self._wall()
        rows = [{**columns_of(new), "recorded_at": wall, **_FRESH} for new in news]
        written = await self._add_new(events, rows, events.c.source, events.c.event_id)
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
        await self._add_new(events, [row], events.c.source, events.c.event_id)

    async def get(self, source: str, event_id: str) -> InboxEvent | None:
        """Reads an event by its source's id."""
        one = events.c
        return await self._one(_EVENT, select(events).where(one.source == source, one.event_id == event_id))

    async def by_id(self, row_id: int) -> InboxEvent | None:
        """Reads an event by the inbox's own id."""
        return await self._one(_EVENT, select(events).where(events.c.id == row_id))

    async def pending(self, limit: int = 500) -> tuple[InboxEvent, ...]:
        """Lists rows that wait, in `id` order."""
        return await self._all(_EVENT, select(events).where(_pending).order_by(events.c.id).limit(limit))

    async def pending_of(self, lead_id: str, limit: int = 500) -> tuple[InboxEvent, ...]:
        """Lists a lead's rows that wait, in `id` order, and holds them; call it under the lead's lock."""
        one = events.c
        wanted = select(events).where(_pending, one.lead_id == lead_id)
        return await self._all(_EVENT, wanted.order_by(one.id).limit(limit).with_for_update(key_share=True))

    async def lock_pending(self, ids: Collection[int]) -> tuple[InboxEvent, ...]:
        """Reads those of the rows that still wait, in `id` order, and holds them till the end."""
        one = events.c
        wanted = select(events).where(_pending, one.id.in_(ids))
        return await self._all(_EVENT, wanted.order_by(one.id).with_for_update(key_share=True))

    async def assign(self, ids: Collection[int], lead_id: str) -> None:
        """Says whose the rows are."""
        await self._run(update(events).where(events.c.id.in_(ids)).values(lead_id=lead_id))

    async def place(self, row_id: int, *, message: str, run: str | None, body: Fields) -> None:
        """Says which message, and so which run, a reaction belongs to; `body` is the event's with what
        follows."""
        placed = update(events).where(events.c.id == row_id)
        await self._run(placed.values(message=message, run=run, body=body))

    async def mark_applied(self, row_id: int, reached: Sequence[str] = ()) -> None:
        """Marks a row applied, with the enrolments that it opened or woke."""
        await self._run(
            update(events)
            .where(events.c.id == row_id)
            .values(state="applied", error=None, applied_at=self._wall(), reached=list(reached))
        )

    async def mark_failed(self, row_id: int, code: str) -> InboxEvent:
        """Counts a failed try; the fifth sends the row to the dead letters. Raises NotFound."""
        failed = (
            update(events)
            .where(events.c.id == row_id, _pending)
            .values(attempts=events.c.attempts + 1, error=code)
        )
        await self._run(failed)
        await self._run(
            update(events)
            .where(events.c.id == row_id, _pending, events.c.attempts >= MAX_ATTEMPTS)
            .values(state="dead")
        )
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
        wanted = select(events).order_by(events.c.id.desc()).limit(limit)
        return await self._all(_EVENT, wanted if type_ is None else wanted.where(events.c.type == type_))

    async def retry(self, row_id: int) -> bool:
        """Puts a dead letter back into the inbox with its tries forgotten; False if it is not dead."""
        again = update(events).where(events.c.id == row_id, _dead)
        return (await self._run(again.values(state="pending", attempts=0, error=None))).rowcount > 0

    async def join_visitor(self, visitor: str, lead_id: str) -> int:
        """Gives a lead the anonymous events of a web visitor; answers how many."""
        one = events.c
        moved = update(events).where(one.visitor == visitor, one.lead_id.is_(None))
        return (await self._run(moved.values(lead_id=lead_id))).rowcount

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
        one = events.c
        seen = one.state == "applied"
        wanted = select(events).where(
            one.lead_id == lead_id,
            seen if through is None else or_(seen, _pending & (one.id <= through)),
        )
        if types is not None:
            wanted = wanted.where(one.type.in_(sorted(types)))
        if since is not None:
            wanted = wanted.where(one.at >= since)
        if until is not None:
            wanted = wanted.where(one.at <= until)
        if run is not None:
            wanted = wanted.where(one.run == run)
        if latest is None:
            return await self._all(_EVENT, wanted.order_by(one.id))
        return tuple(reversed(await self._all(_EVENT, wanted.order_by(one.id.desc()).limit(latest))))

    async def backlog(self) -> Backlog:
        """Tells how many rows wait and since when the oldest does."""
        one = events.c
        waiting = select(func.count().label("count"), func.min(one.recorded_at).label("oldest"))
        found = await self._one(Shape(Backlog), waiting.where(_pending))
        return found or Backlog(count=0, oldest=None)

    async def _hashes(self, news: Sequence[NewEvent]) -> dict[tuple[str, str], str]:
        by_source: dict[str, list[str]] = {}
        for new in news:
            by_source.setdefault(new.source, []).append(new.event_id)
        one = events.c
        found: dict[tuple[str, str], str] = {}
        for source, ids in by_source.items():
            rows = await self._run(
                select(one.event_id, one.body_hash).where(one.source == source, one.event_id.in_(ids))
            )
            found.update({(source, row.event_id): row.body_hash for row in rows})
        return found


_FRESH = {"state": "pending", "attempts": 0, "error": None, "applied_at": None, "reached": []}
