"""How a simulated run begins: its trigger, its first event, or why the lead does not enter."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime

from pydantic import JsonValue

from engine import dates
from engine.admission import LastRun, Refused, key_of, may_enter
from engine.dates import Calendar
from engine.dating import begin_by_date
from engine.facts import Asked, judge
from engine.hours import at_clock
from engine.schedule import instant_of, next_of
from engine.things import first_value
from engine.world import World
from language.compiled import SCANNED, Journey, Trigger
from language.facts import START_DATE, to_text
from language.scenario import Begin
from model.audiences import JOINED, LEFT
from model.events import Event, Fields
from model.runs import Run
from model.scans import FIRED

FIRST_DAY, FIRST_MINUTE = date(2026, 1, 5), 10 * 60
_KINDS = {
    "request": "journey.requested", "joins": JOINED, "leaves": LEFT, **dict.fromkeys(SCANNED, FIRED),
}  # fmt: skip
"""Types of the events that fire triggers which name none."""


def first_instant(begin: Begin | None, zone: str) -> datetime:
    """Gives the instant at which a scenario begins: as it says, else Monday 2026-01-05 10:00 in the zone."""
    given = begin.at if begin is not None else None
    if given is None:
        return at_clock(FIRST_DAY, FIRST_MINUTE, zone)
    return at_clock(given.day, FIRST_MINUTE if given.at is None else given.at, zone)


def own_instant(
    begin: Begin | None, trigger: Trigger | None, lead: Fields, company_zone: str, place: Calendar
) -> datetime | None:
    """Gives the instant of a trigger that has one of its own, unless the scenario says another: of `once`,
    and of a `date` that the lead has.
    """
    if trigger is None or (begin is not None and begin.at is not None):
        return None
    if trigger.once is not None:
        return instant_of(trigger.once, company_zone)
    if trigger.date is None:
        return None
    value = first_value(lead, trigger.date.path)
    monday = at_clock(FIRST_DAY, 0, place.zone)
    return min((each.at for each in dates.instants(trigger.date, value, monday, place)), default=None)


def entry_after(
    trigger: Trigger, lead: Fields, comes: datetime, company_zone: str, place: Calendar
) -> datetime | None:
    """Gives the instant at which a trigger lets in a lead who is there from `comes` on: the next time of the
    clock, or that of the lead's date; None where all its dates are past.
    """
    if trigger.every is not None:
        return next_of(trigger.every, comes, company_zone)
    if trigger.once is not None:
        return instant_of(trigger.once, company_zone)
    value = lead.get(trigger.date.path.removeprefix("lead.")) if trigger.date is not None else None
    if trigger.date is None or value is None:
        return comes
    return min((one.at for one in dates.due(trigger.date, value, comes, place)), default=None)


def enter(journey: Journey, world: World, begin: Begin | None, at: datetime) -> Run | Refused:
    """Judges the trigger as the intake does; gives the run, or why there is none."""
    trigger = first_trigger(journey, begin)
    if trigger is None:
        what = begin.event or "request" if begin is not None else "nothing"
        return Refused("trigger", f"the journey does not begin by {what}")
    event = _first_event(journey, trigger, begin, at, world)
    world.set(world.things.begin(event.fields))
    world.accept(event)
    world.regroup(at)
    if trigger.audience is not None and not _is_moved(world, trigger.audience, joins=trigger.on == "joins"):
        return Refused("trigger", f"the lead is not in the audience {trigger.audience}")
    if trigger.date is not None:
        begin_by_date(world, trigger.date, at, Calendar(journey.zone or world.zone, world.hours.__getitem__))
    return by_event(journey, trigger, world, event, at)


def by_event(
    journey: Journey,
    trigger: Trigger,
    world: World,
    event: Event,
    at: datetime,
    last: Callable[[JsonValue], LastRun | None] = lambda _: None,
    number: int = 1,
) -> Run | Refused:
    """Judges the entry by an event; `last` gives the lead's latest run with a key, `number` counts runs."""
    names: Fields = {f"start.{name}": value for name, value in event.fields.items()}
    names |= {"start.at": at.isoformat(), "start.trigger": trigger.name}
    names |= {START_DATE: world.start_date} if trigger.date is not None else {}
    names |= {f"event.{name}": value for name, value in event.fields.items()}
    asked, known = Asked(at, names=names), world.known()
    if trigger.where is not None and not judge(trigger.where, known, asked):
        return Refused("where", f"`{to_text(trigger.where)}` does not hold")
    key = key_of(journey, known, asked)
    verdict = may_enter(journey, trigger, known, asked, world.lead_id, last(key))
    if isinstance(verdict, Refused):
        return verdict
    readable = {*journey.reads.get(event.type, ()), *journey.reads.get("start", ())}
    if trigger.on == "event" or journey.inputs:
        event = replace(event, fields={n: value for n, value in event.fields.items() if n in readable})
    return Run(
        enrolment_id=f"run of {journey.name}" + (f" {number}" if number > 1 else ""), lead_id=world.lead_id,
        journey=journey.name, version=journey.version,
        entered_at=at, start=event, trigger=trigger.name, key=key, key_field=journey.key_field,
    )  # fmt: skip


def _is_moved(world: World, audience: str, *, joins: bool) -> bool:
    """Lets the lead join or leave, unless a rule decides that; says whether it is so."""
    if not world.has_rule(audience):
        world.enlist(audience, add=joins)
    return not joins or audience in world.audiences


def first_trigger(journey: Journey, begin: Begin | None) -> Trigger | None:
    """Finds the trigger that fires: the one that the first event is, else the journey's first."""
    if begin is not None and begin.trigger is not None:
        return next((each for each in journey.starts if each.name == begin.trigger), None)
    if begin is None:
        return next(iter(journey.starts), None)
    if begin.on == "request":
        return next((each for each in journey.starts if each.on == "request"), None)
    return next((each for each in journey.starts if each.event == begin.event), None)


def _first_event(
    journey: Journey, trigger: Trigger, begin: Begin | None, at: datetime, world: World
) -> Event:
    fields: Fields = dict(begin.fields) if begin is not None else {}
    if trigger.thing is not None:
        fields.setdefault(journey.things[trigger.thing], world.things.key(trigger.thing))
    if begin is None and journey.key_field is not None:
        fields.setdefault(journey.key_field, "1")
    kind = trigger.event or _KINDS.get(trigger.on, "lead.updated")
    return Event("start", kind, at, fields)
