"""Keeps what is to come by triggers with `date:` in step with what is known about leads.

A date that becomes known, changes or goes is noticed with the event that says so. One whose run is open moves
the run and begins none (language.md §2).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from pydantic import JsonValue

from engine import dates
from engine.dates import Calendar
from engine.things import id_of
from intake.fired import fired_event
from intake.knowledge import Gatherer
from intake.subjects import Subject, subjects
from intake.things import Change
from language.compiled import Journey, Trigger
from language.dates import DateRule
from language.facts import START_DATE
from model.events import Delivery, Fields
from model.records import Enrolment, Lead
from model.scans import scan_name
from store import Tx
from store.dates import DueDate, Key

PLACES = frozenset({"lead.zone", "lead.phone", "lead.postal_address"})
"""Facts that decide in which zone a lead's dates count."""


@dataclass(frozen=True, slots=True)
class Dated:
    """A trigger by `date` of a published journey."""

    journey: Journey
    trigger: Trigger
    rule: DateRule

    def of(self, run: Enrolment, subject: Subject) -> bool:
        """Says whether a run of the lead began by this trigger, about this subject."""
        begun = (run.journey, run.trigger) == (self.journey.name, self.trigger.name)
        return begun and self.subject(run) == subject.id

    def subject(self, run: Enrolment) -> str:
        """Gives the id of the thing that a run of this journey is about, empty for the lead."""
        key = self.journey.things.get(self.trigger.thing or "")
        return id_of(run.start.fields.get(key)) or "" if key is not None else ""

    @property
    def name(self) -> str:
        """The name of its scan."""
        return scan_name(self.journey.name, self.trigger.name)


def dated(journeys: Sequence[Journey]) -> Iterator[Dated]:
    """Lists the triggers by `date`."""
    for journey in journeys:
        for trigger in journey.starts:
            if trigger.date is not None:
                yield Dated(journey, trigger, trigger.date)


class Dates:
    """Writes down when a lead's dates let it enter."""

    def __init__(self, gatherer: Gatherer) -> None:
        self._gatherer = gatherer

    async def follow(
        self,
        tx: Tx,
        journeys: Sequence[Journey],
        lead: Lead,
        changed: frozenset[str],
        before: Fields,
        written: Sequence[Change],
        at: datetime,
        *,
        created: bool,
    ) -> list[str]:
        """Takes in what changed at `at`; gives the runs that moved. `before` are the attributes as they were,
        `written` the things that changed.

        Of a lead just `created` everything is new.
        """
        moved: list[str] = []
        for what in dated(journeys):
            path = what.rule.path
            for subject in await subjects(tx, what.trigger.thing, [lead]):
                change = _change_of(subject, written)
                new = created if subject.thing is None else change is not None and change.new
                if new or path in (change.names if change is not None else changed) or changed & PLACES:
                    was = None if new else change.was.get(path) if change is not None else before.get(path)
                    if subject.thing is not None and change is None:
                        was = subject.value(path)
                    moved += await self._take_in(tx, what, subject, was, at, created=new)
        return moved

    async def index(
        self,
        tx: Tx,
        what: Dated,
        leads: Sequence[Lead],
        known_at: datetime,
        *,
        unchanged: bool = False,
    ) -> datetime | None:
        """Writes down what is to come for leads whose dates became known at `known_at`; gives the first
        instant that is new. What is late by then is left out, unless the date is `unchanged` and was known
        before.
        """
        about = await subjects(tx, what.trigger.thing, leads)
        return await self._index(tx, what, about, known_at, unchanged=unchanged)

    async def _index(
        self, tx: Tx, what: Dated, about: Sequence[Subject], known_at: datetime, *, unchanged: bool
    ) -> datetime | None:
        ids = list({subject.lead.id for subject in about})
        known = await tx.dates.of_many(what.name, ids)
        taken = await self._taken(tx, what, ids)
        rows: list[DueDate] = []
        stale: list[Key] = []
        for one in about:
            was = known.get(one.key, {})
            found = self._to_come(what, one, was, taken.get(one.key, set()), known_at, unchanged=unchanged)
            if found != was:
                stale.append(one.key)
                rows += [
                    DueDate(scan=what.name, lead_id=one.lead.id, subject=one.id, occurrence=date, at=at)
                    for date, at in found.items()
                ]
        await tx.dates.replace(what.name, stale, rows)
        return min((row.at for row in rows), default=None)

    def place(self, journey: Journey, lead: Lead) -> Calendar:
        """Gives the zone and hours by which a lead's dates count."""
        return Calendar(journey.zone or self._gatherer.zone(lead), self._gatherer.hours().__getitem__)

    def _to_come(
        self,
        what: Dated,
        subject: Subject,
        known: Mapping[str, datetime],
        taken: set[str],
        known_at: datetime,
        *,
        unchanged: bool,
    ) -> dict[str, datetime]:
        """Gives what is to come for a lead or thing: occurrence to instant."""
        rule, place = what.rule, self.place(what.journey, subject.lead)
        value = subject.value(rule.path)
        if value is None:
            return {}
        due = dates.due(rule, value, known_at, place)
        found = {one.date: one.at for one in due if one.date not in taken}
        if known:
            for one in dates.instants(rule, value, min(known.values()), place):
                before = known.get(one.date)
                if before is not None and (before == one.at or (unchanged and one.at <= known_at)):
                    found[one.date] = min(before, max(one.at, known_at)) if unchanged else one.at
        return {} if taken and not rule.listed and not rule.yearly else found

    async def _take_in(
        self, tx: Tx, what: Dated, subject: Subject, before: JsonValue, at: datetime, *, created: bool
    ) -> list[str]:
        rule, value = what.rule, subject.value(what.rule.path)
        moved = []
        if value != before:
            for run in await tx.enrolments.open_for(subject.lead.id):
                if not what.of(run, subject):
                    continue
                place = self.place(what.journey, subject.lead)
                date = dates.moved(rule, before, value, run.date or "", at, place)
                if date != run.date:
                    await self._move(tx, what, run, date, at)
                    moved.append(run.id)
        unchanged = value == before and not created
        first = await self._index(tx, what, [subject], at, unchanged=unchanged)
        if first is not None:
            await tx.scans.nudge_by(what.name, first)
        return moved

    async def _move(self, tx: Tx, what: Dated, run: Enrolment, date: str | None, at: datetime) -> None:
        """Tells an open run its new date; for that date none begins any more."""
        await tx.enrolments.move(run.id, date)
        if date is not None:
            names = (what.journey.name, what.trigger.name)
            own = what.subject(run)
            await tx.events.record(fired_event(*names, date, run.lead_id, at, dated=True, thing=own))
        if START_DATE in run.watches:
            seq = await tx.enrolments.next_seq(run.id)
            await tx.deliveries.add(run.id, Delivery(seq, at, kind="facts"))

    async def _taken(self, tx: Tx, what: Dated, ids: Sequence[str]) -> dict[Key, set[str]]:
        """Gives the dates of the leads' open runs, by lead and subject."""
        taken: dict[Key, set[str]] = {}
        for run in await tx.many.open_runs(ids, what.journey.name):
            if run.trigger == what.trigger.name and run.date is not None:
                taken.setdefault((run.lead_id, what.subject(run)), set()).add(run.date)
        return taken


def _change_of(subject: Subject, written: Sequence[Change]) -> Change | None:
    thing = subject.thing
    if thing is None:
        return None
    return next((each for each in written if (each.kind, each.id) == (thing.kind, thing.id)), None)
