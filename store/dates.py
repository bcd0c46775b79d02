"""Dates of leads at which a run is to begin: for each trigger by `date` the instants to come."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Column, ForeignKey, Index, Table, delete, func, select, tuple_

from store.base import Repository, Shape, columns_of, given, given_limit, metadata, text_column, time_column

due_dates = Table(
    "due_dates",
    metadata,
    Column("scan", text_column("scan").type, primary_key=True),
    Column("lead_id", ForeignKey("leads.id"), primary_key=True),
    Column("subject", text_column("subject").type, primary_key=True),
    Column("occurrence", text_column("occurrence").type, primary_key=True),
    time_column("at"),
    Index(None, "scan", "at", "lead_id"),
    Index(None, "lead_id"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DueDate:
    """An entry to come at `at` (business time) for a date; `subject` is a thing's key, empty for the lead."""

    scan: str
    lead_id: str
    occurrence: str
    at: datetime
    subject: str = ""


_DUE_DATE = Shape(DueDate)
_d = due_dates.c
_OF = select(due_dates).where(_d.scan == given("scan"), _d.lead_id.in_(given("leads")))
_DUE = (
    select(due_dates)
    .where(_d.scan == given("scan"), _d.at <= given("now"))
    .order_by(_d.at, _d.lead_id, _d.subject, _d.occurrence)
    .limit(given_limit())
)
_NEXT = select(func.min(_d.at).label("at")).where(_d.scan == given("scan"))
_FORGET_SCAN = delete(due_dates).where(_d.scan == given("scan"))
_key = tuple_(_d.lead_id, _d.subject, _d.occurrence)
_subject = tuple_(_d.lead_id, _d.subject)

Key = tuple[str, str]
"""A lead and the thing that a date is of, "" for its own."""


class DueDates(Repository):
    """Entries to come, by scan and lead."""

    async def of_many(self, scan: str, ids: Collection[str]) -> dict[Key, dict[str, datetime]]:
        """Reads what is to come for leads, by lead and subject: occurrence to instant."""
        found: dict[Key, dict[str, datetime]] = defaultdict(dict)
        for one in await self._all(_DUE_DATE, _OF, given_scan=scan, given_leads=list(ids)):
            found[one.lead_id, one.subject][one.occurrence] = one.at
        return dict(found)

    async def replace(self, scan: str, keys: Collection[Key], dates: Collection[DueDate]) -> None:
        """Writes what is to come for leads and subjects in place of what was."""
        if keys:
            await self._run(delete(due_dates).where(_d.scan == scan, _subject.in_(keys)))
        await self._add_new(due_dates, [columns_of(one) for one in dates], _d.lead_id)

    async def due(self, scan: str, now: datetime, limit: int) -> tuple[DueDate, ...]:
        """Lists what is due by `now`, the longest due first."""
        return await self._all(_DUE_DATE, _DUE, given_scan=scan, given_now=now, given_limit=limit)

    async def next(self, scan: str) -> datetime | None:
        """Tells when the next entry is to come."""
        row = (await self._run(_NEXT, given_scan=scan)).first()
        return None if row is None else row.at

    async def done(self, scan: str, dates: Collection[DueDate]) -> None:
        """Takes away what was entered."""
        keys = [(one.lead_id, one.subject, one.occurrence) for one in dates]
        if keys:
            await self._run(delete(due_dates).where(_d.scan == scan, _key.in_(keys)))

    async def forget(self, scan: str) -> None:
        """Takes away all that is to come for a scan."""
        await self._run(_FORGET_SCAN, given_scan=scan)
