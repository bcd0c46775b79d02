"""The event by which a scan asks for a lead's entry: making it, and telling which trigger it fires."""

from __future__ import annotations

from datetime import datetime

from language.compiled import Journey, Trigger
from model.events import Fields
from model.records import InboxEvent, NewEvent
from model.scans import FIRED, fired_id, scan_name, scan_source
from store import digest


def fired_event(
    journey: str,
    trigger: str,
    occurrence: str,
    lead_id: str,
    at: datetime,
    *,
    dated: bool = False,
    thing: str = "",
) -> NewEvent:
    """Makes the event of one trigger, occurrence, lead and thing; the inbox takes it once.

    `dated`: the occurrence is the date that the run is about. `thing` is the id of what it is about.
    """
    body: Fields = {"journey": journey, "trigger": trigger, "occurrence": occurrence}
    body |= {"date": occurrence} if dated else {}
    body |= {"thing": thing} if thing else {}
    return NewEvent(
        source=scan_source(scan_name(journey, trigger)),
        event_id=fired_id(occurrence, f"{lead_id}/{thing}" if thing else lead_id),
        type=FIRED,
        at=at,
        body_hash=digest(body),
        body=body,
        lead_id=lead_id,
    )


def fired_by(event: InboxEvent, journey: Journey, trigger: Trigger) -> bool:
    """Says whether the event asks for an entry by this trigger."""
    asked = (event.body.get("journey"), event.body.get("trigger"))
    return event.type == FIRED and asked == (journey.name, trigger.name)


def date_of(event: InboxEvent) -> str | None:
    """Gives the date that the run is about, if its trigger is about one."""
    date = event.body.get("date") if event.type == FIRED else None
    return date if isinstance(date, str) else None


def thing_of(event: InboxEvent) -> str | None:
    """Gives the id of the thing that the run is about, if its trigger is about one."""
    thing = event.body.get("thing") if event.type == FIRED else None
    return thing if isinstance(thing, str) else None
