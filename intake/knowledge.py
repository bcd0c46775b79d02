"""Gathers from the store what is known about a lead, for the conditions that ask for it (`engine.facts`)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields, replace
from datetime import datetime

from pydantic import JsonValue

from engine.caps import caps_of
from engine.contact import look_back
from engine.facts import Knowledge, Needs
from engine.zones import possible_zones, zone_or
from intake import things
from language.facts import START_DATE
from language.listening import REQUESTED
from language.vocabulary import Vocabulary
from model.channels import addresses_of, places_of
from model.contact import Caps, Consent, Contact, Contactability, Rest
from model.events import Event, Fields
from model.records import InboxEvent, Lead, Stopped
from model.time import Hours
from store import Tx

GONE_OUT = frozenset({"dispatching", "accepted", "unknown", "delivered", "bounced"})
"""States of a send in which the lead may have it."""

_OWN = ("attributes", "account", "reasons", "snoozed", "snoozed_until", "erased_at", "score_due_at")


def as_event(row: InboxEvent, only: Iterable[str] | None = None) -> Event:
    """Gives an inbox row as conditions see it; `only` limits its fields to those a run may read."""
    whole: Fields = {**row.body, "at": row.at.isoformat(), "id": row.event_id, "source": row.source}
    kept = whole if only is None else {name: whole[name] for name in only if name in whole}
    return Event(str(row.id), row.type, row.at, kept, row.message, row.task, row.run)


def as_start(row: InboxEvent) -> Event:
    """Gives the event that began a run: the fields of a request are its inputs."""
    event = as_event(row)
    if row.type != REQUESTED:
        return event
    inputs = row.body.get("inputs")
    return replace(event, fields=dict(inputs) if isinstance(inputs, dict) else {})


def attributes_of(lead: Lead, consents: Mapping[str, bool]) -> Fields:
    """Lists a lead's attributes by their full paths; a missing one is left out."""
    found: Fields = {f"lead.{name}": value for name, value in lead.attributes.items()}
    for column in fields(lead):
        value: JsonValue | datetime = getattr(lead, column.name)
        if column.name not in _OWN and value is not None:
            found[f"lead.{column.name}"] = value.isoformat() if isinstance(value, datetime) else value
    found |= {f"lead.consent.{channel}": given for channel, given in consents.items()}
    found |= {f"account.{name}": value for name, value in lead.account.items()}
    return found


class Gatherer:
    """Reads knowledge of leads for one vocabulary."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._caps = caps_of(vocabulary.caps)

    @property
    def vocabulary(self) -> Vocabulary:
        """The vocabulary that it reads for."""
        return self._vocabulary

    @property
    def caps(self) -> Caps:
        """The vocabulary's caps."""
        return self._caps

    def zone(self, lead: Lead) -> str:
        """Names the lead's zone: its own, else the most populous that its phone may mean, else the
        company's."""
        return zone_or(_own_zone(lead), self._vocabulary.company.zone)

    def zones(self, lead: Lead) -> Fields:
        """Gives the facts that every wait asks for: the lead's zone, null where unknown, and the
        company's."""
        return {"lead.zone": _own_zone(lead), "company.zone": self._vocabulary.company.zone}

    async def gather(
        self,
        tx: Tx,
        lead: Lead,
        wanted: Needs,
        at: datetime,
        enrolment_id: str | None = None,
        through: int | None = None,
        about: Fields | None = None,
    ) -> Knowledge:
        """Gathers what `wanted` says, of the lead at `at`; `through` is the inbox row being applied, `about`
        the fields of the event whose keys name the lead's things.
        """
        words = await tx.consents.latest(lead.id) if wanted.consents else ()
        consents = {word.channel: word.given for word in words if word.topic is None}
        return Knowledge(
            attributes=attributes_of(lead, consents)
            | {"lead.zone": _own_zone(lead)}
            | (await self._start_date(tx, enrolment_id) if wanted.dated else {})
            | await things.attributes(tx, self._vocabulary, lead, wanted.things, about or {}),
            zone=self.zone(lead),
            company_zone=self._vocabulary.company.zone,
            events=await self._events(tx, lead, wanted, through),
            sent=await self._sent(tx, enrolment_id) if wanted.steps and enrolment_id else {},
            open_tasks=await self._open_tasks(tx, lead) if wanted.tasks else frozenset(),
            contact=await self.contact(tx, lead, at) if wanted.reach else None,
            caps=self._caps,
            audiences=await tx.audiences.of(lead.id) if wanted.audiences else frozenset(),
            winners=await tx.figures.winners(wanted.splits) if wanted.splits else {},
            hours=self.hours(),
        )

    async def contact(self, tx: Tx, lead: Lead, at: datetime) -> Contactability:
        """Gathers what the contact rules read; call it under the lead's lock where the answer counts."""
        addresses = addresses_of(reader(lead))
        return self.contactability(
            lead,
            await tx.consents.latest(lead.id),
            await tx.suppressions.active(lead.id, addresses),
            await tx.sends.recent_contacts(lead.id, self.contacts_since(at)),
            await tx.switches.stopped(),
            await tx.suppressions.rests(lead.id, at, addresses),
        )

    def contactability(
        self,
        lead: Lead,
        words: tuple[Consent, ...],
        suppressed: tuple[str, ...],
        recent: tuple[Contact, ...],
        stopped: Stopped,
        rests: tuple[Rest, ...] = (),
    ) -> Contactability:
        """Puts together what the contact rules read."""
        return Contactability(
            addresses=places_of(reader(lead)),
            zones=self._zones(lead),
            consents=words,
            suppressions=suppressed,
            snooze=lead.snooze,
            recent=recent,
            rests=rests,
            stopped=stopped.everything,
            stopped_journeys=stopped.journeys,
        )

    def contacts_since(self, at: datetime) -> datetime:
        """Says from when on contacts count for the rules at `at`."""
        return at - look_back(self._caps)

    async def _start_date(self, tx: Tx, enrolment_id: str | None) -> Fields:
        run = await tx.enrolments.get(enrolment_id) if enrolment_id is not None else None
        return {START_DATE: run.date if run is not None else None}

    async def _events(self, tx: Tx, lead: Lead, wanted: Needs, through: int | None) -> dict[str, list[Event]]:
        found: dict[str, list[Event]] = defaultdict(list)
        if wanted.events:
            for row in await tx.events.history(lead.id, wanted.events, through=through):
                found[row.type].append(as_event(row))
        return found

    async def _open_tasks(self, tx: Tx, lead: Lead) -> frozenset[str]:
        return frozenset(task.name for task in await tx.tasks.open_for(lead.id))

    async def _sent(self, tx: Tx, enrolment_id: str) -> dict[str, tuple[str, ...]]:
        found: dict[str, tuple[str, ...]] = {}
        for send in await tx.sends.of_enrolment(enrolment_id):
            if send.step is not None and send.state in GONE_OUT:
                found[send.step] = (*found.get(send.step, ()), send.send_id)
        return found

    def _zones(self, lead: Lead) -> tuple[str, ...]:
        if lead.zone is not None:
            return (lead.zone,)
        return possible_zones(lead.phone, None) or (self._vocabulary.company.zone,)

    def hours(self) -> dict[str, Hours]:
        """Gives all opening hours by name."""
        words = self._vocabulary
        queues = {name: queue.hours for name, queue in words.queues.items()}
        return {**queues, "contact": words.contact_hours, "business": words.business_hours}


def _own_zone(lead: Lead) -> str | None:
    """Gives the zone that a lead is known or most likely to be in."""
    return lead.zone or next(iter(possible_zones(lead.phone, None)), None)


def reader(lead: Lead) -> Callable[[str], JsonValue]:
    """Gives what reads a lead's attributes by name: built-in ones, and those that the vocabulary declares."""

    def read(name: str) -> JsonValue:
        value: JsonValue = getattr(lead, name, None)
        return lead.attributes.get(name) if value is None else value

    return read
