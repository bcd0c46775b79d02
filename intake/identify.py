"""Whose event is it? Identifiers are looked up under a lock; the stronger one wins, and a conflict is never
guessed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from model.records import Identifier, IdentifierKind, InboxEvent, Lead, LeadChanges
from store import Tx, new_id

STRENGTH: Mapping[IdentifierKind, int] = {"external": 3, "email": 2, "phone": 1, "visitor": 0}
"""What names a person best. A visitor's id names a browser, and gives way to everything."""


class UnknownLead(Exception):
    """The event names a lead id that is not there."""


@dataclass(frozen=True, slots=True)
class Resolved:
    """The lead of an event; `words` are lines for its timeline: what was joined, what contradicts.

    `touched`: it is new, or got an address.
    """

    lead: Lead
    created: bool
    words: tuple[str, ...]
    touched: bool = False


async def resolve(tx: Tx, event: InboxEvent) -> Resolved | None:
    """Finds or makes the lead that an event names; None where it names nobody.

    Raises UnknownLead.
    """
    named = sorted(_identifiers(event), key=lambda item: -STRENGTH[item.kind])
    if event.lead_id is None and not named:
        return None
    await tx.leads.lock_identifiers(named)
    known = await tx.leads.find_all(named)
    lead_id = event.lead_id or next((known[item] for item in named if item in known), None)
    lead = await (_created(tx, named, event) if lead_id is None else _locked(tx, lead_id))
    words = [word for item in named if (word := await _attach(tx, item, known.get(item), lead, event))]
    before = lead
    if lead_id is not None:
        lead = await _with_addresses(tx, lead, named, event)
    touched = lead_id is None or lead is not before
    return Resolved(lead, lead_id is None, tuple(words), touched)


def _identifiers(event: InboxEvent) -> set[Identifier]:
    visitor = {Identifier("visitor", event.visitor)} if event.visitor else set()
    return {*event.identifiers, *visitor}


async def _created(tx: Tx, named: list[Identifier], event: InboxEvent) -> Lead:
    changes: LeadChanges = {}
    for item in reversed(named):
        if item.kind == "email":
            changes["email"] = item.value
        if item.kind == "phone":
            changes["phone"] = item.value
    return await tx.leads.create(new_id(), event.at, changes)


async def _locked(tx: Tx, lead_id: str) -> Lead:
    lead = await tx.leads.lock(lead_id)
    if lead is None:
        raise UnknownLead(lead_id)
    return lead


async def _attach(tx: Tx, item: Identifier, holder: str | None, lead: Lead, event: InboxEvent) -> str | None:
    if holder == lead.id:
        return None
    if holder is None:
        await tx.leads.attach(item, lead.id)
        return None
    if await _is_anonymous(tx, holder):
        await tx.leads.absorb(holder, lead.id)
        return "earlier anonymous visits were joined to this lead"
    if item.kind == "visitor":
        await tx.leads.detach(item)
        await tx.leads.attach(item, lead.id)
        return None
    return f"the {item.kind} of event {event.event_id} names another lead; the stronger identifier won"


async def _is_anonymous(tx: Tx, lead_id: str) -> bool:
    return all(item.kind == "visitor" for item in await tx.leads.identifiers_of(lead_id))


async def _with_addresses(tx: Tx, lead: Lead, named: list[Identifier], event: InboxEvent) -> Lead:
    """Fills in an address that the lead lacks from the identifiers that name it now."""
    missing = {kind for kind, value in (("email", lead.email), ("phone", lead.phone)) if value is None}
    if not any(item.kind in missing for item in named):
        return lead
    own = await tx.leads.find_all(named)
    changes: LeadChanges = {}
    for item in named:
        if own.get(item) != lead.id:
            continue
        if item.kind == "email" and lead.email is None:
            changes["email"] = item.value
        if item.kind == "phone" and lead.phone is None:
            changes["phone"] = item.value
    return await tx.leads.update(lead.id, changes, event.at) if changes else lead
