"""Opens runs: which triggers an event fires, and whether the lead may enter."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace

from pydantic import JsonValue

from engine.facts import Asked, Knowledge, judge, needs
from intake.fired import date_of, fired_by
from intake.gate import Entry, Gate, names_of
from intake.knowledge import Gatherer, as_event, as_start
from language.compiled import Journey, Trigger
from language.listening import REQUESTED
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
    ) -> None:
        self._tx = tx
        self._gatherer = gatherer
        self._lead = lead
        self._event = event
        self._gate = Gate(tx, gatherer, lead, event.at, shift, cause or str(event.id), event.id)

    async def fired(self, journeys: Sequence[Journey], turned: frozenset[str]) -> list[Entry]:
        """Lists the entries that the event asks for; `turned` are journeys whose `becomes` just turned
        true."""
        entries = []
        for journey in journeys:
            for trigger in journey.starts:
                entry = await self._entry(journey, trigger, turned)
                if entry is not None:
                    entries.append(entry)
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

    async def _entry(self, journey: Journey, trigger: Trigger, turned: frozenset[str]) -> Entry | None:
        event = as_event(self._event)
        match trigger.on:
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
                if f"{journey.name}/{trigger.name}" not in turned:
                    return None
                event = replace(event, fields={})
            case "joins" | "leaves" if f"{trigger.on}:{trigger.audience}" in turned:
                event = replace(event, fields={})
            case _:
                if not fired_by(self._event, journey, trigger):
                    return None
                date = date_of(self._event)
                event = replace(event, fields={"date": date} if date is not None else {})
        return Entry(journey, trigger, event, names_of(trigger, event, event.at))

    async def _matches(self, trigger: Trigger, event: Event) -> bool:
        if trigger.where is None:
            return True
        names: Fields = {f"event.{name}": value for name, value in event.fields.items()}
        known = await self._known((trigger.where,))
        return judge(trigger.where, known, Asked(self._event.at, names=names))

    async def _known(self, exprs: Iterable[Expr]) -> Knowledge:
        return await self._gatherer.gather(
            self._tx, self._lead, needs(exprs), self._event.at, through=self._event.id
        )
