"""The timeline: what happened to each lead, in words."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Column, ForeignKey, Index, Table, UniqueConstraint, select

from model.records import Page
from model.results import Entry, NewEntry
from store.base import (
    BigId,
    Json,
    Repository,
    Shape,
    after,
    columns_of,
    metadata,
    page,
    text_column,
    time_column,
)

timeline = Table(
    "timeline",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("lead_id", ForeignKey("leads.id"), nullable=False),
    time_column("at"),
    time_column("recorded_at"),
    text_column("kind", null=False),
    Column("enrolment_id", ForeignKey("enrolments.id")),
    text_column("journey"),
    text_column("step"),
    text_column("text", null=False),
    Column("data", Json, nullable=False),
    text_column("dedup", null=False),
    UniqueConstraint("dedup"),
    Index(None, "lead_id", "at", "id"),
    Index(None, "enrolment_id", "at", "id"),
)

_ENTRY = Shape(Entry)


class Timeline(Repository):
    """Lines by lead and by run."""

    async def add_many(self, entries: Sequence[NewEntry]) -> int:
        """Writes lines whose `dedup` is new; answers how many, so that a repeat adds nothing."""
        wall = self._wall()
        rows = [{**columns_of(entry), "recorded_at": wall} for entry in entries]
        return len(await self._add_new(timeline, rows, timeline.c.id))

    async def page(
        self,
        lead_id: str,
        *,
        enrolment_id: str | None = None,
        limit: int = 100,
        cursor: str | None = None,
    ) -> Page[Entry]:
        """Lists a lead's lines by business time, those of one run if named."""
        order = (timeline.c.at, timeline.c.id)
        wanted = select(timeline).where(timeline.c.lead_id == lead_id, after(order, cursor))
        if enrolment_id is not None:
            wanted = wanted.where(timeline.c.enrolment_id == enrolment_id)
        found = await self._all(_ENTRY, wanted.order_by(*order).limit(limit + 1))
        return page(found, limit, lambda entry: (entry.at, entry.id))
