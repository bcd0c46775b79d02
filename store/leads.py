"""Leads and the identifiers by which they are recognised."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from functools import cache

from sqlalchemy import (
    Boolean,
    Column,
    Double,
    Executable,
    ForeignKey,
    Index,
    Table,
    delete,
    func,
    insert,
    select,
    update,
)

from model.records import Identifier, IdentifierKind, Lead, LeadChanges, Page
from store.base import (
    Json,
    Repository,
    Shape,
    after,
    given,
    given_limit,
    metadata,
    page,
    partial_index,
    text_column,
    time_column,
)
from store.errors import IdentifierTaken, NotFound
from store.locks import lock_names

leads = Table(
    "leads",
    metadata,
    Column("id", text_column("id").type, primary_key=True),
    *(
        text_column(name)
        for name in (
            "email", "phone", "postal_address", "first_name", "last_name", "language", "zone", "owner",
            "campaign", "source", "request_type", "preferred_channel", "tier", "stage",
        )
    ),
    Column("score", Double),
    Column("reasons", Json),
    time_column("score_due_at", null=True),
    Column("snoozed", Boolean, nullable=False),
    time_column("snoozed_until", null=True),
    Column("attributes", Json, nullable=False),
    Column("account", Json, nullable=False),
    time_column("created_at"),
    time_column("updated_at"),
    time_column("erased_at", null=True),
    Index(None, "created_at", "id"),
)  # fmt: skip
partial_index("ix_leads_score_due", leads.c.score_due_at.is_not(None), leads.c.score_due_at)

identifiers = Table(
    "identifiers",
    metadata,
    Column("kind", text_column("kind").type, primary_key=True),
    Column("scope", text_column("scope").type, primary_key=True),
    Column("value", text_column("value").type, primary_key=True),
    Column("lead_id", ForeignKey("leads.id"), nullable=False, index=True),
)

_LEAD = Shape(Lead)
_BY_ID = select(leads).where(leads.c.id == given("id"))
_LOCK_MANY = (
    select(leads).where(leads.c.id.in_(given("ids"))).order_by(leads.c.id).with_for_update(key_share=True)
)
_LOCK = _BY_ID.with_for_update(key_share=True)
_CREATE = insert(leads).returning(*leads.c)
_CHANGE = update(leads).where(leads.c.id == given("id")).returning(*leads.c)
_FORGET = delete(leads).where(leads.c.id == given("id"))
_DUE = (
    select(leads)
    .where(leads.c.score_due_at <= given("now"))
    .order_by(leads.c.score_due_at, leads.c.id)
    .limit(given_limit())
)
_COUNT = select(func.count()).select_from(leads)

_of_kind = (identifiers.c.kind == given("kind"), identifiers.c.scope == given("scope"))
_named = (*_of_kind, identifiers.c.value == given("value"))
_BY_IDENTIFIER = select(leads).join(identifiers).where(*_named)
_BY_EXTERNAL = (
    select(leads)
    .join(identifiers)
    .where(identifiers.c.kind == "external", identifiers.c.value == given("value"))
)
_KNOWN = select(identifiers.c.value, identifiers.c.lead_id).where(
    *_of_kind, identifiers.c.value.in_(given("values"))
)
_IDENTIFIERS_OF = (
    select(identifiers.c.kind, identifiers.c.value, identifiers.c.scope)
    .where(identifiers.c.lead_id == given("lead"))
    .order_by(identifiers.c.kind, identifiers.c.scope, identifiers.c.value)
)
_DETACH = delete(identifiers).where(*_named)


class Leads(Repository):
    """People, found by id or by a normalised identifier."""

    async def get(self, lead_id: str) -> Lead | None:
        """Reads a lead."""
        return await self._one(_LEAD, _BY_ID, given_id=lead_id)

    async def lock_many(self, ids: Collection[str]) -> tuple[Lead, ...]:
        """Reads several leads and holds their rows till the end, in the order of their ids."""
        return await self._all(_LEAD, _LOCK_MANY, given_ids=list(ids))

    async def lock(self, lead_id: str) -> Lead | None:
        """Reads a lead and holds its row till the end; the contact rules judge under this lock."""
        return await self._one(_LEAD, _LOCK, given_id=lead_id)

    async def lock_identifiers(self, wanted: Iterable[Identifier]) -> None:
        """Keeps every other transaction from resolving the same identifiers until this one ends.

        Take all of one resolution in one call: they are locked in one order, so that no two wait in a circle.
        """
        await lock_names(self._connection, [f"{one.kind}\n{one.scope}\n{one.value}" for one in wanted])

    async def find_by(self, kind: IdentifierKind, value: str, scope: str = "") -> Lead | None:
        """Reads the lead whom a normalised identifier names."""
        return await self._one(_LEAD, _BY_IDENTIFIER, given_kind=kind, given_scope=scope, given_value=value)

    async def by_external(self, value: str) -> Lead | None:
        """Reads the lead to whom another system has given an id; None where several systems mean others."""
        found = await self._all(_LEAD, _BY_EXTERNAL, given_value=value)
        return found[0] if len({lead.id for lead in found}) == 1 else None

    async def find_all(self, wanted: Collection[Identifier]) -> dict[Identifier, str]:
        """Maps those of the identifiers that are known to their lead's id."""
        values: dict[tuple[IdentifierKind, str], list[str]] = {}
        for one in wanted:
            values.setdefault((one.kind, one.scope), []).append(one.value)
        known: dict[Identifier, str] = {}
        for (kind, scope), those in values.items():
            rows = await self._run(_KNOWN, given_kind=kind, given_scope=scope, given_values=those)
            known.update({Identifier(kind, row.value, scope): row.lead_id for row in rows})
        return known

    async def identifiers_of(self, lead_id: str) -> tuple[Identifier, ...]:
        """Lists the identifiers that name a lead, by kind, scope and value."""
        rows = await self._run(_IDENTIFIERS_OF, given_lead=lead_id)
        return tuple(Identifier(row.kind, row.value, row.scope) for row in rows)

    async def create(self, lead_id: str, at: datetime, changes: LeadChanges | None = None) -> Lead:
        """Makes a lead; its identifiers are attached by `attach`."""
        row = {"snoozed": False, "attributes": {}, "account": {}, **(changes or {})}
        lead = await self._one(_LEAD, _CREATE, id=lead_id, created_at=at, updated_at=at, **row)
        return self._found(lead_id, lead)

    async def update(self, lead_id: str, changes: LeadChanges, at: datetime) -> Lead:
        """Writes columns of a lead; raises NotFound."""
        lead = await self._one(_LEAD, _CHANGE, given_id=lead_id, updated_at=at, **changes)
        return self._found(lead_id, lead)

    async def attach(self, identifier: Identifier, lead_id: str) -> bool:
        """Makes an identifier name a lead; False if it did already. Raises IdentifierTaken."""
        row = {"kind": identifier.kind, "scope": identifier.scope, "value": identifier.value}
        if await self._add_new(identifiers, [{**row, "lead_id": lead_id}], identifiers.c.lead_id):
            return True
        holder = (await self.find_all([identifier])).get(identifier)
        if holder is not None and holder != lead_id:
            raise IdentifierTaken(identifier.kind, holder)
        return False

    async def detach(self, identifier: Identifier) -> None:
        """Makes an identifier name nobody."""
        await self._run(
            _DETACH,
            given_kind=identifier.kind,
            given_scope=identifier.scope,
            given_value=identifier.value,
        )

    async def absorb(self, anonymous: str, lead_id: str) -> None:
        """Gives all that is known of an anonymous lead to the lead it turned out to be; forgets the former.

        For one that no journey reached: it has events, lines, consents, things and browsers, nothing else.
        """
        for name in ("identifiers", "events", "timeline", "consents", "things"):
            await self._run(_hand_over(name), given_lead=anonymous, lead_id=lead_id)
        for name in ("due_dates", "lead_values", "audience_members"):
            await self._run(_drop(name), given_lead=anonymous)
        await self._run(_FORGET, given_id=anonymous)

    async def page(self, limit: int = 100, cursor: str | None = None) -> Page[Lead]:
        """Lists leads in the order in which they were made."""
        order = (leads.c.created_at, leads.c.id)
        found = await self._all(
            _LEAD, select(leads).where(after(order, cursor)).order_by(*order).limit(limit + 1)
        )
        return page(found, limit, lambda lead: (lead.created_at, lead.id))

    async def score_due(self, now: datetime, limit: int = 100) -> tuple[Lead, ...]:
        """Lists leads whose score is due by `now` (business time), the longest due first."""
        return await self._all(_LEAD, _DUE, given_now=now, given_limit=limit)

    async def count(self) -> int:
        """Counts the leads."""
        return (await self._connection.execute(_COUNT)).scalar_one()

    @staticmethod
    def _found(lead_id: str, lead: Lead | None) -> Lead:
        if lead is None:
            raise NotFound(f"There is no lead {lead_id}.")
        return lead


@cache
def _hand_over(name: str) -> Executable:
    table = metadata.tables[name]
    return update(table).where(table.c.lead_id == given("lead"))


@cache
def _drop(name: str) -> Executable:
    table = metadata.tables[name]
    return delete(table).where(table.c.lead_id == given("lead"))
