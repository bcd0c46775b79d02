"""Things that leads may have several of: policies, cars, subscriptions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Column, ForeignKey, Index, Table, insert, select, update

from model.events import Fields
from model.things import StoredThing
from store.base import (
    Json,
    Repository,
    Shape,
    given,
    metadata,
    text_column,
    time_column,
)

things = Table(
    "things",
    metadata,
    Column("kind", text_column("kind").type, primary_key=True),
    Column("id", text_column("id").type, primary_key=True),
    Column("lead_id", ForeignKey("leads.id"), nullable=False),
    Column("fields", Json, nullable=False),
    time_column("created_at"),
    time_column("updated_at"),
    time_column("recorded_at"),
    Index(None, "lead_id", "kind", "id"),
)

_THING = Shape(StoredThing)
_t = things.c
_columns = (_t.kind, _t.id, _t.lead_id, _t.fields, _t.created_at, _t.updated_at)
_ONE = select(*_columns).where(_t.kind == given("kind"), _t.id == given("id"))
_OF_LEAD = select(*_columns).where(_t.lead_id == given("lead")).order_by(_t.kind, _t.id)
_OF_LEADS = (
    select(*_columns)
    .where(_t.lead_id.in_(given("leads")), _t.kind == given("kind"))
    .order_by(_t.lead_id, _t.id)
)
_MAKE = insert(things)
_CHANGE = update(things).where(_t.kind == given("kind"), _t.id == given("id"))


class Things(Repository):
    """Things by kind and id; each belongs to one lead, whose row is locked while it is written."""

    async def get(self, kind: str, thing_id: str) -> StoredThing | None:
        """Reads a thing."""
        return await self._one(_THING, _ONE, given_kind=kind, given_id=thing_id)

    async def of_lead(self, lead_id: str) -> tuple[StoredThing, ...]:
        """Lists a lead's things by kind and id."""
        return await self._all(_THING, _OF_LEAD, given_lead=lead_id)

    async def of_leads(self, lead_ids: Sequence[str], kind: str) -> tuple[StoredThing, ...]:
        """Lists the things of one kind of several leads."""
        if not lead_ids:
            return ()
        return await self._all(_THING, _OF_LEADS, given_leads=list(lead_ids), given_kind=kind)

    async def make(self, kind: str, thing_id: str, lead_id: str, fields: Fields, at: datetime) -> None:
        """Makes a thing that is not there yet."""
        await self._run(
            _MAKE, kind=kind, id=thing_id, lead_id=lead_id, fields=fields, created_at=at, updated_at=at,
            recorded_at=self._wall(),
        )  # fmt: skip

    async def change(self, kind: str, thing_id: str, fields: Fields, at: datetime) -> None:
        """Writes all fields of a thing anew."""
        await self._run(_CHANGE, given_kind=kind, given_id=thing_id, fields=fields, updated_at=at)
