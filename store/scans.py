"""Scans: where each stands, and what became of the leads that it found."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Integer,
    Table,
    Text,
    and_,
    case,
    cast,
    func,
    or_,
    select,
    update,
)

from model.records import Lead
from model.scans import Entries, Scan, fired_id, scan_source
from store.base import (
    Repository,
    Shape,
    columns_of,
    given,
    given_limit,
    metadata,
    partial_index,
    text_column,
    time_column,
)
from store.events import events
from store.leads import identifiers, leads

scans = Table(
    "scans",
    metadata,
    Column("name", text_column("name").type, primary_key=True),
    text_column("journey", null=False),
    text_column("trigger", null=False),
    text_column("kind", null=False),
    Column("version", Integer, nullable=False),
    time_column("since"),
    text_column("state", null=False),
    time_column("occurrence", null=True),
    text_column("cursor"),
    time_column("last_at", null=True),
    time_column("next_at", null=True),
    Column("looked", BigInteger, nullable=False),
    Column("found", BigInteger, nullable=False),
    Column("nudge", BigInteger, nullable=False),
    Column("heard", BigInteger, nullable=False),
    Column("built", Integer),
)
_s = scans.c
_unheard = _s.nudge > _s.heard
partial_index("ix_scans_unheard", _unheard, _s.name)

_SCAN = Shape(Scan)
_LEAD = Shape(Lead)
_ENTRIES = Shape(Entries)
_BY_NAME = select(scans).where(_s.name == given("name"))
_LOCK = _BY_NAME.with_for_update()
_ALL = select(scans).order_by(_s.name)
_UNHEARD = _ALL.where(_unheard)
_CHANGE = update(scans).where(_s.name == given("name"))
_NUDGE_BY = _CHANGE.where(_s.state == "on", or_(_s.next_at.is_(None), _s.next_at > given("at"))).values(
    nudge=_s.nudge + 1
)
_NUDGE = _CHANGE.where(_s.state == "on").values(nudge=_s.nudge + 1)

_known = or_(
    leads.c.email.is_not(None),
    leads.c.phone.is_not(None),
    select(identifiers.c.value)
    .where(identifiers.c.lead_id == leads.c.id, identifiers.c.kind != "visitor")
    .exists(),
)
_EVERYBODY = (
    select(leads)
    .where(leads.c.id > given("after"), leads.c.erased_at.is_(None))
    .order_by(leads.c.id)
    .limit(given_limit())
)
_HOLD_EVERYBODY = _EVERYBODY.with_for_update(key_share=True)
_PEOPLE = _EVERYBODY.where(_known)
_applied = events.c.state == "applied"
_reached = cast(events.c.reached, Text) != "[]"


def _how_many(what: ColumnElement[bool]) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((what, 1), else_=0)), 0)


_COUNT = select(
    _how_many(and_(_applied, _reached)).label("entered"),
    _how_many(and_(_applied, ~_reached)).label("refused"),
    _how_many(events.c.state == "pending").label("waiting"),
).where(events.c.source == given("source"))
_COUNT_OF_ONE = _COUNT.where(
    func.substr(events.c.event_id, 1, func.length(given("prefix"))) == given("prefix")
)


class Scans(Repository):
    """Scans by name."""

    async def get(self, name: str) -> Scan | None:
        """Reads a scan."""
        return await self._one(_SCAN, _BY_NAME, given_name=name)

    async def lock(self, name: str) -> Scan | None:
        """Reads a scan and holds its row till the end: one page at a time."""
        return await self._one(_SCAN, _LOCK, given_name=name)

    async def all(self) -> tuple[Scan, ...]:
        """Lists all scans, also those that are off, by name."""
        return await self._all(_SCAN, _ALL)

    async def unheard(self) -> tuple[Scan, ...]:
        """Lists the scans whose workflow is to be woken."""
        return await self._all(_SCAN, _UNHEARD)

    async def add(self, scan: Scan) -> bool:
        """Writes a new scan; False where there is one of this name."""
        return bool(await self._add_new(scans, [columns_of(scan)], _s.name))

    async def change(self, name: str, **values: object) -> None:
        """Writes columns of a scan."""
        await self._run(_CHANGE, given_name=name, **values)

    async def nudge(self, names: Collection[str]) -> None:
        """Says that these scans are to look anew."""
        for name in sorted(names):
            await self._run(_NUDGE, given_name=name)

    async def nudge_by(self, name: str, at: datetime) -> None:
        """Says that a scan is to look at `at`, if it does not do so sooner."""
        await self._run(_NUDGE_BY, given_name=name, given_at=at, next_at=at)

    async def people(self, after: str, limit: int) -> tuple[Lead, ...]:
        """Lists leads by id, those behind `after`; web visitors whom nobody knows are left out."""
        return await self._all(_LEAD, _PEOPLE, given_after=after, given_limit=limit)

    async def everybody(self, after: str, limit: int) -> tuple[Lead, ...]:
        """Lists leads by id, those behind `after`, visitors too, and holds their rows till the end."""
        return await self._all(_LEAD, _HOLD_EVERYBODY, given_after=after, given_limit=limit)

    async def entries_of(self, scan: Scan) -> Entries:
        """Counts what became of the events of a scan's last time; of a scan by dates, of all times."""
        if scan.last_at is None:
            return Entries()
        once = scan.kind in ("every", "once")
        return await self.entries(scan.name, scan.last_at.isoformat() if once else None)

    async def entries(self, name: str, occurrence: str | None = None) -> Entries:
        """Counts what became of the events of a scan, of one occurrence if named."""
        source = scan_source(name)
        if occurrence is None:
            found = await self._one(_ENTRIES, _COUNT, given_source=source)
        else:
            prefix = fired_id(occurrence, "")
            found = await self._one(_ENTRIES, _COUNT_OF_ONE, given_source=source, given_prefix=prefix)
        return found or Entries()
