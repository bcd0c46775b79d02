"""Events about work for people, and the numbers at which a lead may be called."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from model.events import Fields
from model.records import Lead, NewEvent
from model.results import Task
from store import Tx, digest

SELF: Final = "cauce"
"""Source of the events that the system itself makes."""

OTHER_PHONE: Final = "other_phone"
"""The attribute that holds a lead's second number, where the vocabulary declares it."""


def of_task(task: Task, kind: str, at: datetime, more: Fields | None = None, *, once: str = "") -> NewEvent:
    """Makes the event that tells a run about its work; `once` tells apart events of one kind and task."""
    body: Fields = {"task": task.name, "step": task.step, "queue": task.queue}
    body |= {"agent": task.agent} if task.agent else {}
    body |= more or {}
    return NewEvent(
        source=SELF,
        event_id=f"{kind}/{task.id}{once}",
        type=kind,
        at=at,
        body_hash=digest(body),
        body=body,
        lead_id=task.lead_id,
        task=task.id,
        run=task.enrolment_id,
    )


async def numbers_of(tx: Tx, lead: Lead) -> tuple[str, ...]:
    """Lists the numbers of a lead: its phone, its other one, and those by which it is known."""
    other = lead.attributes.get(OTHER_PHONE)
    known = [item.value for item in await tx.leads.identifiers_of(lead.id) if item.kind == "phone"]
    found = (lead.phone, other if isinstance(other, str) else None, *known)
    return tuple(dict.fromkeys(number for number in found if number))
