"""Leads and the identifiers by which they are recognised."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from sqlalchemy import (
    Boolean,
    Column,
    Double,
    ForeignKey,
    Index,
    Table,
    and_,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)

from model.records import Identifier, IdentifierKind, Lead, LeadChanges, Page
from store.base import Json, Repository, Shape, after, metadata, page, partial_index, text_column, time_column
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


class Leads(Repository):
    """People, found by id or by a normalised identifier."""

    async def get(self, lead_id: str) -> Lead | None:
        """Reads a lead."""
        return await self._one(_LEAD, select(leads).where(leads.c.id == lead_id))

    async def lock(self, lead_id: str) -> Lead | None:
        """Reads a lead and holds its row till the end; the contact rules judge under this lock."""
        return await self._one(
            _LEAD, select(leads).where(leads.c.id == lead_id).with_for_update(key_share=True)
        )

    async def lock_identifiers(self, wanted: Iterable[Identifier]) -> None:
        """Keeps every other transaction from resolving the same identifiers until this one ends.

        Take all of one resolution in one call: they are locked in one order, so that no two wait in a circle.
        """
        await lock_names(self._connection, [f"{one.kind}\n{one.scope}\n{one.value}" for one in wanted])

    async def find_by(self, kind: IdentifierKind, value: str, scope: str = "") -> Lead | None:
        """Reads the lead whom a normalised identifier names."""
        named = and_(identifiers.c.kind == kind, identifiers.c.scope == scope, identifiers.c.value == value)
        return await self._one(_LEAD, select(leads).join(identifiers).where(named))

    async def find_all(self, wanted: Collection[Identifier]) -> dict[Identifier, str]:
        """Maps those of the identifiers that are known to their lead's id."""
        if not wanted:
            return {}
        one = identifiers.c
        values: dict[tuple[str, str], list[str]] = {}
        for it in wanted:
            values.setdefault((it.kind, it.scope), []).append(it.value)
        named = or_(
            *(
                and_(one.kind == kind, one.scope == scope, one.value.in_(found))
                for (kind, scope), found in values.items()
            )
        )
        rows = await self._run(select(one.kind, one.scope, one.value, one.lead_id).where(named))
        return {Identifier(row.kind, row.value, row.scope): row.lead_id for row in rows}

    async def identifiers_of(self, lead_id: str) -> tuple[Identifier, ...]:
        """Lists the identifiers that name a lead, by kind, scope and value."""
        one = identifiers.c
        rows = await self._run(
            select(one.kind, one.value, one.scope)
            .where(one.lead_id == lead_id)
            .order_by(one.kind, one.scope, one.value)
        )
        return tuple(Identifier(row.kind, row.value, row.scope) for row in rows)

    async def create(self, lead_id: str, at: datetime, changes: LeadChanges | None = None) -> Lead:
        """Makes a lead; its identifiers are attached by `attach`."""
        row = {"snoozed": False, "attributes": {}, "account": {}, **(changes or {})}
        made = insert(leads).values(id=lead_id, created_at=at, updated_at=at, **row).returning(*leads.c)
        lead = await self._one(_LEAD, made)
        return self._found(lead_id, lead)

    async def update(self, lead_id: str, changes: LeadChanges, at: datetime) -> Lead:
        """Writes columns of a lead; raises NotFound."""
        written = update(leads).where(leads.c.id == lead_id).values(updated_at=at, **changes)
        lead = await self._one(_LEAD, written.returning(*leads.c))
        return self._found(lead_id, lead)

    async def attach(self, identifier: Identifier, lead_id: str) -> bool:
        """Makes an identifier name a lead; False if it did already. Raises IdentifierTaken."""
        one = identifiers.c
        row = {"kind": identifier.kind, "scope": identifier.scope, "value": identifier.value}
        if await self._add_new(identifiers, [{**row, "lead_id": lead_id}], one.lead_id):
            return True
        holder = (await self.find_all([identifier])).get(identifier)
        if holder is not None and holder != lead_id:
            raise IdentifierTaken(identifier.kind, holder)
        return False

    async def detach(self, identifier: Identifier) -> None:
        """Makes an identifier name nobody."""
        one = identifiers.c
        await self._run(
            delete(identifiers).where(
                one.kind == identifier.kind, one.scope == identifier.scope, one.value == identifier.value
            )
        )

    async def absorb(self, anonymous: str, lead_id: str) -> None:
        """Gives all that is known of an anonymous lead to the lead it turned out to be; forgets the former.

        For one that no journey reached: it has events, lines, consents and browsers, nothing else.
        """
        for name in ("identifiers", "events", "timeline", "consents"):
            table = metadata.tables[name]
            await self._run(update(table).where(table.c.lead_id == anonymous).values(lead_id=lead_id))
        await self._run(delete(leads).where(leads.c.id == anonymous))

    async def page(self, limit: int = 100, cursor: str | None = None) -> Page[Lead]:
        """Lists leads in the order in which they were made."""
        order = (leads.c.created_at, leads.c.id)
        found = await self._all(
            _LEAD, select(leads).where(after(order, cursor)).order_by(*order).limit(limit + 1)
        )
        return page(found, limit, lambda lead: (lead.created_at, lead.id))

    async def score_due(self, now: datetime, limit: int = 100) -> tuple[Lead, ...]:
        """Lists leads whose score is due by `now` (business time), the longest due first."""
        due = select(leads).where(leads.c.score_due_at <= now).order_by(leads.c.score_due_at, leads.c.id)
        return await self._all(_LEAD, due.limit(limit))

    async def count(self) -> int:
        """Counts the leads."""
        return (await self._connection.execute(select(func.count()).select_from(leads))).scalar_one()

    @staticmethod
    def _found(lead_id: str, lead: Lead | None) -> Lead:
        if lead is None:
            raise NotFound(f"There is no lead {lead_id}.")
        return lead
