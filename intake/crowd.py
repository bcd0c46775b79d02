"""Gathers what is known about a page of leads at once, for the scans: the same knowledge as of one lead."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

from engine.facts import Knowledge, Needs
from intake.knowledge import Gatherer, as_event, attributes_of, reader
from model.channels import addresses_of
from model.contact import Consent, Contactability
from model.events import Event, Fields
from model.records import Lead
from store import Tx


async def gather_many(
    tx: Tx, gatherer: Gatherer, leads: Sequence[Lead], wanted: Needs, at: datetime
) -> dict[str, Knowledge]:
    """Gathers what `wanted` says of each lead at `at`, by the lead's id; a query for each kind of fact."""
    ids = [lead.id for lead in leads]
    words = await tx.many.words(ids) if wanted.consents or wanted.reach else {}
    history = await _history(tx, ids, wanted)
    tasks = await tx.many.open_tasks(ids) if wanted.tasks else {}
    reach = await _reach(tx, gatherer, leads, words, at) if wanted.reach else {}
    audiences = await tx.audiences.of_many(ids) if wanted.audiences else {}
    hours = gatherer.hours()
    return {
        lead.id: Knowledge(
            attributes=attributes_of(lead, _given(words.get(lead.id, ()))) | _zone(gatherer, lead),
            zone=gatherer.zone(lead),
            company_zone=gatherer.vocabulary.company.zone,
            events=history.get(lead.id, {}),
            open_tasks=tasks.get(lead.id, frozenset()),
            audiences=audiences.get(lead.id, frozenset()),
            contact=reach.get(lead.id),
            caps=gatherer.caps,
            hours=hours,
        )
        for lead in leads
    }


def _given(words: Sequence[Consent]) -> dict[str, bool]:
    return {word.channel: word.given for word in words if word.topic is None}


def _zone(gatherer: Gatherer, lead: Lead) -> Fields:
    return {"lead.zone": gatherer.zones(lead)["lead.zone"]}


async def _history(tx: Tx, ids: Sequence[str], wanted: Needs) -> dict[str, dict[str, list[Event]]]:
    found: dict[str, dict[str, list[Event]]] = defaultdict(lambda: defaultdict(list))
    for row in await tx.many.history(ids, wanted.events):
        found[row.lead_id or ""][row.type].append(as_event(row))
    return found


async def _reach(
    tx: Tx,
    gatherer: Gatherer,
    leads: Sequence[Lead],
    words: Mapping[str, tuple[Consent, ...]],
    at: datetime,
) -> dict[str, Contactability]:
    suppressed = await tx.many.suppressed(leads, {lead.id: addresses_of(reader(lead)) for lead in leads})
    recent = await tx.many.contacts([lead.id for lead in leads], gatherer.contacts_since(at))
    stopped = await tx.switches.stopped()
    return {
        lead.id: gatherer.contactability(
            lead,
            words.get(lead.id, ()),
            suppressed.get(lead.id, ()),
            recent.get(lead.id, ()),
            stopped,
        )
        for lead in leads
    }
