"""Opens runs: which triggers an event fires, and whether the lead may enter."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence, Set
from dataclasses import replace

from pydantic import JsonValue

from engine.facts import Asked, Knowledge, judge, needs
from intake.announce import Announcer
from intake.fired import date_of, fired_by, thing_of
from intake.gate import Entry, Gate, names_of
from intake.knowledge import Gatherer, as_event, as_start
from intake.things import Turned
from language.compiled import Journey, Trigger
from language.listening import ENTERED, REQUESTED
from model.events import Event, Fields
from model.expressions import Expr
from model.records import Enrolment, InboxEvent, Lead, NewEnrolment
from model.runs import Run
from store import Tx


def conditions_of(journeys: Iterable[Journey]) -> list[Expr]:
    """Lists the conditions that `becomes` triggers watch."""
    return [start.becomes for journey in journeys for start in journey.starts if start.becomes is not None]


def run_of(enrolment: NewEnrolment | Enrolment, key_field: str | None) -> Run:
    """Gives the constants of a run from its row."""
    key: JsonValue = json.loads(enrolment.key_value) if enrolment.key_value else None
    return Run(
        enrolment_id=enrolment.id,
        lead_id=enrolment.lead_id,
        journey=enrolment.journey,
        version=enrolment.version,
        entered_at=enrolment.opened_at,
        start=enrolment.start,
        trigger=enrolment.trigger,
        key=key,
        key_field=key_field,
    )


class Enroller:
    """Judges entries of one lead and opens runs, inside the transaction that applies the event."""

    def __init__(
        self,
        tx: Tx,
        gatherer: Gatherer,
        lead: Lead,
        event: InboxEvent,
        shift: float,
        cause: str | None = None,
        announcer: Announcer | None = None,
    ) -> None:
        self._tx = tx
        self._gatherer = gatherer
        self._lead = lead
        self._event = event
        self._gate = Gate(tx, gatherer, lead, event.at, shift, cause or str(event.id), event.id, announcer)

    async def fired(self, journeys: Sequence[Journey], turned: Set[Turned]) -> list[Entry]:
        """Lists the entries that the event asks for; `turned` are triggers whose `becomes` just turned true.

        Of a journey's triggers the first that fires counts; one about things may fire for several of them.
        """
        entries: list[Entry] = []
        for journey in journeys:
            for trigger in journey.starts:
                found = await self._entries(journey, trigger, turned)
                entries += found
                if found:
                    break
        return entries

    async def of_anyone(self, journey: Journey, trigger: Trigger) -> Entry | None:
        """Gives the entry that anybody's event asks for of this lead, if `where` holds for it."""
        event = as_event(self._event)
        if not await self._matches(trigger, event):
            return None
        return Entry(journey, trigger, event, names_of(trigger, event, event.at))

    async def enter(self, entry: Entry) -> str | None:
        """Opens a run, lets it wait for its turn, or writes down why not; gives the enrolment's id."""
        return await self._gate.enter(entry)

    async def _entries(self, journey: Journey, trigger: Trigger, turned: Set[Turned]) -> list[Entry]:
        if trigger.on == "becomes" and trigger.thing is not None:
            own = sorted(thing for name, by, thing in turned if (name, by) == (journey.name, trigger.name))
            starts = [await self._about(trigger.thing, one) for one in own]
        else:
            starts = [await self._start(journey, trigger, turned)]
        return [
            Entry(journey, trigger, start, names_of(trigger, start, start.at))
            for start in starts
            if start is not None
        ]

    async def _about(self, kind: str, own: str) -> Event | None:
        """Gives the event that opens a run about a thing: it carries the thing's key."""
        thing, declared = await self._tx.things.get(kind, own), self._gatherer.vocabulary.things.get(kind)
        if thing is None or declared is None:
            return None
        return replace(as_event(self._event), fields={declared.key: thing.fields.get(declared.key)})

    async def _start(self, journey: Journey, trigger: Trigger, turned: Set[Turned]) -> Event | None:
        event = as_event(self._event)
        match trigger.on:
            case "event" if self._is_own_entry(journey):
                return None
            case "event":
                if trigger.anyone or trigger.event != self._event.type:
                    return None
                if not await self._matches(trigger, event):
                    return None
            case "request":
                if self._event.type != REQUESTED or self._event.body.get("journey") != journey.name:
                    return None
                event = as_start(self._event)
            case "becomes":
                if (journey.name, trigger.name, "") not in turned:
                    return None
                event = replace(event, fields={})
            case "joins" | "leaves" if ("", f"{trigger.on}:{trigger.audience}", "") in turned:
                event = replace(event, fields={})
            case _:
                return await self._scanned(trigger) if fired_by(self._event, journey, trigger) else None
        return event

    async def _scanned(self, trigger: Trigger) -> Event | None:
        """Gives the event that opens a run for which a scan asked, with its date and the thing's key."""
        date, own = date_of(self._event), thing_of(self._event)
        event: Event | None = replace(as_event(self._event), fields={})
        if trigger.thing is not None:
            event = await self._about(trigger.thing, own or "")
        if event is None or date is None:
            return event
        return replace(event, fields={**event.fields, "date": date})

    def _is_own_entry(self, journey: Journey) -> bool:
        """Says whether the event tells that the lead entered this very journey, which begins it not again."""
        return self._event.type == ENTERED and self._event.body.get("journey") == journey.name

    async def _matches(self, trigger: Trigger, event: Event) -> bool:
        if trigger.where is None:
            return True
        names: Fields = {f"event.{name}": value for name, value in event.fields.items()}
        known = await self._known((trigger.where,))
        return judge(trigger.where, known, Asked(self._event.at, names=names))

    async def _known(self, exprs: Iterable[Expr]) -> Knowledge:
        return await self._gatherer.gather(
            self._tx, self._lead, needs(exprs), self._event.at, through=self._event.id, about=self._event.body
        )
