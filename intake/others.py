"""Events of one lead that are for others: runs that hear them, and triggers `of: anyone` (language.md §4.1).

Runs and leads are found by index (`store.listeners`), never by asking them all.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice

from pydantic import JsonValue

from engine.facts import Asked, Knowledge, judge
from engine.turns import account_of
from intake.announce import Announcer
from intake.anonymous import is_anonymous
from intake.catalog import Catalog
from intake.enrol import Enroller
from intake.knowledge import Gatherer, as_event
from intake.lead_values import LeadIndex, elements
from intake.turns import leave_lines
from language.compiled import Journey, Trigger
from language.wide import Wide
from model.events import Delivery, Fields, Whose
from model.listening import Listening
from model.records import InboxEvent, Lead
from store import Tx
from store.listeners import ACCOUNT

TOGETHER = 500
"""Runs woken by one statement."""


class Others:
    """Brings an event to whom it is for besides its own lead."""

    def __init__(self, catalog: Catalog, gatherer: Gatherer, index: LeadIndex, announcer: Announcer) -> None:
        self._announcer = announcer
        self._catalog = catalog
        self._gatherer = gatherer
        self._index = index

    async def wake(self, tx: Tx, event: InboxEvent, lead: Lead | None) -> list[str]:
        """Wakes the runs of other leads that hear the event; gives their ids. Without a lead it is only
        anybody's."""
        found: dict[str, tuple[Listening, Whose]] = {}
        for one in await self._catalog.heard_of_others(tx, event.type):
            if _concerns(one, event):
                for run in await self._listening(tx, one, event, lead):
                    if lead is None or run.lead_id != lead.id:
                        found.setdefault(run.id, (run, one.of))
        return await self._tell(tx, event, found.values())

    async def enter(self, tx: Tx, event: InboxEvent, journeys: Sequence[Journey], shift: float) -> list[str]:
        """Begins the runs of every lead for whom a trigger `of: anyone` says so; gives their ids."""
        opened: list[str] = []
        for journey in journeys:
            for trigger in journey.starts:
                if trigger.anyone and trigger.event == event.type:
                    opened += await self._enter(tx, event, journey, trigger, shift)
        return opened

    async def leave_lines(self, tx: Tx, event: InboxEvent, lead: Lead, journeys: Sequence[Journey]) -> None:
        """Takes others of the account off the lines before journeys that the event would end."""
        account = account_of(lead.account)
        heard = any(
            exit_.line.event == event.type and exit_.line.of in ("account", "anyone")
            for journey in journeys
            if journey.rules.limits_entry
            for exit_ in journey.exits
        )
        if account is None or not heard:
            return
        for lead_id in await self._index.find(tx, ACCOUNT, [account]):
            other = await tx.leads.get(lead_id) if lead_id != lead.id else None
            if other is not None:
                await leave_lines(tx, self._gatherer, other, event, journeys, "account")

    async def _enter(
        self, tx: Tx, event: InboxEvent, journey: Journey, trigger: Trigger, shift: float
    ) -> list[str]:
        if trigger.lookup is None:
            return []
        opened: list[str] = []
        for lead_id in await self._index.find(tx, trigger.lookup.path, _values(event, trigger.lookup.field)):
            lead = await tx.leads.lock(lead_id)
            if lead is None or lead.erased_at is not None or await is_anonymous(tx, lead):
                continue
            cause = f"{event.id}/{lead_id}"
            enroller = Enroller(tx, self._gatherer, lead, event, shift, cause, self._announcer)
            entry = await enroller.of_anyone(journey, trigger)
            run = await enroller.enter(entry) if entry is not None else None
            opened += [run] if run is not None else []
        return opened

    async def _listening(
        self, tx: Tx, one: Wide, event: InboxEvent, lead: Lead | None
    ) -> tuple[Listening, ...]:
        if one.of == "account":
            account = account_of(lead.account) if lead is not None else None
            if account is None:
                return ()
            return await self._of_leads(tx, one, ACCOUNT, [account])
        if one.lookup is None:
            return await tx.listeners.by_value(event.type, "anyone")
        values = _values(event, one.lookup.field)
        if not values:
            return ()
        if one.lookup.path.startswith("start."):
            return await tx.listeners.by_value(event.type, "anyone", one.lookup.name, values)
        return await self._of_leads(tx, one, one.lookup.path, values)

    async def _of_leads(
        self, tx: Tx, one: Wide, path: str, values: Sequence[JsonValue]
    ) -> tuple[Listening, ...]:
        leads = await self._index.find(tx, path, values)
        lookup = one.lookup.name if one.lookup is not None else ""
        return await tx.listeners.of_leads(one.event, one.of, lookup, leads)

    async def _tell(self, tx: Tx, event: InboxEvent, found: Iterable[tuple[Listening, Whose]]) -> list[str]:
        told: list[str] = []
        for some in _chunks(found):
            seqs = await tx.enrolments.next_seqs([run.id for run, _ in some])
            wake_ups: dict[str, Delivery] = {}
            for run, whose in some:
                if run.id in seqs:
                    journey = await self._catalog.get(tx, run.journey, run.version)
                    heard = replace(as_event(event, journey.reads.get(event.type, ())), whose=whose)
                    wake_ups[run.id] = Delivery(seqs[run.id], event.at, heard)
            await tx.deliveries.add_many(wake_ups)
            told += wake_ups
        return told


def _values(event: InboxEvent, field: str) -> list[JsonValue]:
    return list(elements(as_event(event).fields.get(field)))


def _concerns(one: Wide, event: InboxEvent) -> bool:
    """Judges what of a `where` reads nothing but the event."""
    if one.only is None:
        return True
    names: Fields = {f"event.{name}": value for name, value in as_event(event).fields.items()}
    return judge(one.only, Knowledge({}, "UTC"), Asked(event.at, names=names))


def _chunks(runs: Iterable[tuple[Listening, Whose]]) -> Iterator[list[tuple[Listening, Whose]]]:
    ahead = iter(runs)
    while some := list(islice(ahead, TOGETHER)):
        yield some
