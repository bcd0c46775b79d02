"""Opens runs: which triggers an event fires, and whether the lead may enter."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import assert_never

from pydantic import JsonValue

from engine.admission import (
    Admitted,
    LastRun,
    Refused,
    control_reason,
    exprs_of,
    key_of,
    may_enter,
)
from engine.facts import Asked, Knowledge, judge, needs
from intake.fired import fired_by
from intake.knowledge import Gatherer, as_event
from language.builtin import CONTROL
from language.compiled import Journey, Trigger
from model.events import Delivery, Event, Fields
from model.expressions import Expr
from model.records import Enrolment, InboxEvent, Lead, NewEnrolment
from model.results import NewEntry
from model.runs import Run
from store import Tx, new_id

REQUESTED = "journey.requested"
"""The event by which API, import, a person or another journey asks for a run: fields `journey` and
`inputs`."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A trigger that fired for a lead: with the event that opens the run, as the run may see it."""

    journey: Journey
    trigger: Trigger
    start: Event
    names: Fields


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


def as_last(run: Enrolment) -> LastRun:
    """Gives a run as the rules of entry see it."""
    return LastRun(run.opened_at, (run.ending or "finished") if run.state == "ended" else None)


class Enroller:
    """Judges entries of one lead and opens runs, inside the transaction that applies the event."""

    def __init__(self, tx: Tx, gatherer: Gatherer, lead: Lead, event: InboxEvent, shift: float) -> None:
        self._tx = tx
        self._gatherer = gatherer
        self._lead = lead
        self._event = event
        self._shift = shift

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

    async def enter(self, entry: Entry) -> str | None:
        """Opens a run, or writes down why not; gives the enrolment's id."""
        known, asked = await self._circumstances(entry)
        key = _written(key_of(entry.journey, known, asked))
        last = await self._last(entry.journey, key)
        verdict = may_enter(entry.journey, entry.trigger, known, asked, self._lead.id, last)
        match verdict:
            case Refused():
                await self._refuse(entry, verdict)
                return None
            case Admitted(control=True):
                return await self._hold_out(entry, key)
            case Admitted():
                return await self._open(entry, key)
            case _:
                assert_never(verdict)

    async def _entry(self, journey: Journey, trigger: Trigger, turned: frozenset[str]) -> Entry | None:
        event = as_event(self._event)
        match trigger.on:
            case "event":
                if trigger.event != self._event.type or not await self._matches(trigger, event):
                    return None
            case "request":
                if self._event.type != REQUESTED or self._event.body.get("journey") != journey.name:
                    return None
                inputs = self._event.body.get("inputs")
                event = replace(event, fields=inputs if isinstance(inputs, dict) else {})
            case "becomes":
                if f"{journey.name}/{trigger.name}" not in turned:
                    return None
                event = replace(event, fields={})
            case _:
                if not fired_by(self._event, journey, trigger):
                    return None
                event = replace(event, fields={})
        return Entry(journey, trigger, event, self._names(trigger, event))

    async def _matches(self, trigger: Trigger, event: Event) -> bool:
        if trigger.where is None:
            return True
        names: Fields = {f"event.{name}": value for name, value in event.fields.items()}
        known = await self._known((trigger.where,))
        return judge(trigger.where, known, Asked(self._event.at, names=names))

    def _names(self, trigger: Trigger, event: Event) -> Fields:
        names: Fields = {f"start.{name}": value for name, value in event.fields.items()}
        return names | {"start.at": event.at.isoformat(), "start.trigger": trigger.name}

    async def _known(self, exprs: Iterable[Expr]) -> Knowledge:
        return await self._gatherer.gather(
            self._tx, self._lead, needs(exprs), self._event.at, through=self._event.id
        )

    async def _circumstances(self, entry: Entry) -> tuple[Knowledge, Asked]:
        exprs = exprs_of(entry.journey, entry.trigger)
        known = await self._known(exprs) if exprs else Knowledge({}, self._gatherer.zone(self._lead))
        return known, Asked(self._event.at, names=entry.names)

    async def _last(self, journey: Journey, key: str) -> LastRun | None:
        last = await self._tx.enrolments.last_of(self._lead.id, journey.name, key)
        return None if last is None else as_last(last)

    async def _open(self, entry: Entry, key: str) -> str:
        journey = entry.journey
        await self._replace(journey, key)
        new = self._enrolment(entry, key)
        await self._tx.enrolments.open(new)
        await self._tx.deliveries.add(new.id, Delivery(0, self._event.at, kind="open"))
        await self._note(f"entered {journey.name} {journey.version} by {entry.trigger.name}", entry, new.id)
        return new.id

    async def _hold_out(self, entry: Entry, key: str) -> str:
        """Records a lead of the control group: an enrolment that ends at once, for goals to be counted."""
        journey = entry.journey
        await self._replace(journey, key)
        new, reason = self._enrolment(entry, key), control_reason(journey)
        await self._tx.enrolments.open(new)
        await self._tx.enrolments.close(
            new.id, ending=CONTROL, outcome="neutral", reason=reason, at=self._event.at
        )
        await self._note(f"not entered into {journey.name}: {reason}", entry, new.id, {"control": True})
        return new.id

    def _enrolment(self, entry: Entry, key: str) -> NewEnrolment:
        journey = entry.journey
        readable = {name for start in journey.starts for name in journey.reads.get(start.event or "", ())}
        given = entry.start.fields
        start = replace(entry.start, fields={name: given[name] for name in given.keys() & readable})
        return NewEnrolment(
            id=new_id(), lead_id=self._lead.id, journey=journey.name, version=journey.version,
            opened_at=self._event.at, start=start, key_value=key, trigger=entry.trigger.name,
            shift=self._shift, hears=journey.hears, reads=journey.reads, watches=journey.watches,
        )  # fmt: skip

    async def _replace(self, journey: Journey, key: str) -> None:
        """Closes the open run and sends it the word to end: it withdraws its work and reports its ending
        itself."""
        last = await self._tx.enrolments.last_of(self._lead.id, journey.name, key)
        if journey.again.mode != "replace" or last is None or last.state == "ended":
            return
        outcome = journey.endings.get("replaced", "neutral")
        seq = await self._tx.enrolments.next_seq(last.id)
        await self._tx.deliveries.add(last.id, Delivery(seq, self._event.at, ending="replaced", kind="end"))
        await self._tx.enrolments.close(
            last.id, ending="replaced", outcome=outcome, reason="entered again", at=self._event.at
        )

    async def _refuse(self, entry: Entry, refused: Refused) -> None:
        data: Fields = {"refused": True, "rule": refused.code, "reason": refused.reason}
        await self._note(f"not entered into {entry.journey.name}: {refused.reason}", entry, None, data)

    async def _note(self, text: str, entry: Entry, run: str | None, data: Fields | None = None) -> None:
        line = NewEntry(
            lead_id=self._lead.id, at=self._event.at, kind="entered", text=text,
            dedup=f"entry/{self._event.id}/{entry.journey.name}/{run or 'refused'}",
            journey=entry.journey.name,
            enrolment_id=run, data={"refused": False} if data is None else data,
        )  # fmt: skip
        await self._tx.timeline.add_many([line])


def _written(key: JsonValue) -> str:
    """Writes the value of a key as the canonical text under which it is stored."""
    return "" if key is None else json.dumps(key, sort_keys=True)
