"""Who is in which audience, and which audiences by rule have been filled."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import Column, ForeignKey, Index, Table, delete, func, select

from model.audiences import By, Member
from model.records import Page
from store.base import (
    Repository,
    Shape,
    after,
    columns_of,
    given,
    given_limit,
    metadata,
    page,
    text_column,
    time_column,
)

audience_members = Table(
    "audience_members",
    metadata,
    Column("audience", text_column("audience").type, primary_key=True),
    Column("lead_id", ForeignKey("leads.id"), primary_key=True),
    time_column("at"),
    text_column("by", null=False),
    Index(None, "lead_id"),
)
filled_audiences = Table(
    "filled_audiences",
    metadata,
    Column("name", text_column("name").type, primary_key=True),
    time_column("at"),
)

_MEMBER = Shape(Member)
_m = audience_members.c
_OF = select(_m.audience).where(_m.lead_id == given("lead"))
_OF_MANY = select(_m.audience, _m.lead_id).where(_m.lead_id.in_(given("leads")))
_LEAVE = delete(audience_members).where(_m.audience == given("audience"), _m.lead_id == given("lead"))
_IN = (
    select(audience_members)
    .where(_m.audience == given("audience"), _m.lead_id > given("after"))
    .order_by(_m.lead_id)
    .limit(given_limit())
)
_COUNTS = select(_m.audience, func.count().label("members")).group_by(_m.audience)
_FILLED = select(filled_audiences.c.name)


class Audiences(Repository):
    """Members by audience and by lead."""

    async def of(self, lead_id: str) -> frozenset[str]:
        """Names the audiences that a lead is in."""
        return frozenset(row.audience for row in await self._run(_OF, given_lead=lead_id))

    async def of_many(self, ids: Collection[str]) -> dict[str, frozenset[str]]:
        """Names the audiences that each lead is in; one that is in none is left out."""
        found: dict[str, set[str]] = defaultdict(set)
        for row in await self._run(_OF_MANY, given_leads=list(ids)):
            found[row.lead_id].add(row.audience)
        return {lead: frozenset(names) for lead, names in found.items()}

    async def join(self, audience: str, lead_id: str, at: datetime, by: By) -> bool:
        """Puts a lead into an audience; False if it was in."""
        member = Member(audience=audience, lead_id=lead_id, at=at, by=by)
        return bool(await self._add_new(audience_members, [columns_of(member)], _m.lead_id))

    async def join_many(self, members: Collection[Member]) -> None:
        """Puts leads into audiences; those that are in stay as they are."""
        await self._add_new(audience_members, [columns_of(member) for member in members], _m.lead_id)

    async def leave(self, audience: str, lead_id: str) -> bool:
        """Takes a lead out of an audience; False if it was not in."""
        return (await self._run(_LEAVE, given_audience=audience, given_lead=lead_id)).rowcount > 0

    async def members(self, audience: str, after: str, limit: int) -> tuple[Member, ...]:
        """Lists members by the lead's id, those behind `after`."""
        return await self._all(_MEMBER, _IN, given_audience=audience, given_after=after, given_limit=limit)

    async def list(self, audience: str, limit: int = 100, cursor: str | None = None) -> Page[Member]:
        """Lists the members of an audience, the first to join first."""
        order = (_m.at, _m.lead_id)
        wanted = select(audience_members).where(_m.audience == audience, after(order, cursor))
        found = await self._all(_MEMBER, wanted.order_by(*order).limit(limit + 1))
        return page(found, limit, lambda member: (member.at, member.lead_id))

    async def counts(self) -> Mapping[str, int]:
        """Counts the members of each audience that has some."""
        return {row.audience: row.members for row in await self._run(_COUNTS)}

    async def filled(self) -> frozenset[str]:
        """Names the audiences by rule whose members were all found once."""
        return frozenset(row.name for row in await self._run(_FILLED))

    async def mark_filled(self, names: Collection[str], at: datetime) -> None:
        """Says that all members of these were found."""
        rows = [{"name": name, "at": at} for name in sorted(names)]
        await self._add_new(filled_audiences, rows, filled_audiences.c.name)
