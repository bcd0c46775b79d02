"""What stands behind the tasks' routes: whom one may call now, which outcomes count, the events of work."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from api.ports import House
from api.strict_json import digest
from engine.contact import may_call, may_contact
from intake.knowledge import Gatherer
from language.vocabulary import Vocabulary
from model.contact import Allow, Intent
from model.events import Fields
from model.records import NewEvent
from model.results import Task
from store import Tx

SELF: Final = "cauce"
"""Source of the events that the system itself makes."""

LOOKED_AT: Final = 200


async def claim_best(tx: Tx, house: House, queue: str, agent: str, lease: timedelta) -> Task | None:
    """Leases the best task that the agent may take and whose lead may be called now."""
    now = house.clock.now()
    for task in await tx.tasks.candidates(queue, agent, now, LOOKED_AT):
        if await _may_be_done(tx, house, task, now):
            taken = await tx.tasks.take(task.id, agent, now, lease)
            if taken is not None:
                return taken
    return None


def allowed_outcomes(task: Task) -> tuple[str, ...]:
    """Lists the outcomes that an agent may give; `expired` is the clock's."""
    return tuple(code for code in task.outcomes if code != "expired")


def task_event(task: Task, type_: str, event_id: str, at: datetime) -> NewEvent:
    """Makes the event that tells a run about its work."""
    body: Fields = {"task": task.name, "step": task.step, "queue": task.queue}
    body |= {"agent": task.agent} if task.agent else {}
    if type_ == "task.completed":
        body |= {"outcome": task.outcome, "notes": task.notes}
        body |= {"callback_at": task.callback_at.isoformat()} if task.callback_at else {}
    return NewEvent(
        source=SELF,
        event_id=event_id,
        type=type_,
        at=at,
        body_hash=digest(body),
        body=body,
        lead_id=task.lead_id,
        task=task.id,
        run=task.enrolment_id,
    )


async def _may_be_done(tx: Tx, house: House, task: Task, now: datetime) -> bool:
    lead = await tx.leads.get(task.lead_id) if task.work == "call" else None
    if lead is None:
        return task.work == "task"
    vocabulary = house.vocabulary or Vocabulary()
    contact = await Gatherer(vocabulary).contact(tx, lead, now)
    call = Intent(
        channel="call",
        purpose="service",
        journey=task.journey,
        hours=vocabulary.contact_hours,
        own_hours=True,
    )
    return may_call(contact) is None and isinstance(may_contact(contact, call, now), Allow)
